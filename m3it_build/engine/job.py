"""The unit of work of every engine."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from m3it_build.store.manifest import Manifest

T = TypeVar("T")

Moved = Callable[[str, int], None]
"""Is told that so many records more of a split went through."""

SECONDS = 0.5
"""Between two messages of one job."""


def unmoved(name: str, records: int) -> None:
    """Nobody listens."""


def counted(records: Iterable[T], name: str, moved: Moved) -> Iterator[T]:
    """Pass records on and tell how many, now and then and at the end."""
    count, told = 0, time.monotonic()
    for record in records:
        yield record
        count += 1
        if (now := time.monotonic()) - told > SECONDS:
            moved(name, count)
            count, told = 0, now
    if count:
        moved(name, count)


class Job(Protocol):
    """One shard, to be made in any process; it can be pickled."""

    def run(self, moved: Moved) -> Manifest:
        """Write the shard and commit it; tell of records on the way."""
