"""The plan of a split: its records converted, sampled, ordered by hash and cut into shards.

Annotations are read here, once, by one process; workers get rows, never annotation files. Rows wait in SQLite, so
memory does not grow with the split.
"""

import hashlib
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from m3it_build.core.choice import Draw
from m3it_build.core.errors import M3itError, OutputError, SourceError
from m3it_build.core.machine import machine_error, machine_failed
from m3it_build.core.sample import Clip, Reason, Reject, Row, Sample
from m3it_build.core.task import Layout, Task
from m3it_build.plan.layouts import read_layout
from m3it_build.plan.rows import PlannedRow, create_tables, pack
from m3it_build.sources.folder import Folder
from m3it_build.sources.pictures import CELL
from m3it_build.stages import run_stages
from m3it_build.store.atomic import advice, temporary_of
from m3it_build.store.disk import make_folder, sync_folder

CELLS_TOGETHER = 128
LEAST_SPARES = 2000
"""Records kept in reserve: as many as are taken, and at least so many."""
TOLD_EVERY = 1000
"""Records between two words on how far the reading is."""

BAD_RECORD_ERRORS = (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError)
"""What a record of another form than the documented one makes a conversion stumble over."""


class Counts(Counter[str]):
    """Records by fate: read, planned, left_out."""


def convert(task: Task, row: Row, draw: Draw) -> Sample | Reject:
    """One record through conversion and the rules of text.

    Raises:
        SourceError: the task's own code fails: it raises what no record of another form makes it raise, or gives
            neither a sample nor a reject.
        MachineError: memory is short.
    """
    try:
        result: object = task.convert(row)
    except (*BAD_RECORD_ERRORS, MemoryError) as error:
        _check_machine(task, row, error)
        return Reject(row.key, "convert", Reason.BAD_RECORD, f"{type(error).__name__}: {error}")
    except Exception as error:
        _check_machine(task, row, error)
        raise _fault(task, row, f"raises {type(error).__name__}: {error}") from error
    if isinstance(result, Reject):
        return result
    if not isinstance(result, Sample):
        raise _fault(task, row, f"gives {result!r}, which is neither a Sample nor a Reject")
    try:
        return run_stages(result, draw, task.languages[0])
    except (RecursionError, MemoryError) as error:
        _check_machine(task, row, error)
        return Reject(row.key, "convert", Reason.BAD_RECORD, f"{type(error).__name__}: {error}")
    except Exception as error:
        _check_machine(task, row, error)
        raise _fault(task, row, f"gives a sample of another form ({type(error).__name__}: {error})") from error


def _check_machine(task: Task, row: Row, error: Exception) -> None:
    """A conversion opens nothing, but needs memory, and libraries that are loaded when they are needed."""
    if machine_failed(error):
        raise machine_error(f"{task.name}: record {row.key} ({row.origin.file})", error) from error


def _fault(task: Task, row: Row, what: str) -> SourceError:
    return SourceError(
        f"{task.name}: its conversion {what}, for record {row.key} ({row.origin.file}, {row.origin.record}). "
        f"Mend the task's code; see: m3it tasks check {task.name}"
    )


class PlanWriter:
    """Makes a split's plan file and the list of its early rejects."""

    def __init__(
        self,
        path: Path,
        task: Task,
        draw: Draw,
        take: int | None,
        read: Callable[[int], None] = lambda _: None,
        ready: Callable[[], None] | None = None,
    ) -> None:
        """Keep at most `take` rows, the first by priority and hash; None keeps all. Tell `read` how many were read.

        Of the others, the next in that order are kept as spares. Call `ready` when all is read, before the plan takes
        the place of another; it raises where what was read is no longer there.
        """
        self.path = path
        self.task = task
        self.draw = draw
        self.take = take
        self.read = read
        self.ready = ready
        self.counts = Counts()
        self.digest = ""
        """SHA-256 of the plan's file, when it is written."""
        self.last: tuple[str | None, int] = (None, 0)
        """The last picture and its place in the order."""

    def write(self, layout: Layout, folder: Folder, rows_per_shard: int) -> tuple[Counts, int, list[Reject]]:
        """Read the split and write its plan; returns counts, number of shards and early rejects.

        Raises:
            SourceError: the annotation files cannot be read, or changed meanwhile.
            MachineError: the machine does not give them now.
            OutputError: the plan cannot be written.
        """
        scratch, target = temporary_of(self.path, ".scratch"), temporary_of(self.path)
        try:
            make_folder(self.path.parent)
            with closing(_database(scratch)) as drafts:
                rejects = self._collect(drafts, layout_records(self.task, layout, folder))
                with closing(_database(target)) as plan:
                    shards = self._cut(drafts, plan, rows_per_shard)
            self.digest = _synced(target)
            if self.ready is not None:
                self.ready()
            target.replace(self.path)
            sync_folder(self.path.parent)
        except (OSError, sqlite3.Error) as error:
            raise OutputError(
                f"{self.path}: the plan cannot be written ({error}). {advice(error)}, then run the same command again."
            ) from error
        finally:
            for path in (scratch, target):
                with suppress(OSError):  # the first error tells more
                    path.unlink(missing_ok=True)
        return self.counts, shards, rejects

    def _collect(self, drafts: sqlite3.Connection, items: Iterable[Row | Reject]) -> list[Reject]:
        drafts.execute(
            "CREATE TABLE drafts "
            "(key TEXT PRIMARY KEY, priority INT, sampling INT, grouping INT, media TEXT, blob BLOB)"
        )
        rejects = []
        for item in items:
            self.counts["read"] += 1
            if self.counts["read"] % TOLD_EVERY == 0:
                self.read(self.counts["read"])
            rejected = item if isinstance(item, Reject) else self._add(drafts, item)
            if rejected is not None:
                rejects.append(rejected)
        return rejects

    def _add(self, drafts: sqlite3.Connection, row: Row) -> Reject | None:
        """Convert a row and note its draft; returns the reject if it becomes none."""
        draw = self.draw
        sample = convert(self.task, row, draw)
        facts: tuple[object, ...] = (None,) * 5
        try:
            if isinstance(sample, Sample):
                media = _media(sample)
                if media != self.last[0]:  # rows of one picture mostly follow each other
                    self.last = (media, draw.rank("order", _neighbourhood(media)))
                blob = pack(PlannedRow(sample, row.origin))
                sampling = 0 if self.take is None else draw.rank("sample", sample.unit or row.key)
                facts = (sample.priority, sampling, self.last[1], media, blob)
            if not drafts.execute("INSERT OR IGNORE INTO drafts VALUES (?, ?, ?, ?, ?, ?)", (row.key, *facts)).rowcount:
                return Reject(row.key, "plan", Reason.DUPLICATE_ID, f"{row.origin.file}: {row.origin.record}")
        except (UnicodeEncodeError, TypeError, OverflowError, RecursionError) as error:
            return Reject(ascii(row.key), "plan", Reason.BAD_RECORD, f"cannot be stored: {error}")
        return sample if isinstance(sample, Reject) else None

    def _cut(self, drafts: sqlite3.Connection, plan: sqlite3.Connection, rows_per_shard: int) -> int:
        """Order rows by hash of their picture, then key, and cut between pictures; keep spares."""
        create_tables(plan)
        available = drafts.execute("SELECT count(*) FROM drafts WHERE blob NOT NULL").fetchone()[0]
        planned = available if self.take is None else min(self.take, available)
        everything = "FROM drafts WHERE blob NOT NULL"
        if planned < available:
            drafts.execute(
                "CREATE TABLE ranked AS SELECT rowid AS draft, row_number() OVER (ORDER BY priority, sampling, key) "
                f"AS place {everything} ORDER BY place LIMIT ?",
                (planned + max(planned, LEAST_SPARES),),
            )
        ranked = "FROM ranked JOIN drafts ON drafts.rowid = draft WHERE place"
        taken = f"{ranked} <= {planned}" if planned < available else everything
        chosen = drafts.execute(f"SELECT media, blob {taken} ORDER BY grouping, media, key")
        plan.executemany("INSERT INTO rows VALUES (?, ?, ?)", _placed(chosen, rows_per_shard))
        shards = int(plan.execute("SELECT max(shard) + 1 FROM rows").fetchone()[0] or 0)
        if planned < available:
            spares = drafts.execute(f"SELECT place - {planned} - 1, blob {ranked} > {planned} ORDER BY place")
            plan.executemany("INSERT INTO spares VALUES (?, ?)", spares)
        plan.commit()
        self.counts["planned"] = planned
        self.counts["left_out"] = available - planned
        return shards


def layout_records(task: Task, layout: Layout, folder: Folder) -> Iterator[Row | Reject]:
    """The layout's records; a file of another form than the documented one ends in a message, not in a traceback.

    Raises:
        SourceError: a file is damaged, or of another form.
        MachineError: the machine does not give it now.
    """
    try:
        yield from read_layout(layout, folder)
    except M3itError:
        raise
    except BAD_RECORD_ERRORS as error:
        what = f"{type(error).__name__}: {error}"
        raise SourceError(
            f"{task.name}: {_files(folder)}: not of the documented form ({what}). See: m3it sources {task.name}"
        ) from error
    except Exception as error:
        if machine_failed(error):
            raise machine_error(f"{task.name}: {getattr(error, 'filename', None) or _files(folder)}", error) from error
        what = f"{type(error).__name__}: {error}"
        raise SourceError(f"{task.name}: reading its records fails ({what}). See: m3it sources {task.name}") from error


def _files(folder: Folder) -> str:
    return ", ".join(str(file.path) for file in folder.opened.values()) or "its files"


def _placed(chosen: Iterable[tuple[str, bytes]], rows_per_shard: int) -> Iterator[tuple[int, int, bytes]]:
    """Shard and place of each row; a picture's rows stay together, even where they alone exceed a shard."""
    shard = place = 0
    for _, rows in groupby(chosen, key=itemgetter(0)):
        group = list(rows)
        if place and place + len(group) > rows_per_shard:
            shard, place = shard + 1, 0
        for _, blob in group:
            yield shard, place, blob
            place += 1


def _media(sample: Sample) -> str:
    """What rows are grouped by: the first picture or clip, so that it is read once."""
    if not sample.images or (not isinstance(sample.images[0], Clip) and sample.images[0].data):
        return sample.key
    return sample.images[0].paths[0] if sample.images[0].paths else sample.key


def _neighbourhood(media: str) -> str:
    """What is ordered by hash: a picture, or a stretch of a Parquet file's rows, which are only read together."""
    cell = CELL.fullmatch(media)
    return f"{cell['file']}#{int(cell['row']) // CELLS_TOGETHER}" if cell else media


def _synced(path: Path) -> str:
    """The SHA-256 of a file that was just written, which survives a power cut from now on."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _database(path: Path) -> sqlite3.Connection:
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536", "temp_store = FILE"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("BEGIN")
    return database
