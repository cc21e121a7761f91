"""The BLEU gate: languages into which a model translates English with more than a threshold (paper, 3.2 stage IV).

spBLEU (Goyal et al., 2022) cuts both sides with the SentencePiece model of FLORES-200; with another one the figures
mean something else, so its file is checked by hash.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from m3it_build.core.errors import OutputError, SettingsError, SourceError
from m3it_build.services.mt.models import NLLB_SPM_SHA256, TranslationModel
from m3it_build.store.digest import file_sha256
from m3it_build.store.manifest import Frozen, load, save
from m3it_build.translate.flores import Flores
from m3it_build.translate.languages import SETTLED_AT, Language, languages, resolve

PUBLISHED_MODEL = "nllb-200-distilled-1.3B"
"""The one whose scores configs/languages.toml holds."""
THRESHOLD = SETTLED_AT
ALARM = 2.0
"""A model that knows a language scores more: below, something is wrong, as the language's token."""
OFFICIAL_TOKENIZER = "flores200"


class Verdict(StrEnum):
    """What a score means."""

    KEEP = "keep"
    DROP = "drop"
    ALARM = "alarm"
    """Neither: the score cannot be right."""


class Computed(NamedTuple):
    """How a score was computed: in int8 another processor may give another one."""

    compute_type: str
    kernel: str
    """The instructions and the library."""

    def __str__(self) -> str:
        return f"{self.compute_type} on {self.kernel}"


class Score(Frozen):
    """A language at the gate."""

    code: str
    score: float | None
    """None where no valid one was published."""
    verdict: Verdict
    sentences: int
    refused: int = 0
    """Sentences for which the model gave nothing usable; scored as empty."""
    test: str
    """Hash of the English and the other sentences, or the published test set."""
    compute_type: str | None = None
    """None for published scores, and where an older version measured."""
    kernel: str | None = None
    """None like it."""

    @property
    def computed(self) -> Computed | None:
        """How it was computed, if that is known."""
        return Computed(self.compute_type, self.kernel) if self.compute_type and self.kernel else None


class Gate(Frozen):
    """gate.json: how a model was measured, and what came out."""

    metric: str
    """spBLEU, or what it is called with another SentencePiece model."""
    signature: str
    """Of sacreBLEU."""
    model: str
    model_hash: str | None
    """None for published scores."""
    beam: int | None
    decoding: str
    """What else changes translations."""
    threshold: float
    languages: dict[str, Score]
    """By NLLB code."""

    @property
    def kept(self) -> list[str]:
        """NLLB codes of the languages that pass."""
        return [nllb for nllb, score in self.languages.items() if score.verdict is Verdict.KEEP]

    @property
    def computed(self) -> list[Computed]:
        """The ways in which its scores were computed; more than one where processors took turns."""
        return sorted({score.computed for score in self.languages.values() if score.computed})


class SentenceTranslator(Protocol):
    """What a gate asks of a translator."""

    name: str
    hash: str
    beam: int
    decoding: Any

    def check(self, codes: Sequence[str]) -> None:
        """Refuse languages that the model does not know."""

    def sentences(self, texts: Sequence[str], target: str) -> list[str | None]:
        """Translate, in order; None where nothing usable came out."""


@dataclass(frozen=True, slots=True)
class Metric:
    """spBLEU with one SentencePiece model."""

    spm: Path
    official: bool

    @property
    def name(self) -> str:
        """For people."""
        return "spBLEU" if self.official else "BLEU over another SentencePiece model"

    @property
    def signature(self) -> str:
        """SacreBLEU's, with its version; it has one only once something was scored."""
        bleu = _bleu(self.spm, official=self.official)
        bleu.corpus_score(["a"], [["a"]])
        return str(bleu.get_signature())

    def score(self, hypotheses: Sequence[str], references: Sequence[str]) -> float:
        """The corpus score, from 0 to 100.

        Raises:
            SourceError: not as many hypotheses as references, which sacreBLEU itself does not notice.
        """
        if len(hypotheses) != len(references) or not references:
            raise SourceError(f"{len(hypotheses)} translations for {len(references)} sentences cannot be scored.")
        return float(_bleu(self.spm, official=self.official).corpus_score(list(hypotheses), [list(references)]).score)


def metric(spm: Path, *, any_spm: bool) -> Metric:
    """The metric of a SentencePiece file.

    Raises:
        SettingsError: it is not the official one, and that was not asked for; no SentencePiece model at all.
    """
    if not spm.is_file():
        raise SettingsError(f"{spm}: no such file. --spm is the SentencePiece model of FLORES-200 (NLLB's own).")
    official = file_sha256(spm) == NLLB_SPM_SHA256
    if not official and not any_spm:
        raise SettingsError(
            f"{spm}: not the SentencePiece model of FLORES-200 (its sha256 is not {NLLB_SPM_SHA256[:12]}...), and "
            "scores over another one cannot be held against the threshold. Give it by --spm, or say --any-spm."
        )
    try:
        _bleu(spm, official=official)
    except RuntimeError as error:
        raise SettingsError(f"{spm}: not a SentencePiece model. --spm is that of FLORES-200 (NLLB's own).") from error
    return Metric(spm, official)


def measure(
    path: Path,
    wanted: Sequence[Language],
    translator: SentenceTranslator,
    flores: Flores,
    metric: Metric,
    threshold: float,
    by: Computed | None = None,
) -> Iterator[tuple[Language, Score, bool]]:
    """Score languages one by one, each kept in `path` at once; those that are there already are not translated again.

    What was measured in another way is replaced (`replaced` says so beforehand).

    Args:
        path: gate.json.
        wanted: Which languages.
        translator: Who is measured.
        flores: The sentences.
        metric: The score.
        threshold: More than it passes.
        by: Noted with each score that is measured now.

    Yields:
        The language, its score, and whether an earlier run measured it.

    Raises:
        SettingsError: the threshold is none.
        UnknownName: the model does not know a language.
        SourceError: a file of FLORES is missing or has not as many lines as the English one.
        OutputError: `path` is no gate.
    """
    _check(threshold)
    translator.check([language.nllb for language in wanted])
    references = {language.nllb: flores.reference(language) for language in wanted}
    gate = _begun(path, translator, metric, threshold)
    for language in wanted:
        test = _hash((*flores.english, *references[language.nllb]))
        there = gate.languages.get(language.nllb)
        known = there is not None and there.test == test
        if there is None or not known:
            found = translator.sentences(flores.english, language.nllb)
            score = metric.score([text or "" for text in found], references[language.nllb])
            there = Score(
                code=language.code,
                score=score,
                verdict=verdict(score, threshold),
                sentences=len(found),
                refused=found.count(None),
                test=test,
                compute_type=by and by.compute_type,
                kernel=by and by.kernel,
            )
            scores = dict(sorted((gate.languages | {language.nllb: there}).items()))
            gate = gate.model_copy(update={"languages": scores})
            save(path, gate)
        yield language, there, known


def verdict(score: float, threshold: float) -> Verdict:
    """Strictly more than the threshold passes."""
    if score < ALARM:
        return Verdict.ALARM
    return Verdict.KEEP if score > threshold else Verdict.DROP


def judged(gate: Gate, threshold: float) -> Gate:
    """The same scores under another threshold.

    Raises:
        SettingsError: the threshold is none.
    """
    _check(threshold)
    scores = {
        nllb: score.model_copy(update={"verdict": verdict(score.score, threshold)})
        for nllb, score in gate.languages.items()
        if score.score is not None
    }
    return gate.model_copy(update={"threshold": threshold, "languages": scores})


def saved(path: Path) -> Gate | None:
    """What was measured into `path`; None if nothing was.

    Raises:
        OutputError: it is no gate.
    """
    if not path.exists():
        return None
    try:
        return load(path, Gate)
    except OutputError as error:
        raise OutputError(f"{path}: no gate that this version of m3it wrote. Remove it and measure again.") from error


def published_gate(threshold: float = THRESHOLD, wanted: Sequence[Language] | None = None) -> Gate:
    """The gate of the known model from published scores; what has none is settled by name.

    Args:
        threshold: More than it passes. Nothing settled is known to pass a higher one than SETTLED_AT.
        wanted: None takes all of FLORES-101.

    Raises:
        SettingsError: the threshold is none.
    """
    _check(threshold)
    scores = {}
    for language in resolve("all") if wanted is None else wanted:
        if language.spbleu is None:
            passes = bool(language.passes) and threshold <= SETTLED_AT
        else:
            passes = verdict(language.spbleu, threshold) is Verdict.KEEP
        scores[language.nllb] = Score(
            code=language.code,
            score=language.spbleu,
            verdict=Verdict.KEEP if passes else Verdict.DROP,
            sentences=1012,
            test=f"{language.test_set} devtest",
        )
    return Gate(
        metric="spBLEU, published",
        signature="tok:flores200",
        model=PUBLISHED_MODEL,
        model_hash=None,
        beam=None,
        decoding="",
        threshold=threshold,
        languages=scores,
    )


@dataclass(frozen=True, slots=True)
class Gated:
    """What `--langs all` means for a model."""

    kept: list[tuple[str, float | None]]
    """NLLB codes and scores."""
    metric: str
    told: str
    """For a person."""


def gated(path: Path, model: TranslationModel, threshold: float, compute_type: str | None = None) -> Gated:
    """The languages that pass: by gate.json if it is of this model, else by published scores if there are some.

    Args:
        path: gate.json.
        model: Whose scores.
        threshold: More than it passes, by published scores.
        compute_type: What will translate; scores of another one are told of.

    Raises:
        SettingsError: neither is there; the threshold is none.
        OutputError: `path` is no gate.
    """
    gate = saved(path)
    if gate is None or gate.model_hash != model.hash:
        if model.name != PUBLISHED_MODEL:
            raise SettingsError(
                f"No gate was run for the model {model.name}: --langs all cannot choose. Run m3it gate --model "
                f"{model.folder} --flores DIR first, or name languages, as --langs de,fr or --langs paper."
            )
        gate = published_gate(threshold)
    kept = [(nllb, gate.languages[nllb].score) for nllb in gate.kept]
    alarms = [score.code for score in gate.languages.values() if score.verdict is Verdict.ALARM]
    others = [str(each) for each in gate.computed if compute_type not in {None, each.compute_type}]
    told = (
        f"{len(kept)} of {len(gate.languages)} languages pass: {gate.metric} of {gate.model} over {gate.threshold:g}."
    )
    if others:
        told += (
            f" They were measured in {' and '.join(others)}, not in {compute_type}: run m3it gate with it to be sure."
        )
    if alarms:
        told += f" A score under {ALARM:g} cannot be right, look into it: {', '.join(alarms)}."
    missing = sum(language.nllb not in gate.languages for language in resolve("all"))
    if missing:
        told += f" {missing} languages of FLORES-101 were not measured."
    return Gated(kept, gate.metric, told)


@dataclass(frozen=True, slots=True)
class Explained:
    """A gate beside Table 9 of the paper."""

    kept_under: list[Score]
    """In Table 9 with a score that does not pass."""
    dropped_over: list[Score]
    """Not in Table 9 with a score that passes."""
    unknown: list[Score]
    """Without a valid score: settled by name."""
    agreed: int
    """Languages that both keep."""
    outside: list[Language]
    """In Table 9, not in FLORES-101."""
    misprinted: list[Language]


def explain(gate: Gate) -> Explained:
    """Hold a gate against Table 9; no threshold on any known score gives its list."""
    by_code = {language.nllb: language for language in languages()}
    here = [(by_code[nllb], score) for nllb, score in gate.languages.items() if nllb in by_code]
    valid = [(language, score) for language, score in here if score.score is not None]
    under = [score for language, score in valid if language.paper and score.verdict is not Verdict.KEEP]
    over = [score for language, score in valid if not language.paper and score.verdict is Verdict.KEEP]
    return Explained(
        kept_under=sorted(under, key=lambda score: (score.score or 0, score.code)),
        dropped_over=sorted(over, key=lambda score: (-(score.score or 0), score.code)),
        unknown=[score for _, score in here if score.score is None],
        agreed=sum(bool(language.paper) and score.verdict is Verdict.KEEP for language, score in here),
        outside=[language for language in languages() if language.flores101 is None],
        misprinted=[language for language in languages() if language.printed],
    )


def replaced(path: Path, translator: SentenceTranslator, metric: Metric) -> Gate | None:
    """The gate in `path` that `measure` would replace: of another model, search, SentencePiece file or sacreBLEU.

    Raises:
        OutputError: `path` is no gate.
    """
    there = saved(path)
    return None if there is None or _same(there, _fresh(translator, metric, THRESHOLD)) else there


def _begun(path: Path, translator: SentenceTranslator, metric: Metric, threshold: float) -> Gate:
    """What an earlier run measured in the same way, judged anew; else an empty gate."""
    fresh = _fresh(translator, metric, threshold)
    there = saved(path)
    if there is None or not _same(there, fresh):
        return fresh
    gate = judged(there, threshold)
    if gate != there:
        save(path, gate)
    return gate


def _fresh(translator: SentenceTranslator, metric: Metric, threshold: float) -> Gate:
    return Gate(
        metric=metric.name,
        signature=metric.signature,
        model=translator.name,
        model_hash=translator.hash,
        beam=translator.beam,
        decoding=_hash([repr(translator.decoding), file_sha256(metric.spm)]),
        threshold=threshold,
        languages={},
    )


def _same(one: Gate, other: Gate) -> bool:
    """Whether two gates measured in the same way."""
    return (one.model_hash, one.signature, one.decoding) == (other.model_hash, other.signature, other.decoding)


def _check(threshold: float) -> None:
    if not math.isfinite(threshold):
        raise SettingsError(f"--threshold {threshold}: not a number. Scores go from 0 to 100.")


@cache
def _bleu(spm: Path, *, official: bool) -> Any:
    """Score by sacreBLEU over a given SentencePiece model: its own way would download one, and checks none."""
    import sentencepiece
    from sacrebleu.metrics.bleu import BLEU

    processor = sentencepiece.SentencePieceProcessor(model_file=str(spm))

    class Tokenizer:
        def __call__(self, line: str) -> str:
            return " ".join(processor.encode(line, out_type=str))

        def signature(self) -> str:
            return OFFICIAL_TOKENIZER if official else "spm-other"

    bleu = BLEU(tokenize="none", force=True)
    bleu.tokenizer = Tokenizer()
    bleu.tokenizer_signature = bleu.tokenizer.signature()
    return bleu


def _hash(texts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
