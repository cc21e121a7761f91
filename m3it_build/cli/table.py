"""Plain text tables for a terminal."""

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Collection, Sequence

WORD = re.compile(r"[^\s-]+-?")
"""What a line is not broken in, as long as there is room."""
LEAST = 6
"""Characters of a column that is made narrow."""


def table(header: Sequence[str], rows: Sequence[Sequence[object]], *, total: Collection[str] = ()) -> str:
    """Columns padded to their widest cell; numbers to the right, text to the left; no wider than the terminal.

    Args:
        header: Names of the columns.
        rows: Cells.
        total: Columns whose sums stand in a last row, where there are several rows.
    """
    places = range(len(header))
    right = [all(isinstance(row[place], int | float) or row[place] == "" for row in rows) for place in places]
    cells = [[_cell(cell) for cell in row] for row in rows]
    if total and len(rows) > 1:
        sums = [_sum([row[place] for row in rows]) if header[place] in total else "" for place in places]
        cells.append(["total", *sums[1:]])
    widths = _widths(list(header), cells, right)
    lines = []
    for row in [list(header), *cells]:
        wrapped = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        for line in range(max(map(len, wrapped))):
            parts = [cell[line] if line < len(cell) else "" for cell in wrapped]
            padded = [
                part.rjust(width) if is_right else part.ljust(width)
                for part, width, is_right in zip(parts, widths, right, strict=True)
            ]
            lines.append(_gap(widths).join(padded).rstrip())
    return "\n".join(lines)


def _cell(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)


def _sum(cells: Sequence[object]) -> str:
    numbers = [cell for cell in cells if isinstance(cell, int | float)]
    return _cell(round(sum(numbers), 1) if any(isinstance(each, float) for each in numbers) else sum(numbers))


def _room() -> int | None:
    """Columns of the terminal, or as COLUMNS says; None where there is neither."""
    if os.environ.get("COLUMNS", "").isdecimal() or (sys.stdout is not None and sys.stdout.isatty()):
        return shutil.get_terminal_size().columns
    return None


def _gap(widths: Sequence[int]) -> str:
    room = _room()
    return "  " if room is None or sum(widths) + 2 * (len(widths) - 1) <= room else " "


def _widths(header: list[str], cells: list[list[str]], right: list[bool]) -> list[int]:
    """Natural widths, or narrower: down to the longest word, then through headers over numbers, then through texts."""
    columns = list(zip(header, *cells, strict=True))
    widths = [max(map(len, column)) for column in columns]
    room = _room()
    if room is None:
        return widths
    by_word = [max((len(word) for cell in column for word in WORD.findall(cell)), default=1) for column in columns]
    numbers = [max((len(cell) for cell in column[1:]), default=1) for column in columns]
    through_headers = [numbers[place] if is_right else by_word[place] for place, is_right in enumerate(right)]
    through_texts = [numbers[place] if is_right else LEAST for place, is_right in enumerate(right)]
    for least, gap in ((by_word, 2), (by_word, 1), (through_headers, 1), (through_texts, 1)):
        while sum(widths) + gap * (len(widths) - 1) > room:
            able = [place for place, width in enumerate(widths) if width > least[place]]
            if not able:
                break
            widths[max(able, key=lambda place: widths[place])] -= 1
    return widths


def _wrapped(cell: str, width: int) -> list[str]:
    return textwrap.wrap(cell, width) or [""] if len(cell) > width else [cell]
