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
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from filelock import FileLock

from m3it_build.core.errors import MachineError, OutputError, SourceError
from m3it_build.core.machine import machine_error
from m3it_build.sources.archives import (
    UNREADABLE,
    Archive,
    Member,
    archives_among,
    is_safe,
    may_be_archive,
    members,
    state_of,
)
from m3it_build.store.cache import user_cache
from m3it_build.store.patience import NOT_THERE, patiently
from m3it_build.store.regular_file import facts_of, is_there

VERSION = 3
"""Of the tables below."""
RECENT = 2_000_000_000
"""Nanoseconds: coarser clocks of file systems than this are not in use."""
DEEPEST = 40
"""Levels of folders: links may make more of them than there are."""
LITTER = ("._", ".DS_Store", "__MACOSX", "lost+found")
"""What a Mac leaves beside the files, and a file system of Linux."""

DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""What a damaged database gives."""

T = TypeVar("T")

TABLES = """
CREATE TABLE folders (id INTEGER PRIMARY KEY, archive INT, path TEXT, ctime INT, device INT, inode INT);
CREATE TABLE archives (id INTEGER PRIMARY KEY, folder TEXT, stem TEXT, names TEXT, state TEXT, fault TEXT, read TEXT,
    points TEXT);
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
    state: str
    """Of its files, when it was read."""
    seek_points: Path
    points: str
    """Hash of the file of seek points; empty where there is none."""


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
        self.troubles: list[str] = []
        """What the machine did not let us look into when it was brought up to date: sentences."""

    def refresh(self) -> None:
        """Take in what changed since it was made.

        Raises:
            MachineError: the machine does not let it.
            OutputError: it cannot be kept.
        """
        self._healed(self._refresh)

    def _refresh(self) -> None:
        self.troubles = []
        if self._changes()[0] or self._stale():
            with patiently(self.path, FileLock(self.path.with_suffix(".lock")).acquire):
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
        """What `work` gives; a database that was damaged is only a copy, and made anew.

        Raises:
            MachineError: the damaged one cannot be taken away.
            OutputError: a new one cannot be made.
        """
        try:
            try:
                return work()
            except sqlite3.DatabaseError as error:
                code = getattr(error, "sqlite_errorcode", None)
                if code is not None and code & 0xFF not in DAMAGED:  # none: it was closed, and not made anew
                    raise
            self.database.close()
            patiently(self.path, lambda: _remove(self.path))
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
        rows = self.database.execute(
            "SELECT id, folder, stem, names, coalesce(read, ''), coalesce(points, '') FROM archives"
        )
        return {row[0]: self._packed(*row) for row in rows}

    def _packed(self, number: int, folder: str, stem: str, names: str, state: str, points: str) -> Packed:
        paths = tuple(self.root / folder / name for name in json.loads(names))
        return Packed(number, Archive(paths, stem), folder, state, self._seek_points(number), points)

    def _seek_points(self, number: int) -> Path:
        return self.path.with_suffix(f".{number}.points")

    def _changes(self) -> tuple[list[str], list[str]]:
        """Folders to be read again, and those that are gone; one of which the machine tells nothing stays as it was."""
        changed, gone = [], []
        known = self.database.execute("SELECT path, ctime, device, inode FROM folders WHERE archive = 0").fetchall()
        for path, *state in known:
            try:
                found = is_there(self.root / path)
            except MachineError as error:
                self.troubles.append(str(error))
                continue
            if found is None or not stat.S_ISDIR(found.st_mode):
                gone.append(path)
            elif [found.st_ctime_ns, found.st_dev, found.st_ino] != state:
                changed.append(path)
        return (changed + gone if known else [""]), gone

    def _stale(self) -> list[int]:
        """Archives that are not read yet, are others by now, or of which the seek points are lost."""
        rows = self.database.execute("SELECT id, folder, names, state, points FROM archives")
        return [number for number, *facts in rows if self._is_stale(number, *facts)]

    def _is_stale(self, number: int, folder: str, names: str, state: str, points: str | None) -> bool:
        if not state or (points and not self._seek_points(number).is_file()):
            return True
        try:
            return state_of(self.root / folder / name for name in json.loads(names)) != state
        except MachineError as error:
            self.troubles.append(str(error))
            return False

    def _take_in(self) -> None:
        self.troubles = []
        now = time.time_ns()
        changed, gone = self._changes()
        with self._writing():
            for path in changed:
                self._forget("archive = 0 AND path = ?", path)
            for path in sorted(changed):
                if path in gone:
                    self._note(path, [])
                    self._distrust_above(path)
                elif not self._knows(path):  # it may be read already, with one above it
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
                 if (found := self._stat(folder)) is not None]  # fmt: skip
        waiting = [(path, above)]
        while waiting:
            path, above = waiting.pop()
            state = self._stat(self.root / path)
            if state is None:
                self._distrust_above(path)
                continue
            if (state.st_dev, state.st_ino) in above or len(above) > DEEPEST:
                continue
            ctime = state.st_ctime_ns if abs(now - state.st_ctime_ns) > RECENT else -1
            number = self._folder(None, path, ctime, state.st_dev, state.st_ino)
            inner: list[str] = []
            archives: list[str] = []
            rows = self._files(self.root / path, number, inner, archives)
            self.database.executemany("INSERT INTO names (key, folder, name) VALUES (?, ?, ?)", rows)
            try:
                self._note(path, archives_among(self.root / path, archives))
            except MachineError as error:
                self._distrust(number, str(error))
            for name in sorted(inner, reverse=True):
                each = f"{path}/{name}" if path else name
                if not self._knows(each):
                    waiting.append((each, [*above, (state.st_dev, state.st_ino)]))

    def _knows(self, path: str) -> bool:
        found = self.database.execute("SELECT 1 FROM folders WHERE archive = 0 AND path = ?", (path,))
        return found.fetchone() is not None

    def _stat(self, folder: Path) -> os.stat_result | None:
        try:
            return is_there(folder)
        except MachineError as error:
            self.troubles.append(str(error))
            return None

    def _files(
        self, folder: Path, number: int, inner: list[str], archives: list[str]
    ) -> Iterator[tuple[int, int, str]]:
        """The files of a folder; those that may be archives, and folders, are put down."""
        try:
            with patiently(folder, lambda: os.scandir(folder)) as entries:
                for entry in entries:
                    name = entry.name
                    if name.startswith("."):
                        continue
                    try:
                        kind = _kind_of(entry)
                    except OSError as error:
                        self._distrust(number, str(machine_error(entry.path, error)))
                        continue
                    if kind is Listed.FILE:
                        if may_be_archive(name):
                            archives.append(name)
                        yield _key(folded(name)), number, _stored(name)
                    elif kind is Listed.FOLDER and name not in LITTER:
                        inner.append(_stored(name))
                    elif kind is Listed.NOWHERE:  # what it leads to changes nothing here
                        self._distrust(number)
        except MachineError as error:
            self._distrust(number, str(error))
        except OSError as error:
            self._distrust(number, str(machine_error(folder, error)))

    def _distrust(self, number: int, trouble: str = "") -> None:
        """Have a folder read again the next time."""
        self.troubles += [trouble] if trouble else []
        self.database.execute("UPDATE folders SET ctime = -1 WHERE id = ?", (number,))

    def _distrust_above(self, path: str) -> None:
        """So for the folder that holds one: a link, or a mount, may lead somewhere again, and no time tells of that."""
        self.database.execute(
            "UPDATE folders SET ctime = -1 WHERE archive = 0 AND path = ?", (path.rpartition("/")[0],)
        )

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
        seek_points = b""
        content = _Content()

        def keep(points: bytes) -> None:
            nonlocal seek_points
            seek_points = points

        def rows() -> Iterator[tuple[Any, ...]]:
            for member in members(packed.archive, keep):
                folder, _, name = member.name.rpartition("/")
                if name.startswith(LITTER) or folder.startswith("__MACOSX") or not content.takes(member):
                    continue
                if folder not in folders:
                    folders[folder] = self._folder(packed, _stored(folder))
                yield (_key(folded(name)), folders[folder], _stored(name), *member[1:])

        state = fault = ""
        recent = True
        try:
            state = state_of(packed.archive.paths)
            changed = [facts_of(path).st_ctime_ns for path in packed.archive.paths]
            recent = any(abs(now - each) <= RECENT for each in changed)
            for some in _batches(rows(), 10_000):  # the folders of a batch are made before its names
                self.database.executemany("INSERT INTO names VALUES (?, ?, ?, ?, ?, ?, ?, ?)", some)
            fault = content.fault(packed.archive.path)
        except SourceError as error:
            fault = str(error)
            self._forget("archive = ?", number)
        except MachineError as error:
            self.troubles.append(str(error))
            self._forget("archive = ?", number)
            recent = True
        self.database.execute(
            "UPDATE archives SET state = ?, fault = ?, read = ?, points = ? WHERE id = ?",
            ("" if recent else state, fault, state, self._keep(packed.seek_points, seek_points), number),
        )

    def _keep(self, path: Path, points: bytes) -> str:
        """Put down where reading of an archive may begin; without room, it begins at the front."""
        if not points:
            return ""
        try:
            fresh = path.with_suffix(f".{os.getpid()}.new")
            fresh.write_bytes(points)
            fresh.replace(path)
        except OSError:
            return ""
        return sha256(points).hexdigest()


@dataclass(slots=True)
class _Content:
    """What of the members of an archive is not taken."""

    files: int = 0
    packed: list[str] = field(default_factory=list)
    """Archives in it."""
    outside: list[str] = field(default_factory=list)
    """Names that lead outside."""
    locked: list[str] = field(default_factory=list)
    """Members that are encrypted, or packed by a method that is not read."""

    def takes(self, member: Member) -> bool:
        """Count a member; tell whether it is put down."""
        if not is_safe(member.name):
            self.outside.append(member.name)
            return False
        if member.method == UNREADABLE:
            self.locked.append(member.name)
        if may_be_archive(member.name.rpartition("/")[2]):
            self.packed.append(member.name)
        else:
            self.files += 1
        return True

    def fault(self, path: Path) -> str:
        """What a person should know of the archive: sentences; empty where all is well."""
        told = []
        if self.packed and not self.files:
            name = self.packed[-1].rpartition("/")[2]
            told.append(f"holds {name}, an archive in an archive, which is not looked into. Unpack it.")
        if self.locked:
            told.append(f"{_some(self.locked)} encrypted or packed by a method that is not read. Unpack the archive, "
                        "with its password if it has one.")  # fmt: skip
        if self.outside:
            told.append(f"{_some(self.outside)} named outside of it, and left out. Unpack the archive.")
        return " ".join(f"{path}: {each}" for each in told)


def _some(names: list[str]) -> str:
    """How many, and which, as the beginning of a sentence."""
    return f"{names[0]!r} is" if len(names) == 1 else f"{len(names):,} files, as {names[0]!r}, are"


class Listed(Enum):
    """What a name in a folder stands for."""

    FILE = auto()
    FOLDER = auto()
    NOWHERE = auto()
    """A link that does not lead to a file or folder, or not yet."""
    OTHER = auto()
    """A pipe, a device, a socket: nothing that is read."""


def _kind_of(entry: "os.DirEntry[str]") -> Listed:
    try:
        if entry.is_file():
            return Listed.FILE
        if entry.is_dir():
            return Listed.FOLDER
    except OSError as error:
        if error.errno not in NOT_THERE:
            raise
    return Listed.NOWHERE if entry.is_symlink() else Listed.OTHER


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
    wrong = ""
    for _ in range(2):
        try:
            with FileLock(path.with_suffix(".lock")):
                database = sqlite3.connect(path, timeout=600, isolation_level=None, check_same_thread=False)
                if _prepared(database):
                    return database
                database.close()
                _remove(path)
                wrong = "it is of another version"
        except (sqlite3.Error, OSError) as error:
            wrong = str(error)
    raise OutputError(f"{path}: cannot be written ({wrong}). Make room, or name another place by XDG_CACHE_HOME.")


def _prepared(database: sqlite3.Connection) -> bool:
    """Whether a database is an index of this version, or new and made one; a damaged one is none."""
    try:
        database.execute("PRAGMA synchronous = FULL")  # a page that a power cut took back would hide files
        database.execute("PRAGMA cache_size = -65536")
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            database.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
            return True
        return bool(database.execute("PRAGMA user_version").fetchone()[0] == VERSION and tables == NAMED)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in DAMAGED:
            return False
        raise


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
