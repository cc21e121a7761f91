"""Parquet shards: pictures dictionary-encoded, `meta` as JSON text."""

import json
from array import array
from collections.abc import Iterable
from itertools import accumulate
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pybase64

from m3it_build.core.schema import SCHEMA
from m3it_build.store.output import Images, picture_column
from m3it_build.store.record import Record, Written, dump_meta

GROUP_BYTES = 16 << 20
"""Distinct picture bytes a row group: flat memory, and far below what dataset viewers refuse."""
GROUP_DECODED_BYTES = 128 << 20
"""Bytes a row group may have in a reader's memory, repeats counted: Arrow reads no nested column of over 2 GB, and
readers hold a whole group."""
GROUP_ROWS = 10_000
GROUP_ENDS = 16
"""One picture in so many may begin a row group early."""
HF_KEY = "huggingface"
"""Under which `datasets` keeps its features in a file."""
SCHEMA_KEY = "m3it.schema"
"""Under which a file tells the form of its rows, as each row does."""


def schema(images: Images) -> pa.Schema:
    """The explicit schema of every shard.

    `meta` is a plain string, here and in the features that `datasets` reads from the file, and the list is called by
    its older name: so every `datasets` from 2.16 on reads the file. That `meta` is JSON stands in the card.
    """
    text = pa.string()
    if images is Images.BASE64:
        name, cell = "image_base64_str", pa.dictionary(pa.int32(), text)
    else:
        name, cell = "images", pa.struct([("bytes", pa.dictionary(pa.int32(), pa.binary())), ("path", text)])
    value = {"dtype": "string", "_type": "Value"}
    item = value if images is Images.BASE64 else {"_type": "Image"}
    features = {
        "instruction": value,
        "inputs": value,
        name: {"feature": item, "_type": "Sequence"},
        "outputs": value,
        "meta": value,
    }
    fields = [("instruction", text), ("inputs", text), (name, pa.list_(cell)), ("outputs", text), ("meta", text)]
    metadata = {HF_KEY: json.dumps({"info": {"features": features}}), SCHEMA_KEY: SCHEMA}
    return pa.schema(fields, metadata=metadata)


def write_parquet(stream: BinaryIO, records: Iterable[Record], images: Images) -> Written:
    """Write all records in row groups."""
    shape = schema(images)
    rows = decoded = 0
    with pq.ParquetWriter(
        stream,
        shape,
        compression="zstd",
        compression_level=1,
        use_dictionary=[picture_column(images)],
        dictionary_pagesize_limit=1 << 30,  # else the writer gives the dictionary up after 1 MB
        store_schema=False,  # `datasets` cannot map Arrow's dictionary type; the file's own type stays list<string>
        write_page_index=True,
    ) as writer:
        writer.add_key_value_metadata({key.decode(): value.decode() for key, value in shape.metadata.items()})
        group = _Group(images)
        for record in records:
            row = _Row(record, images)
            if group.ends_before(row):
                writer.write_table(group.table(shape))
                group = _Group(images)
            group.add(row)
            rows += 1
            decoded += row.decoded
        if group.metas or not rows:
            writer.write_table(group.table(shape))
    return Written(rows, decoded)


class _Row:
    """A record as bytes, and how many of them a reader will hold."""

    def __init__(self, record: Record, images: Images) -> None:
        self.texts = (record.instruction.encode(), record.inputs.encode(), record.outputs.encode())
        self.meta = dump_meta(record.meta)
        self.images = record.images
        pictures = sum(
            4 * -(-len(image.data) // 3) if images is Images.BASE64 else len(image.data) for image in record.images
        )
        self.decoded = len(self.meta) + sum(map(len, self.texts)) + pictures


class _Group:
    """The rows of one row group, pictures kept once."""

    def __init__(self, images: Images) -> None:
        self.images = images
        self.texts: tuple[list[bytes], list[bytes], list[bytes]] = ([], [], [])
        self.metas: list[bytes] = []
        self.offsets = [0]
        self.indices: list[int] = []
        self.names: list[bytes] = []
        self.pictures: list[bytes] = []
        self.known: dict[bytes, int] = {}
        """Places of pictures by their content. A picture that stood twice in a dictionary would make Arrow write a page
        of the full length, fill only the distinct part, and publish what lay in memory behind it."""
        self.size = 0
        self.decoded = 0

    def ends_before(self, row: _Row) -> bool:
        """Whether a row begins the next group: this one is full, or past half and a new picture's hash says so.

        So a picture that comes or goes moves the ends of its own neighbourhood only, and a store that keeps equal
        pieces of files once is sent little of a changed shard. (Arrow's own content-defined chunking does not reach
        pictures: they lie in dictionary pages.)
        """
        if not self.metas:
            return False
        if self.decoded + row.decoded > GROUP_DECODED_BYTES or len(self.metas) >= GROUP_ROWS:
            return True
        new = next((image for image in row.images if image.data not in self.known), None)
        if new is None or self.size < GROUP_BYTES // 2:
            return False
        return self.size >= GROUP_BYTES or int(new.sha256[-8:], 16) % GROUP_ENDS == 0

    def add(self, row: _Row) -> None:
        for column, text in zip(self.texts, row.texts, strict=True):
            column.append(text)
        self.metas.append(row.meta)
        self.decoded += row.decoded
        for image in row.images:
            if (place := self.known.get(image.data)) is None:
                place = self.known[image.data] = len(self.pictures)
                data = pybase64.b64encode(image.data) if self.images is Images.BASE64 else image.data
                self.pictures.append(data)
                self.size += len(data)
            self.indices.append(place)
            self.names.append(image.name.encode())
        self.offsets.append(len(self.indices))

    def table(self, shape: pa.Schema) -> pa.Table:
        if len(self.known) != len(self.pictures):
            raise AssertionError("a picture stands twice in a dictionary")
        text = pa.string()
        pictures = _column(self.pictures, text if self.images is Images.BASE64 else pa.binary())
        cells: Any = pa.DictionaryArray.from_arrays(_numbers(self.indices), pictures)
        if self.images is Images.BYTES:
            cells = pa.StructArray.from_arrays([cells, _column(self.names, text)], ["bytes", "path"])
        lists = pa.ListArray.from_arrays(_numbers(self.offsets), cells)
        instruction, inputs, outputs = (_column(texts, text) for texts in self.texts)
        return pa.Table.from_arrays([instruction, inputs, lists, outputs, _column(self.metas, text)], schema=shape)


# Columns are made from buffers: `pa.array` looks at each value, and imports pandas where that is installed.


def _column(cells: list[bytes], kind: pa.DataType) -> pa.Array:
    """Texts or bytes as an Arrow column, copied once; text must be UTF-8 already."""
    offsets = array("i", accumulate(map(len, cells), initial=0))
    return pa.Array.from_buffers(kind, len(cells), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(cells))])


def _numbers(values: list[int]) -> pa.Array:
    """Whole numbers as an Arrow column."""
    return pa.Array.from_buffers(pa.int32(), len(values), [None, pa.py_buffer(array("i", values))])
