"""SHAPES: an array of small pictures, in BGR order, and lines of answers and questions beside it.

In it: blocks of rows with one question, two sizes and several tones of a colour, empty cells, both answers to each
question, chains of relations; `test` without questions in words, which are written from the s-expressions; and a part
of train.large (train.tiny) that nobody should read.
"""

import io
import itertools
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

CELL, CELLS = 10, 3
TONES = {"red": (0, 0, 1), "green": (0, 1, 0), "blue": (1, 0, 0)}
"""Blue, green, red: the order of the files."""
QUESTIONS = {
    "train.large": (
        ("(is red (left_of blue))", "is a red shape left of a blue shape"),
        ("(is circle (above square))", "is a circle above a square"),
        ("(is triangle red)", "is a triangle red"),
    ),
    "val": (
        ("(is green (right_of circle))", "is a green shape right of a circle"),
        ("(is square (below (left_of red)))", "is a square below left of a red shape"),
    ),
    "test": (
        ("(is blue (below green))", "is a blue shape below a green shape"),
        ("(is circle blue)", "is a circle blue"),
    ),
}
ROWS = 4
"""Of each question; the originals have 64."""


class Thing(NamedTuple):
    """What a cell holds."""

    shape: str
    colour: str
    tone: int
    big: bool


Grid = dict[tuple[int, int], Thing]
"""By column and row."""


def make(folder: Path) -> None:
    """The files of four sets; each question is true of every other picture."""
    for number, (name, questions) in enumerate(QUESTIONS.items()):
        grids, answers, blocks = [], [], []
        for block, (query, words) in enumerate(questions):
            for row in range(ROWS):
                wanted = row % 2 == 0
                start = 1000 * (100 * number + 10 * block + row)
                grids.append(
                    next(grid for grid in map(scatter, itertools.count(start)) if holds(query, grid) is wanted)
                )
                answers.append(str(wanted).lower())
                blocks.append((query, words))
        write(folder, name, grids, answers, blocks, words=name != "test")
        if name == "train.large":
            write(folder, "train.tiny", grids[:2], answers[:2], blocks[:2], words=True)


def write(
    folder: Path, name: str, grids: Sequence[Grid], answers: list[str], asked: list[tuple[str, str]], *, words: bool
) -> None:
    """The files of a set."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({len(grids)}, 30, 30, 3), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    stream = io.BytesIO(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
    stream.seek(0, io.SEEK_END)
    for grid in grids:
        stream.write(pixels(grid))
    (folder / f"{name}.input.npy").write_bytes(stream.getvalue())
    lines = {"output": answers, "query": [query for query, _ in asked]}
    lines |= {"query_str.txt": [text for _, text in asked]} if words else {}
    for kind, texts in lines.items():
        (folder / f"{name}.{kind}").write_text("\n".join(texts) + "\n", encoding="utf-8")


def scatter(number: int) -> Grid:
    """A grid of things decided by a number."""
    grid: Grid = {}
    for place in range(CELLS * CELLS):
        number = (number * 6364136223846793005 + 1442695040888963407) % 2**64
        pick = number >> 33
        if pick % 3 == 0:
            shape, colour = ("circle", "square", "triangle")[pick // 3 % 3], tuple(TONES)[pick // 9 % 3]
            grid[place % CELLS, place // CELLS] = Thing(shape, colour, 155 + pick // 27 % 100, pick // 2700 % 2 == 0)
    return grid


def holds(query: str, grid: Grid) -> bool:
    """Whether a question is true of a grid: some thing is both what it names first and what it names second."""
    _, *words = query.replace("(", " ").replace(")", " ").split()
    first, rest = cells(words, grid)
    second, _ = cells(rest, grid)
    return bool(first & second)


def cells(words: list[str], grid: Grid) -> tuple[set[tuple[int, int]], list[str]]:
    """The cells that a phrase means (those beside a thing, for a relation), and the words left."""
    head, *rest = words
    steps: dict[str, Callable[[int, int], tuple[int, int]]] = {
        "left_of": lambda x, y: (x - 1, y),
        "right_of": lambda x, y: (x + 1, y),
        "above": lambda x, y: (x, y - 1),
        "below": lambda x, y: (x, y + 1),
    }
    if head in steps:
        meant, rest = cells(rest, grid)
        return {steps[head](*cell) for cell in meant}, rest
    return {cell for cell, thing in grid.items() if head in (thing.shape, thing.colour)}, rest


def pixels(grid: Grid) -> bytes:
    """The picture of a grid: 30 x 30 pixels, blue, green, red."""
    side = CELL * CELLS
    picture = bytearray(side * side * 3)
    for (column, row), thing in grid.items():
        reach = 4 if thing.big else 2
        for y, x in itertools.product(range(-reach, reach + 1), repeat=2):
            inside = {
                "circle": x * x + y * y <= reach * reach + 1,
                "square": True,
                "triangle": abs(x) <= (y + reach) / 2,
            }[thing.shape]
            if inside:
                start = ((row * CELL + 5 + y) * side + column * CELL + 5 + x) * 3
                picture[start : start + 3] = bytes(part * thing.tone for part in TONES[thing.colour])
    return bytes(picture)
