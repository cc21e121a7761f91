"""The BLEU gate: languages into which a model translates English with more than a threshold (paper, 3.2 stage IV)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from m3it_build.core.errors import OutputError, SettingsError
from m3it_build.services.mt.models import TranslationModel
from m3it_build.store.manifest import Frozen, find
from m3it_build.store.state import DamagedState
from m3it_build.translate.languages import PUBLISHED_MODEL, SETTLED_AT, Language, resolve

ALARM = 2.0
"""A model that knows a language scores more: below, something is wrong, as the language's token."""


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
    def alarms(self) -> list[Score]:
        """Scores that cannot be right."""
        return [score for score in self.languages.values() if score.verdict is Verdict.ALARM]

    @property
    def kept(self) -> list[str]:
        """NLLB codes of the languages that pass."""
        return [nllb for nllb, score in self.languages.items() if score.verdict is Verdict.KEEP]

    @property
    def computed(self) -> list[Computed]:
        """The ways in which its scores were computed; more than one where processors took turns."""
        return sorted({score.computed for score in self.languages.values() if score.computed})


def verdict(score: float, threshold: float) -> Verdict:
    """Strictly more than the threshold passes."""
    if score < ALARM:
        return Verdict.ALARM
    return Verdict.KEEP if score > threshold else Verdict.DROP


def judged(gate: Gate, threshold: float) -> Gate:
    """The same scores under another threshold."""
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
    try:
        return find(path, Gate)
    except DamagedState as error:
        raise OutputError(f"{path}: no gate that this version of m3it wrote. Remove it and measure again.") from error


def published_gate(threshold: float = SETTLED_AT, wanted: Sequence[Language] | None = None) -> Gate:
    """The gate of the known model from published scores; what has none is settled by name.

    Args:
        threshold: More than it passes. Nothing settled is known to pass a higher one than SETTLED_AT.
        wanted: None takes all of FLORES-101.
    """
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
        SettingsError: neither is there.
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
    others = [str(each) for each in gate.computed if compute_type not in {None, each.compute_type}]
    told = (
        f"{len(kept)} of {len(gate.languages)} languages pass: {gate.metric} of {gate.model} over {gate.threshold:g}."
    )
    if others:
        told += (
            f" They were measured in {' and '.join(others)}, not in {compute_type}: run m3it gate with it to be sure."
        )
    if alarms := [score.code for score in gate.alarms]:
        told += f" A score under {ALARM:g} cannot be right, look into it: {', '.join(alarms)}."
    missing = sum(language.nllb not in gate.languages for language in resolve("all"))
    if missing:
        told += f" {missing} languages of FLORES-101 were not measured."
    return Gated(kept, gate.metric, told)
