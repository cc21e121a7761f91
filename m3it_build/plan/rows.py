"""A planned row: everything but the pictures' bytes and the stored answer.

A plan holds the rows of each shard and, where a split is sampled, spares: the next records in the order of the sample,
dealt out to the shards. A row that is lost while its shard is written is replaced by the shard's next spare, so the
rows of a shard hang on nothing but its plan and its media; what a shard does not need, those that need more are dealt
when all are written.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
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
    """What a plan consists of; a spare's place is that in the order of the sample, over all shards."""
    plan.execute("CREATE TABLE rows (shard INT, place INT, blob BLOB, PRIMARY KEY (shard, place)) WITHOUT ROWID")
    plan.execute("CREATE TABLE spares (place INTEGER PRIMARY KEY, unit INT, shard INT, blob BLOB)")
    plan.execute("CREATE INDEX spares_of_shard ON spares (shard, place)")
    plan.execute("CREATE INDEX spares_of_unit ON spares (unit)")


def read_shard(plan: Path, index: int) -> Iterator[PlannedRow]:
    """Rows of one shard, in order."""
    yield from _read(plan, "SELECT blob FROM rows WHERE shard = ? ORDER BY place", (index,))


def read_spares(plan: Path, index: int) -> Iterator[PlannedRow]:
    """What may stand in for lost rows of one shard, in order."""
    yield from _read(plan, "SELECT blob FROM spares WHERE shard = ? ORDER BY place", (index,))


def untried(plan: Path, tried: Mapping[int, int]) -> list[int]:
    """The spares that no shard needed, in order, by the number of what is sampled as a whole.

    Args:
        plan: The plan of a split of which every shard was written.
        tried: Of each shard, how many of its spares it tried.
    """
    free: set[int] = set()
    with _reading(plan) as database:
        for shard, count in tried.items():
            units = [
                unit for (unit,) in database.execute("SELECT unit FROM spares WHERE shard = ? ORDER BY place", (shard,))
            ]
            free |= set(units[count:]) - set(units[:count])
    return sorted(free)


def deal(plan: Path, shards: Mapping[int, int]) -> None:
    """Give spares to shards, by the number of what is sampled as a whole; the plan is replaced as a whole.

    Raises:
        OutputError: the plan cannot be written.
    """
    target = plan.with_name(f".{plan.name}.{os.getpid()}.tmp")
    try:
        shutil.copyfile(plan, target)
        with closing(sqlite3.connect(target)) as database, database:
            database.executemany(
                "UPDATE spares SET shard = ? WHERE unit = ?", [(shard, unit) for unit, shard in shards.items()]
            )
        target.replace(plan)
    except (OSError, sqlite3.Error) as error:
        raise OutputError(f"{plan}: the plan cannot be written ({error}). Make room, and run it again.") from error
    finally:
        target.unlink(missing_ok=True)


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
