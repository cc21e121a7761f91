"""The index of a download: every file below a root and in its archives, kept in SQLite while nothing changes.

A folder is read again when its time of change (ctime, which nobody sets) differs, an archive when its size or a time
does. What changed within the last two seconds is not trusted to be told by its time, and is read again the next time.
"""

import json
import os
import sqlite3
import stat
import tempfile
import time
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from filelock import FileLock

from m3it_build.core.errors import OutputError, SourceError
from m3it_build.sources.archives import Archive, Member, archives_among, may_be_archive, members, state_of
from m3it_build.store.cache import user_cache

VERSION = 2
"""Of the tables below."""
RECENT = 2_000_000_000
"""Nanoseconds: coarser clocks of file systems than this are not in use."""
DEEPEST = 40
"""Levels of folders: links may make more of them than there are."""
LITTER = ("._", ".DS_Store", "__MACOSX")
"""What a Mac leaves beside the files."""

DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""What a damaged database gives."""

T = TypeVar("T")

TABLES = """
CREATE TABLE folders (id INTEGER PRIMARY KEY, archive INT, path TEXT, ctime INT, device INT, inode INT);
CREATE TABLE archives (id INTEGER PRIMARY KEY, folder TEXT, stem TEXT, names TEXT, state TEXT, fault TEXT);
CREATE TABLE places (key INT, folder INT);
CREATE TABLE names (key INT, folder INT, name TEXT, start INT, packed INT, size INT, method INT, crc INT);
"""
NAMED = {"folders", "archives", "places", "names"}
INDICES = """
CREATE INDEX IF NOT EXISTS folders_path ON folders (archive, path);
CREATE INDEX IF NOT EXISTS places_key ON places (key);
CREATE INDEX IF NOT EXISTS names_key ON names (key);
CREATE INDEX IF NOT EXISTS names_folder ON names (folder);
"""


class Packed(NamedTuple):
    """An archive of the index."""

    number: int
    archive: Archive
    folder: str
    """Where it lies, relative to the root; empty at its top."""
    seek_points: Path


class Entry(NamedTuple):
    """A file of the index."""

    folder: str
    """Relative to the root, or in the archive."""
    name: str
    packed: Packed | None
    """The archive that it is in."""
    member: Member | None

    @property
    def path(self) -> str:
        """Below the root; a member lies below its archive's name."""
        folder = next(iter(folder_names(self.folder, self.packed)))
        return f"{folder}/{self.name}" if folder else self.name


def folder_names(folder: str, packed: Packed | None) -> Iterator[str]:
    """The names of a folder; one of an archive lies where its archive does, with or without its name and its top."""
    if packed is None:
        yield folder
        return
    _, _, below_top = folder.partition("/")
    inner = [f"{packed.archive.stem}/{folder}" if folder else packed.archive.stem, folder, below_top]
    for each in inner:
        yield f"{packed.folder}/{each}".strip("/")


def folded(name: str) -> str:
    """A file's name as it is compared: composed, its suffix in lower case, without that of gzip."""
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
    if name[-3:].lower() == ".gz":
        name = name[:-3]
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.{suffix.lower()}" if dot and stem else name


def folded_folder(name: str) -> str:
    """A folder's name as it is compared: composed, in one case."""
    return name.casefold() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def _key(name: str) -> int:
    return zlib.crc32(name.encode("utf-8", "surrogateescape"))


class Index:
    """The files below one root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = _kept_in() / f"{sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:24]}.sqlite"
        self.database = _opened(self.path)
        self.archives: dict[int, Packed] = {}
        self.places: set[int] = set()
        """Keys of the last parts of all folders."""

    def refresh(self) -> None:
        """Take in what changed since it was made.

        Raises:
            OutputError: it cannot be kept.
        """
        self._healed(self._refresh)

    def _refresh(self) -> None:
        if self._changes()[0] or self._stale():
            with FileLock(self.path.with_suffix(".lock")):
                self._take_in()
        self.archives = self._archives()
        self.places = {key for (key,) in self.database.execute("SELECT DISTINCT key FROM places")}

    def named(self, name: str) -> list[Entry]:
        """Every file of this name, as `folded` compares; what lies on disk comes first, each kind by its path."""
        wanted = folded(name)
        found = self._entries("names.key = ?", (_key(wanted),))
        return sorted((each for each in found if folded(each.name) == wanted), key=_order)

    def below(self, folder: str, name: str = "*") -> list[Entry]:
        """The files right below folders whose last part is that of `folder`, and whose name matches a glob."""
        key = _key(folded_folder(folder.rpartition("/")[2]))
        if key not in self.places:
            return []
        where = "names.folder IN (SELECT folder FROM places WHERE key = ?) AND name GLOB ?"
        return sorted(self._entries(where, (key, name.replace("[!", "[^"))), key=_order)

    def folders(self) -> Iterator[str]:
        """Every name of every folder."""
        for number, path in self._rows("SELECT archive, path FROM folders"):
            yield from folder_names(path, self._archive(number) if number else None)

    def faults(self) -> list[str]:
        """What of the archives is not looked into, and why: sentences."""
        return [fault for (fault,) in self._rows("SELECT fault FROM archives WHERE fault > '' ORDER BY id")]

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        return self._healed(lambda: self.database.execute(query, values).fetchall())

    def _healed(self, work: Callable[[], T]) -> T:
        """What `work` gives; a database that was damaged is only a copy, and made anew."""
        try:
            try:
                return work()
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode & 0xFF not in DAMAGED:
                    raise
            self.database.close()
            _remove(self.path)
            self.database = _opened(self.path)
            self._refresh()
            return work()
        except sqlite3.Error as error:
            raise OutputError(
                f"{self.path}: the index of {self.root} cannot be written ({error}). Make room there, or name another "
                "place by XDG_CACHE_HOME."
            ) from error

    def _entries(self, where: str, values: tuple[object, ...]) -> Iterator[Entry]:
        columns = "path, archive, name, start, packed, size, method, crc"
        query = f"SELECT {columns} FROM names CROSS JOIN folders ON id = folder WHERE {where}"  # noqa: S608 - ours
        for path, number, name, *facts in self._rows(query, values):
            if number:
                full = f"{path}/{name}" if path else name
                yield Entry(path, name, self._archive(number), Member(full, *facts))
            else:
                yield Entry(path, name, None, None)

    def _archive(self, number: int) -> Packed:
        if number not in self.archives:  # another process took it in
            self.archives = self._archives()
        return self.archives[number]

    def _archives(self) -> dict[int, Packed]:
        rows = self.database.execute("SELECT id, folder, stem, names FROM archives")
        return {row[0]: self._packed(*row) for row in rows}

    def _packed(self, number: int, folder: str, stem: str, names: str) -> Packed:
        paths = tuple(self.root / folder / name for name in json.loads(names))
        return Packed(number, Archive(paths, stem), folder, self.path.with_suffix(f".{number}.points"))

    def _changes(self) -> tuple[list[str], list[str]]:
        """Folders to be read again, and those that are gone."""
        changed, gone = [], []
        known = self.database.execute("SELECT path, ctime, device, inode FROM folders WHERE archive = 0").fetchall()
        for path, *state in known:
            try:
                found = os.stat(self.root / path)  # noqa: PTH116 - one for each of many folders
            except OSError:
                gone.append(path)
                continue
            if not stat.S_ISDIR(found.st_mode):
                gone.append(path)
            elif [found.st_ctime_ns, found.st_dev, found.st_ino] != state:
                changed.append(path)
        return (changed + gone if known else [""]), gone

    def _stale(self) -> list[int]:
        """Archives that are not read yet, or are others by now."""
        rows = self.database.execute("SELECT id, folder, names, state FROM archives")
        return [
            number
            for number, folder, names, state in rows
            if not state or state_of(self.root / folder / name for name in json.loads(names)) != state
        ]

    def _take_in(self) -> None:
        now = time.time_ns()
        changed, gone = self._changes()
        with self._writing():
            for path in changed:
                self._forget("archive = 0 AND path = ?", path)
            for path in sorted(changed):
                if path in gone:
                    self._note(path, [])
                else:
                    self._scan(path, now)
        self.database.executescript(INDICES)
        for number in self._stale():
            with self._writing():
                self._read(number, now)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """All of it, or nothing."""
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def _forget(self, which: str, value: object) -> None:
        """Drop folders, and what is in them."""
        inner = f"(SELECT id FROM folders WHERE {which})"  # noqa: S608 - ours
        for table, column in (("names", "folder"), ("places", "folder"), ("folders", "id")):
            self.database.execute(f"DELETE FROM {table} WHERE {column} IN {inner}", (value,))  # noqa: S608 - ours

    def _scan(self, path: str, now: int) -> None:
        """Read a folder, and those below it that are new."""
        above = [(found.st_dev, found.st_ino) for folder in _above(self.root / path, self.root)
                 if (found := _stat(folder)) is not None]  # fmt: skip
        waiting = [(path, above)]
        while waiting:
            path, above = waiting.pop()
            state = _stat(self.root / path)
            if state is None or (state.st_dev, state.st_ino) in above or len(above) > DEEPEST:
                continue
            ctime = state.st_ctime_ns if abs(now - state.st_ctime_ns) > RECENT else -1
            number = self._folder(None, path, ctime, state.st_dev, state.st_ino)
            inner: list[str] = []
            archives: list[str] = []
            rows = self._files(self.root / path, number, inner, archives)
            self.database.executemany("INSERT INTO names (key, folder, name) VALUES (?, ?, ?)", rows)
            self._note(path, archives_among(self.root / path, archives))
            for name in sorted(inner, reverse=True):
                each = f"{path}/{name}" if path else name
                known = self.database.execute("SELECT 1 FROM folders WHERE archive = 0 AND path = ?", (each,))
                if known.fetchone() is None:
                    waiting.append((each, [*above, (state.st_dev, state.st_ino)]))

    def _files(
        self, folder: Path, number: int, inner: list[str], archives: list[str]
    ) -> Iterator[tuple[int, int, str]]:
        """The files of a folder; those that may be archives, and folders, are put down."""
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = entry.name
                    if name.startswith("."):
                        continue
                    if entry.is_file():
                        if may_be_archive(name):
                            archives.append(name)
                        yield _key(folded(name)), number, _stored(name)
                    elif entry.is_dir() and name not in LITTER:
                        inner.append(_stored(name))
                    elif entry.is_symlink():  # it leads nowhere yet: what it leads to changes nothing here
                        self._distrust(number)
        except OSError:
            self._distrust(number)  # what cannot be listed now may be another time

    def _distrust(self, number: int) -> None:
        """Have a folder read again the next time."""
        self.database.execute("UPDATE folders SET ctime = -1 WHERE id = ?", (number,))

    def _folder(self, packed: Packed | None, path: str, *state: int) -> int:
        number = self.database.execute(
            "INSERT INTO folders (archive, path, ctime, device, inode) VALUES (?, ?, ?, ?, ?)",
            (packed.number if packed else 0, path, *(state or (0, 0, 0))),
        ).lastrowid
        assert number is not None
        keys = {_key(folded_folder(name.rpartition("/")[2])) for name in folder_names(path, packed)}
        self.database.executemany("INSERT INTO places VALUES (?, ?)", [(key, number) for key in sorted(keys)])
        return number

    def _note(self, folder: str, archives: Iterable[Archive]) -> None:
        """The archives of a folder: those that are not known are to be read."""
        rows = self.database.execute("SELECT names, id FROM archives WHERE folder = ?", (folder,))
        known = dict(rows.fetchall())
        for archive in archives:
            names = json.dumps([path.name for path in archive.paths])
            if known.pop(names, None) is None:
                insert = "INSERT INTO archives (folder, stem, names, state) VALUES (?, ?, ?, '')"
                self.database.execute(insert, (folder, archive.stem, names))
        for number in known.values():
            self._forget("archive = ?", number)
            self.database.execute("DELETE FROM archives WHERE id = ?", (number,))

    def _read(self, number: int, now: int) -> None:
        """Put down what is in an archive."""
        self._forget("archive = ?", number)
        packed = self._archives()[number]
        folders: dict[str, int] = {}
        state = state_of(packed.archive.paths)
        fault = inner = ""
        others = 0

        def rows() -> Iterator[tuple[Any, ...]]:
            nonlocal inner, others
            for member in members(packed.archive, packed.seek_points):
                folder, _, name = member.name.rpartition("/")
                if name.startswith(LITTER) or folder.startswith("__MACOSX"):
                    continue
                if may_be_archive(name):
                    inner = name
                else:
                    others += 1
                if folder not in folders:
                    folders[folder] = self._folder(packed, _stored(folder))
                yield (_key(folded(name)), folders[folder], _stored(name), *member[1:])

        try:
            for some in _batches(rows(), 10_000):  # the folders of a batch are made before its names
                self.database.executemany("INSERT INTO names VALUES (?, ?, ?, ?, ?, ?, ?, ?)", some)
        except SourceError as error:
            fault = str(error)
            self._forget("archive = ?", number)
            if isinstance(error.__cause__, OSError) and error.__cause__.errno is not None:
                state = ""  # the disk's fault, perhaps not the archive's
        if inner and not others:
            fault = (
                f"{packed.archive.path}: holds {inner}, an archive in an archive, which is not looked into. Unpack it."
            )
        changed = (found.st_ctime_ns for path in packed.archive.paths if (found := _stat(path)) is not None)
        recent = any(abs(now - each) <= RECENT for each in changed)
        self.database.execute(
            "UPDATE archives SET state = ?, fault = ? WHERE id = ?", ("" if recent else state, fault, number)
        )


def _order(entry: Entry) -> tuple[bool, str]:
    return entry.packed is not None, entry.path


def _batches(rows: Iterable[tuple[Any, ...]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    batch: list[tuple[Any, ...]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


def _stored(name: str) -> str:
    """A name that is no UTF-8 has no text in SQLite: nobody asks for it."""
    return name if name.isascii() else name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _above(path: Path, root: Path) -> list[Path]:
    """The folders above a path, up to the root."""
    found = []
    while path != root:
        path = path.parent
        found.append(path)
    return found


def _remove(path: Path) -> None:
    """A database, and the journal that would be played back into the next one."""
    for each in (path, path.with_name(f"{path.name}-journal")):
        each.unlink(missing_ok=True)


def _opened(path: Path) -> sqlite3.Connection:
    """The database, made anew where it is none or of another version."""
    with FileLock(path.with_suffix(".lock")):
        for _ in range(2):
            database = sqlite3.connect(path, timeout=600, isolation_level=None, check_same_thread=False)
            try:
                database.execute("PRAGMA synchronous = OFF")
                database.execute("PRAGMA cache_size = -65536")
                tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
                if database.execute("PRAGMA user_version").fetchone()[0] == VERSION and tables == NAMED:
                    return database
                if not tables:
                    database.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
                    return database
            except sqlite3.DatabaseError as error:
                wrong = str(error)
            else:
                wrong = "it is of another version"
            database.close()
            _remove(path)
    raise OutputError(f"{path}: cannot be written ({wrong}). Make room, or name another place by XDG_CACHE_HOME.")


@lru_cache(maxsize=64)
def index_of(root: Path) -> Index:
    """The index of a root, opened once a process; it is brought up to date by whoever reads it."""
    return Index(root)


@cache
def _kept_in() -> Path:
    """Where indices lie: in the user's cache, or, where nothing can be written there, for as long as the process."""
    folder = user_cache() / "index"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(_scratch().name)


@cache
def _scratch() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="m3it-index-")
