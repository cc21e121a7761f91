"""A build beside the paper's Tables 3 and 7, whose own contradictions are told rather than reproduced."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from m3it_build.core.task import Group, Split
from m3it_build.paper import GroupCounts, PaperCounts, paper
from m3it_build.quality.stats import SplitStats

CONTRADICTIONS = (
    "Reasoning, test: Table 7 sums to 10,800, Table 3 prints 10,000; the 800 of Winoground are left out there.",
    "Chinese, validation: Table 7 sums to 78,206, Table 3 prints 77,306.",
    "The claimed total of 2,429,264 is the sum of Table 3; Table 7 with the translations gives 2,430,964.",
)
"""Where the paper's tables disagree with each other."""


def contradictions(counts: Mapping[str, PaperCounts]) -> list[str]:
    """Where the paper disagrees with itself, or on a task with its source."""
    return [*CONTRADICTIONS, *(f"{name}: {each.contradiction}" for name, each in counts.items() if each.contradiction)]


class Compared(NamedTuple):
    """Ours beside the paper's, train, validation and test."""

    name: str
    ours: tuple[int, int, int]
    paper: tuple[int, int, int] | None


class PaperComparison(NamedTuple):
    """A build beside the paper."""

    groups: list[Compared]
    """Table 3, and its sum."""
    tasks: list[Compared]
    """Table 7, and what of ours is not in it."""
    contradictions: list[str]
    """Where the paper disagrees with itself or with its sources."""


def compare(stats: Sequence[SplitStats]) -> PaperComparison:
    """Hold the rows of splits against what the paper prints."""
    printed = paper()
    return PaperComparison(
        by_group(stats, printed.groups), by_task(stats, printed.tasks), contradictions(printed.tasks)
    )


def by_task(stats: Iterable[SplitStats], counts: Mapping[str, PaperCounts]) -> list[Compared]:
    """Table 7: rows a task; tasks of the paper that are not built count 0."""
    ours = _rows(stats, lambda each: each.summary.task)
    names = [*counts, *sorted(set(ours) - set(counts))]
    return [
        Compared(
            name,
            ours.get(name, (0, 0, 0)),
            (counts[name].train, counts[name].validation, counts[name].test) if name in counts else None,
        )
        for name in names
    ]


def by_group(stats: Iterable[SplitStats], counts: Mapping[Group, GroupCounts]) -> list[Compared]:
    """Table 3: rows a group, and their sum."""
    ours = _rows(stats, lambda each: each.summary.group)
    rows = [Compared(group.value, ours.get(group.value, (0, 0, 0)), counts[group]) for group in Group]
    return [*rows, Compared("sum", _sum(row.ours for row in rows), _sum(counts.values()))]


def _rows(stats: Iterable[SplitStats], name: Callable[[SplitStats], str]) -> dict[str, tuple[int, int, int]]:
    found: dict[str, list[int]] = {}
    places = [split.value for split in Split]
    for each in stats:
        found.setdefault(name(each), [0, 0, 0])[places.index(each.summary.split)] += each.rows
    return {key: (value[0], value[1], value[2]) for key, value in found.items()}


def _sum(rows: Iterable[tuple[int, int, int]]) -> tuple[int, int, int]:
    columns = list(zip(*rows, strict=True))
    return (sum(columns[0]), sum(columns[1]), sum(columns[2]))
