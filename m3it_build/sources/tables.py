"""Line and table files: CSV, plain lines, Parquet."""

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TextIO

from m3it_build.core.errors import SourceError
from m3it_build.core.task import FoundFile
from m3it_build.sources.reading import reading

CELL = 64 << 20
"""Characters that a cell or a line may have; MOCHEG's articles have less than one of 64 parts of that."""
TEXT = 1 << 30
"""Bytes of a text that is read as a whole; MMChat's have 0.02 GB."""
GROUP = 4 << 30
"""Bytes of a row group, unpacked; the Hub's files, pictures and all, mostly have half a gigabyte in several groups."""
csv.field_size_limit(CELL)


def read_text(file: FoundFile, encodings: Sequence[str] = ("utf-8",)) -> str:
    """The whole file as text, by the first of `encodings` that fits; a byte order mark is dropped.

    Raises:
        SourceError: none fits; names the line.
    """
    data = bytes(file.buffer(TEXT))
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ("utf-16", *encodings)
    for encoding in encodings:
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            broken = error
    line = data[: broken.start].count(b"\n") + 1
    raise SourceError(f"{file.path}: line {line} is not {' or '.join(encodings)}. Convert the file to UTF-8.")


def read_lines(file: FoundFile, encodings: Sequence[str] = ("utf-8",)) -> list[str]:
    r"""Lines, split at \n only, without their ends; a missing final newline changes nothing."""
    lines = read_text(file, encodings).split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def read_csv(
    file: FoundFile, columns: Sequence[str], encodings: Sequence[str] = ("utf-8",), delimiter: str = ","
) -> Iterator[tuple[int, dict[str, str]]]:
    """Line numbers and cells by column name; every value is text, as typed.

    Args:
        file: A table with a header line.
        columns: Names that the header must have; others are read too.
        encodings: Tried in order.
        delimiter: Between cells.

    Raises:
        SourceError: no header, a missing column, or a row of another length, with its line.
    """
    with reading(file, "a table"):
        try:
            with _text_stream(file, encodings) as text:
                yield from _records(file, csv.reader(_lines(text), delimiter=delimiter), columns)
        except UnicodeDecodeError:
            read_text(file, encodings)  # finds the line
            raise


def _lines(text: TextIO) -> Iterator[str]:
    """Lines, as `csv` takes them."""
    while line := text.readline(CELL + 1):
        if len(line) > CELL:
            raise csv.Error(f"more than {CELL:,} characters")
        yield line


def _records(file: FoundFile, reader: Any, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        header = [name.strip() for name in next(reader, [])]
        if absent := [name for name in columns if name not in header]:
            raise SourceError(f"{file.path}: line 1 has no column {', '.join(map(repr, absent))}; it has {header}.")
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise SourceError(
                    f"{file.path}: line {reader.line_num} has {len(cells)} cells, the header {len(header)}. "
                    "The file may be cut off; fetch it again."
                )
            yield reader.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise SourceError(f"{file.path}: line {reader.line_num}: {error}. Fetch the file again.") from error


def _text_stream(file: FoundFile, encodings: Sequence[str]) -> TextIO:
    """The text line by line; read at once only where its encoding must be found out first."""
    with file.open() as stream:
        mark = stream.read(2)
    if list(encodings) != ["utf-8"] or mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return io.StringIO(read_text(file, encodings), newline="")
    return io.TextIOWrapper(file.open(), encoding="utf-8-sig", newline="")


def read_aligned(*files: FoundFile) -> list[tuple[str, ...]]:
    """Lines with the same number of all files; blank lines after the last one of the first file do not count.

    Raises:
        SourceError: the files do not have equally many lines.
    """
    texts = [read_lines(file) for file in files]
    while texts[0] and not texts[0][-1].strip():
        texts[0].pop()
    for file, lines in zip(files, texts, strict=True):
        while len(lines) > len(texts[0]) and not lines[-1].strip():
            lines.pop()
        if len(lines) != len(texts[0]):
            raise SourceError(
                f"{file.path}: {len(lines)} lines, but {files[0].path} has {len(texts[0])}. "
                "Lines belong together by their number; fetch both files again."
            )
    return list(zip(*texts, strict=True))


def read_parquet(
    files: Iterable[FoundFile], unread: Sequence[str] = (), columns: Sequence[str] = ()
) -> Iterator[tuple[FoundFile, int, dict[str, Any]]]:
    """Rows of Parquet files: file, row number in it, and cells.

    Columns in `unread` are left alone; a picture is named `<file>#<row>/<column>` (see `media`).

    Raises:
        SourceError: a file that is no Parquet, or lacks one of `columns`.
    """
    import pyarrow.parquet as pq

    for file in files:
        if file.path.suffix.lower() != ".parquet":
            raise SourceError(f"{file.path}: {file.name} is not read out of an archive. Unpack it.")
        with reading(file, "Parquet"), file.open() as stream:
            table = pq.ParquetFile(stream)
            names = table.schema_arrow.names
            if absent := [name for name in columns if name not in names]:
                raise SourceError(f"{file.path}: no column {', '.join(map(repr, absent))}; it has {names}.")
            groups = map(table.metadata.row_group, range(table.num_row_groups))
            if any(group.total_byte_size > GROUP for group in groups):
                raise SourceError(f"{file.path}: too large: a row group has more than {GROUP:,} bytes.")
            number = 0
            for batch in table.iter_batches(1024, columns=[name for name in names if name not in unread]):
                for cells in batch.to_pylist():
                    yield file, number, cells
                    number += 1


def class_names(file: FoundFile, column: str) -> list[str]:
    """What the numbers of a Parquet column stand for, as `datasets` writes it into the file; empty where it did not."""
    import pyarrow.parquet as pq

    with reading(file, "Parquet"), file.open() as stream:
        metadata = pq.read_schema(stream).metadata or {}
    try:
        facts = json.loads(metadata[b"huggingface"])
        return [str(name) for name in facts["info"]["features"][column]["names"]]
    except (KeyError, TypeError, ValueError, RecursionError):
        return []
