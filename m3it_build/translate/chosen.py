"""Which rows are translated: of each split so many, chosen by hash, and the instructions of their task."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from m3it_build.core.choice import Draw
from m3it_build.core.errors import OutputError, PartError, UnknownName
from m3it_build.core.task import Split, Translated
from m3it_build.plan.registry import load_registry
from m3it_build.store.commit import committed
from m3it_build.store.manifest import Manifest, SourceFile, Summary, find
from m3it_build.store.output import OutputFolder
from m3it_build.store.reader import Texts, read_texts
from m3it_build.translate.parts import text_units, units

EVALUATION = (Split.VALIDATION, Split.TEST)


@dataclass(frozen=True, slots=True)
class ChosenRows:
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
    shards: tuple[tuple[ChosenRows, ...], ...]
    """The chosen rows of each translated shard."""
    there: int
    """English rows."""

    @property
    def rows(self) -> int:
        """Rows that were chosen."""
        return sum(len(part.places) for shard in self.shards for part in shard)


def plan_splits(
    output: OutputFolder,
    tasks: Sequence[str],
    splits: Iterable[Split],
    per_split: int,
    errors: list[str],
    *,
    verify: bool = False,
) -> list[SplitPlan]:
    """Plan every wanted split that was built.

    Args:
        output: The output folder.
        tasks: Their names, in order.
        splits: Which.
        per_split: Rows of each at most, but for tasks that are translated as a whole.
        errors: What is wrong with one split is put down here, and the others are planned.
        verify: Compare the English shards with their SHA-256.

    Raises:
        UnknownName: a task that was not built here.
        OutputError: a split is not finished, or none of the wanted ones has a row.
    """
    wanted = list(splits)
    plans: list[SplitPlan] = []
    for task in tasks:
        if task not in output.built_tasks():
            built = ", ".join(output.built_tasks()) or "none"
            raise UnknownName(
                f"{output.root}: no rows of {task!r} are here. Built: {built}. Run: m3it build --task {task}"
            )
        for split in wanted:
            try:
                summary = find(output.summary(task, split), Summary)
                plan = None if summary is None else plan_split(output, summary, per_split, verify=verify)
            except PartError as error:
                errors.append(f"{task}/{split}: {error}")
            else:
                plans += [plan] if plan is not None and plan.rows else []
    if not plans and errors:
        raise OutputError(errors[0])
    if not plans:
        names = " or ".join(wanted)
        raise OutputError(f"{output.root}: {', '.join(tasks)}: no {names} rows were built. Choose others with --split.")
    return plans


def how_much(summary: Summary) -> Translated:
    """How much of a task is translated, as noted when it was built; else as the task of that name says."""
    if summary.translated is not None:
        return summary.translated
    return next((each.task.translated for each in load_registry() if each.task.name == summary.task), Translated.NO)


def plan_split(output: OutputFolder, summary: Summary, per_split: int, *, verify: bool = False) -> SplitPlan:
    """Choose the rows of a split with the smallest hash; they stay in the order of the English shards."""
    manifests = (_manifest(output, summary, index, verify=verify) for index in range(summary.shards))
    files = [each for each in manifests if each.file is not None]
    there = sum(each.rows for each in files)
    if how_much(summary) is Translated.WHOLE or there <= per_split:
        chosen = [(number, place) for number, each in enumerate(files) for place in range(each.rows)]
    else:
        chosen = sorted(place for _, place in heapq.nsmallest(per_split, _ranked(output, summary, files)))
    size = int(summary.settings["rows_per_shard"])
    shards = [_grouped(files, chosen[start : start + size]) for start in range(0, len(chosen), size)]
    facts = [SourceFile(name=each.file or "", bytes=each.bytes, sha256=each.sha256 or "") for each in files]
    return SplitPlan(summary, tuple(facts), tuple(shards), there)


def rows_of(output: OutputFolder, plan: SplitPlan) -> Iterator[Texts]:
    """The texts of all chosen rows."""
    for shard in plan.shards:
        for part in shard:
            places = set(part.places)
            for place, row in enumerate(read_texts(output.data_file(part.file))):
                if place in places:
                    yield row


def units_of(output: OutputFolder, plan: SplitPlan) -> Iterator[str]:
    """Every text of a split that goes to the model; equal ones may come again."""
    for instruction in plan.summary.instructions:
        yield from sorted(text_units(instruction.text))
    for row in rows_of(output, plan):
        yield from sorted(units(row))


def _ranked(
    output: OutputFolder, summary: Summary, files: Sequence[Manifest]
) -> Iterator[tuple[tuple[int, str], tuple[int, int]]]:
    draw = Draw(int(summary.settings["seed"]), summary.task)
    for number, manifest in enumerate(files):
        for place, row in enumerate(read_texts(output.data_file(str(manifest.file)))):
            key = str(row.meta["id"])
            yield (draw.rank("translate", key), key), (number, place)


def _grouped(files: Sequence[Manifest], chosen: Sequence[tuple[int, int]]) -> tuple[ChosenRows, ...]:
    places: dict[int, list[int]] = {}
    for number, place in chosen:
        places.setdefault(number, []).append(place)
    return tuple(ChosenRows(str(files[number].file), tuple(rows)) for number, rows in places.items())


def _manifest(output: OutputFolder, summary: Summary, index: int, *, verify: bool) -> Manifest:
    manifest = committed(output, summary, index, verify=verify)
    if manifest is None:
        raise OutputError(
            f"{summary.task}/{summary.split}: shard {index} of {summary.shards} is not finished, or its file is not "
            f"as it was written. Run the build once more{', with --verify' if verify else ''}, then this."
        )
    return manifest
