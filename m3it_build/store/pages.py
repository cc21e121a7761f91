"""The pages of a Parquet file, below what Arrow shows: how pictures really lie, and whether anything else lies there.

Headers are Thrift's compact protocol (github.com/apache/parquet-format, parquet.thrift: PageHeader).
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from m3it_build.store.output import Images, picture_column
from m3it_build.store.parquet import GROUP_DECODED_BYTES, schema

MAGIC = b"PAR1"
DATA_PAGE, DICTIONARY_PAGE, DATA_PAGE_V2 = 0, 2, 3
RLE_DICTIONARY = 8
HEADER_BYTES = 1 << 16
"""More than a page header takes: it holds at most four values for statistics, each at most 4 KiB."""


class Page(NamedTuple):
    """One page of a column chunk."""

    kind: int
    encoding: int
    values: int
    data: bytes
    """As it lies in the file; compressed."""
    size: int
    """Uncompressed."""


def faults_of(path: Path, images: Images) -> Iterator[str]:
    """What is wrong with how a shard lies in its file: bytes that belong to no row, groups that no reader can hold.

    Raises:
        OSError: the file cannot be read.
        ArrowInvalid: it is no Parquet file.
        ValueError: its pages are damaged.
    """
    with pq.ParquetFile(path, read_dictionary=[picture_column(images)]) as file, path.open("rb") as stream:
        metadata = file.metadata
        yield from _foreign_metadata(metadata, images)
        groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
        position = len(MAGIC)
        for number, group in enumerate(groups):
            for chunk in (group.column(place) for place in range(group.num_columns)):
                if _start(chunk) != position:
                    yield f"row group {number}: bytes that belong to no row stand before {chunk.path_in_schema}"
                position = _start(chunk) + chunk.total_compressed_size
                if chunk.path_in_schema == picture_column(images):
                    yield from (f"row group {number}: {fault}" for fault in _picture_faults(stream, chunk))
            table = file.read_row_group(number)
            if unused := _unused(table, images):
                yield f"row group {number}: pictures that belong to no row ({unused})"
            if (size := _decoded(table)) > GROUP_DECODED_BYTES and group.num_rows > 1:
                yield f"row group {number}: {size:,} bytes in a reader's memory, more than {GROUP_DECODED_BYTES:,}"
        indexes = 2 * sum(group.num_columns for group in groups)  # of columns and of offsets, one a chunk
        if groups and (gap := _footer_start(stream) - position - _index_bytes(stream, position, indexes)):
            yield f"{gap:,} bytes that belong to no row stand before the footer"


def _foreign_metadata(metadata: Any, images: Images) -> Iterator[str]:
    """Keys of the file that are not ours, or do not say what ours say."""
    ours, theirs = schema(images).metadata, metadata.metadata or {}
    for key in sorted(ours.keys() | theirs.keys()):
        if ours.get(key) != theirs.get(key):
            yield f"its metadata {key.decode(errors='replace')!r} is not what this m3it writes"


def _picture_faults(stream: BinaryIO, chunk: Any) -> Iterator[str]:
    for page in pages_of(stream, chunk):
        if page.kind in {DATA_PAGE, DATA_PAGE_V2} and page.encoding != RLE_DICTIONARY:
            yield "pictures are not dictionary-encoded to the end"
        elif page.kind == DICTIONARY_PAGE and (foreign := page.size - _length(page, chunk.compression)):
            yield f"{foreign:,} bytes that belong to no row stand behind its pictures"


def _start(chunk: Any) -> int:
    return int(chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset)


def _footer_start(stream: BinaryIO) -> int:
    """Where the footer begins: its length stands in four bytes before the last four."""
    end = stream.seek(-8, os.SEEK_END)
    return end - int.from_bytes(stream.read(4), "little")


def _index_bytes(stream: BinaryIO, position: int, most: int) -> int:
    """How much of what lies between the last page and the footer are page indexes, structs one behind the other.

    Args:
        stream: The file.
        position: Where the pages end.
        most: So many indexes there may be.
    """
    size = _footer_start(stream) - position
    stream.seek(position)
    data = stream.read(size)
    used = 0
    for _ in range(most):
        try:
            _, used = _Struct(data, used).read()
        except ValueError:
            break
    return used


def _unused(table: pa.Table, images: Images) -> int:
    """How many pictures of the dictionary no row shows."""
    unused = 0
    for chunk in table.column(picture_column(images).partition(".")[0]).chunks:
        cells = chunk.flatten()
        cells = cells.field("bytes") if images is Images.BYTES else cells
        unused += len(cells.dictionary) - pc.count_distinct(cells.indices).as_py()
    return unused


def pages_of(stream: BinaryIO, chunk: Any) -> Iterator[Page]:
    """The pages of a column chunk (of `pyarrow.parquet`'s metadata), in order."""
    position = _start(chunk)
    end = position + chunk.total_compressed_size
    while position < end:
        stream.seek(position)
        header, used = _Struct(stream.read(HEADER_BYTES)).read()
        stream.seek(position + used)
        data = stream.read(header[3])
        if len(data) != header[3]:
            raise ValueError("a page is cut off")
        facts = header.get(5) or header.get(7) or header.get(8) or {}
        encoding = facts.get(4 if 8 in header else 2, -1)
        yield Page(header[1], encoding, facts.get(1, 0), data, header[2])
        position += used + len(data)


def _length(page: Page, codec: str) -> int:
    """How much of a dictionary page its values take: each is its length in four bytes, then itself."""
    text = memoryview(pa.decompress(page.data, page.size, codec.lower())) if codec != "UNCOMPRESSED" else page.data
    position = 0
    for _ in range(page.values):
        position += 4 + int.from_bytes(text[position : position + 4], "little")
    if position > page.size:
        raise ValueError("a dictionary page is cut off")
    return position


def _decoded(table: pa.Table) -> int:
    """Bytes of a row group in a reader's memory, a picture counted as often as it is shown."""
    total = 0
    for name in table.column_names:
        for chunk in table.column(name).chunks:
            cells = chunk.flatten() if pa.types.is_list(chunk.type) else chunk
            cells = cells.storage if isinstance(cells, pa.ExtensionArray) else cells
            cells = cells.field("bytes") if pa.types.is_struct(cells.type) else cells
            if pa.types.is_dictionary(cells.type):
                sizes = pc.take(pc.binary_length(cells.dictionary), cells.indices)
            else:
                sizes = pc.binary_length(cells)
            total += pc.sum(pc.cast(sizes, pa.int64())).as_py() or 0
    return total


class _Struct:
    """A Thrift struct in the compact protocol, as a dict of field numbers."""

    def __init__(self, data: bytes, position: int = 0) -> None:
        self.data = data
        self.position = position

    def read(self) -> tuple[dict[int, Any], int]:
        """The struct and where it ends.

        Raises:
            ValueError: it is damaged.
        """
        fields: dict[int, Any] = {}
        number = 0
        try:
            while (head := self._byte()) != 0:
                delta, kind = head >> 4, head & 15
                number = number + delta if delta else self._whole()
                fields[number] = self._value(kind)
        except IndexError as error:
            raise ValueError("a page header is cut off") from error
        return fields, self.position

    def _value(self, kind: int) -> Any:
        if kind in {1, 2}:  # true, false
            return kind == 1
        if kind == 3:
            return self._byte()
        if kind in {4, 5, 6}:
            return self._whole()
        if kind == 8:
            size = self._number()
            self.position += size
            return self.data[self.position - size : self.position]
        if kind == 9:
            return self._list()
        if kind == 12:
            inner = _Struct(self.data, self.position)
            value, self.position = inner.read()
            return value
        raise ValueError(f"a page header holds a field of kind {kind}")

    def _list(self) -> list[Any]:
        head = self._byte()
        size, kind = head >> 4, head & 15
        size = self._number() if size == 15 else size
        if size > len(self.data):
            raise ValueError("a list is longer than what holds it")
        return [self._byte() if kind in {1, 2} else self._value(kind) for _ in range(size)]

    def _byte(self) -> int:
        self.position += 1
        return self.data[self.position - 1]

    def _number(self) -> int:
        """An unsigned number, seven bits a byte."""
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def _whole(self) -> int:
        """A signed number, zigzag."""
        value = self._number()
        return (value >> 1) ^ -(value & 1)
