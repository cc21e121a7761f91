"""Tables in MATLAB's file format (.mat, level 5): a struct array of texts and numbers, as ImageNet's devkit has it."""

import struct
import zlib
from collections.abc import Iterator
from typing import Any

from m3it_build.core.task import FoundFile
from m3it_build.sources.reading import reading

MAX_BYTES = 64 << 20
"""Of a file, and of one unpacked variable; ImageNet's has 0.5 MB."""
HEADER = 128
NUMBERS = {1: "b", 2: "B", 3: "h", 4: "H", 5: "i", 6: "I", 7: "f", 9: "d", 12: "q", 13: "Q"}
"""Format characters of `struct` by the file format's number types."""
MATRIX, COMPRESSED = 14, 15
STRUCT, CHAR = 2, 4
TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16"}


def read_structs(file: FoundFile, name: str) -> list[dict[str, Any]]:
    """The elements of the struct array `name`: by field a text, a number, a list of numbers, or None for other values.

    Raises:
        SourceError: it is no such file, or has no struct array of that name.
    """
    with reading(file, "a MATLAB 5 file"):
        data = bytes(file.buffer(MAX_BYTES))
        return _find(data, {b"IM": "<", b"MI": ">"}[data[126:128]], name)


def _find(data: bytes, order: str, name: str) -> list[dict[str, Any]]:
    for outer in _elements(data[HEADER:], order):
        kind, body = next(_elements(_unpacked(outer[1]), order)) if outer[0] == COMPRESSED else outer
        if kind == MATRIX and (found := _matrix(body, order, name)) is not None:
            return found
    raise ValueError(f"no struct array {name!r} in it")


def _unpacked(data: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(data, MAX_BYTES)
    if not unpacker.eof:
        raise ValueError("a variable is cut off or too large")
    return text


def _elements(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Type and body of each element, one after the other."""
    place = 0
    while place < len(data):
        (kind,) = struct.unpack_from(f"{order}I", data, place)
        if kind >> 16:  # up to four bytes lie within the tag
            kind, size, start, end = kind & 0xFFFF, kind >> 16, place + 4, place + 8
        else:
            (size,) = struct.unpack_from(f"{order}I", data, place + 4)
            start = place + 8
            end = start + size + (-size % 8 if kind != COMPRESSED else 0)
        if start + size > len(data):
            raise ValueError("an element is cut off")
        yield kind, data[start : start + size]
        place = end


def _matrix(body: bytes, order: str, name: str) -> list[dict[str, Any]] | None:
    """The structs of a variable, if it is a struct array of that name."""
    parts = _elements(body, order)
    (_, flags), _, (_, called) = next(parts), next(parts), next(parts)
    if struct.unpack_from(f"{order}I", flags)[0] & 0xFF != STRUCT or called.decode("latin-1") != name:
        return None
    width = struct.unpack(f"{order}i", next(parts)[1])[0]
    names = next(parts)[1]
    fields = [names[start : start + width].split(b"\0")[0].decode("latin-1") for start in range(0, len(names), width)]
    values = [_value(part, order) for _, part in parts]
    if not fields or len(values) % len(fields):
        raise ValueError("a struct lacks a field")
    return [
        dict(zip(fields, values[start : start + len(fields)], strict=True))
        for start in range(0, len(values), len(fields))
    ]


def _value(body: bytes, order: str) -> Any:
    """A field: text, number, list of numbers, or None."""
    parts = _elements(body, order)
    flags = next(parts, None)
    if flags is None:
        return None
    next(parts), next(parts)  # dimensions and name
    kind, data = next(parts, (0, b""))
    if struct.unpack_from(f"{order}I", flags[1])[0] & 0xFF == CHAR:
        encoding = TEXTS[kind]
        return data.decode(f"{encoding}-{'le' if order == '<' else 'be'}" if encoding == "utf-16" else encoding)
    if kind not in NUMBERS:
        return None
    numbers = list(struct.unpack(f"{order}{len(data) // struct.calcsize(NUMBERS[kind])}{NUMBERS[kind]}", data))
    return numbers[0] if len(numbers) == 1 else numbers
