"""Which rows are translated: of each split so many, chosen by hash, and the instructions of their task."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from m3it_build.core.choice import Draw
from m3it_build.core.errors import OutputError, UnknownName
from m3it_build.core.task import Split, Translated
from m3it_build.run.committing import committed
from m3it_build.store.layout import Layout
from m3it_build.store.manifest import Manifest, SourceFile, Summary, load
from m3it_build.store.reader import Texts, read_texts
from m3it_build.translate.structure import text_units, units

EVALUATION = (Split.VALIDATION, Split.TEST)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows of one English shard."""

    file: str
    places: tuple[int, ...]
    """Row numbers from 0, rising."""


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """A split that is translated."""

    summary: Summary
    """Of the English rows."""
    files: tuple[SourceFile, ...]
    """The English shards as their manifests say."""
    shards: tuple[tuple[Chosen, ...], ...]
    """The chosen rows of each translated shard."""
    there: int
    """English rows."""

    @property
    def rows(self) -> int:
        """Rows that were chosen."""
        return sum(len(part.places) for shard in self.shards for part in shard)


def plan_splits(layout: Layout, tasks: Sequence[str], splits: Iterable[Split], per_split: int) -> list[SplitPlan]:
    """Plan every wanted split that was built.

    Args:
        layout: The output folder.
        tasks: Their names, in order.
        splits: Which.
        per_split: Rows of each at most, but for tasks that are translated as a whole.

    Raises:
        UnknownName: a task that was not built here.
        OutputError: a split is not finished, or none of the wanted ones has a row.
    """
    wanted = list(splits)
    plans: list[SplitPlan] = []
    for task in tasks:
        if task not in layout.built_tasks():
            built = ", ".join(layout.built_tasks()) or "none"
            raise UnknownName(
                f"{layout.out}: no rows of {task!r} are here. Built: {built}. Run: m3it build --task {task}"
            )
        paths = (path for split in wanted if (path := layout.summary(task, split)).exists())
        plans += [plan for path in paths if (plan := plan_split(layout, load(path, Summary), per_split)).rows]
    if not plans:
        names = " or ".join(wanted)
        raise OutputError(f"{layout.out}: {', '.join(tasks)}: no {names} rows were built. Choose others with --split.")
    return plans


def plan_split(layout: Layout, summary: Summary, per_split: int) -> SplitPlan:
    """Choose the rows of a split with the smallest hash; they stay in the order of the English shards."""
    files = [each for index in range(summary.shards) if (each := _manifest(layout, summary, index)).file is not None]
    there = sum(each.rows for each in files)
    if summary.translated is Translated.WHOLE or there <= per_split:
        chosen = [(number, place) for number, each in enumerate(files) for place in range(each.rows)]
    else:
        chosen = sorted(place for _, place in heapq.nsmallest(per_split, _ranked(layout, summary, files)))
    size = int(summary.settings["rows_per_shard"])
    shards = [_grouped(files, chosen[start : start + size]) for start in range(0, len(chosen), size)]
    facts = [SourceFile(name=each.file or "", bytes=each.bytes, sha256=each.sha256 or "") for each in files]
    return SplitPlan(summary, tuple(facts), tuple(shards), there)


def rows_of(layout: Layout, plan: SplitPlan) -> Iterator[Texts]:
    """The texts of all chosen rows."""
    for shard in plan.shards:
        for part in shard:
            places = set(part.places)
            for place, row in enumerate(read_texts(layout.out / part.file)):
                if place in places:
                    yield row


def units_of(layout: Layout, plan: SplitPlan) -> Iterator[str]:
    """Every text of a split that goes to the model; equal ones may come again."""
    for instruction in plan.summary.instructions:
        yield from sorted(text_units(instruction.text))
    for row in rows_of(layout, plan):
        yield from sorted(units(row))


def _ranked(
    layout: Layout, summary: Summary, files: Sequence[Manifest]
) -> Iterator[tuple[tuple[int, str], tuple[int, int]]]:
    draw = Draw(int(summary.settings["seed"]), summary.task)
    for number, manifest in enumerate(files):
        for place, row in enumerate(read_texts(layout.out / str(manifest.file))):
            key = str(row.meta["id"])
            yield (draw.rank("translate", key), key), (number, place)


def _grouped(files: Sequence[Manifest], chosen: Sequence[tuple[int, int]]) -> tuple[Chosen, ...]:
    places: dict[int, list[int]] = {}
    for number, place in chosen:
        places.setdefault(number, []).append(place)
    return tuple(Chosen(str(files[number].file), tuple(rows)) for number, rows in places.items())


def _manifest(layout: Layout, summary: Summary, index: int) -> Manifest:
    manifest = committed(layout, summary, index)
    if manifest is None:
        raise OutputError(
            f"{summary.task}/{summary.split}: shard {index} of {summary.shards} is not finished, or its file is not "
            "as it was written. Run the build that was interrupted once more, then this."
        )
    return manifest
