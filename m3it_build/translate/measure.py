"""Scores of a model, language by language."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from m3it_build.store.digest import file_sha256
from m3it_build.store.manifest import save
from m3it_build.translate.flores import Flores
from m3it_build.translate.gate import Computed, Gate, Score, judged, saved, verdict
from m3it_build.translate.languages import SETTLED_AT, Language
from m3it_build.translate.metric import Metric


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
        UnknownName: the model does not know a language.
        SourceError: a file of FLORES is missing or has not as many lines as the English one.
        OutputError: `path` is no gate.
    """
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


def replaced(path: Path, translator: SentenceTranslator, metric: Metric) -> Gate | None:
    """The gate in `path` that `measure` would replace: of another model, search, SentencePiece file or sacreBLEU.

    Raises:
        OutputError: `path` is no gate.
    """
    there = saved(path)
    return None if there is None or _same(there, _fresh(translator, metric, SETTLED_AT)) else there


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


def _hash(texts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
