"""Reads shards back: texts and meta alone, or chosen rows with their pictures; a row at a time, in flat memory."""

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec
import pybase64

from m3it_build.core.machine import is_of_machine, machine_error
from m3it_build.store.output import Format, Images, picture_column
from m3it_build.store.record import StoredImage
from m3it_build.store.regular_file import Disk, buffered
from m3it_build.store.state import DamagedState

MISREAD = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What values of another kind than were written make a reader raise."""


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
    """Every row of a shard, in order.

    Raises:
        DamagedState: its bytes are not those that were written.
        MachineError: the machine does not give them.
    """
    with _reading(path):
        yield from _parquet_texts(path) if path.name.endswith("." + Format.PARQUET) else _jsonl_texts(path)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Whatever a damaged shard makes a reader raise, and what the system says of one, becomes a message."""
    import pyarrow as pa
    import zstandard

    try:
        yield
    except (OSError, MemoryError, pa.ArrowException, zstandard.ZstdError, *MISREAD) as error:
        if is_of_machine(error):
            raise machine_error(path, error) from error
        raise DamagedState(
            f"{path}: its bytes are not those that were written ({' '.join(str(error).split())[:200]})",
            "Make it again: run the same build, or translation, with --verify.",
        ) from error


def _jsonl_texts(path: Path) -> Iterator[Texts]:
    decoder = msgspec.json.Decoder(_Line)
    with open_lines(path) as stream:
        for text in stream:
            line = decoder.decode(text)
            yield Texts(line.instruction, line.inputs, line.outputs, line.meta)


def read_pictures(path: Path, places: Iterable[int], images: Images) -> Iterator[tuple[Texts, tuple[StoredImage, ...]]]:
    """Chosen rows with their pictures as they were stored; one object for each picture that follows itself.

    Args:
        path: The shard.
        places: Row numbers from 0, rising.
        images: How its pictures are stored.

    Raises:
        DamagedState: its bytes are not those that were written.
        MachineError: the machine does not give them.
    """
    memory = _Pictures()
    is_parquet = path.name.endswith("." + Format.PARQUET)
    with _reading(path):
        for texts, cells in _parquet_rows(path, places, images) if is_parquet else _jsonl_rows(path, places):
            facts: Any = texts.meta["images"]
            yield texts, tuple(memory.image(*each) for each in zip(facts, cells, strict=True))


class _Pictures:
    """The last few pictures."""

    def __init__(self) -> None:
        self.known: dict[str, StoredImage] = {}

    def image(self, facts: Mapping[str, Any], cell: str | bytes) -> StoredImage:
        key = f"{facts['sha256']} {facts['name']}"
        if key not in self.known:
            if len(self.known) >= 32:
                self.known.clear()
            data = pybase64.b64decode(cell) if isinstance(cell, str) else cell
            self.known[key] = StoredImage(data, **facts)
        return self.known[key]


class WholeLine(_Line):
    """A line of JSONL with its pictures."""

    image_base64_str: list[str]


def _jsonl_rows(path: Path, places: Iterable[int]) -> Iterator[tuple[Texts, list[str]]]:
    decoder = msgspec.json.Decoder(WholeLine)
    wanted = iter(places)
    place = next(wanted, None)
    with open_lines(path) as stream:
        for number, text in enumerate(stream):
            if place is None:
                return
            if number == place:
                line = decoder.decode(text)
                yield Texts(line.instruction, line.inputs, line.outputs, line.meta), line.image_base64_str
                place = next(wanted, None)


def _parquet_rows(path: Path, places: Iterable[int], images: Images) -> Iterator[tuple[Texts, list[Any]]]:
    """Only row groups that hold a chosen row are read, and each distinct picture of them once."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(Disk(path), read_dictionary=[picture_column(images)]) as file:
        wanted = sorted(places)
        start = 0
        for number in range(file.num_row_groups):
            end = start + file.metadata.row_group(number).num_rows
            here = [place - start for place in wanted if start <= place < end]
            start = end
            if not here:
                continue
            table = file.read_row_group(number)
            for place in here:
                row = table.slice(place, 1).to_pylist()[0]
                texts = Texts(row["instruction"], row["inputs"], row["outputs"], msgspec.json.decode(row["meta"]))
                if images is Images.BASE64:
                    yield texts, row["image_base64_str"]
                else:
                    yield texts, [cell["bytes"] for cell in row["images"]]


def open_lines(path: Path) -> BinaryIO:
    """A JSONL shard as a stream of lines, plain or under Zstandard."""
    if path.name.endswith("." + Format.JSONL_ZST):
        import zstandard

        stream = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(buffered(path), closefd=True)
        return io.BufferedReader(stream)
    return buffered(path)


def _parquet_texts(path: Path) -> Iterator[Texts]:
    import pyarrow.parquet as pq

    columns = ["instruction", "inputs", "outputs", "meta"]
    for batch in pq.ParquetFile(Disk(path)).iter_batches(1024, columns=columns):
        instructions, inputs, outputs = (batch.column(name).to_pylist() for name in columns[:3])
        metas = batch.column("meta").to_pylist()
        for texts in zip(instructions, inputs, outputs, metas, strict=True):
            yield Texts(*texts[:3], msgspec.json.decode(texts[3]))
