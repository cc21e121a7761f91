"""Reads shards back without their pictures: texts and meta, a row at a time, in flat memory."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from m3it_build.store.layout import Format


class Texts(NamedTuple):
    """A row without its pictures."""

    instruction: str
    inputs: str
    outputs: str
    meta: dict[str, object]


class _Line(msgspec.Struct):
    """What is decoded of a JSONL line; the pictures are skipped over."""

    instruction: str
    inputs: str
    outputs: str
    meta: dict[str, object]


def read_texts(path: Path) -> Iterator[Texts]:
    """Every row of a shard, in order."""
    if path.name.endswith("." + Format.PARQUET):
        yield from _parquet_texts(path)
        return
    decoder = msgspec.json.Decoder(_Line)
    with open_lines(path) as stream:
        for text in stream:
            line = decoder.decode(text)
            yield Texts(line.instruction, line.inputs, line.outputs, line.meta)


def open_lines(path: Path) -> BinaryIO:
    """A JSONL shard as a stream of lines, plain or under Zstandard."""
    if path.name.endswith("." + Format.JSONL_ZST):
        import zstandard

        stream = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(path.open("rb"), closefd=True)
        return io.BufferedReader(stream)
    return path.open("rb")


def _parquet_texts(path: Path) -> Iterator[Texts]:
    import pyarrow.parquet as pq

    columns = ["instruction", "inputs", "outputs", "meta"]
    for batch in pq.ParquetFile(path).iter_batches(1024, columns=columns):
        instructions, inputs, outputs = (batch.column(name).to_pylist() for name in columns[:3])
        metas = batch.column("meta").storage.to_pylist()
        for texts in zip(instructions, inputs, outputs, metas, strict=True):
            yield Texts(*texts[:3], msgspec.json.decode(texts[3]))
