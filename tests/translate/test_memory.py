"""The translation memory: kept once, found again, flat, safe."""

import sqlite3
from pathlib import Path

import pytest

from m3it_build.core.errors import OutputError
from m3it_build.core.sample import Fault, Reason
from m3it_build.services.mt.translator import Decoding
from m3it_build.translate.memory import Count, TranslationMemory

BEAM_1 = Decoding(beam=1)


def memory(path: Path, model: str = "m", decoding: Decoding = BEAM_1) -> TranslationMemory:
    return TranslationMemory(path / "memory.sqlite", model, "eng_Latn", decoding)


def test_what_was_kept_is_not_missing_again(tmp_path: Path) -> None:
    refused = Fault(Reason.REPETITION, "la la la")
    with memory(tmp_path) as first:
        first.want(["one", "two", "two", "three words here"])
        assert first.wanted() == 3
        assert list(first.open_texts("deu_Latn")) == ["three words here", "one", "two"]
        first.keep("deu_Latn", [("one", "eins"), ("two", refused)])
        assert list(first.open_texts("deu_Latn")) == ["three words here"]
    with memory(tmp_path) as again:
        again.want(["one", "two"])
        assert again.missing("deu_Latn") == 0
        assert again.missing("fra_Latn") == 2
        assert again.get(["one", "two", "four"], "deu_Latn") == {"one": "eins", "two": refused}
        assert again.counts() == [Count("deu_Latn", translated=2, stored=2, refused=1)]


def test_another_model_or_way_of_decoding_knows_nothing(tmp_path: Path) -> None:
    with memory(tmp_path) as first:
        first.keep("deu_Latn", [("one", "eins")])
    for other in (memory(tmp_path, model="n"), memory(tmp_path, decoding=Decoding(beam=4))):
        with other:
            assert other.get(["one"], "deu_Latn") == {}


def test_nothing_is_kept_twice(tmp_path: Path) -> None:
    with memory(tmp_path) as store:
        store.keep("deu_Latn", [("one", "eins")])
        with pytest.raises(OutputError, match="cannot be used"):
            store.keep("deu_Latn", [("three", "drei"), ("one", "ein")])
        assert store.get(["one", "three"], "deu_Latn") == {"one": "eins"}


def test_texts_may_be_kept_while_they_are_read(tmp_path: Path) -> None:
    texts = [f"text {number}" for number in range(3000)]
    with memory(tmp_path) as store:
        store.want(texts)
        seen = []
        for text in store.open_texts("deu_Latn"):
            seen.append(text)
            store.keep("deu_Latn", [(text, text.upper())]) if len(seen) % 500 == 0 else None
        assert sorted(seen) == sorted(texts)
        assert store.missing("deu_Latn") == 3000 - 6


def test_a_file_of_another_kind_or_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "memory.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(OutputError, match="cannot be used"):
        memory(tmp_path)
    (tmp_path / "memory.sqlite").unlink()
    with sqlite3.connect(tmp_path / "memory.sqlite") as database:
        database.execute("CREATE TABLE other (a)")
        database.execute("PRAGMA user_version = 9")
    with pytest.raises(OutputError, match="another version"):
        memory(tmp_path)
