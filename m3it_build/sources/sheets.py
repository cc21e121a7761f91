"""Excel sheets (.xlsx), read with the standard library: a zip of XML files."""

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from m3it_build.core.task import FoundFile
from m3it_build.sources.reading import reading

MAX_BYTES = 64 << 20
"""Of one unpacked part; a table of classes has a few kB."""
MAX_COLUMNS = 16384
PART = re.compile(r"xl/worksheets/sheet([0-9]+)\.xml")


def read_sheet(file: FoundFile) -> Iterator[tuple[int, list[str]]]:
    """Row numbers (from 1) and cells, as text, of the first sheet that has any; empty rows are skipped.

    Raises:
        SourceError: it is no such file.
    """
    with reading(file, "an Excel sheet"), zipfile.ZipFile(io.BytesIO(file.buffer(MAX_BYTES))) as book:
        names = book.namelist()
        shared = _strings(_part(book, "xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else []
        sheets = sorted((int(match[1]), name) for name in names if (match := PART.fullmatch(name)))
        found = next(filter(None, ([*_rows(_part(book, name), shared)] for _, name in sheets)), [])
    yield from found


def _part(book: zipfile.ZipFile, name: str) -> ET.Element:
    if book.getinfo(name).file_size > MAX_BYTES:
        raise ValueError(f"{name} is too large")
    with book.open(name) as stream:
        text = stream.read(MAX_BYTES + 1)  # what a directory says of sizes need not be so
    if len(text) > MAX_BYTES:
        raise ValueError(f"{name} is too large")
    if b"<!DOCTYPE" in text or b"\0" in text:
        raise ValueError(f"{name} declares entities or is no UTF-8")
    return ET.fromstring(text)  # noqa: S314 - size is limited and entities are refused above


def _strings(table: ET.Element) -> list[str]:
    return [_text(item) for item in table.iterfind("{*}si")]


def _text(item: ET.Element) -> str:
    """A string, plain or in runs; readings printed above Chinese characters (`rPh`) are no part of it."""
    return "".join(part.text or "" for path in ("{*}t", "{*}r/{*}t") for part in item.iterfind(path))


def _rows(sheet: ET.Element, shared: list[str]) -> Iterator[tuple[int, list[str]]]:
    for place, row in enumerate(sheet.iterfind("{*}sheetData/{*}row"), 1):
        cells: dict[int, str] = {}
        for cell in row.iterfind("{*}c"):
            column = _column(cell.get("r")) if cell.get("r") else len(cells)
            cells[column] = _value(cell, shared).strip()
        if any(cells.values()):
            yield int(row.get("r", place)), [cells.get(column, "") for column in range(max(cells) + 1)]


def _value(cell: ET.Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(map(_text, cell.iterfind("{*}is")))
    value = cell.findtext("{*}v") or ""
    if cell.get("t") != "s" or not value:
        return value
    if not value.isdecimal():
        raise ValueError(f"{value!r} is no place among the strings")
    return shared[int(value)]


def _column(reference: str | None) -> int:
    """0 for A7, 26 for AA7."""
    number = 0
    for char in re.sub("[^A-Z]", "", reference or ""):
        number = 26 * number + ord(char) - ord("A") + 1
    if not 0 < number <= MAX_COLUMNS:
        raise ValueError(f"{reference!r} is no cell")
    return number - 1
