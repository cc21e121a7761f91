"""`m3it translate`: sentences into the memory, one language after the other, then rows out of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from m3it_build.core.errors import PartError
from m3it_build.core.progress import Progress, told
from m3it_build.core.schema import ROWS
from m3it_build.core.task import Split
from m3it_build.core.version import __version__
from m3it_build.engine.cores import workers
from m3it_build.engine.processes import LocalEngine
from m3it_build.services.mt.self_test import must_translate
from m3it_build.services.mt.translator import Translator, computing
from m3it_build.store.commit import clear, committed
from m3it_build.store.lock import Locked
from m3it_build.store.manifest import Summary, TranslationFacts, find, fingerprint, save
from m3it_build.store.output import OutputFolder
from m3it_build.store.patience import is_file
from m3it_build.store.state import DamagedState
from m3it_build.translate.chosen import EVALUATION, SplitPlan, plan_splits, units_of
from m3it_build.translate.memory import TranslationMemory, memory_of
from m3it_build.translate.model import chosen_model, open_translator
from m3it_build.translate.parts import text_units, translate_text
from m3it_build.translate.report import Quality, judge
from m3it_build.translate.settings import TranslateSettings, TranslatorSettings
from m3it_build.translate.shard import TranslatedShard
from m3it_build.translate.targets import Target, choose_targets, choose_tasks

PRELOAD = ("m3it_build.translate.shard", "m3it_build.store.parquet")
"""What every worker needs."""
TRANSLATED = 1
"""State of the code that makes translated rows of English ones; splits that another one wrote, or another `ROWS`, are
written anew, from what the memory holds."""


@dataclass(slots=True)
class TranslateReport:
    """What a run did."""

    out: Path
    """The output folder."""
    model: str
    compute_type: str
    """In which it computed, of CTranslate2."""
    kernel: str
    """The instructions and the library by which it computed."""
    sentences: int = 0
    """Different ones in the chosen rows and instructions."""
    translated: int = 0
    """Sentences that went through the model in this run, over all languages."""
    refused: int = 0
    """Those of them for which it gave nothing usable."""
    shards: int = 0
    """Of the chosen rows in all languages."""
    kept_shards: int = 0
    """Finished by an earlier run."""
    configs: Sequence[Quality] = ()
    """Each task in each language, with what earlier runs finished."""
    errors: list[str] = field(default_factory=list)
    """Why shards could not be written; all others were."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "sentences": self.sentences,
            "translated": self.translated,
            "refused": self.refused,
            "configs": [quality.as_dict() for quality in self.configs],
            "model": self.model,
            "compute_type": self.compute_type,
            "kernel": self.kernel,
            "errors": self.errors,
        }


def translate(
    output: OutputFolder,
    langs: str | Sequence[str],
    tasks: Sequence[str] | None,
    splits: Sequence[Split] | None,
    settings: TranslateSettings,
    by: TranslatorSettings,
    progress: Progress,
    *,
    sample: bool,
    cache: Path | None,
) -> TranslateReport:
    """Translate chosen rows of built tasks; goes on where an earlier run stopped.

    Args:
        output: The output folder, with rows.
        langs: Into which languages.
        tasks: Their names; None is those that the paper translates.
        splits: Which of their splits; None is those of evaluation.
        settings: How many rows, and into which languages.
        by: The model, and how it searches.
        progress: Who is told.
        sample: Translate by the bundled glossary.
        cache: Where fetched models lie; None is the user's.

    Raises:
        SettingsError: all languages are asked for, and no gate was run for this model; it cannot be loaded.
        ModelError: the model is not here, or cannot translate a known sentence; nothing was written.
        OutputError: `output` is locked, has no finished rows, or cannot be written.
        UnknownName: a task that was not built; a language that does not exist, or that the model does not know.
    """
    names = choose_tasks(output, tasks)
    wanted = dict.fromkeys(EVALUATION if splits is None else splits)
    model = chosen_model(output, by, sample=sample, cache=cache)
    compute_type = computing(model, by.device, by.compute_type).compute_type
    targets = choose_targets(output, langs, model, settings.threshold, compute_type, progress, sample=sample)
    with open_translator(model, by, progress) as translator:
        translator.check(target.nllb for target in targets)
        with Locked(output):
            errors: list[str] = []
            plans = plan_splits(output, names, wanted, settings.per_split, errors, verify=settings.verify)
            if fresh := not is_file(output.translations):  # a model that cannot translate leaves not even a memory
                must_translate(translator, [target.nllb for target in targets])
            with memory_of(output, translator) as memory:
                run = _Run(output, plans, translator, memory, progress, verify=settings.verify)
                run.report.errors += errors
                run.run(targets, workers(by.workers, progress), tested=fresh)
        codes = [target.code for target in targets]
        run.report.configs = judge(output, run.plans, codes, translator, settings.back_translate)
        return run.report


class _Run:
    def __init__(
        self,
        output: OutputFolder,
        plans: Sequence[SplitPlan],
        translator: Translator,
        memory: TranslationMemory,
        progress: Progress,
        *,
        verify: bool,
    ) -> None:
        self.output = output
        self.plans = plans
        self.translator = translator
        self.memory = memory
        self.progress = progress
        self.verify = verify
        facts = (translator.name, translator.decoding.compute_type, translator.kernel)
        self.report = TranslateReport(output.root, *facts)
        self.names: dict[Path, str] = {}
        """Of the splits of languages, by the place of the summary."""

    def run(self, targets: Sequence[Target], count: int, *, tested: bool) -> None:
        """All languages, one after the other; shards are written while the next one is translated."""
        self.plans = [plan for plan in self.plans if self._wants(plan)]
        self.report.sentences = self.memory.wanted()
        if not tested:  # where nothing is missing, the model is not needed
            must_translate(self.translator, [each.nllb for each in targets if self.memory.missing(each.nllb)])
        with LocalEngine[TranslatedShard](count, lambda *_: None, self._failed, preload=PRELOAD) as engine:
            for target in targets:
                self._fill(target)
                for plan in self.plans:
                    for job in self._shards(plan, target):
                        engine.submit(job)
            engine.finish()

    def _wants(self, plan: SplitPlan) -> bool:
        """Note the texts of a split; one that cannot be read is left out, and told at the end."""
        try:
            self.memory.want(units_of(self.output, plan))
        except PartError as error:
            self.report.errors.append(f"{plan.summary.task}/{plan.summary.split}: {told(error, self.progress)}")
            return False
        return True

    def _failed(self, job: TranslatedShard, error: Exception) -> None:
        """What is wrong with one shard is told at the end, and the next run goes on with it."""
        self.report.errors.append(f"{self.names[job.summary]}: {told(error, self.progress)}")

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
        try:
            there = find(path, Summary)
        except DamagedState:
            there = None
        if there is None or there.fingerprint != summary.fingerprint:
            clear(self.output, summary.task, summary.split, summary.language, keep=summary)
        if there != summary:
            save(path, summary)
        translator = self.translator
        name = self.names[path] = f"{summary.config}/{summary.split}"

        def lost(why: str) -> None:
            self.progress.note(f"{name}: a finished shard is made again: {why}")

        for index, rows in enumerate(plan.shards):
            self.report.shards += 1
            if committed(self.output, summary, index, verify=self.verify, lost=lost) is None:
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
                "plan": "",
                "translation": facts,
            }
        )


def both_licenses(rows: str, model: str | None) -> str:
    """The SPDX expression of rows that a model translated."""
    if model is None or model in rows.replace("(", " ").replace(")", " ").split():
        return rows
    return f"({rows}) AND {model}" if " OR " in rows else f"{rows} AND {model}"
