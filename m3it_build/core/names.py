"""Names that do not exist."""

import difflib
from collections.abc import Collection


def closest(name: str, known: Collection[str]) -> str:
    """A hint for a name that does not exist."""
    close = difflib.get_close_matches(name, list(known), 1, 0.5)
    return f"Did you mean {close[0]}?" if close else f"There are: {', '.join(known)}."
