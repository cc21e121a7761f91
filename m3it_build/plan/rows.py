"""A planned row: everything but the pictures' bytes and the stored answer."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from m3it_build.core.errors import OutputError
from m3it_build.core.sample import Origin, Sample


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of a plan."""

    sample: Sample
    origin: Origin


def pack(planned: PlannedRow) -> bytes:
    """As it lies in the plan."""
    return msgspec.msgpack.encode(planned)


_decoder = msgspec.msgpack.Decoder(PlannedRow)


def unpack(blob: bytes) -> PlannedRow:
    """The opposite of `pack`."""
    return _decoder.decode(blob)


def read_shard(plan: Path, index: int) -> Iterator[PlannedRow]:
    """Rows of one shard, in order."""
    yield from _read(plan, "SELECT blob FROM rows WHERE shard = ? ORDER BY place", (index,))


def read_plan(plan: Path) -> Iterator[PlannedRow]:
    """Rows of all shards, in order."""
    yield from _read(plan, "SELECT blob FROM rows ORDER BY shard, place", ())


def _read(plan: Path, query: str, values: tuple[int, ...]) -> Iterator[PlannedRow]:
    try:
        with closing(sqlite3.connect(f"file:{plan}?mode=ro&immutable=1", uri=True)) as database:
            for (blob,) in database.execute(query, values):
                yield unpack(blob)
    except sqlite3.Error as error:
        raise OutputError(f"{plan}: the plan cannot be read ({error}). Use --overwrite.") from error
