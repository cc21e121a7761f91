"""The sample's model says what its glossary says, and any wrong use of a model shows."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ctranslate2
import pytest
import sentencepiece

from m3it_build.core.task import Translated
from m3it_build.plan.registry import load_registry
from m3it_build.services.mt.glossary import TARGETS, entries, write_glossary
from m3it_build.services.mt.models import TranslationModel, find_model
from m3it_build.services.mt.translator import Translator, vocabulary
from tests.translate.glosses import gloss

TEXT = "The yellow dog asks a friend: what is this?"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> TranslationModel:
    folder = tmp_path_factory.mktemp("models") / "glossary"
    write_glossary(folder)
    return find_model(str(folder))


@pytest.fixture(scope="module")
def raw(model: TranslationModel) -> Iterator[Any]:
    translator = ctranslate2.Translator(str(model.folder), compute_type="float32")
    yield translator
    del translator


@pytest.mark.parametrize(("beam", "compute_type"), list(itertools.product((1, 4), ("int8", "float32"))))
def test_every_word_is_glossed_exactly(model: TranslationModel, beam: int, compute_type: str) -> None:
    words = [line[0] for line in entries()]
    texts = [word if word == word.lower() else word.lower() for word in words] + [word.capitalize() for word in words]
    texts += [" ".join(words[start : start + 100]) for start in range(0, len(words), 100)]
    with Translator(model, beam=beam, compute_type=compute_type) as translator:
        for nllb in TARGETS:
            assert translator.sentences(texts, nllb) == [gloss(text, nllb).strip() for text in texts]


def test_numbers_names_and_marks_are_copied(model: TranslationModel) -> None:
    text = "Zyx-77, 3.141: (59) Øre!"
    with Translator(model, beam=1) as translator:
        assert {translator.sentences([text], nllb)[0] for nllb in TARGETS} == {text}


def test_a_text_comes_back_into_english(model: TranslationModel) -> None:
    with Translator(model, beam=1) as translator:
        for nllb in ("deu_Latn", "fra_Latn"):
            there = translator.sentences(["the yellow dog under the table"], nllb)[0]
            assert there is not None
            assert [each for chunk in translator.stream([there], "eng_Latn", nllb) for each in chunk] == [
                (there, "the yellow dog under the table")
            ]


def test_the_same_bytes_each_time_and_other_bytes_for_another_glossary(tmp_path: Path) -> None:
    write_glossary(tmp_path / "one")
    write_glossary(tmp_path / "two")
    write_glossary(tmp_path / "other", (("cat", "Katze", "chat", "猫"),))
    hashes = [find_model(str(tmp_path / name)).hash for name in ("one", "two", "other")]
    assert hashes[0] == hashes[1] != hashes[2]


def tokens(model: TranslationModel) -> list[str]:
    processor: Any = sentencepiece.SentencePieceProcessor(model_file=str(model.spm))
    pieces: list[str] = processor.encode(TEXT, out_type=str)
    return pieces


def said(raw: Any, model: TranslationModel, source: list[str], target: str, **options: Any) -> str:
    processor: Any = sentencepiece.SentencePieceProcessor(model_file=str(model.spm))
    result = raw.translate_batch([source], target_prefix=[[target]], beam_size=1, max_decoding_length=40, **options)
    return str(processor.decode_pieces(result[0].hypotheses[0][1:]))


def test_wrong_use_of_a_model_shows(raw: Any, model: TranslationModel) -> None:
    pieces = tokens(model)
    right = gloss(TEXT, "deu_Latn")
    assert said(raw, model, ["eng_Latn", *pieces, "</s>"], "deu_Latn") == right
    wrong = {
        "the order of old": said(raw, model, [*pieces, "</s>", "eng_Latn"], "deu_Latn"),
        "no source language": said(raw, model, [*pieces, "</s>"], "deu_Latn"),
        "no end": said(raw, model, ["eng_Latn", *pieces], "deu_Latn"),
        "another target": said(raw, model, ["eng_Latn", *pieces, "</s>"], "fra_Latn"),
        "a swapped pair": said(raw, model, ["deu_Latn", *pieces, "</s>"], "eng_Latn"),
    }
    for mistake, text in wrong.items():
        assert text != right, mistake


def test_no_word_of_an_instruction_is_missing() -> None:
    known = {line[0] for line in entries()}
    for entry in load_registry():
        if entry.task.translated is not Translated.NO:
            words = {word for each in entry.pool().all for word in re.findall(r"[A-Za-z]+(?:'s)?", each.text)}
            assert not {word for word in words if word.lower() not in known}, entry.task.name


def test_the_vocabulary_has_nllbs_order(model: TranslationModel) -> None:
    listed = vocabulary(model.vocabulary)
    assert listed[:4] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert listed[-5:] == ["eng_Latn", "deu_Latn", "fra_Latn", "zho_Hans", "<mask>"]
    assert len(set(listed)) == len(listed)
