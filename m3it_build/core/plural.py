"""A count and its noun."""


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """A count and its noun: "1 shard", "2,000 shards"."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
