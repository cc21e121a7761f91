"""`m3it translate`: sentences into the memory, one language after the other, then rows out of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from m3it_build.core.progress import Progress
from m3it_build.core.schema import ROWS
from m3it_build.core.task import Split
from m3it_build.core.version import __version__
from m3it_build.engine.cores import cores
from m3it_build.engine.processes import LocalEngine
from m3it_build.services.mt.self_test import must_translate
from m3it_build.services.mt.translator import Translator
from m3it_build.store.atomic import remove_leftovers
from m3it_build.store.commit import clear, committed
from m3it_build.store.lock import Locked
from m3it_build.store.manifest import Summary, TranslationFacts, fingerprint, load, save
from m3it_build.store.output import OutputFolder
from m3it_build.translate.chosen import SplitPlan, plan_splits, units_of
from m3it_build.translate.memory import TranslationMemory
from m3it_build.translate.parts import text_units, translate_text
from m3it_build.translate.shard import TranslatedShard

PRELOAD = ("m3it_build.translate.shard", "m3it_build.store.parquet")
"""What every worker needs."""
TRANSLATED = 1
"""State of the code that makes translated rows of English ones; splits that another one wrote, or another `ROWS`, are
written anew, from what the memory holds."""


@dataclass(frozen=True, slots=True)
class Target:
    """A language to translate into."""

    code: str
    """Of the config: `de`."""
    nllb: str
    """Of the model: `deu_Latn`."""
    score: float | None = None
    """At the gate; None if it was chosen by name."""
    metric: str | None = None


@dataclass(slots=True)
class TranslateReport:
    """What a run did."""

    plans: Sequence[SplitPlan]
    sentences: int = 0
    """Different ones in the chosen rows and instructions."""
    translated: int = 0
    """By this run, over all languages."""
    refused: int = 0
    shards: int = 0
    kept_shards: int = 0
    """Finished by an earlier run."""


def translate(
    out: Path,
    tasks: Sequence[str],
    splits: Sequence[Split],
    targets: Sequence[Target],
    translator: Translator,
    progress: Progress,
    *,
    per_split: int,
    workers: int | None = None,
) -> TranslateReport:
    """Translate chosen rows of built tasks; goes on where an earlier run stopped.

    Args:
        out: The output folder, with rows.
        tasks: Their names.
        splits: Which of their splits.
        targets: Into which languages.
        translator: By what.
        progress: Who is told.
        per_split: Rows of a split at most.
        workers: Processes that write shards; None is one for each core.

    Raises:
        ModelError: the model cannot translate a known sentence; nothing was written.
        OutputError: `out` is locked, has no finished rows, or cannot be written.
        UnknownName: a task that was not built; a language that the model does not know.
    """
    translator.check(target.nllb for target in targets)
    output = OutputFolder(out)
    with Locked(output):
        remove_leftovers(output.root)
        plans = plan_splits(output, tasks, splits, per_split)
        if fresh := not output.translations.exists():  # a model that cannot translate leaves not even a memory
            must_translate(translator, [target.nllb for target in targets])
        with memory_of(output, translator) as memory:
            run = _Run(output, plans, translator, memory, progress)
            return run.run(targets, workers or cores(), tested=fresh)


def memory_of(output: OutputFolder, translator: Translator, source: str | None = None) -> TranslationMemory:
    """The memory of what this translator makes."""
    return TranslationMemory(output.translations, translator.hash, source or translator.source, translator.decoding)


class _Run:
    def __init__(
        self,
        output: OutputFolder,
        plans: Sequence[SplitPlan],
        translator: Translator,
        memory: TranslationMemory,
        progress: Progress,
    ) -> None:
        self.output = output
        self.plans = plans
        self.translator = translator
        self.memory = memory
        self.progress = progress
        self.report = TranslateReport(plans)

    def run(self, targets: Sequence[Target], workers: int, *, tested: bool) -> TranslateReport:
        """All languages, one after the other; shards are written while the next one is translated."""
        for plan in self.plans:
            self.memory.want(units_of(self.output, plan))
        self.report.sentences = self.memory.wanted()
        if not tested:  # where nothing is missing, the model is not needed
            must_translate(self.translator, [each.nllb for each in targets if self.memory.missing(each.nllb)])
        with LocalEngine[TranslatedShard](workers, lambda *_: None, preload=PRELOAD) as engine:
            for target in targets:
                self._fill(target)
                for plan in self.plans:
                    for job in self._shards(plan, target):
                        engine.submit(job)
            engine.finish()
        return self.report

    def _fill(self, target: Target) -> None:
        """Translate what the memory does not hold yet."""
        missing = self.memory.missing(target.nllb)
        self.progress.language(target.code, self.report.sentences - missing, missing)
        for chunk in self.translator.stream(self.memory.open_texts(target.nllb), target.nllb):
            self.memory.keep(target.nllb, chunk)
            refused = sum(not isinstance(outcome, str) for _, outcome in chunk)
            self.report.translated += len(chunk)
            self.report.refused += refused
            self.progress.translated(len(chunk), refused)

    def _shards(self, plan: SplitPlan, target: Target) -> Iterator[TranslatedShard]:
        """The shards that are not written yet."""
        summary = self._summary(plan, target)
        path = self.output.summary(summary.task, summary.split, summary.language)
        there = load(path, Summary) if path.exists() else None
        if there is None or there.fingerprint != summary.fingerprint:
            clear(self.output, summary)
        if there != summary:
            save(path, summary)
        translator = self.translator
        for index, rows in enumerate(plan.shards):
            self.report.shards += 1
            if committed(self.output, summary, index) is None:
                yield TranslatedShard(self.output.root, path, index, translator.source, translator.decoding, rows)
            else:
                self.report.kept_shards += 1

    def _summary(self, plan: SplitPlan, target: Target) -> Summary:
        english, translator = plan.summary, self.translator
        facts = TranslationFacts(
            language=target.code,
            nllb=target.nllb,
            model=translator.name,
            model_hash=translator.hash,
            license=translator.model.license,
            decoding=translator.decoding.as_dict(),
            score=target.score,
            metric=target.metric,
        )
        pool = {unit for instruction in english.instructions for unit in text_units(instruction.text)}
        known = self.memory.get(pool, target.nllb)
        instructions = tuple(
            replace(each, text=text if isinstance(text, str) else "")
            for each in english.instructions
            for text in [translate_text(each.text, known, target.nllb[4:])]
        )
        changing = {
            "rows": [ROWS, TRANSLATED],
            "translation": facts.model_dump(exclude={"score", "metric"}),
            "english": [file.sha256 for file in plan.files],
            "chosen": [[[part.file, part.places] for part in shard] for shard in plan.shards],
            "source": translator.source,
        }
        return english.model_copy(
            update={
                "languages": [target.code],
                "license": both_licenses(english.license, facts.license),
                "version": __version__,
                "rows": ROWS,
                "instructions": instructions,
                "files": list(plan.files),
                "fingerprint": fingerprint(changing),
                "read": plan.there,
                "planned": plan.rows,
                "filtered": {},
                "rejected": {},
                "left_out": plan.there - plan.rows,
                "shards": len(plan.shards),
                "translation": facts,
            }
        )


def both_licenses(rows: str, model: str | None) -> str:
    """The SPDX expression of rows that a model translated."""
    if model is None or model in rows.replace("(", " ").replace(")", " ").split():
        return rows
    return f"({rows}) AND {model}" if " OR " in rows else f"{rows} AND {model}"
