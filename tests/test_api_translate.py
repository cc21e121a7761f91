"""Translations, gate and models from Python, with a real model: the sample's glossary."""

from pathlib import Path
from typing import Any

import pytest

from m3it_build import api
from m3it_build.core.errors import MissingSource, SettingsError, UnknownName
from m3it_build.core.progress import Progress
from m3it_build.core.task import Split
from m3it_build.services.mt.glossary import TARGETS, entries, write_glossary
from m3it_build.services.mt.models import ModelError, known_models
from m3it_build.store.manifest import Summary, load
from m3it_build.store.output import OutputFolder
from m3it_build.store.reader import read_texts
from m3it_build.translate.gate import Verdict
from m3it_build.translate.languages import PUBLISHED_MODEL
from m3it_build.translate.settings import GateSettings, TranslateSettings, TranslatorSettings
from tests.translate.glosses import gloss

LINES = [" ".join(line[0] for line in entries()[start : start + 12]) for start in range(0, 240, 12)]


class Heard(Progress):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.languages: list[tuple[str, int, int]] = []
        self.sentences = 0
        self.scores: dict[str, float] = {}

    def note(self, text: str) -> None:
        """A note."""
        self.notes.append(text)

    def language(self, code: str, known: int, missing: int) -> None:
        """A language begins."""
        self.languages.append((code, known, missing))

    def translated(self, sentences: int, refused: int) -> None:  # noqa: ARG002
        """Sentences are kept."""
        self.sentences += sentences

    def measured(self, language: str, score: float, told: str) -> None:
        """A language has a score."""
        assert told
        self.scores[language] = score


@pytest.fixture
def out(tmp_path: Path) -> Path:
    api.build("okvqa", sample=True, out=tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def flores(tmp_path: Path) -> Path:
    """Twenty sentences as the glossary says them."""
    folder = tmp_path / "flores"
    folder.mkdir()
    for code in ("eng_Latn", *TARGETS):
        lines = LINES if code == "eng_Latn" else [gloss(line, code) for line in LINES]
        (folder / f"{code}.devtest").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


@pytest.fixture
def wrong_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no function may look at."""
    (tmp_path / "m3it.toml").write_text("[translator]\nbeam = 'plum'\n")
    monkeypatch.chdir(tmp_path)
    for name in ("BEAM", "PER_SPLIT", "WORKERS", "DEVICE", "COMPUTE_TYPE", "TRANSLATE_MODEL", "THRESHOLD", "OUT"):
        monkeypatch.setenv(f"M3IT_{name}", "banana")
    for name in ("FLORES", "SPM", "THRESHOLD"):
        monkeypatch.setenv(f"M3IT_GATE_{name}", "banana")
    monkeypatch.setenv("M3IT_CACHE", str(tmp_path / "banana"))
    write_glossary(tmp_path / "banana/mine")


@pytest.mark.usefixtures("wrong_environment")
def test_a_translation_prints_nothing_and_reads_no_environment(out: Path, capfd: pytest.CaptureFixture[str]) -> None:
    heard = Heard()
    report = api.translate(["de"], out=out, sample=True, progress=heard)
    assert [(each.config, each.rows, each.fault) for each in report.configs] == [("okvqa-de", 8, None)]
    assert (report.out, report.model, report.compute_type) == (out, "glossary", "float32")
    assert heard.languages == [("de", 0, report.sentences)]
    assert heard.sentences == report.translated == report.sentences > 0
    [path] = (out / "translated/okvqa/de").iterdir()
    english = {row.meta["id"]: row for path in (out / "data").rglob("*.parquet") for row in read_texts(path)}
    rows = list(read_texts(path))
    assert len(rows) == 8
    for row in rows:
        translation: Any = row.meta["translation"]
        source = english[translation["source_id"]]
        assert (row.inputs, row.instruction) == tuple(gloss(text, "deu_Latn") for text in source[1::-1])
    again = api.translate("German", tasks="okvqa", out=out, sample=True)
    assert (again.translated, again.kept_shards, again.shards) == (0, 1, 1)
    assert again.as_dict()["configs"] == report.as_dict()["configs"]
    assert capfd.readouterr() == ("", "")


def test_settings_count(out: Path) -> None:
    report = api.translate(
        "de,fr",
        out=out,
        splits=["train"],
        sample=True,
        settings=TranslateSettings(per_split=3, back_translate=2),
        translator=TranslatorSettings(beam=1, workers=1),
    )
    assert {each.config: (each.rows, each.chrf is None) for each in report.configs} == {
        "okvqa-de": (3, False),
        "okvqa-fr": (3, False),
    }
    facts = load(OutputFolder(out).summary("okvqa", Split.TRAIN, "de"), Summary).translation
    assert facts is not None
    assert facts.decoding["beam"] == 1


@pytest.mark.parametrize("langs", ["all", " ALL", ["all"]])
def test_all_languages_are_those_that_pass(out: Path, langs: str | list[str], flores: Path, tmp_path: Path) -> None:
    heard = Heard()
    report = api.translate(langs, out=out, sample=True, progress=heard)
    assert [each.language for each in report.configs] == ["de", "fr", "zh"]
    assert heard.notes == ["The sample model is a glossary, not a translator. It knows 3 languages: de, fr, zh."]
    write_glossary(tmp_path / "mine")
    translator = TranslatorSettings(model=str(tmp_path / "mine"))
    with pytest.raises(SettingsError, match="No gate was run for the model glossary: --langs all cannot choose"):
        api.translate(langs, out=out, translator=translator)
    settings = GateSettings(flores=flores, any_spm=True)
    api.gate(["de", "zho_Hans"], out=out, settings=settings, translator=translator)
    report = api.translate(langs, out=out, translator=translator)
    assert [each.language for each in report.configs] == ["de", "zh"]


@pytest.mark.usefixtures("wrong_environment")
def test_a_gate_is_measured_published_or_as_it_was_measured(
    flores: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out, heard = tmp_path / "out", Heard()
    published = api.gate(out=out, cache=tmp_path / "empty")
    assert (published.gate.model, len(published.gate.kept), published.explained) == (PUBLISHED_MODEL, 82, None)
    assert not out.exists()
    settings = GateSettings(flores=flores, any_spm=True, threshold=10)
    measured = api.gate(out=out, sample=True, settings=settings, progress=heard)
    assert measured.gate.kept == ["deu_Latn", "fra_Latn", "zho_Hans"]
    assert set(heard.scores) == {"de", "fr", "zh"}
    assert min(heard.scores.values()) > 99
    explained = api.gate(out=out, explain=True, cache=flores.parent)  # in which sentences lie as if fetched
    assert explained.gate == measured.gate
    assert explained.explained is not None
    assert explained.as_dict()["beside_table_9"]["agreed"] == 3
    strict = api.gate(out=out, explain=True, settings=GateSettings(threshold=100)).gate
    assert {score.verdict for score in strict.languages.values()} <= {Verdict.DROP, Verdict.KEEP}
    assert strict.threshold == 100
    named = api.gate(out=out, explain=True, translator=TranslatorSettings(model=PUBLISHED_MODEL))
    assert named.gate == published.gate
    assert capfd.readouterr() == ("", "")


def test_a_gate_measures_with_fetched_sentences(flores: Path, tmp_path: Path) -> None:
    found = api.gate("de", out=tmp_path / "out", sample=True, settings=GateSettings(any_spm=True), cache=flores.parent)
    assert list(found.gate.languages) == ["deu_Latn"]


@pytest.mark.usefixtures("wrong_environment")
def test_models_are_those_of_the_folder_that_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_glossary(tmp_path / "cache/own")
    found = {each.name: each for each in api.models(tmp_path / "cache")}
    assert set(found) == {*known_models(), "own", "flores"}
    assert [name for name, each in found.items() if each.folder] == ["own"]
    assert found["own"].folder == tmp_path / "cache/own"
    api.build("okvqa", sample=True, out=tmp_path / "out")
    settings = TranslatorSettings(model="nllb-200-distilled-600M")
    with pytest.raises(ModelError, match="Run: m3it models fetch nllb-200-distilled-600M"):
        api.translate("de", out=tmp_path / "out", translator=settings, cache=tmp_path / "cache")
    with pytest.raises(UnknownName, match="not a known name"):
        api.fetch_model("none", cache=tmp_path / "cache")
    (tmp_path / "nothing").write_bytes(b"")
    with pytest.raises(ModelError, match="FLORES"):
        api.fetch_flores(str(tmp_path / "nothing"), cache=tmp_path / "cache")
    with pytest.raises(ModelError, match=r"no config\.json"):
        api.convert_model(tmp_path, tmp_path / "to")
    assert capfd.readouterr() == ("", "")


def test_what_is_wrong_is_told(out: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No task is named"):
        api.translate("de", tasks=[], out=out, sample=True)
    with pytest.raises(SettingsError, match="There is no split 'dev'"):
        api.translate("de", splits=["dev"], out=out, sample=True)
    with pytest.raises(UnknownName, match=r"No language 'Germann'\. Did you mean de"):
        api.translate(["Germann"], out=out, sample=True)
    with pytest.raises(UnknownName, match="names no language"):
        api.translate([], out=out, sample=True)
    with pytest.raises(SettingsError, match=r"published for the model nllb-200-distilled-1\.3B only"):
        api.gate(out=out, sample=True, cache=tmp_path / "empty")
    with pytest.raises(MissingSource, match="no such folder"):
        api.gate(out=out, sample=True, settings=GateSettings(flores=tmp_path / "none"))
