"""Statistics of the instruction pools, beside Table 2 of the paper."""

import re
import statistics
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import Levenshtein

from m3it_build.core.pool import Pool
from m3it_build.core.task import Category
from m3it_build.paper import Spread

TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+(?:['-][^\W\u3400-\u9fff]+)*|[^\w\s]")
"""A word, a mark of punctuation, or one Chinese character. The paper does not say what its tokens are."""


class InstructionStats(NamedTuple):
    """Our figures for the rows of Table 2; those beside the paper's number are counted apart, and not measured."""

    counts: dict[Category, int]
    further: dict[Category, int]
    """Those beside the paper's number."""
    tasks: dict[str, int]
    """Instructions by task."""
    further_of_tasks: dict[str, int]
    """The same of those beside the paper's number, where there are some."""
    tokens: Spread
    """Of an instruction."""
    within: Spread
    """Levenshtein distance in characters over all pairs of a task's instructions."""
    across: Spread
    """Over all pairs of instructions of different tasks."""


def instruction_stats(pools: Mapping[str, Pool], categories: Mapping[str, Category]) -> InstructionStats:
    """Count, measure and compare the instructions of all tasks.

    Args:
        pools: By task.
        categories: Where each task's instructions are counted.
    """
    counts, further = dict.fromkeys(Category, 0), dict.fromkeys(Category, 0)
    for task, pool in pools.items():
        counts[categories[task]] += len(pool.instructions)
        further[categories[task]] += len(pool.further)
    tagged = [(task, each.text) for task, pool in pools.items() for each in pool.instructions]
    within: list[int] = []
    across: list[int] = []
    for (one, first), (other, second) in combinations(tagged, 2):
        (within if one == other else across).append(Levenshtein.distance(first, second))
    tokens = [len(TOKEN.findall(text)) for _, text in tagged]
    return InstructionStats(
        counts,
        further,
        {task: len(pool.instructions) for task, pool in pools.items()},
        {task: len(pool.further) for task, pool in pools.items() if pool.further},
        _spread(tokens),
        _spread(within),
        _spread(across),
    )


def _spread(values: Sequence[int]) -> Spread:
    if not values:
        return Spread(0.0, 0.0)
    return Spread(statistics.fmean(values), statistics.pstdev(values))
