"""`m3it build`: plan each split, write its shards, account for every record."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout

from m3it_build import __version__
from m3it_build.core.choice import Draw
from m3it_build.core.errors import OutputError, SettingsError, SourceError
from m3it_build.core.task import Layout as SourceLayout
from m3it_build.core.task import Preset, Split, Task
from m3it_build.registry import Registered
from m3it_build.run.local import LocalEngine, default_workers
from m3it_build.run.plan import PlanWriter, fingerprint, write_rejects
from m3it_build.run.shard import ShardJob
from m3it_build.settings import BuildSettings, paper_counts
from m3it_build.sources.folder import File, Folder
from m3it_build.store.atomic import remove_leftovers, write_atomic
from m3it_build.store.layout import Layout
from m3it_build.store.manifest import Manifest, SourceFile, Summary, load, save
from m3it_build.store.record import dumps

WHOLE_DIGEST = 1 << 30
"""Larger files are recognised by their size, first and last MiB."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task to build and where its files are."""

    entry: Registered
    roots: tuple[Path, ...]


@dataclass(slots=True)
class SplitReport:
    """What became of a split's records."""

    task: str
    split: str
    read: int
    rows: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    shards: int = 0
    kept_shards: int = 0
    """Finished by an earlier run."""


@dataclass(slots=True)
class BuildReport:
    """What a build did."""

    splits: list[SplitReport] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """Splits that were not built, and why."""
    errors: list[str] = field(default_factory=list)


class Progress(Protocol):
    """Who is told how far the build is."""

    def plan(self, task: str, split: str) -> None:
        """A split's annotations are being read."""

    def planned(self, rows: int) -> None:
        """So many rows more are to be written."""

    def written(self, rows: int, rejected: int) -> None:
        """A shard was committed."""


def build(
    wanted: Sequence[Wanted],
    splits: Iterable[Split] | None,
    settings: BuildSettings,
    out: Path,
    progress: Progress,
    *,
    overwrite: bool,
) -> BuildReport:
    """Build the wanted tasks into `out`; goes on where an earlier run stopped.

    Args:
        wanted: Tasks, in order.
        splits: The splits to build; None builds all that are there.
        settings: How.
        out: The output folder.
        progress: Is told of each step.
        overwrite: Remove what earlier runs built of these tasks.

    Raises:
        OutputError: `out` is locked or cannot be written.
        SettingsError: `out` was built with other settings.
    """
    layout = Layout(out)
    with _Locked(layout):
        _claim(layout, wanted, settings, overwrite=overwrite)
        remove_leftovers(layout.out)
        return _Build(layout, settings, progress).run(wanted, splits)


class _Build:
    def __init__(self, layout: Layout, settings: BuildSettings, progress: Progress) -> None:
        self.layout = layout
        self.settings = settings
        self.progress = progress
        self.report = BuildReport()
        self.reports: dict[Path, SplitReport] = {}
        self.counts = paper_counts()

    def run(self, wanted: Sequence[Wanted], splits: Iterable[Split] | None) -> BuildReport:
        chosen = list(splits) if splits is not None else None
        with LocalEngine(self.settings.workers or default_workers(), self._done) as engine:
            for task in wanted:
                for split in self._splits(task, chosen):
                    try:
                        self._start(engine, task, split, self._source(task, split))
                    except SourceError as error:
                        self.report.errors.append(str(error))
            engine.finish()
        return self.report

    def _splits(self, wanted: Wanted, chosen: list[Split] | None) -> list[Split]:
        """The task's splits that are asked for and have labels; what is left out is noted."""
        task = wanted.entry.task
        asked = [split for split in Split if chosen is None or split in chosen]
        for split in asked:
            if split in task.unlabelled:
                self.report.notices.append(f"{task.name}/{split}: not built: {task.unlabelled[split]}")
            elif split in task.splits and self._take(task, split) == 0:
                self.report.notices.append(
                    f"{task.name}/{split}: not built: the paper has no rows of it; --preset full builds it"
                )
        splits = [split for split in asked if split in task.splits and self._take(task, split) != 0]
        folder = Folder(task.name, wanted.roots)
        there = [
            split
            for split in splits
            if any(folder.has(names) for layout in task.splits[split] for names in layout.files)
        ]
        if there and chosen is None:
            for split in splits:
                if split not in there:
                    self.report.notices.append(
                        f"{task.name}/{split}: not built: {file_names(task.splits[split][0])} not there"
                    )
            return there
        return splits

    def _source(self, wanted: Wanted, split: Split) -> SourceLayout:
        """The layout in which a split was found.

        Raises:
            MissingSource: none is complete; names what is missing of the most complete one.
        """
        layouts = wanted.entry.task.splits[split]
        folder = Folder(wanted.entry.task.name, wanted.roots)
        absent = [[names for names in layout.files if not folder.has(names)] for layout in layouts]
        if [] in absent:
            return layouts[absent.index([])]
        nearest = min(range(len(layouts)), key=lambda place: len(absent[place]) - len(layouts[place].files))
        raise folder.missing(absent[nearest])

    def _start(self, engine: LocalEngine, wanted: Wanted, split: Split, source: SourceLayout) -> None:
        """Plan a split, unless that was done, and queue the shards that are not finished."""
        task = wanted.entry.task
        self.progress.plan(task.name, split)
        summary = self._planned(wanted, split, source)
        path = self.layout.summary(task.name, split)
        report = SplitReport(
            task.name,
            split,
            summary.read,
            rejected=Counter(summary.rejected),
            left_out=summary.left_out,
            shards=summary.shards,
        )
        self.report.splits.append(report)
        self.reports[path] = report
        self.progress.planned(summary.planned)
        for index in range(summary.shards):
            job = ShardJob(self.layout.out, wanted.roots, path, index)
            if (manifest := finished(self.layout, summary, index)) is not None:
                report.kept_shards += 1
                self._done(job, manifest)
            else:
                engine.submit(job)

    def _planned(self, wanted: Wanted, split: Split, source: SourceLayout) -> Summary:
        task, pool = wanted.entry.task, wanted.entry.pool()
        folder = Folder(task.name, wanted.roots, self.settings.options_of(task))
        facts: dict[str, Any] = {
            "version": __version__,
            "task": hashlib.sha256(Path(str(wanted.entry.module.__file__)).read_bytes()).hexdigest(),
            "instructions": list(pool.instructions),
            "settings": self.settings.choosing() | {"options": dict(folder.options)},
        }
        path, plan = self.layout.summary(task.name, split), self.layout.plan(task.name, split)
        if path.exists() and plan.exists():
            summary = load(path, Summary)
            files = [_source_file(file) for known in summary.files if (file := folder.find(known.name))]
            self._compare(summary, facts, files)
            return summary
        draw = Draw(self.settings.seed, task.name)
        writer = PlanWriter(plan, task, draw, len(pool.instructions), self._take(task, split))
        counts, shards, rejects = writer.write(source, folder, self.settings.rows_per_shard)
        files = [_source_file(file) for _, file in sorted(folder.opened.items())]
        write_rejects(self.layout.rejects(task.name, split), rejects)
        summary = Summary(
            task=task.name,
            split=split,
            title=task.title,
            group=task.group,
            category=task.category,
            languages=list(task.languages),
            license=task.license.id,
            redistributable=task.license.redistributable,
            homepage=task.homepage,
            citation=task.citation,
            paraphrased=task.paraphrased,
            held_out=task.held_out,
            version=__version__,
            settings=facts["settings"],
            instructions=list(pool.instructions),
            files=files,
            fingerprint=fingerprint(facts | {"files": [file.model_dump() for file in files]}),
            read=counts["read"],
            planned=counts["planned"],
            rejected=dict(sorted(Counter(reject.reason.value for reject in rejects).items())),
            left_out=counts["left_out"],
            shards=shards,
        )
        save(path, summary)
        return summary

    def _compare(self, summary: Summary, facts: dict[str, Any], files: list[SourceFile]) -> None:
        """Refuse to continue a plan that another version, pool or source would not make."""
        if fingerprint(facts | {"files": [file.model_dump() for file in files]}) == summary.fingerprint:
            return
        changed = [known.name for known in summary.files if known not in files]
        what = (
            f"source files changed since ({', '.join(changed)})" if changed
            else "instructions changed since" if list(facts["instructions"]) != summary.instructions
            else f"it was planned by m3it {summary.version}" if summary.version != facts["version"]
            else "the task's code changed since"
        )  # fmt: skip
        raise SettingsError(
            f"{summary.task}/{summary.split} in {self.layout.out} cannot be continued: {what}. "
            "Use --overwrite to build it anew, or another --out."
        )

    def _take(self, task: Task, split: Split) -> int | None:
        """How many rows of a split; None is all."""
        counts = self.counts.get(task.name)
        paper = counts.of(split) if counts is not None and self.settings.preset is Preset.PAPER else None
        return (
            paper
            if self.settings.limit is None
            else self.settings.limit
            if paper is None
            else min(paper, self.settings.limit)
        )

    def _done(self, job: ShardJob, manifest: Manifest) -> None:
        report = self.reports[job.summary]
        report.rows += manifest.rows
        report.rejected.update(manifest.rejected)
        self.progress.written(manifest.rows, sum(manifest.rejected.values()))


def file_names(layout: SourceLayout) -> str:
    """The annotation files of a layout, for a person."""
    return ", ".join(names if isinstance(names, str) else names[0] for names in layout.files)


def finished(layout: Layout, summary: Summary, index: int) -> Manifest | None:
    """The manifest of a shard that was committed for this plan and whose file is still there."""
    path = layout.manifest(summary.task, summary.split, index)
    if not path.exists():
        return None
    manifest = load(path, Manifest)
    whole = manifest.file is None or _size(layout.out / manifest.file) == manifest.bytes
    return manifest if manifest.fingerprint == summary.fingerprint and whole else None


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1


def _source_file(file: File) -> SourceFile:
    """Name, size and hash of an annotation file."""
    size = file.path.stat().st_size
    with file.path.open("rb") as stream:
        if size <= WHOLE_DIGEST:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        else:
            head = stream.read(1 << 20)
            stream.seek(-(1 << 20), os.SEEK_END)
            digest = hashlib.sha256(head + stream.read()).hexdigest()
    return SourceFile(name=file.name, bytes=size, sha256=digest)


def _claim(layout: Layout, wanted: Sequence[Wanted], settings: BuildSettings, *, overwrite: bool) -> None:
    """Make sure that all of an output folder is built with one set of settings."""
    names = {task.entry.task.name for task in wanted}
    if overwrite:
        for name in sorted(names):
            _remove(layout, name)
    mine = settings.choosing()
    theirs = _load_settings(layout.settings) if layout.settings.exists() else mine
    differences = [
        f"{name}: {theirs.get(name)!r} there, {mine.get(name)!r} now"
        for name in sorted(mine | theirs)
        if theirs.get(name) != mine.get(name)
    ]
    if differences and (others := layout.tasks()):
        way = f"--overwrite with all its tasks ({', '.join(others)} too)" if overwrite else "--overwrite"
        raise SettingsError(
            f"{layout.out} was built with other settings ({'; '.join(differences)}). Use another --out, or {way}."
        )
    write_atomic(layout.settings, dumps(mine) + b"\n")


def _load_settings(path: Path) -> dict[str, Any]:
    import json

    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: cannot be read ({error}). Use another --out.") from error
    return dict(content)


def _remove(layout: Layout, task: str) -> None:
    """Everything that was built of a task."""
    import shutil

    for folder in (*layout.out.glob(f"data/*/{task}"), layout.out / "translated" / task):
        shutil.rmtree(folder, ignore_errors=True)
    for part in ("plans", "manifests", "rejects"):
        shutil.rmtree(layout.state / part / task, ignore_errors=True)


class _Locked:
    """Keeps two builds out of one folder."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.lock = FileLock(layout.lock)

    def __enter__(self) -> None:
        try:
            self.layout.state.mkdir(parents=True, exist_ok=True)
            self.lock.acquire(timeout=0)
        except Timeout as error:
            raise OutputError(
                f"{self.layout.out}: another m3it is working in this folder. Wait for it, or use another --out."
            ) from error
        except OSError as error:
            raise OutputError(
                f"{self.layout.out}: cannot be written ({error.strerror}). Choose another --out."
            ) from error

    def __exit__(self, *_: object) -> None:
        self.lock.release()
