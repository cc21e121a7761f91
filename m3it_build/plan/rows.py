"""A planned row: everything but the pictures' bytes and the stored answer.

A plan holds the rows of each shard and, where a split is sampled, spares: the next records in the order of the sample.
They replace the rows that are lost while shards are written, in shards of their own.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from m3it_build.core.errors import MachineError
from m3it_build.core.sample import Origin, Sample
from m3it_build.store.sqlite import is_passing
from m3it_build.store.state import DamagedState


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


def create_tables(plan: sqlite3.Connection) -> None:
    """What a plan consists of: rows and spares."""
    plan.execute("CREATE TABLE rows (shard INT, place INT, blob BLOB, PRIMARY KEY (shard, place)) WITHOUT ROWID")
    plan.execute("CREATE TABLE spares (place INTEGER PRIMARY KEY, blob BLOB)")


def read_shard(plan: Path, index: int) -> Iterator[PlannedRow]:
    """Rows of one shard, in order."""
    yield from _read(plan, "SELECT blob FROM rows WHERE shard = ? ORDER BY place", (index,))


def read_spares(plan: Path, first: int) -> Iterator[PlannedRow]:
    """What may stand in for lost rows, in the order of the sample, from the place `first`, counted from 0."""
    yield from _read(plan, "SELECT blob FROM spares WHERE place >= ? ORDER BY place", (first,))


def count_spares(plan: Path) -> int:
    """How many a plan has."""
    with _reading(plan) as database:
        return int(database.execute("SELECT count(*) FROM spares").fetchone()[0])


def read_plan(plan: Path) -> Iterator[PlannedRow]:
    """Rows of all shards, in order."""
    yield from _read(plan, "SELECT blob FROM rows ORDER BY shard, place", ())


def _read(plan: Path, query: str, values: tuple[int, ...]) -> Iterator[PlannedRow]:
    with _reading(plan) as database:
        for (blob,) in database.execute(query, values):
            yield unpack(blob)


@contextmanager
def _reading(plan: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{plan.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            yield database
    except (sqlite3.Error, msgspec.DecodeError, TypeError, RecursionError, UnicodeDecodeError) as error:
        if is_passing(error):
            raise MachineError(f"{plan}: cannot be read now ({error}). Run the same command again.") from error
        way_out = "Run the same command again: it is made anew from its source."
        raise DamagedState(f"{plan}: the plan is damaged ({error})", way_out) from error
