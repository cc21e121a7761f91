"""The gate: real scores by sacreBLEU, verdicts, going on, and Table 9."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from sacrebleu.metrics.bleu import BLEU

from m3it_build.core.errors import MissingSource, OutputError, SettingsError, SourceError
from m3it_build.services.mt.glossary import TARGETS, entries, write_glossary
from m3it_build.services.mt.kernel import kernel, read_kernel
from m3it_build.services.mt.models import find_model
from m3it_build.store.manifest import load
from m3it_build.translate import metric as spbleu
from m3it_build.translate.flores import open_flores
from m3it_build.translate.gate import Computed, Gate, Verdict, gated, published_gate, verdict
from m3it_build.translate.languages import Language, find_language, resolve
from m3it_build.translate.measure import measure
from m3it_build.translate.metric import Metric, metric
from m3it_build.translate.table_9 import explain
from tests.corpus import change_state, m3it
from tests.translate.broken import echo, write_broken
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
    languages = json.loads(path.read_text())["languages"]
    del languages["fra_Latn"]
    change_state(path, languages=languages)
    told = gate(tmp_path, models["good"], flores, "--threshold", 99).stderr
    assert "de: 100.0, keep (measured before)" in told
    assert "fr: " in told and "(measured before)" not in told.split("fr: ")[1].splitlines()[0]
    assert [score.code for score in load(path, Gate).languages.values() if score.verdict is Verdict.KEEP] == ["de"]
    told = gate(tmp_path, models["bad"], flores, check=1).stderr
    assert "measured before" not in told
    assert "scores of good (beam 4, 3 languages) were not measured in this way" in told
    assert "those of bad replace them" in told
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
    with pytest.raises(SettingsError, match="not a SentencePiece model"):
        metric(flores / "deu_Latn.devtest", any_spm=True)


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

    name, hash = "refusing", "0"

    def __init__(self, beam: int = 1) -> None:
        self.beam = self.decoding = beam
        self.asked: list[str] = []

    def check(self, codes: Sequence[str]) -> None:
        """Knows all."""

    def sentences(self, texts: Sequence[str], target: str) -> list[str | None]:
        """By the glossary."""
        return [gloss(text, target) if place % 2 else None for place, text in enumerate(texts)]


class Counting(Refusing):
    """Notes which languages it translated into."""

    def sentences(self, texts: Sequence[str], target: str) -> list[str | None]:
        """Every word, even the refused ones."""
        self.asked.append(target)
        return [gloss(text, target) for text in texts]


def test_a_stopped_gate_keeps_each_language_that_it_measured(
    flores: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    path, ruler = tmp_path / "gate.json", Metric(models["good"] / "sentencepiece.bpe.model", official=False)
    wanted = resolve("de,fr,zh")

    def run(translator: Counting, folder: Path = flores) -> list[str]:
        list(measure(path, wanted, translator, open_flores(folder), ruler, threshold=20))
        return translator.asked

    next(measure(path, wanted, Counting(), open_flores(flores), ruler, threshold=20))
    assert list(load(path, Gate).languages) == ["deu_Latn"]
    assert run(Counting()) == ["fra_Latn", "zho_Hans"]
    assert run(Counting()) == []
    assert run(Counting(beam=2)) == ["deu_Latn", "fra_Latn", "zho_Hans"]
    other = shutil.copytree(flores, tmp_path / "flores")
    french = (other / "fra_Latn.devtest").read_text("utf-8").splitlines()
    (other / "fra_Latn.devtest").write_text("\n".join(french[::-1]) + "\n", "utf-8")
    assert run(Counting(beam=2), other) == ["fra_Latn"]


def test_scores_of_another_sacrebleu_are_not_kept(flores: Path, models: dict[str, Path], tmp_path: Path) -> None:
    path, ruler = tmp_path / "gate.json", Metric(models["good"] / "sentencepiece.bpe.model", official=False)
    list(measure(path, resolve("de"), Counting(), open_flores(flores), ruler, threshold=20))
    change_state(path)
    path.write_text(path.read_text().replace("version:", "version:0."))
    again = Counting()
    list(measure(path, resolve("de"), again, open_flores(flores), ruler, threshold=20))
    assert again.asked == ["deu_Latn"]


def test_a_score_is_judged_as_it_is_kept(flores: Path, models: dict[str, Path], tmp_path: Path) -> None:
    path, ruler = tmp_path / "gate.json", Metric(models["good"] / "sentencepiece.bpe.model", official=False)
    [(_, score, _)] = measure(path, resolve("de"), Refusing(), open_flores(flores), ruler, threshold=0)
    references = (flores / "deu_Latn.devtest").read_text("utf-8").splitlines()
    exact = ruler.score([text or "" for text in Refusing().sentences(ENGLISH, "deu_Latn")], references)
    assert score.score == load(path, Gate).languages["deu_Latn"].score == exact
    below = exact - 1e-9
    for _ in range(2):
        [(_, again, _)] = measure(path, resolve("de"), Refusing(), open_flores(flores), ruler, threshold=below)
        assert again.verdict is Verdict.KEEP
    [(_, again, _)] = measure(path, resolve("de"), Refusing(), open_flores(flores), ruler, threshold=exact)
    assert again.verdict is Verdict.DROP


def test_a_score_is_kept_with_what_computed_it(flores: Path, models: dict[str, Path], tmp_path: Path) -> None:
    told = gate(tmp_path, models["good"], flores).stdout
    path = tmp_path / ".m3it/gate.json"
    content = json.loads(path.read_text())
    for score in content["languages"].values():
        assert score["compute_type"] == "float32"
        assert score["kernel"] == kernel("cpu", "float32")
    assert told.count(f"float32 on {kernel('cpu', 'float32')}") == 3
    explained = m3it("gate", "--explain", "--out", tmp_path, M3IT_CACHE=str(tmp_path)).stdout
    assert f"Measured in float32 on {kernel('cpu', 'float32')}" in explained
    content["languages"]["fra_Latn"]["kernel"] = "AVX512 (MKL)"
    change_state(path, languages=content["languages"])
    again = gate(tmp_path, models["good"], flores)
    assert "fr: " in again.stderr and "(measured before, in float32 on AVX512 (MKL))" in again.stderr
    assert "de: 100.0, keep (measured before)" in again.stderr
    assert json.loads(gate(tmp_path, models["good"], flores, "--json").stdout) == json.loads(path.read_text())


def test_a_score_of_another_compute_type_is_told_as_such(flores: Path, models: dict[str, Path], tmp_path: Path) -> None:
    path, model = tmp_path / ".m3it/gate.json", find_model(str(models["good"]))
    path.parent.mkdir()

    class Before(Counting):
        """The model, as it was measured in another way."""

        hash = model.hash

    by = Computed("int8", "AVX512 (MKL, VNNI)")
    list(measure(path, resolve("de,fr"), Before(4), open_flores(flores), Metric(model.spm, official=False), 20, by))
    assert load(path, Gate).computed == [by]
    assert "not in float32" in gated(path, model, 20, "float32").told
    assert "measured in int8 on AVX512 (MKL, VNNI)" in gated(path, model, 20, "float32").told
    assert "measured in" not in gated(path, model, 20, "int8").told
    m3it("build", "--task", "winoground", "--sample", "--out", tmp_path)
    done = m3it("translate", "--langs", "all", "--model", model.folder, "--out", tmp_path)
    assert "They were measured in int8 on AVX512 (MKL, VNNI), not in float32" in done.stderr
    told = gate(tmp_path, models["good"], flores).stderr
    assert "compute type, --spm, sacreBLEU), in int8 on AVX512 (MKL, VNNI); those of good replace them" in told
    assert {each.compute_type for each in load(path, Gate).computed} == {"float32"}


def test_a_gate_of_an_older_version_is_read(flores: Path, models: dict[str, Path], tmp_path: Path) -> None:
    gate(tmp_path, models["good"], flores)
    path = tmp_path / ".m3it/gate.json"
    languages = json.loads(path.read_text())["languages"]
    for score in languages.values():
        del score["compute_type"], score["kernel"]
    change_state(path, languages=languages)
    assert load(path, Gate).computed == []
    assert "de: 100.0, keep (measured before)" in gate(tmp_path, models["good"], flores).stderr


def test_a_model_that_translates_into_none_is_not_measured(flores: Path, tmp_path: Path) -> None:
    told = gate(tmp_path / "out", write_broken(tmp_path / "echo", echo), flores, check=2).stderr
    assert "the model echo does not translate" in told
    assert not (tmp_path / "out/.m3it/gate.json").exists()


def test_the_kernel_is_told_for_each_compute_type() -> None:
    log = (
        "[info]  - Selected ISA: AVX2\n[info]  - SGEMM backend: MKL (packed: true)\n"
        "[info]  - GEMM_S16 backend: none (packed: false)\n[info]  - GEMM_S8 backend: DNNL (packed: false)\n"
        "[info] GPU #0: NVIDIA H100 (CC=9.0)\n"
    )
    assert read_kernel(log, {"avx2"}, "cpu", "int8") == "AVX2 (DNNL, no VNNI)"
    assert read_kernel(log, {"avx2", "avx512_vnni"}, "cpu", "int8_float32") == "AVX2 (DNNL, VNNI)"
    assert read_kernel(log, frozenset(), "cpu", "int8") == "AVX2 (DNNL)"
    assert read_kernel(log, {"avx2"}, "cpu", "float32") == "AVX2 (MKL)"
    assert read_kernel(log, {"avx2"}, "cuda", "float16") == "NVIDIA H100 (CC=9.0)"
    assert read_kernel("", frozenset(), "cpu", "float32").endswith("(unknown library)")


SACREBLEU_ITSELF = """
import json, sys
from sacrebleu.metrics.bleu import BLEU
hypotheses, references = json.load(sys.stdin)
bleu = BLEU(tokenize="flores200")
print(json.dumps([bleu.corpus_score(hypotheses, [references]).score, str(bleu.get_signature())]))
"""


def test_scores_are_those_of_sacrebleus_own_flores200(
    flores: Path, models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SacreBLEU takes whatever lies where it would download to; a gate takes the official file only, by its hash."""
    spm = models["good"] / "sentencepiece.bpe.model"
    (tmp_path / "sacrebleu/models").mkdir(parents=True)
    shutil.copyfile(spm, tmp_path / "sacrebleu/models/flores200sacrebleuspm")
    references = (flores / "fra_Latn.devtest").read_text("utf-8").splitlines()
    said = [gloss(text, "fra_Latn") for text in ENGLISH]
    done = subprocess.run(
        [sys.executable, "-c", SACREBLEU_ITSELF],
        input=json.dumps([said, references]),
        env=os.environ | {"SACREBLEU": str(tmp_path / "sacrebleu")},
        capture_output=True,
        text=True,
        check=True,
    )
    with pytest.raises(SettingsError, match="not the SentencePiece model of FLORES-200"):
        metric(spm, any_spm=False)
    digest = hashlib.sha256(spm.read_bytes()).hexdigest()
    monkeypatch.setattr(spbleu, "NLLB_SPM_SHA256", digest)
    ruler = metric(spm, any_spm=False)
    assert [ruler.score(said, references), ruler.signature] == json.loads(done.stdout)
    assert "tok:flores200" in ruler.signature


def test_a_gate_that_cannot_be_read_is_not_overwritten(flores: Path, models: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / ".m3it/gate.json"
    path.parent.mkdir()
    path.write_text('{"metric": ')
    told = gate(tmp_path, models["good"], flores, check=2).stderr
    assert "gate.json: no gate that this version of m3it wrote. Remove it" in told
    assert path.read_text() == '{"metric": '
    path.unlink()
    told = gate(tmp_path, models["good"], flores, "--threshold=nan", check=2).stderr
    assert "--threshold: must be a number, not nan." in told
    assert not path.exists()
    with pytest.raises(SettingsError, match="No gate was run for the model good"):
        gated(path, find_model(str(models["good"])), 20)


def test_a_damaged_gate_ends_a_translation_before_it_begins(models: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "gate.json").write_text("[]")
    with pytest.raises(OutputError, match="Remove it"):
        gated(tmp_path / "gate.json", find_model(str(models["good"])), 20)


def test_a_gate_tells_what_of_flores_101_it_has_not_measured(
    flores: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    ligurian = shutil.copytree(flores, tmp_path / "flores")
    shutil.copyfile(flores / "deu_Latn.devtest", ligurian / "lij_Latn.devtest")
    model = find_model(str(models["good"]))

    class Same(Counting):
        """The model's own hash; German for Ligurian."""

        hash = model.hash

        def sentences(self, texts: Sequence[str], target: str) -> list[str | None]:
            return super().sentences(texts, "deu_Latn" if target == "lij_Latn" else target)

    path, ruler = tmp_path / "gate.json", Metric(model.spm, official=False)
    list(measure(path, resolve("de,lij"), Same(), open_flores(ligurian), ruler, threshold=20))
    found = gated(path, model, 20)
    assert [nllb for nllb, _ in found.kept] == ["deu_Latn", "lij_Latn"]
    assert "100 languages of FLORES-101 were not measured" in found.told


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


def test_what_has_no_score_is_settled_for_no_higher_threshold() -> None:
    settled = {"jpn_Jpan", "kor_Hang", "tgl_Latn"}
    assert settled & set(published_gate(20).kept) == settled & set(published_gate(5).kept) == settled - {"jpn_Jpan"}
    assert settled & set(published_gate(20.5).kept) == set()


def test_published_scores_of_the_languages_that_were_asked_for(tmp_path: Path) -> None:
    told = m3it("gate", "--langs", "lim,de", "--json", "--out", tmp_path, M3IT_CACHE=str(tmp_path)).stdout
    found = json.loads(told)["languages"]
    assert {nllb: (score["score"], score["test"]) for nllb, score in found.items()} == {
        "lim_Latn": (19.0, "flores200 devtest"),
        "deu_Latn": (41.4, "flores101 devtest"),
    }
    done = m3it("gate", "--langs", "germann", "--out", tmp_path, check=2, M3IT_CACHE=str(tmp_path))
    assert "Did you mean de (German, deu_Latn)" in done.stderr


def test_explain_tells_of_what_was_measured(flores: Path, models: dict[str, Path], tmp_path: Path) -> None:
    gate(tmp_path, models["good"], flores, "--threshold", 99)
    there = (tmp_path / ".m3it/gate.json").read_bytes()

    def told(*flags: object) -> str:
        return str(m3it("gate", "--explain", "--out", tmp_path, *flags, M3IT_CACHE=str(tmp_path)).stdout)

    assert "of good, threshold 99: 1 of 3 languages pass" in told()
    assert "of good, threshold 20: 2 of 3 languages pass" in told("--threshold", 20)
    assert "82 of 101 languages pass" in told("--model", "nllb-200-distilled-1.3B")
    assert (tmp_path / ".m3it/gate.json").read_bytes() == there


def test_explain_needs_no_model(tmp_path: Path) -> None:
    told = m3it("gate", "--explain", "--out", tmp_path, M3IT_CACHE=str(tmp_path)).stdout
    for text in ("82 of 101", "fuv 3.3", "ms 42.2", "hye_Armen for hye_Armn", "li 19.0 (Limburgish)"):
        assert text in told
    (tmp_path / "flores").mkdir()  # as after a fetch: explaining measures nothing
    found = json.loads(m3it("gate", "--explain", "--json", "--out", tmp_path, M3IT_CACHE=str(tmp_path)).stdout)
    assert found["beside_table_9"]["misprinted"] == {"hye_Armen": "hye_Armn", "lao_Lao": "lao_Laoo"}
    (tmp_path / "flores").rmdir()
    assert (
        "nllb-200-distilled-1.3B only"
        in m3it("gate", "--model", "other", "--out", tmp_path, check=2, M3IT_CACHE=str(tmp_path)).stderr
    )
