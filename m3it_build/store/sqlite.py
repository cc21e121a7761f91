"""SQLite files that outlive a run: one version each, on disk when a transaction ends."""

import sqlite3
from pathlib import Path

from m3it_build.core.errors import OutputError
from m3it_build.store.atomic import advice
from m3it_build.store.disk import make_folder
from m3it_build.store.patience import is_file
from m3it_build.store.regular_file import Disk

WAIT = 30.0
"""Seconds to wait for another process that is writing."""
PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}


def is_passing(error: Exception) -> bool:
    """Whether an error is of the disk, or of who may use a file, and not of what the file holds."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, OSError) or (code is not None and code & 0xFF in PASSING)


def unusable(path: Path, what: str, error: Exception, again: str, damaged: str) -> OutputError:
    """The error of a database that cannot be used.

    Args:
        path: The file.
        what: Cannot be done, as `the answer store cannot be read`.
        error: Why.
        again: What to do when the disk, or who may use the file, was at fault, after that is mended.
        damaged: What to do where the file does not hold what was written.

    Raises:
        MachineError: the disk does not give it, which SQLite takes for damage here and there.
    """
    if is_passing(error):
        way_out = f"{advice(error)}, then {again}"
    else:
        _must_be_given(path)
        way_out = damaged
    return OutputError(f"{path}: {what} ({error}). {way_out}.")


def _must_be_given(path: Path) -> None:
    if is_file(path):
        with Disk(path) as stream:
            while stream.read(1 << 20):
                pass


def open_database(
    path: Path, tables: str, version: int, *, read_only: bool, what: str, way_out: str, threads: bool = False
) -> sqlite3.Connection:
    """Open a database, or make it with its tables.

    Args:
        path: The file.
        tables: What makes a new one.
        version: Of these tables.
        read_only: For who only looks up; nothing is made, also no file beside it, unless a writer left one there.
        what: It is called, for people.
        way_out: What to do with one of another version.
        threads: Whether another thread than this one uses it, one at a time.

    Raises:
        OutputError: it is of another version.
        sqlite3.Error: it cannot be opened, or is no database.
        OSError: its folder cannot be made.
    """
    if not read_only:
        make_folder(path.parent)
    elif path.is_file() and not path.stat().st_size:  # its maker was killed before it wrote anything
        database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=not threads)
        database.executescript(tables)
        return database
    alone = not path.with_name(f"{path.name}-wal").exists()  # then SQLite would make files that nobody removes
    way = f"?mode=ro{'&immutable=1' if alone else ''}" if read_only else ""
    address = f"{path.absolute().as_uri()}{way}"
    database = sqlite3.connect(address, WAIT, isolation_level=None, check_same_thread=not threads, uri=True)
    try:
        refused = f"{path}: {what} of another version"
        _prepare(database, tables, version, read_only=read_only, refused=refused, way_out=way_out)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(
    database: sqlite3.Connection, tables: str, version: int, *, read_only: bool, refused: str, way_out: str
) -> None:
    """Make the tables of a new one, refuse one of another version, choose how it is kept on disk."""
    found = database.execute("PRAGMA user_version").fetchone()[0]
    empty = not database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if empty and not read_only:
        database.executescript(f"BEGIN EXCLUSIVE; {tables} PRAGMA user_version = {version}; COMMIT;")
    elif found != version:
        raise OutputError(f"{refused} ({found}; this m3it writes {version}). {way_out}")
    if not read_only:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
