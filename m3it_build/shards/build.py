"""`m3it build`: plan each split, write its shards, account for every record."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from m3it_build.answers.stored import StoredAnswers, shard_digest
from m3it_build.core.errors import M3itError, PartError
from m3it_build.core.plural import plural
from m3it_build.core.progress import Progress, told
from m3it_build.core.sample import Reason
from m3it_build.core.task import Split
from m3it_build.engine.cores import workers
from m3it_build.engine.processes import LocalEngine
from m3it_build.plan.planner import Kind, Notice, Planner
from m3it_build.plan.rows import count_spares
from m3it_build.plan.same_settings import asked_for, check_same_settings, require_same_settings
from m3it_build.plan.settings import BuildSettings
from m3it_build.plan.task_sources import TaskSource
from m3it_build.shards.arrived import has_arrived
from m3it_build.shards.shard import ShardJob
from m3it_build.sources.folder import Folder
from m3it_build.store import twins
from m3it_build.store.commit import committed, named, remove_others, with_replacements
from m3it_build.store.lock import Locked
from m3it_build.store.manifest import NO_ANSWERS, Manifest, Summary, find
from m3it_build.store.output import OutputFolder
from m3it_build.store.rejects import read_rejects
from m3it_build.store.state import DamagedState

PRELOAD = ("m3it_build.shards.shard", "m3it_build.store.parquet")
"""What every worker needs."""


@dataclass(slots=True)
class SplitReport:
    """What became of a split's records: read = rows + filtered + rejected + left_out, if no shard is unfinished."""

    task: str
    split: str
    read: int
    rows: int = 0
    filtered: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    """Not sampled, nor needed in place of a lost record."""
    asked: int | None = None
    """Rows that the preset or the limit takes, if there are so many; None is all."""
    shards: int = 0
    kept_shards: int = 0
    """Finished by an earlier run."""
    renewed_shards: int = 0
    """Finished by an earlier run, and made again as pictures or clips that were missing are there now."""
    unfinished_shards: int = 0
    """Not made, and why is in the build's errors: the next run goes on with them."""
    answers: Counter[str] = field(default_factory=Counter)
    """Rows with a short answer, by how it was written out."""


class MissingMedia(NamedTuple):
    """Pictures and clips of a task that were not found."""

    records: int
    """Rejected for it."""
    example: str | None
    """The name of one."""
    roots: tuple[Path, ...]
    """Where they were looked for."""
    absent: tuple[str, ...] = ()
    """Of a split without a row: collections in which they would have been looked for, if they were there."""


@dataclass(slots=True)
class BuildReport:
    """What a build did."""

    out: Path
    """The output folder."""
    sources: Sequence[TaskSource] = field(repr=False)
    """What was read."""
    splits: list[SplitReport] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    """Splits that were not built, and why; and those of which other rows were built than better files would give."""
    errors: list[str] = field(default_factory=list)
    """Why a task, a split or some of its shards could not be built; all others were."""

    def short(self) -> list[SplitReport]:
        """Finished splits that have fewer rows than were asked for."""
        finished = (each for each in self.splits if not each.unfinished_shards)
        return [each for each in finished if each.asked is not None and each.rows < each.asked]

    def all_rejected(self) -> list[SplitReport]:
        """Splits without a row, of which records were rejected: that is seldom what a source means."""
        return [each for each in self.splits if not each.rows and each.rejected.total()]

    def missing_media(self) -> dict[str, MissingMedia]:
        """By task, for those of which some were not found."""
        counts: Counter[str] = Counter()
        for each in self.splits:
            counts[each.task] += each.rejected[Reason.MISSING_MEDIA]
        empty = {each.task for each in self.splits if not each.rows}
        sources = {each.entry.task.name: each for each in self.sources}
        return {
            task: MissingMedia(
                count, self._missing_file(task), sources[task].roots, sources[task].absent if task in empty else ()
            )
            for task, count in counts.items()
            if count
        }

    def _missing_file(self, task: str) -> str | None:
        for path in OutputFolder(self.out).rejected(task):
            with suppress(DamagedState):  # of a split that is not built now
                for reject in read_rejects(path):
                    if reject["reason"] == Reason.MISSING_MEDIA:
                        return reject.get("detail")
        return None


def build(
    sources: Sequence[TaskSource],
    splits: Iterable[Split] | None,
    settings: BuildSettings,
    out: Path,
    progress: Progress,
    *,
    overwrite: bool,
) -> BuildReport:
    """Build the wanted tasks into `out`; goes on where an earlier run stopped.

    Args:
        sources: Tasks, in order.
        splits: The splits to build; None builds all that are there.
        settings: How.
        out: The output folder.
        progress: Is told of each step.
        overwrite: Build these splits anew; what earlier runs built of one is removed when all of it is read.

    Raises:
        OutputError: `out` is locked or cannot be written.
        SettingsError: `out` was built with other settings.
        M3itError: a worker process died.
    """
    output = OutputFolder(out)
    chosen = list(splits) if splits is not None else None
    with Locked(output):
        check_same_settings(output, settings, asked_for(sources, chosen) if overwrite else ())
        return _Build(output, settings, progress, overwrite=overwrite).run(sources, chosen)


@dataclass(slots=True)
class _SplitWork:
    """A split that is being built."""

    source: TaskSource
    summary: Summary
    report: SplitReport
    folder: Folder
    manifests: dict[int, Manifest] = field(default_factory=dict)
    """Of the shards that are written."""
    failures: dict[int, str] = field(default_factory=dict)
    """What is wrong with those that could not be made."""

    def errors(self) -> Iterator[str]:
        """A sentence for each cause, however many shards it stopped; in an order that no worker changes."""
        by_cause: dict[str, int] = Counter(cause for _, cause in sorted(self.failures.items()))
        for cause, shards in by_cause.items():
            stopped = f", {shards} of {plural(self.report.shards, 'shard')}" if self.report.shards > 1 else ""
            yield f"{self.report.task}/{self.report.split}{stopped}: {cause}"

    def account(self) -> None:
        """Say in the report what became of the records."""
        for each in self.manifests.values():
            self.report.rows += each.rows
            self.report.filtered.update(each.filtered)
            self.report.rejected.update(each.rejected)
            self.report.left_out -= each.spares
            self.report.answers.update(each.paraphrase)
        self.report.unfinished_shards = self.report.shards - len(self.manifests)


class _Build:
    def __init__(
        self, output: OutputFolder, settings: BuildSettings, progress: Progress, *, overwrite: bool = False
    ) -> None:
        self.output = output
        self.settings = settings
        self.progress = progress
        self.work: dict[Path, _SplitWork] = {}
        """By the place of the split's summary."""
        self.overwrite = overwrite
        self.planner = Planner(output, settings, progress.read, takes_in=True, overwrite=overwrite)

    def run(self, sources: Sequence[TaskSource], chosen: Sequence[Split] | None) -> BuildReport:
        report = BuildReport(self.output.root, sources)
        try:
            self._build(report, chosen)
        except M3itError as error:
            self._account(report)
            error.report = report
            raise
        self._account(report)
        return report

    def _build(self, report: BuildReport, chosen: Sequence[Split] | None) -> None:
        """An error of a task, a split or a shard is told at the end; only what concerns all ends all."""
        work = list[tuple[TaskSource, Split]]()
        for source in report.sources:
            with self._excepting(report, source.entry.task.name):
                work += [(source, split) for split in self.planner.splits(source, chosen)]
        replaced = [(source.entry.task.name, split.value) for source, split in work] if self.overwrite else ()
        require_same_settings(self.output, self.settings, replaced)
        expected = [self.planner.expected(source.entry.task, split) for source, split in work]
        self.progress.expect(sum(expected), len(work))
        count = workers(self.settings.workers, self.progress)
        with LocalEngine[ShardJob](count, self._done, self._failed, self.progress.moved, PRELOAD) as engine:
            for (source, split), rows in zip(work, expected, strict=True):
                with self._excepting(report, f"{source.entry.task.name}/{split}"):
                    self._start(engine, source, split, rows)
            engine.finish()
            while jobs := list(self._replacements()):
                for job in jobs:  # of each split one, as the next one begins where it ends
                    engine.submit(job)
                engine.finish()

    @contextmanager
    def _excepting(self, report: BuildReport, name: str) -> Iterator[None]:
        """Note what is wrong with one part of the work, and go on with others."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, it says nothing about other parts
            report.errors.append(f"{name}: {self._said(error)}")

    def _said(self, error: Exception) -> str:
        """What is told of an error at the end; raised again is one that concerns all that there is to do."""
        if isinstance(error, M3itError) and not isinstance(error, PartError):
            raise error
        return told(error, self.progress)

    def _account(self, report: BuildReport) -> None:
        """Say in the report what became of all records."""
        for each in self.work.values():
            each.account()
            report.splits.append(each.report)
            report.errors += each.errors()
            if renewed := each.report.renewed_shards:
                why = f"{plural(renewed, 'shard')} made again, as pictures or clips that were missing are there now"
                self.planner.notices.append(Notice(Kind.ARRIVED, f"{each.report.task}/{each.report.split}", why))
        report.notices = [*self.planner.notices, *self._twins()]

    def _twins(self) -> Iterator[Notice]:
        """What stands twice in the tasks that were built, in this run or an earlier one."""
        for task in dict.fromkeys(each.report.task for each in self.work.values()):
            shards = {split.value: list(self._manifests(task, split)) for split in Split}
            pictures = twins.added(each.several_names for found in shards.values() for each in found)
            pairs = twins.shared({split: [each.digests for each in found] for split, found in shards.items()})
            yield from (Notice(Kind.TWICE, task, what) for what in twins.told(pictures, pairs))

    def _manifests(self, task: str, split: Split) -> Iterator[Manifest]:
        path = self.output.summary(task, split)
        if path in self.work:
            yield from self.work[path].manifests.values()
            return
        with suppress(DamagedState):  # it is told when that split is built
            if (summary := find(path, Summary)) is not None:
                shards = (committed(self.output, summary, index) for index in range(summary.shards))
                yield from (manifest for manifest in shards if manifest is not None)

    def _start(self, engine: LocalEngine[ShardJob], source: TaskSource, split: Split, expected: int) -> None:
        """Plan a split, unless that was done, and queue the shards that are not finished."""
        task = source.entry.task
        name = f"{task.name}/{split}"
        self.progress.reading(name)
        try:
            summary = self.planner.plan(source, split)
        except Exception:
            self.progress.expect(-expected, -1)
            raise
        path = self.output.summary(task.name, split)
        report = SplitReport(
            task.name,
            split,
            summary.read,
            filtered=Counter(summary.filtered),
            rejected=Counter(summary.rejected),
            left_out=summary.left_out,
            asked=self.planner.take(task, split),
            shards=summary.shards,
        )
        self.work[path] = work = _SplitWork(source, summary, report, Folder(task.name, source.roots))
        self.progress.expect(summary.planned - expected, -1)
        self.progress.planned(name, summary.planned, summary.shards)
        with StoredAnswers(self.output, summary) as answers:
            for index in range(summary.planned_shards):
                job = ShardJob(self.output.root, source.roots, path, index)
                if (manifest := self._finished(work, index, answers)) is not None:
                    report.kept_shards += 1
                    self.progress.kept(manifest.records)
                    self._done(job, named(self.output, summary, index, manifest))
                else:
                    engine.submit(job)

    def _replacements(self) -> Iterator[ShardJob]:
        """The next ones; a split with a shard that could not be made gets none, as nobody knows how many it lacks."""
        for path, work in self.work.items():
            if work.failures or len(work.manifests) < work.summary.planned_shards:
                continue
            try:
                job = self._replacement(path)
            except Exception as error:  # noqa: BLE001 - as of a shard
                work.failures[len(work.manifests)] = self._said(error)
            else:
                yield from () if job is None else (job,)

    def _replacement(self, path: Path) -> ShardJob | None:
        """The next shard of replacements that a split lacks; asked for when its planned shards are written."""
        work = self.work[path]
        planned = work.summary.planned_shards
        lost = sum(work.manifests[index].lost for index in range(planned))
        plan = self.output.plan(work.summary.task, work.summary.split)
        size = int(work.summary.settings["rows_per_shard"])
        replacements = math.ceil(min(lost, count_spares(plan)) / size) if lost else 0
        if replacements != work.summary.replacements:
            work.summary = with_replacements(self.output, work.summary, replacements)
            work.report.shards = work.summary.shards
            for index in range(planned):
                work.manifests[index] = named(self.output, work.summary, index, work.manifests[index])
        first = found = 0
        with StoredAnswers(self.output, work.summary) as answers:
            for index in range(planned, work.summary.shards):
                wanted = min(size, lost - found)
                manifest = work.manifests.get(index) or self._finished(work, index, answers)
                made = manifest.replaces if manifest else None
                if manifest is None or made is None or (made.first, made.wanted) != (first, wanted):
                    return ShardJob(self.output.root, work.source.roots, path, index, first, wanted)
                if index not in work.manifests:
                    work.report.kept_shards += 1
                work.manifests[index] = named(self.output, work.summary, index, manifest)
                first += made.tried
                found += manifest.rows
        remove_others(self.output, work.summary)
        return None

    def _finished(self, work: _SplitWork, index: int, answers: StoredAnswers) -> Manifest | None:
        """The manifest of a shard that an earlier run finished and that would not be another now."""
        manifest = finished(
            self.output, work.summary, index, answers, verify=self.settings.verify, lost=partial(self._lost, work)
        )
        if manifest is not None and has_arrived(self.output, work.summary, index, manifest, work.folder):
            work.report.renewed_shards += 1
            return None
        return manifest

    def _lost(self, work: _SplitWork, why: str) -> None:
        name = f"{work.report.task}/{work.report.split}"
        self.planner.notices.append(Notice(Kind.MENDED, name, f"a finished shard was made again: {why}"))

    def _failed(self, job: ShardJob, error: Exception) -> None:
        self.work[job.summary].failures[job.index] = self._said(error)

    def _done(self, job: ShardJob, manifest: Manifest) -> None:
        work = self.work[job.summary]
        work.manifests[job.index] = manifest
        shard = f"{work.report.task}/{work.report.split}, shard {job.index + 1} of {work.report.shards}"
        self.progress.written(shard, manifest.rows, sum(manifest.rejected.values()))


def finished(
    output: OutputFolder,
    summary: Summary,
    index: int,
    answers: StoredAnswers,
    *,
    verify: bool = False,
    lost: Callable[[str], None] = lambda _: None,
) -> Manifest | None:
    """The manifest of a shard that was committed for this plan and these answers and whose files are as they were.

    Args:
        output: The output folder.
        summary: The split.
        index: Of the shard.
        answers: What is stored now.
        verify: Read the data, to compare its SHA-256.
        lost: Is told of a shard that was committed and is not any more.
    """
    manifest = committed(output, summary, index, verify=verify, lost=lost)
    if manifest is None:
        return None
    if manifest.answers != NO_ANSWERS and manifest.answers != shard_digest(output, summary, index, answers, manifest):
        return None
    return manifest
