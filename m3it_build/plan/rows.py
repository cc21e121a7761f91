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


def create_tables(plan: sqlite3.Connection) -> None:
    """What a plan consists of: rows, spares, and the fingerprint of all that it was made of."""
    plan.execute("CREATE TABLE made_of (fingerprint TEXT)")
    plan.execute("CREATE TABLE rows (shard INT, place INT, blob BLOB, PRIMARY KEY (shard, place)) WITHOUT ROWID")
    plan.execute("CREATE TABLE spares (place INTEGER PRIMARY KEY, blob BLOB)")


def made_of(plan: Path) -> str | None:
    """The fingerprint of what a plan was made of; None of one that is not there, or not whole."""
    try:
        with closing(sqlite3.connect(f"file:{plan}?mode=ro&immutable=1", uri=True)) as database:
            found = database.execute("SELECT fingerprint FROM made_of").fetchone()
    except sqlite3.Error:
        return None
    return str(found[0]) if found else None


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
        with closing(sqlite3.connect(f"file:{plan}?mode=ro&immutable=1", uri=True)) as database:
            yield database
    except sqlite3.Error as error:
        raise OutputError(f"{plan}: the plan cannot be read ({error}). Use --overwrite.") from error
