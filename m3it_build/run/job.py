"""The unit of work of every engine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from m3it_build.store.manifest import Manifest


class Job(Protocol):
    """One shard, to be made in any process; it can be pickled."""

    def run(self) -> Manifest:
        """Write the shard and commit it."""


@dataclass(frozen=True, slots=True)
class ShardJob:
    """Everything a worker needs for one shard."""

    out: Path
    roots: tuple[Path, ...]
    """Where the task's media are."""
    summary: Path
    index: int

    def run(self) -> Manifest:
        """Write the shard and commit it."""
        from m3it_build.run.shard import build_shard  # only who builds shards needs what reads and writes pictures

        return build_shard(self)
