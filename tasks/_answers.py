"""What tasks with a list of accepted answers share."""

from typing import Any

from m3it_build.core.sample import Fields


def spellings(value: Any) -> list[str]:
    """The accepted answers in the source's order, empty ones left out; the first one is the target.

    Raises:
        TypeError: no list, or something in it that is neither text nor null: a string would fall apart into letters,
            a number would lose its spelling.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"the answers are no list but {type(value).__name__}")
    texts = [text for text in value if text is not None]
    if any(not isinstance(text, str) for text in texts):
        raise TypeError("an answer is not text")
    return [text.strip() for text in texts if text.strip()]


def accepted(record: Fields) -> list[str]:
    """The `spellings` in a record's field `answers`."""
    return spellings(record.get("answers"))


def target(record: Fields) -> str | None:
    """The first of the accepted answers."""
    return next(iter(accepted(record)), None)
