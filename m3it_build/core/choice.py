"""Every choice is a hash of (seed, task, purpose, key): the same on any machine, in any order."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draw:
    """The choices of one task under one seed."""

    seed: int
    task: str

    def rank(self, purpose: str, key: str) -> int:
        """A number below 2**63, uniform over keys; it fits a signed database integer."""
        text = f"{self.seed}\x1f{self.task}\x1f{purpose}\x1f{key}"
        return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big") >> 1

    def index(self, purpose: str, key: str, size: int) -> int:
        """A position in a sequence of `size` items."""
        return self.rank(purpose, key) % size

    def shuffled(self, purpose: str, key: str, items: Sequence[T]) -> list[T]:
        """All items, in an order decided by hash."""
        return [
            items[place]
            for place in sorted(range(len(items)), key=lambda place: self.rank(purpose, f"{key}\x1f{place}"))
        ]

    def some(self, purpose: str, key: str, items: Sequence[T], count: int) -> list[T]:
        """`count` items at different positions (all, if there are fewer), without ranking a long sequence."""
        if 3 * count >= len(items):
            return self.shuffled(purpose, key, items)[:count]
        places: dict[int, None] = {}
        step = 0
        while len(places) < count:
            places.setdefault(self.index(purpose, f"{key}\x1f{step}", len(items)))
            step += 1
        return [items[place] for place in places]
