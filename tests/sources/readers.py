"""A small sound file for each reader of annotations, and what reads all of it."""

import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from m3it_build.core.task import FoundFile
from m3it_build.sources.arrays import read_bytes
from m3it_build.sources.joined import join_rows
from m3it_build.sources.json_files import holds_array, read_array, read_json, read_jsonl, read_object, read_records
from m3it_build.sources.matlab import read_structs
from m3it_build.sources.rows import csv_rows, json_rows, jsonl_rows, parquet_rows
from m3it_build.sources.sheets import read_sheet
from m3it_build.sources.tables import class_names, read_aligned, read_csv, read_lines, read_parquet

RECORDS = [{"id": place, "q": f"What is thing {place}?", "a": ["a cat", {"b": None}], "c": 0.5} for place in range(4)]


class Reader(NamedTuple):
    """A reader of one format."""

    name: str
    """Of the file."""
    sound: Callable[[], bytes]
    read: Callable[[FoundFile], Any]
    """Reads the whole file."""


def whole_json(file: FoundFile) -> Any:
    """As an array in an object, lazily, field by field, and joined."""
    entries = read_object(file)
    both = read_array(file, "list"), entries.array("list")
    return [
        holds_array(file), read_json(file), list(entries.items()), *map(list, both), list(both[0].pick("id", "q")),
        list(read_records(file, "list")), list(json_rows(file, both[0], "id")), list(join_rows(*both, "id")),
    ]  # fmt: skip


def json_array(file: FoundFile) -> Any:
    """An array at the top."""
    return [list(read_array(file)), list(read_records(file, "list")), list(read_array(file).pick("id"))]


def sheet() -> bytes:
    """An Excel file of two rows."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>7</v></c></row><row r="2"><c><v>1</v></c></row>'
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet {space}><sheetData>{rows}</sheetData></worksheet>")
        book.writestr("xl/sharedStrings.xml", f"<sst {space}><si><t>Tofu</t></si></sst>")
    return held.getvalue()


def matlab() -> bytes:
    """A struct array of one text and one number, compressed."""

    def element(kind: int, body: bytes) -> bytes:
        return struct.pack("<II", kind, len(body)) + body + b"\0" * (-len(body) % 8)

    def matrix(kind: int, *parts: bytes, name: bytes = b"") -> bytes:
        head = element(6, struct.pack("<II", kind, 0)) + element(5, struct.pack("<ii", 1, 1)) + element(1, name)
        return element(14, head + b"".join(parts))

    fields = element(5, struct.pack("<i", 8)) + element(1, b"id".ljust(8, b"\0") + b"words".ljust(8, b"\0"))
    cells = matrix(6, element(2, bytes([7]))), matrix(4, element(4, "caf\u00e9".encode("utf-16-le")))
    packed = zlib.compress(matrix(2, fields, *cells, name=b"synsets"))
    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
    return head + struct.pack("<II", 15, len(packed)) + packed


def parquet() -> bytes:
    """Four records, as a mirror has them, nested values too."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    held = io.BytesIO()
    columns = {
        "id": [record["id"] for record in RECORDS],
        "q": [record["q"] for record in RECORDS],
        "list": [[{"x": place}] for place in range(4)],
        "image": [{"bytes": b"x" * 10, "path": None}] * 4,
    }
    features = {"info": {"features": {"label": {"names": ["a"]}}}}
    table = pa.table(columns).replace_schema_metadata({"huggingface": json.dumps(features)})
    pq.write_table(table, held)
    return held.getvalue()


def array() -> bytes:
    """Two items of 2 x 3 bytes."""
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 3), }".ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(range(12))


def whole_json_text() -> bytes:
    """Records below a key."""
    return json.dumps({"info": {}, "list": RECORDS}).encode()


def rows_of_parquet(file: FoundFile) -> Any:
    """By cells, by rows, and the names of classes."""
    return [
        list(read_parquet([file], ("image",), ("id",))), list(parquet_rows([file], "id", "image", columns=("q",))),
        class_names(file, "label"),
    ]  # fmt: skip


def lines(file: FoundFile) -> Any:
    """By themselves, and beside each other."""
    return [read_lines(file, ("utf-8", "gb18030")), read_aligned(file, file)]


def table() -> bytes:
    """With a header, a quoted cell and a byte order mark."""
    return '\ufeffid,q\r\n1,"What, ""this""\n?"\r\n2,\u9ebb\u5a46\r\n'.encode()


def items(values: Iterable[Any]) -> list[Any]:
    """All of them."""
    return list(values)


READERS = {
    "json": Reader("x.json", whole_json_text, whole_json),
    "array": Reader("x.json", lambda: json.dumps(RECORDS).encode(), json_array),
    "jsonl": Reader(
        "x.jsonl",
        lambda: "\n".join(map(json.dumps, RECORDS)).encode(),
        lambda file: [list(read_jsonl(file)), list(jsonl_rows(file, "id"))],
    ),
    "csv": Reader("x.csv", table, lambda file: items(csv_rows(file, "id", ("id", "q")))),
    "tsv": Reader(
        "x.tsv", lambda: b"id\tq\n1\ta\n2\tb\n", lambda file: items(read_csv(file, ("id",), ("utf-8", "gb18030"), "\t"))
    ),
    "lines": Reader("x.txt", lambda: b"one\ntwo\n\n", lines),
    "xlsx": Reader("x.xlsx", sheet, lambda file: items(read_sheet(file))),
    "mat": Reader("x.mat", matlab, lambda file: read_structs(file, "synsets")),
    "parquet": Reader("x.parquet", parquet, rows_of_parquet),
    "npy": Reader("x.npy", array, lambda file: [read_bytes(file, 2, 3).item(place) for place in range(2)]),
    "gz": Reader("x.json.gz", lambda: gzip.compress(whole_json_text(), mtime=0), whole_json),
    "csv.gz": Reader("x.csv.gz", lambda: gzip.compress(table(), mtime=0), lambda file: items(read_csv(file, ("id",)))),
}


@cache
def sound(reader: str) -> bytes:
    """The file of a reader."""
    return READERS[reader].sound()


def placed(folder: Path, reader: str, data: bytes | None = None) -> Path:
    """The reader's file, sound or not."""
    path = folder / READERS[reader].name
    path.write_bytes(sound(reader) if data is None else data)
    return path
