"""The pages of a Parquet file, below what Arrow shows: how pictures really lie, and what else lies there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from m3it_build.store.footer import CODECS, Chunk, Struct, checked, field, footer_start, row_groups
from m3it_build.store.output import Images, picture_column
from m3it_build.store.parquet import GROUP_DECODED_BYTES, schema
from m3it_build.store.regular_file import Disk, buffered

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
        MachineError: the machine does not give it.
        ArrowInvalid: it is no Parquet file.
        ValueError: its pages are damaged.
    """
    with buffered(path) as stream, _opened(path, images) as file:
        metadata, groups = file.metadata, row_groups(stream)
        yield from _foreign_metadata(metadata, images)
        position = len(MAGIC)
        for number, group in enumerate(groups):
            for chunk in group:
                if chunk.start != position:
                    yield f"row group {number}: bytes that belong to no row stand before {chunk.column}"
                position = chunk.start + chunk.size
                if chunk.column == picture_column(images):
                    yield from (f"row group {number}: {fault}" for fault in _picture_faults(stream, chunk))
            table = file.read_row_group(number)
            if unused := _unused(table, images):
                yield f"row group {number}: pictures that belong to no row ({unused})"
            if (size := _decoded(table)) > GROUP_DECODED_BYTES and len(table) > 1:
                yield f"row group {number}: {size:,} bytes in a reader's memory, more than {GROUP_DECODED_BYTES:,}"
        indexes = 2 * sum(map(len, groups))  # of columns and of offsets, one a chunk
        if groups and (gap := footer_start(stream) - position - _index_bytes(stream, position, indexes)):
            yield f"{gap:,} bytes that belong to no row stand before the footer"


def _opened(path: Path, images: Images) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(Disk(path), read_dictionary=[picture_column(images)])
    except KeyError as error:
        raise ValueError(f"no column is called {picture_column(images)}") from error


def _foreign_metadata(metadata: Any, images: Images) -> Iterator[str]:
    """Keys of the file that are not ours, or do not say what ours say."""
    ours, theirs = schema(images).metadata, metadata.metadata or {}
    for key in sorted(ours.keys() | theirs.keys()):
        if ours.get(key) != theirs.get(key):
            yield f"its metadata {key.decode(errors='replace')!r} is not what this m3it writes"


def _picture_faults(stream: BinaryIO, chunk: Chunk) -> Iterator[str]:
    for page in pages_of(stream, chunk):
        if page.kind in {DATA_PAGE, DATA_PAGE_V2} and page.encoding != RLE_DICTIONARY:
            yield "pictures are not dictionary-encoded to the end"
        elif page.kind == DICTIONARY_PAGE and (foreign := page.size - _length(page, chunk.codec)):
            yield f"{foreign:,} bytes that belong to no row stand behind its pictures"


def _index_bytes(stream: BinaryIO, position: int, most: int) -> int:
    """How much of what lies between the last page and the footer are page indexes, structs one behind the other.

    Args:
        stream: The file.
        position: Where the pages end.
        most: So many indexes there may be.
    """
    size = footer_start(stream) - position
    stream.seek(position)
    data = stream.read(size)
    used = 0
    for _ in range(most):
        try:
            _, used = Struct(data, used).read()
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


def pages_of(stream: BinaryIO, chunk: Chunk) -> Iterator[Page]:
    """The pages of a column chunk, in order.

    Raises:
        ValueError: one is damaged.
    """
    position = chunk.start
    end = position + chunk.size
    while position < end:
        stream.seek(position)
        header, used = Struct(stream.read(HEADER_BYTES)).read()
        kind, size, length = (field(header, number, int) for number in (1, 2, 3))
        known = {1: 0, 2: -1, 4: -1, **checked(header.get(5) or header.get(7) or header.get(8) or {}, dict)}
        values, encoding = field(known, 1, int), field(known, 4 if 8 in header else 2, int)
        stream.seek(position + used)
        data = stream.read(max(0, min(length, end - position)))
        if len(data) != length:
            raise ValueError("a page is cut off")
        yield Page(kind, encoding, values, data, size)
        position += used + len(data)


def _length(page: Page, codec: str) -> int:
    """How much of a dictionary page its values take: each is its length in four bytes, then itself."""
    text = memoryview(pa.decompress(page.data, page.size, codec)) if codec != CODECS[0] else page.data
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
