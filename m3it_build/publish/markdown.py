"""Markdown out of data: text of a source never becomes markup."""

import re
from collections.abc import Iterable, Sequence

from m3it_build.core.text import web_address

SPECIAL = re.compile(r"([\\`*_\[\]<>#|~$&])")
ADDRESS = re.compile(r"(?:https?://)?([A-Za-z0-9][A-Za-z0-9.-]*(?:/[A-Za-z0-9._~%?=&+,;:@-]*)*)")
"""A web page, with or without its scheme, of characters that mean nothing in Markdown or HTML."""


def escape(text: object) -> str:
    """Text that reads the same when it is rendered, on one line."""
    return SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def code(text: object) -> str:
    """Text as code; what would end the code or the cell is left out."""
    return f"`{' '.join(str(text).replace('`', '').replace('|', '').split())}`"


def link(address: str) -> str:
    """A web page as a link; anything else as text."""
    page = address.strip()
    found = ADDRESS.fullmatch(page)
    return f"[{escape(found[1])}]({web_address(page)})" if found else escape(address)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown already. Headers that start with `>` are of numbers."""
    lines = [
        [name.removeprefix(">") for name in header],
        ["---:" if name.startswith(">") else "---" for name in header],
        *rows,
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def size_text(count: float) -> str:
    """Bytes for a person, in powers of a thousand."""
    for unit in ("B", "kB", "MB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.1f} GB"
