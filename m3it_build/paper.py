"""What the paper prints (configs/paper.toml): its Tables 2, 3 and 7."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from m3it_build.core.task import Category, Group, Split


class Spread(NamedTuple):
    """Mean and standard deviation."""

    mean: float
    deviation: float

    def __str__(self) -> str:
        return f"{self.mean:.1f} ± {self.deviation:.1f}"


class PaperInstructions(BaseModel):
    """Table 2."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    categories: dict[Category, int]
    tokens: Spread
    """Of an instruction; what a token is the paper does not say."""
    within: Spread
    """Edit distance between two instructions of one task."""
    across: Spread
    """Edit distance between instructions of different tasks."""


class GroupCounts(NamedTuple):
    """A group's line of Table 3."""

    train: int
    validation: int
    test: int


class PaperCounts(BaseModel):
    """A task's line of Table 7."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train: int
    validation: int
    test: int
    used: bool
    license: str
    contradiction: str = ""
    """Where the paper disagrees with the task's source."""

    def of(self, split: Split) -> int:
        """Rows of a split."""
        return int(getattr(self, split.value))


class Paper(BaseModel):
    """The tables that we compare ourselves with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fallback_share: float
    """Of paraphrases, at most so many fell back to a template (3.2 stage III)."""
    instructions: PaperInstructions
    groups: dict[Group, GroupCounts]
    tasks: dict[str, PaperCounts]


@cache
def paper() -> Paper:
    """The tables, read once."""
    return Paper.model_validate(tomllib.loads((files("m3it_build.configs") / "paper.toml").read_text("utf-8")))
