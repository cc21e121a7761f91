"""Parquet shards: pictures dictionary-encoded, `meta` as JSON."""

import json
from array import array
from collections.abc import Iterable
from itertools import accumulate
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pybase64

from m3it_build.store.layout import Images, picture_column
from m3it_build.store.record import Record, StoredImage, dumps

GROUP_BYTES = 16 << 20
"""Distinct picture bytes a row group: flat memory, and far below what dataset viewers refuse."""
GROUP_ROWS = 10_000
HF_KEY = "huggingface"
"""Under which `datasets` keeps its features in a file."""


def schema(images: Images) -> pa.Schema:
    """The explicit schema of every shard."""
    text = pa.string()
    meta = pa.field("meta", pa.json_(text))
    if images is Images.BASE64:
        cell = pa.field("image_base64_str", pa.list_(pa.dictionary(pa.int32(), text)))
        return pa.schema([("instruction", text), ("inputs", text), cell, ("outputs", text), meta])
    item = pa.struct([("bytes", pa.dictionary(pa.int32(), pa.binary())), ("path", text)])
    value = {"dtype": "string", "_type": "Value"}
    features = {
        "instruction": value,
        "inputs": value,
        "images": {"feature": {"_type": "Image"}, "_type": "List"},
        "outputs": value,
        "meta": {"_type": "Json"},
    }
    fields = [("instruction", text), ("inputs", text), pa.field("images", pa.list_(item)), ("outputs", text), meta]
    return pa.schema(fields, metadata={HF_KEY: json.dumps({"info": {"features": features}})})


def write_parquet(stream: BinaryIO, records: Iterable[Record], images: Images) -> int:
    """Write all records in row groups; returns the number of rows."""
    shape = schema(images)
    rows = 0
    with pq.ParquetWriter(
        stream,
        shape,
        compression="zstd",
        compression_level=1,
        use_dictionary=[picture_column(images)],
        dictionary_pagesize_limit=1 << 30,  # else the writer gives the dictionary up after 1 MB
        store_schema=False,  # `datasets` cannot map Arrow's dictionary type; the file's own type stays list<string>
        write_page_index=False,
    ) as writer:
        if shape.metadata:
            writer.add_key_value_metadata({HF_KEY: shape.metadata[HF_KEY.encode()].decode()})
        group = _Group(images)
        for record in records:
            group.add(record)
            rows += 1
            if group.size >= GROUP_BYTES or len(group.metas) >= GROUP_ROWS:
                writer.write_table(group.table(shape))
                group = _Group(images)
        if group.metas or not rows:
            writer.write_table(group.table(shape))
    return rows


class _Group:
    """The rows of one row group, pictures kept once."""

    def __init__(self, images: Images) -> None:
        self.images = images
        self.texts: tuple[list[str], list[str], list[str]] = ([], [], [])
        self.metas: list[bytes] = []
        self.offsets = [0]
        self.indices: list[int] = []
        self.names: list[str] = []
        self.pictures: list[bytes] = []
        self.known: dict[int, tuple[int, StoredImage]] = {}
        self.size = 0

    def add(self, record: Record) -> None:
        for column, text in zip(self.texts, (record.instruction, record.inputs, record.outputs), strict=True):
            column.append(text)
        self.metas.append(dumps(record.meta))
        for image in record.images:
            if (known := self.known.get(id(image))) is None:
                known = self.known[id(image)] = (len(self.pictures), image)
                data = pybase64.b64encode(image.data) if self.images is Images.BASE64 else image.data
                self.pictures.append(data)
                self.size += len(data)
            self.indices.append(known[0])
            self.names.append(image.name)
        self.offsets.append(len(self.indices))

    def table(self, shape: pa.Schema) -> pa.Table:
        text = pa.string()
        pictures = _column(self.pictures, text if self.images is Images.BASE64 else pa.binary())
        cells: Any = pa.DictionaryArray.from_arrays(_numbers(self.indices), pictures)
        if self.images is Images.BYTES:
            cells = pa.StructArray.from_arrays([cells, _column(map(str.encode, self.names), text)], ["bytes", "path"])
        lists = pa.ListArray.from_arrays(_numbers(self.offsets), cells)
        metas = pa.ExtensionArray.from_storage(pa.json_(text), _column(self.metas, text))
        instruction, inputs, outputs = (_column(map(str.encode, texts), text) for texts in self.texts)
        return pa.Table.from_arrays([instruction, inputs, lists, outputs, metas], schema=shape)


# Columns are made from buffers: `pa.array` looks at each value, and imports pandas where that is installed.


def _column(cells: Iterable[bytes], kind: pa.DataType) -> pa.Array:
    """Texts or bytes as an Arrow column, copied once; text must be UTF-8 already."""
    cells = list(cells)
    offsets = array("i", accumulate(map(len, cells), initial=0))
    return pa.Array.from_buffers(kind, len(cells), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(cells))])


def _numbers(values: list[int]) -> pa.Array:
    """Whole numbers as an Arrow column."""
    return pa.Array.from_buffers(pa.int32(), len(values), [None, pa.py_buffer(array("i", values))])
