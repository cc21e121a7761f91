"""What is no translation is no success: models that copy or say nothing, configs that are copies or empty."""

import hashlib
import json
import platform
import shutil
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.sample import Fault, Reason
from m3it_build.core.words import words
from m3it_build.services.mt.glossary import TARGETS, write_glossary
from m3it_build.services.mt.models import COMPUTE_TYPE, ModelError, find_model
from m3it_build.services.mt.self_test import SENTENCES, fault, must_translate, must_translate_any
from m3it_build.services.mt.translator import Translator, normalised
from m3it_build.stages.untranslated import NOTHING, Originals, Said, Untranslated, in_script, said
from m3it_build.store.output import OutputFolder
from m3it_build.store.reader import Texts, read_texts
from tests.corpus import change_state, m3it, m3it_process
from tests.translate.broken import (
    Change,
    echo,
    echo_but_for_the_test,
    german,
    nothing,
    nothing_but_for_the_test,
    write_broken,
)
from tests.translate.glosses import gloss


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows to translate, as lines that a test can change."""
    out = tmp_path_factory.mktemp("english") / "out"
    m3it("build", "--task", "okvqa", "--task", "winoground", "--sample", "--out", out, "--format", "jsonl")
    return out


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.skipif(platform.machine() != "x86_64", reason="CTranslate2's settings of x86")
def test_the_sample_says_the_same_by_every_kernel(english: Path, tmp_path: Path) -> None:
    found = {}
    for number, (name, value) in enumerate(
        [
            ("CT2_VERBOSE", "0"),
            ("CT2_USE_MKL", "0"),
            ("CT2_USE_MKL", "1"),
            ("CT2_FORCE_CPU_ISA", "GENERIC"),
            ("CT2_FORCE_CPU_ISA", "AVX"),
            ("CT2_FORCE_CPU_ISA", "AVX2"),
        ]
    ):
        out = shutil.copytree(english, tmp_path / str(number))
        m3it_process("translate", "--langs", "all", "--sample", "--out", out, check=0, **{name: value})
        found[name, value] = files(out / "translated")
    assert len(set(map(str, found.values()))) == 1
    assert len(next(iter(found.values()))) == 6


def test_the_sample_is_in_float32_and_says_so_where_another_was_asked_for(english: Path, tmp_path: Path) -> None:
    out = shutil.copytree(english, tmp_path / "out")
    done = m3it("translate", "--langs", "de", "--sample", "--out", out, "--compute-type", "int8", "--json")
    assert "glossary is right in float32 only: --compute-type int8 is not used" in done.stderr
    told = json.loads(done.stdout)
    assert (told["model"], told["compute_type"]) == ("glossary", "float32")
    assert told["kernel"]
    assert [config["fault"] for config in told["configs"]] == [None, None]
    summary = json.loads((out / ".m3it/manifests/okvqa/de/validation.json").read_text())
    assert summary["translation"]["decoding"]["compute_type"] == "float32"
    again = m3it("translate", "--langs", "de", "--sample", "--out", out)
    assert "is not used" not in again.stderr
    assert "0 translated now" in again.stdout and "by glossary, in float32 on " in again.stdout


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (echo, "became 'The woman saw a white horse under the tree.', which is no translation"),
        (nothing, "was refused (empty translation"),
        (german, "no letter of Hans: Der Frau sah"),
    ],
)
def test_a_model_that_does_not_translate_is_refused_before_anything_is_written(
    english: Path, tmp_path: Path, change: Change, what: str
) -> None:
    model = write_broken(tmp_path / "model", change)
    before = files(english)
    command = ("translate", "--langs", "de,zh", "--model", model, "--out", english)
    told = m3it(*command, check=2).stderr
    assert f"{model}: the model model does not translate, computing in float32 on " in told
    assert what in told and SENTENCES[0] in told and "Take another --model" in told
    assert files(english) == before


def test_a_model_in_a_compute_type_that_breaks_it_is_refused(english: Path, tmp_path: Path) -> None:
    """The glossary in int8, which processors without VNNI get wrong: right or refused, on any."""
    out = shutil.copytree(english, tmp_path / "out")
    write_glossary(tmp_path / "model")
    path = tmp_path / "model/config.json"
    settings = json.loads(path.read_text())
    assert settings.pop(COMPUTE_TYPE) == "float32"
    path.write_text(json.dumps(settings))
    model = ("--model", tmp_path / "model", "--compute-type", "int8", "--device", "cpu")
    command = ("translate", "--langs", "de", *model, "--out", out)
    try:
        m3it(*command)
    except AssertionError:
        told = m3it(*command, check=2).stderr
        assert "computing in int8 on " in told and "Try another --compute-type, as float32" in told
        assert files(out) == files(english)
    else:
        row = next(read_texts(next((out / "translated/okvqa/de").iterdir())))
        assert "Antwort" in row.outputs or "ist" in row.outputs
    assert "0 problems" in m3it("validate", out).stdout


def test_a_sound_model_passes_and_one_language_is_enough_for_a_gate(tmp_path: Path) -> None:
    write_glossary(tmp_path / "sound")
    with Translator(find_model(str(tmp_path / "sound"))) as translator:
        must_translate(translator, TARGETS)
        must_translate(translator, [])
        for sentence in SENTENCES:
            assert normalised(sentence) == sentence
            assert all(fault(sentence, gloss(sentence, nllb), nllb) is None for nllb in TARGETS)
    with Translator(find_model(str(write_broken(tmp_path / "german", german)))) as translator:
        must_translate_any(translator, ["zho_Hans", "deu_Latn"])
        with pytest.raises(ModelError, match="no letter of Hans"):
            must_translate(translator, ["deu_Latn", "zho_Hans"])
        with pytest.raises(ModelError, match="for zho_Hans"):
            must_translate_any(translator, ["zho_Hans"])


def test_a_sentence_that_a_model_has_no_pieces_for_proves_nothing(tmp_path: Path) -> None:
    with Translator(find_model(str(write_broken(tmp_path / "echo", echo)))) as translator:
        assert translator.reads("the cat") and not translator.reads("猗")


HUMAN = {
    "afr_Latn": "Die vrou het 'n wit perd onder die boom gesien.",
    "nld_Latn": "De vrouw zag een wit paard onder de boom.",
    "ltz_Latn": "D'Fra huet e wäisst Päerd ënnert dem Bam gesinn.",
    "dan_Latn": "Kvinden så en hvid hest under træet.",
    "nob_Latn": "Kvinnen så en hvit hest under treet.",
    "deu_Latn": "Die Frau sah ein weißes Pferd unter dem Baum.",
    "lim_Latn": "De vrouw zaog 'n wit paerd ónger d'n boum.",
    "jpn_Jpan": "女性は木の下に白い馬を見た。",
    "kor_Hang": "그 여자는 나무 아래에서 하얀 말을 보았다.",
    "tha_Thai": "ผู้หญิงเห็นม้าสีขาวอยู่ใต้ต้นไม้",
    "hin_Deva": "महिला ने पेड़ के नीचे एक सफ़ेद घोड़ा देखा।",
    "srp_Cyrl": "Жена је видела белог коња испод дрвета.",
    "heb_Hebr": "האישה ראתה סוס לבן מתחת לעץ.",
}


@pytest.mark.parametrize(("target", "text"), HUMAN.items())
def test_what_people_would_say_passes(target: str, text: str) -> None:
    assert fault(SENTENCES[0], text, target) is None


@pytest.mark.parametrize(
    "text",
    [
        SENTENCES[0],
        SENTENCES[0].upper(),
        "the woman saw the horse under a tree",
        "The Frau saw a white Pferd under the tree.",
        "...",
        "Женщина увидела белую лошадь под деревом.",
        Fault(Reason.REPETITION, "ja ja ja"),
    ],
)
def test_what_is_no_german_does_not(text: str | Fault) -> None:
    assert fault(SENTENCES[0], text, "deu_Latn")


def test_known_sentences_have_no_name_and_no_number() -> None:
    for sentence in SENTENCES:
        assert sentence[1:] == sentence[1:].lower() and not any(map(str.isdigit, sentence))
        assert len(set(words(sentence))) >= 8


def test_a_config_of_copies_is_told_in_the_last_line_and_ends_with_1(english: Path, tmp_path: Path) -> None:
    model = write_broken(tmp_path / "model", echo_but_for_the_test)
    out = shutil.copytree(english, tmp_path / "out")
    command = ("translate", "--langs", "de", "--model", model, "--out", out)
    for _ in range(2):  # also of what was finished before
        done = m3it(*command, "--task", "okvqa", check=1)
        last = done.stderr.strip().splitlines()[-1]
        assert last.startswith("m3it: okvqa-de: ") and "rows are copies of what was to be translated" in last
        assert "--compute-type" in last
    told = json.loads(m3it(*command, "--json", check=1).stdout)
    assert any("are copies" in str(config["fault"]) for config in told["configs"])
    assert "okvqa-de: 7 of 8 rows are copies" in m3it("validate", out, check=1).stderr


def test_an_empty_config_is_told_and_ends_with_1(english: Path, tmp_path: Path) -> None:
    model = write_broken(tmp_path / "model", nothing_but_for_the_test)
    out = shutil.copytree(english, tmp_path / "out")
    done = m3it("translate", "--langs", "de", "--task", "okvqa", "--model", model, "--out", out, check=1)
    assert done.stderr.strip().splitlines()[-1].startswith("m3it: okvqa-de: no row came out of it")
    assert "okvqa-de: no row came out of it" in m3it("validate", out, check=1).stderr


def test_validate_finds_a_planted_config_of_copies(english: Path, tmp_path: Path) -> None:
    """Texts are those of the English rows again, and every manifest agrees."""
    out = shutil.copytree(english, tmp_path / "out")
    m3it("translate", "--langs", "fr,zh", "--sample", "--out", out)
    assert "0 problems" in m3it("validate", out).stdout
    before = {str(row.meta["id"]): row for path in (out / "data").rglob("*.jsonl") for row in read_texts(path)}
    plant(out, "okvqa", "fr", before, every=2)
    plant(out, "winoground", "zh", before, every=1)
    done = m3it("validate", out, check=1)
    assert done.stderr.splitlines() == [
        "okvqa-fr: 4 of 8 rows are copies of what was to be translated",
        "winoground-zh: 16 of 16 rows are copies of what was to be translated",
    ]
    done = m3it("translate", "--langs", "fr,zh", "--sample", "--out", out, check=1)
    assert "m3it: okvqa-fr: 4 of 8" in done.stderr and "m3it: winoground-zh: 16 of 16" in done.stderr


def plant(out: Path, task: str, language: str, before: dict[str, Texts], every: int) -> None:
    """Put the English texts back into rows, and the shard's hash into its manifest."""
    [path] = (out / "translated" / task / language).iterdir()
    rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for row in rows[::every]:
        source = before[row["meta"]["translation"]["source_id"]]
        row |= {"inputs": source.inputs, "outputs": source.outputs}
        if "options" in source.meta:
            row["meta"]["options"] = source.meta["options"]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    [manifest] = (out / ".m3it/manifests" / task / language).glob("*-00000.json")
    data = path.read_bytes()
    change_state(manifest, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def test_validate_finds_an_english_config_without_a_row(tmp_path: Path) -> None:
    m3it("build", "--task", "okvqa", "--sample", "--out", tmp_path, "--format", "jsonl")
    for path in (tmp_path / ".m3it/manifests/okvqa").glob("*-00000.json"):
        facts = json.loads(path.read_text())
        (tmp_path / facts["file"]).unlink()
        rejected = {"missing media": facts["rows"]}
        change_state(path, file=None, rows=0, bytes=0, sha256=None, rejected=rejected)
    assert "okvqa: no row came out of it" in m3it("validate", tmp_path, check=1).stderr


def row(inputs: str, outputs: str, **meta: object) -> Texts:
    return Texts("", inputs, outputs, meta)


def test_a_copy_is_known_by_its_words() -> None:
    english = said(row("“Where” is it?", "It's here."))
    assert english == said(row('"where" is it ?', "it's here。"))
    assert english != said(row("Wo ist es?", "Es ist hier."))
    assert said(row("3 + 4", "7")) == NOTHING
    assert said(row("", "https://example.com/a")) == NOTHING
    assert said(row("What is that there?", "a cat")).outputs is None, "a few words may be a name"
    options = {"options": ["7", "8"], "answer_index": 0}
    assert said(row("Options:\n(A) 7\n(B) 8", "(A) 7.", **options)) == NOTHING
    assert said(row("Options:\n(A) 7\n(B) cat", "(A) 7.", **options)).row is not None


def test_rows_without_words_are_no_copies() -> None:
    config = Untranslated(rows=5)
    for before in (None, None, None, b"a", b"b"):
        config.add(Said(before if before != b"b" else b"c", None, None), Said(before, None, None), None)
    assert (config.translatable["row"], config.copies["row"], config.share) == (2, 1, 0.5)
    assert config.fault == "1 of 2 rows are copies of what was to be translated"
    config.add(Said(b"x", None, None), Said(b"y", None, None), None)
    assert config.fault is None
    assert Untranslated(rows=3).fault is None


def test_answers_that_stay_english_under_translated_questions_are_copies() -> None:
    config = Untranslated(rows=4)
    for number in range(4):
        question, answer = f"Where is cat number {number}?", f"Cat {number} is on the mat."
        config.add(said(row(f"Wo ist Katze {number} denn nun?", answer)), said(row(question, answer)), 1.0)
    assert config.fault == "4 of 4 outputs are copies of what was to be translated"


def test_another_script_is_no_translation() -> None:
    config = Untranslated(rows=1)
    text = row("一 yellow ball moves from left 到 right", "那 ball")
    config.add(said(text), said(row("A yellow ball moves from left to right", "The ball")), in_script(text, "Hans"))
    assert config.fault is not None and "of the language's script" in config.fault


def test_originals_that_cannot_be_read_are_nothing(tmp_path: Path) -> None:
    assert dict(Originals(OutputFolder(tmp_path)).said("okvqa", "test", ["a"])) == {"a": NOTHING}


def test_a_damaged_english_shard_is_an_error_of_its_split_alone(tmp_path: Path) -> None:
    m3it("build", "--task", "okvqa", "--task", "winoground", "--sample", "--out", tmp_path, "--format", "jsonl")
    [damaged] = tmp_path.glob("data/*/okvqa/validation-00000-*.jsonl")
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2] + b"\0" * (len(whole) - len(whole) // 2))
    command = ("translate", "--langs", "de", "--sample", "--out", tmp_path)
    told = m3it(*command, check=2).stderr
    assert f"{damaged.name}: its bytes are not those that were written" in told
    assert [path.parent.parent.name for path in tmp_path.glob("translated/*/de/*.jsonl")] == ["winoground"]
    damaged.write_bytes(whole)
    m3it(*command)
    assert {path.parent.parent.name for path in tmp_path.glob("translated/*/de/*.jsonl")} == {"okvqa", "winoground"}
