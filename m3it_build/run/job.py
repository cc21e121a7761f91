"""The unit of work of every engine."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ShardJob:
    """Everything a worker needs for one shard."""

    out: Path
    roots: tuple[Path, ...]
    """Where the task's media are."""
    summary: Path
    index: int
