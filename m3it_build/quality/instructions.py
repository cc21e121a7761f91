"""Statistics of the instruction pools, beside Table 2 of the paper."""

import re
import statistics
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import Levenshtein

from m3it_build.core.pool import Pool
from m3it_build.core.task import Category

PAPER_COUNTS = {
    Category.CAPTIONING: 52,
    Category.CLASSIFICATION: 113,
    Category.VQA: 95,
    Category.KVQA: 40,
    Category.REASONING: 60,
    Category.GENERATION: 40,
}

TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+(?:['-][^\W\u3400-\u9fff]+)*|[^\w\s]")
"""A word, a mark of punctuation, or one Chinese character. The paper does not say what its tokens are."""


class Spread(NamedTuple):
    """Mean and standard deviation."""

    mean: float
    deviation: float

    def __str__(self) -> str:
        return f"{self.mean:.1f} ± {self.deviation:.1f}"


PAPER_TOKENS = Spread(24.4, 9.6)
PAPER_WITHIN = Spread(76.6, 37.2)
PAPER_ACROSS = Spread(106.6, 39.5)


class InstructionStats(NamedTuple):
    """Our figures for the rows of Table 2."""

    counts: dict[Category, int]
    further: dict[Category, int]
    """Those beside the paper's number; all other figures are without them."""
    tokens: Spread
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
    return InstructionStats(counts, further, _spread(tokens), _spread(within), _spread(across))


def _spread(values: Sequence[int]) -> Spread:
    if not values:
        return Spread(0.0, 0.0)
    return Spread(statistics.fmean(values), statistics.pstdev(values))
