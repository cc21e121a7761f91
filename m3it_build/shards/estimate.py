"""`m3it build --dry-run`: what a build would write and how long it would take, from real plans and a short probe.

Each split is planned in a temporary folder, so rows are counted, not guessed; then the first of them, which the plan
orders by a hash of their picture, are written there by the code of a build, and bytes, pictures and seconds are scaled
up to the whole.
"""

import shutil
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from m3it_build.core.errors import OutputError, PartError
from m3it_build.core.progress import Progress
from m3it_build.core.task import Split
from m3it_build.engine.cores import workers
from m3it_build.engine.job import unmoved
from m3it_build.plan.planner import Notice, Planner
from m3it_build.plan.rows import create_tables, pack, read_plan
from m3it_build.plan.same_settings import asked_for, check_same_settings
from m3it_build.plan.settings import BuildSettings
from m3it_build.plan.task_sources import TaskSource
from m3it_build.shards.shard import ShardJob
from m3it_build.store.commit import committed
from m3it_build.store.disk import free_bytes
from m3it_build.store.manifest import Manifest, Summary, find, save
from m3it_build.store.output import OutputFolder

SIZES = (4, 16, 64, 256, 1024)
"""Rows of a probe: a larger one follows, until one takes long enough to tell; the first one only warms up."""
LONG_ENOUGH = 1.0
"""Seconds."""


class SplitEstimate(NamedTuple):
    """What a build would make of a split."""

    task: str
    split: str
    read: int
    """Records in the source."""
    rows: int
    """Planned; what is lost of them is replaced where the split is sampled."""
    done: int
    """Records of them that are in finished shards of the output folder already."""
    shards: int
    pictures: int
    """Different ones, about."""
    bytes: int
    """Of the data files, about."""
    seconds: float
    """Of one process, about, for what is not done."""
    planning: float
    """Seconds that planning took just now; 0 where the output folder has this plan."""
    probed: int
    """Records that were written to find out."""
    lost: dict[str, int]
    """By reason: those of them that became no row."""


@dataclass(slots=True)
class BuildEstimate:
    """What a build would write, and how long it would take."""

    out: Path
    workers: int
    free: int
    """Bytes left on the disk of the output folder."""
    splits: list[SplitEstimate] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    """Splits that would not be built, and why."""
    errors: list[str] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        """Of all data files, about; what is there already counts too."""
        return sum(each.bytes for each in self.splits)

    @property
    def seconds(self) -> float:
        """From begin to end, about: plans are made one after the other, shards by all workers."""
        work = sum(each.seconds / max(1, min(self.workers, each.shards)) for each in self.splits)
        return work + sum(each.planning for each in self.splits)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "out": str(self.out),
            "splits": [each._asdict() for each in self.splits],
            "rows": sum(each.rows for each in self.splits),
            "pictures": sum(each.pictures for each in self.splits),
            "bytes": self.bytes,
            "free": self.free,
            "seconds": self.seconds,
            "workers": self.workers,
            "not_built": [{"name": each.name, "why": each.why} for each in self.notices if each.kind.passed_over],
            "errors": self.errors,
        }


def estimate_build(
    sources: Sequence[TaskSource],
    splits: Iterable[Split] | None,
    settings: BuildSettings,
    out: Path,
    progress: Progress,
    *,
    overwrite: bool,
) -> BuildEstimate:
    """Find out what `build` of the same arguments would do; nothing in `out` is locked or written.

    Raises:
        OutputError: there is no room for a plan in the folder for temporary files.
        SettingsError: `out` was built with other settings.
    """
    output = OutputFolder(out)
    chosen = list(splits) if splits is not None else None
    check_same_settings(output, settings, asked_for(sources, chosen) if overwrite else ())
    found = BuildEstimate(out, workers(settings.workers, progress), free_bytes(out))
    with TemporaryDirectory(prefix="m3it-") as folder:
        planned = OutputFolder(Path(folder, "plans"))
        planner = Planner(planned, settings, progress.read)
        for source in sources:
            for split in planner.splits(source, chosen):
                task = source.entry.task.name
                progress.reading(f"{task}/{split}")
                begun = time.perf_counter()
                try:
                    summary = planner.plan(source, split)
                except PartError as error:
                    found.errors.append(str(error))
                    continue
                planning = time.perf_counter() - begun
                there = None if overwrite else _there(output, summary)
                probe, seconds = _probe(Path(folder), planned, source, summary)
                found.splits.append(_scaled(summary, probe, seconds, there, planning))
                planned.plan(task, split).unlink()
        found.notices = planner.notices
    return found


def _there(output: OutputFolder, summary: Summary) -> int | None:
    """Records of this very plan in finished shards; None where the output folder has another plan, or none."""
    path = output.summary(summary.task, summary.split)
    try:
        there = find(path, Summary)
        if there is None or there.fingerprint != summary.fingerprint:
            return None
        shards = [committed(output, there, index) for index in range(there.planned_shards)]
    except (OutputError, PartError):
        return None  # taken away by a build that runs, or damaged, which the build will tell
    return sum(each.records for each in shards if each is not None)


def _probe(folder: Path, planned: OutputFolder, source: TaskSource, summary: Summary) -> tuple[Manifest | None, float]:
    """What became of the first rows of a plan, and the seconds that they took; None for a plan without any."""
    manifest, seconds = None, 0.0
    for size in SIZES:
        if summary.planned == 0 or (manifest is not None and manifest.records >= summary.planned):
            break
        probe = OutputFolder(folder / "probe")
        few = summary.model_copy(update={"planned": min(size, summary.planned), "shards": 1, "replacements": 0})
        place = probe.summary(summary.task, summary.split)
        save(place, few)
        _copy(planned.plan(summary.task, summary.split), probe.plan(summary.task, summary.split), size)
        begun = time.perf_counter()
        manifest = ShardJob(probe.root, source.roots, place, 0).run(unmoved)
        seconds = time.perf_counter() - begun
        shutil.rmtree(probe.root)
        if size > SIZES[0] and seconds > LONG_ENOUGH:
            break
    return manifest, seconds


def _copy(plan: Path, to: Path, rows: int) -> None:
    """The first rows of a plan as a plan of one shard."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(to)) as few:
        create_tables(few)
        placed = ((0, place, pack(row)) for place, row in enumerate(islice(read_plan(plan), rows)))
        few.executemany("INSERT INTO rows VALUES (?, ?, ?)", placed)
        few.commit()


def _scaled(
    summary: Summary, probe: Manifest | None, seconds: float, there: int | None, planning: float
) -> SplitEstimate:
    probed = probe.records if probe else 0
    by = summary.planned / probed if probed else 0.0
    done = there or 0
    return SplitEstimate(
        summary.task,
        summary.split,
        summary.read,
        summary.planned,
        done,
        summary.shards,
        round(probe.images * by) if probe else 0,
        round(probe.bytes * by) if probe else 0,
        seconds / probed * (summary.planned - done) if probed else 0.0,
        planning if there is None else 0.0,
        probed,
        {**probe.filtered, **probe.rejected} if probe else {},
    )
