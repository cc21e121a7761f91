"""What stands in a Parquet file's footer and in its page headers, read without Arrow.

Arrow's own look at a column of a damaged footer ends the process. Structs are Thrift's compact protocol
(github.com/apache/parquet-format, parquet.thrift: FileMetaData, RowGroup, ColumnMetaData, PageHeader).
"""

import os
from typing import Any, BinaryIO, NamedTuple, TypeVar

T = TypeVar("T")

CODECS = ("uncompressed", "snappy", "gzip", "lzo", "brotli", "lz4", "zstd", "lz4_raw")
TAIL = 8
"""Bytes behind the footer: its length in four, and four that say what file it is."""


class Chunk(NamedTuple):
    """A column of a row group."""

    column: str
    """Its path in the schema, with dots."""
    codec: str
    start: int
    """Where its first page lies."""
    size: int
    """Bytes of its pages, with their headers, as they lie in the file."""
    decoded: int
    """As `size`, uncompressed."""


def footer_start(stream: BinaryIO) -> int:
    """Where the footer begins."""
    end = stream.seek(-TAIL, os.SEEK_END)
    return end - int.from_bytes(stream.read(4), "little")


def row_groups(stream: BinaryIO) -> list[list[Chunk]]:
    """The columns of each row group, in order.

    Args:
        stream: The file.

    Raises:
        ValueError: it is no Parquet file, or its footer is damaged.
    """
    start = footer_start(stream)
    stream.seek(max(0, start))
    facts, _ = Struct(stream.read()[:-TAIL]).read()
    return [[_chunk(each) for each in field(group, 1, list)] for group in field(facts, 4, list)]


def _chunk(column: Any) -> Chunk:
    facts = field(column, 3, dict)
    path = b".".join(checked(each, bytes) for each in field(facts, 3, list))
    codec, start = field(facts, 4, int), field(facts, 9, int)
    dictionary = field(facts, 11, int) if 11 in facts else 0
    if codec not in range(len(CODECS)):
        raise ValueError(f"a column of the codec {codec}")
    start = dictionary if 0 < dictionary < start else start
    return Chunk(path.decode("utf-8", "replace"), CODECS[codec], start, field(facts, 7, int), field(facts, 6, int))


def field(struct: Any, number: int, kind: type[T]) -> T:
    """A field that a struct must have.

    Raises:
        ValueError: it lacks it, or holds another thing in its place.
    """
    return checked(checked(struct, dict).get(number), kind)


def checked(found: Any, kind: type[T]) -> T:
    """What was found, where it is of the kind that it must be.

    Raises:
        ValueError: it is not.
    """
    if not isinstance(found, kind):
        raise ValueError(f"a struct lacks a {kind.__name__}")  # noqa: TRY004 - the file is wrong, and no caller
    return found


class Struct:
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
            raise ValueError("a struct is cut off") from error
        except RecursionError as error:
            raise ValueError("a struct is nested too deep") from error
        return fields, self.position

    def _value(self, kind: int) -> Any:
        if kind in {1, 2}:  # true, false
            return kind == 1
        if kind == 3:
            return self._byte()
        if kind in {4, 5, 6}:
            return self._whole()
        if kind in {7, 8}:  # a double is as a text of eight bytes
            size = self._number() if kind == 8 else 8
            self.position += size
            return self.data[self.position - size : self.position]
        if kind == 9:
            return self._list()
        if kind == 12:
            inner = Struct(self.data, self.position)
            value, self.position = inner.read()
            return value
        raise ValueError(f"a struct holds a field of kind {kind}")

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
