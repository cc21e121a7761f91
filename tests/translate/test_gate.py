"""The gate: real scores by sacreBLEU, verdicts, going on, and Table 9."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from sacrebleu.metrics.bleu import BLEU

from m3it_build.core.errors import MissingSource, SettingsError, SourceError
from m3it_build.services.glossary import TARGETS, entries, write_glossary
from m3it_build.store.manifest import load
from m3it_build.translate.flores import open_flores
from m3it_build.translate.gate import Gate, Metric, Verdict, explain, measure, metric, published_gate, verdict
from m3it_build.translate.languages import Language, find_language
from tests.corpus import m3it
from tests.translate.glosses import gloss

ENGLISH = [" ".join(line[0] for line in entries()[start : start + 12]) for start in range(0, 480, 12)]


@pytest.fixture(scope="module")
def flores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty sentences: German as the glossary says, French half of it, of Chinese the beginning."""
    folder = tmp_path_factory.mktemp("flores")
    french = [gloss(text, "fra_Latn") for text in ENGLISH]
    texts = {
        "eng_Latn": ENGLISH,
        "deu_Latn": [gloss(text, "deu_Latn") for text in ENGLISH],
        "fra_Latn": [" ".join(text.split()[:6]) + " autre chose ici encore bien loin" for text in french],
        "zho_Hans": [text[:6] + text[:5:-1] for text in (gloss(text, "zho_Hans") for text in ENGLISH)],
    }
    for code, lines in texts.items():
        (folder / f"{code}.devtest").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The glossary, and one whose German column is in another order."""
    folder = tmp_path_factory.mktemp("models")
    write_glossary(folder / "good")
    german = [line[1] for line in entries()]
    shifted = german[::-1]
    lines = tuple((line[0], other, *line[2:]) for line, other in zip(entries(), shifted, strict=True))
    write_glossary(folder / "bad", lines)
    for name in ("good", "bad"):
        path = folder / name / "m3it-model.json"
        path.write_text(json.dumps({"name": name, "license": None}))
    return {name: folder / name for name in ("good", "bad")}


def gate(out: Path, model: Path, flores: Path, *more: object, check: int = 0) -> Any:
    flags = ("--out", out, "--model", model, "--flores", flores, "--langs", "de,fr,zh", "--any-spm")
    return m3it("gate", *flags, *more, check=check)


def test_two_models_get_the_scores_that_sacrebleu_gives(flores: Path, models: dict[str, Path], tmp_path: Path) -> None:
    for name, model in models.items():
        out = tmp_path / name
        gate(out, model, flores, check=1 if name == "bad" else 0)
        found = load(out / ".m3it/gate.json", Gate)
        processor: Any = sentencepiece.SentencePieceProcessor(model_file=str(model / "sentencepiece.bpe.model"))

        def cut(lines: Sequence[str], processor: Any = processor) -> list[str]:
            return [" ".join(processor.encode(line, out_type=str)) for line in lines]

        for nllb in TARGETS:
            references = (flores / f"{nllb}.devtest").read_text("utf-8").splitlines()
            said = [gloss(text, nllb) for text in ENGLISH]
            score = found.languages[nllb]
            direct = BLEU(tokenize="none", force=True).corpus_score(cut(said), [cut(references)]).score
            if name == "good" or nllb != "deu_Latn":
                assert score.score == pytest.approx(direct, abs=0.01)
            assert score.sentences == 40
        verdicts = {score.code: score.verdict for score in found.languages.values()}
        assert verdicts["fr"] is Verdict.KEEP
        assert verdicts["de"] is (Verdict.KEEP if name == "good" else Verdict.ALARM)
        assert verdicts["zh"] is not Verdict.KEEP
        assert (found.model, found.beam, found.threshold) == (name, 4, 20)
        assert "tok:spm-other" in found.signature and "version:" in found.signature


def test_a_gate_goes_on_and_is_judged_anew(flores: Path, models: dict[str, Path], tmp_path: Path) -> None:
    gate(tmp_path, models["good"], flores)
    path = tmp_path / ".m3it/gate.json"
    content = json.loads(path.read_text())
    del content["languages"]["fra_Latn"]
    path.write_text(json.dumps(content))
    told = gate(tmp_path, models["good"], flores, "--threshold", 99).stderr
    assert "de: 100.0, keep (measured before)" in told
    assert "fr: " in told and "(measured before)" not in told.split("fr: ")[1].splitlines()[0]
    assert [score.code for score in load(path, Gate).languages.values() if score.verdict is Verdict.KEEP] == ["de"]
    told = gate(tmp_path, models["bad"], flores, check=1).stderr
    assert "measured before" not in told
    assert "a score of" in told and "cannot be right" in told


def test_translate_takes_the_languages_that_passed(flores: Path, models: dict[str, Path], tmp_path: Path) -> None:
    m3it("build", "--task", "winoground", "--sample", "--out", tmp_path)
    gate(tmp_path, models["good"], flores)
    done = m3it("translate", "--langs", "all", "--model", models["good"], "--out", tmp_path)
    assert "2 of 3 languages pass" in done.stderr
    assert sorted(path.name for path in (tmp_path / "translated/winoground").iterdir()) == ["de", "fr"]
    summary = json.loads((tmp_path / ".m3it/manifests/winoground/de/test.json").read_text())
    assert summary["translation"]["score"] == pytest.approx(100)
    assert "other" in summary["translation"]["metric"] or "another" in summary["translation"]["metric"]


def test_the_excerpts_of_flores_are_measured(shared: Path, models: dict[str, Path], tmp_path: Path) -> None:
    gate(tmp_path, models["good"], shared / "reference/flores", "--threshold", 25)
    found = load(tmp_path / ".m3it/gate.json", Gate)
    assert {score.sentences for score in found.languages.values()} == {100}
    assert all(score.score is not None and 2 <= score.score < 40 for score in found.languages.values())


def test_a_threshold_is_strict() -> None:
    assert verdict(20.0, 20.0) is Verdict.DROP
    assert verdict(20.001, 20.0) is Verdict.KEEP
    assert verdict(1.99, 0.5) is Verdict.ALARM


def test_another_sentencepiece_model_is_refused_unless_it_is_asked_for(
    flores: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    done = m3it("gate", "--out", tmp_path, "--model", models["good"], "--flores", flores, "--langs", "de", check=2)
    assert "not the SentencePiece model of FLORES-200" in done.stderr
    with pytest.raises(SettingsError, match="no such file"):
        metric(tmp_path / "none.model", any_spm=True)


def test_unequal_counts_are_never_scored(flores: Path, models: dict[str, Path], tmp_path: Path) -> None:
    ruler = Metric(models["good"] / "sentencepiece.bpe.model", official=False)
    with pytest.raises(SourceError, match="2 translations for 3 sentences"):
        ruler.score(["a", "b"], ["a", "b", "c"])
    short = shutil.copytree(flores, tmp_path / "flores")
    path = short / "fra_Latn.devtest"
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:-3]), "utf-8")
    assert "37 lines, the English file has 40" in gate(tmp_path / "out", models["good"], short, check=2).stderr
    path.unlink()
    assert "no fra_Latn.devtest or fra.devtest" in gate(tmp_path / "out", models["good"], short, check=2).stderr
    with pytest.raises(MissingSource, match="no such folder"):
        open_flores(tmp_path / "nowhere")


@pytest.mark.parametrize("place", ["{}.devtest", "devtest/{}.devtest", "flores200_dataset/devtest/{}.devtest"])
def test_each_layout_of_flores(flores: Path, tmp_path: Path, place: str) -> None:
    german = find_language("de")
    for language, code in ((Language("eng_Latn", "English", "eng", "Latn"), "eng_Latn"), (german, german.nllb)):
        path = tmp_path / place.format(code)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(flores / f"{language.nllb}.devtest", path)
    assert len(open_flores(tmp_path).reference(german)) == 40


class Refusing:
    """A translator of which every other sentence is refused."""

    name, hash, beam, decoding = "refusing", "0", 1, None

    def check(self, codes: Sequence[str]) -> None:
        """Knows all."""

    def sentences(self, texts: Sequence[str], target: str) -> list[str | None]:
        """By the glossary."""
        return [gloss(text, target) if place % 2 else None for place, text in enumerate(texts)]


def test_refused_sentences_count_as_empty(flores: Path, models: dict[str, Path], tmp_path: Path) -> None:
    ruler = Metric(models["good"] / "sentencepiece.bpe.model", official=False)
    [(_, score, _)] = measure(
        tmp_path / "gate.json", [find_language("de")], Refusing(), open_flores(flores), ruler, threshold=20
    )
    assert score.refused == 20
    assert score.score is not None and 20 < score.score < 60


def test_published_scores_beside_table_9() -> None:
    found = published_gate()
    assert len(found.kept) == 82
    told = explain(found)
    under = {"fuv", "wo", "lg", "my", "km", "ny", "so", "sn", "as", "ig", "ln"}
    assert {score.code for score in told.kept_under} == under
    over = {"ms", "nb", "sw", "ga", "sl", "fa", "uz", "zu", "ne", "or", "nso", "xh", "az", "ckb", "kea", "ps"}
    assert {score.code for score in told.dropped_over} == over
    assert {(score.code, score.verdict) for score in told.unknown} == {("ja", "drop"), ("ko", "keep"), ("tl", "keep")}


def test_explain_needs_no_model(tmp_path: Path) -> None:
    told = m3it("gate", "--explain", "--out", tmp_path, M3IT_CACHE=str(tmp_path)).stdout
    for text in ("82 of 101", "fuv 3.3", "ms 42.2", "hye_Armen for hye_Armn", "li 19.0 (Limburgish)"):
        assert text in told
    found = json.loads(m3it("gate", "--explain", "--json", "--out", tmp_path, M3IT_CACHE=str(tmp_path)).stdout)
    assert found["beside_table_9"]["misprinted"] == {"hye_Armen": "hye_Armn", "lao_Lao": "lao_Laoo"}
    assert (
        "nllb-200-distilled-1.3B only"
        in m3it("gate", "--model", "other", "--out", tmp_path, check=2, M3IT_CACHE=str(tmp_path)).stderr
    )
