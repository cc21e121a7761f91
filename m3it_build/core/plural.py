"""Counts in words."""

from collections.abc import Sequence


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """A count and its noun: "1 shard", "2,000 shards"."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def first_of(names: Sequence[str]) -> str:
    """One name, and how many more there are: "a.json", "a.json and 2 more"."""
    return f"{names[0]} and {len(names) - 1:,} more" if len(names) > 1 else names[0]
