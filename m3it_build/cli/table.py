"""Plain text tables for a terminal."""

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

WORD = re.compile(r"[^\s-]+-?")
"""What a line is broken in only as a last resort."""
LEAST = 6
"""Characters of a column whose words are broken."""


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    total: Collection[str] = (),
    spare: Sequence[str] = (),
) -> str:
    """Columns padded to their widest cell; numbers to the right, text to the left; no wider than the terminal.

    In a narrow one, cells and names of columns are wrapped between words, then spare columns are left out, which a
    last line says, and then words of texts are broken; numbers and names of columns never are.

    Args:
        header: Names of the columns.
        rows: Cells.
        total: Columns whose sums stand in a last row, where there are several rows.
        spare: Columns that can be left out, the first one first.
    """
    cells = [[_cell(cell) for cell in row] for row in rows]
    if total and len(rows) > 1:
        sums = [_sum([row[place] for row in rows]) if name in total else "" for place, name in enumerate(header)]
        cells.append(["total", *sums[1:]])
    columns = [
        _Column(name, [name, *(row[place] for row in cells)], all(_is_number(row[place]) for row in rows))
        for place, name in enumerate(header)
    ]
    room = _room()
    left_out = []
    for name in spare:
        if room is not None and _width((each.by_word for each in columns), 1) > room:
            columns = [each for each in columns if each.name != name]
            left_out.append(name)
    widths, gap = _widths(columns, room)
    lines = []
    for row in zip(*(each.cells for each in columns), strict=True):
        wrapped = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        for line in range(max(map(len, wrapped))):
            parts = [cell[line] if line < len(cell) else "" for cell in wrapped]
            padded = [
                part.rjust(width) if each.is_number else part.ljust(width)
                for part, width, each in zip(parts, widths, columns, strict=True)
            ]
            lines.append((" " * gap).join(padded).rstrip())
    if left_out:
        lines += textwrap.wrap(f"(no room for: {', '.join(left_out)}; --json has all)", room or 0)
    return "\n".join(lines)


class _Column(NamedTuple):
    name: str
    cells: list[str]
    """The name, and those below it."""
    is_number: bool

    @property
    def by_word(self) -> int:
        """Characters that it needs at least where no word is broken."""
        return max((len(word) for cell in self.cells for word in WORD.findall(cell)), default=1)

    @property
    def broken(self) -> int:
        """Those that it needs where words of texts are broken."""
        return self.by_word if self.is_number else max([LEAST, *map(len, WORD.findall(self.name))])


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) or cell == ""


def _cell(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)


def _sum(cells: Sequence[object]) -> str:
    numbers = [cell for cell in cells if isinstance(cell, int | float)]
    places = max((len(str(each).partition(".")[2]) for each in numbers if isinstance(each, float)), default=0)
    return _cell(round(sum(numbers), places) if places else sum(numbers))


def _room() -> int | None:
    """Columns of the terminal, or as COLUMNS says; None where there is neither."""
    if os.environ.get("COLUMNS", "").isdecimal() or sys.stdout.isatty():
        return shutil.get_terminal_size().columns
    return None


def _widths(columns: Sequence[_Column], room: int | None) -> tuple[list[int], int]:
    """Natural widths, or narrower ones: down to the longest word, then through the words of texts; and the gap."""
    widths = [max(map(len, each.cells)) for each in columns]
    gap = 2
    if room is None:
        return widths, gap
    by_word, broken = [each.by_word for each in columns], [each.broken for each in columns]
    for least, gap in ((by_word, 2), (by_word, 1), (broken, 1)):
        while (too_wide := _width(widths, gap) > room) and (
            able := [place for place, width in enumerate(widths) if width > least[place]]
        ):
            widths[max(able, key=lambda place: widths[place])] -= 1
        if not too_wide:
            break
    return widths, gap


def _width(widths: Iterable[int], gap: int) -> int:
    """Of a line."""
    return sum(width + gap for width in widths) - gap


def _wrapped(cell: str, width: int) -> list[str]:
    return textwrap.wrap(cell, width) or [""] if len(cell) > width else [cell]
