"""The download of one task: a file is looked for on disk, then in archives, then in shared collections."""

import fnmatch
import gzip
import io
import mmap
import os
import shutil
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, cast

from m3it_build.core.errors import MissingSource, SourceError
from m3it_build.sources.archives import Archive, archives_below, is_safe, open_archive

LITTER = ("._", ".DS_Store", "__MACOSX")
"""What a Mac leaves beside the files."""
WILD = "*?["
"""Marks of a glob."""
TOLD = 2
"""How many names of a file, and how many files, a message tells."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a source, wherever it lies."""

    name: str
    """As it was asked for, relative to the task's folder."""
    path: Path
    """The file itself, or the archive that holds it."""
    member: str = ""

    def open(self) -> IO[bytes]:
        """Its bytes, unpacked."""
        try:
            stream = open_archive(self.path).open(self.member) if self.member else self.path.open("rb")
            return cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if self.zipped else stream
        except OSError as error:
            raise SourceError(f"{self.path}: cannot be read ({error.strerror or error}).") from error

    @property
    def zipped(self) -> bool:
        """Whether the bytes are compressed with gzip."""
        return (self.member or self.path.name).endswith(".gz")

    def read(self) -> bytes:
        """All of it."""
        try:
            with self.open() as stream:
                if not (self.member or self.zipped):
                    return stream.read()
                unpacked = io.BytesIO()  # grows in place; the readers of archives double what they hold
                shutil.copyfileobj(stream, unpacked, 1 << 20)
                return unpacked.getvalue()
        except (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile, tarfile.TarError) as error:
            raise SourceError(f"{self.path}: cannot be read ({error}). Download it again.") from error

    def buffer(self) -> bytes | mmap.mmap:
        """All of it, without a copy in memory where the file lies on disk as it is."""
        if self.member or self.zipped or not self.path.stat().st_size:
            return self.read()
        with self.path.open("rb") as stream:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)

    def stream(self) -> Path | io.BytesIO:
        """For decoders that seek: the path, or the unpacked bytes."""
        return io.BytesIO(self.read()) if self.member or self.zipped else self.path


class Folder:
    """Where the raw files of one task are."""

    def __init__(self, task: str, roots: Sequence[Path], options: Mapping[str, str] | None = None) -> None:
        """Look below `roots`, in that order; `options` are the task's chosen variants."""
        self.task = task
        self.roots = tuple(roots)
        self.options = options or {}
        self.opened: dict[str, File] = {}
        self._listings: dict[str, dict[str, str]] = {}
        self._insides: dict[Path, str] = {}

    @cached_property
    def archives(self) -> list[Archive]:
        """Archives below the roots, opened once, when they are first asked for."""
        return [open_archive(path) for root in self.roots if root.is_dir() for path in archives_below(root)]

    def find(self, *names: str, globs: bool = True) -> File | None:
        """The first of `names` (alternatives; each may be a glob, unless not `globs`) that exists, or None."""
        for name in names:
            if not is_safe(name):
                continue
            if globs and is_glob(name):
                if matches := self.glob(name):
                    return matches[0]
                continue
            for root in self.roots:
                path = os.path.join(root, name)  # noqa: PTH118 - called for every picture; Path is ten times slower
                if os.path.isfile(path):  # noqa: PTH113
                    return File(name, Path(path))
                if os.path.isfile(path + ".gz"):  # noqa: PTH113
                    return File(name, Path(path + ".gz"))
        return self._find_spelled_otherwise(names) or self._find_archived(names)

    def need(self, *names: str) -> File:
        """As `find`, for a file without which the split cannot be read.

        Raises:
            MissingSource: none of `names` exists.
        """
        file = self.find(*names)
        if file is None:
            raise self.missing([names])
        self.opened[file.name] = file
        return file

    def need_all(self, *names: str) -> tuple[File, ...]:
        """As `need`, but where the alternative that is there is a glob, all files that match it.

        Raises:
            MissingSource: none of `names` exists.
        """
        first = self.need(*names)
        matching = (self.glob(name) for name in names if is_glob(name) and first.name != name)
        found = next((files for files in matching if first in files), [first])
        self.opened |= {file.name: file for file in found}
        return tuple(found)

    def missing(self, names: Iterable[str | tuple[str, ...]]) -> MissingSource:
        """The error that names what is not there and how to get it."""
        wanted = shortly(names)
        where = ", ".join(str(root) for root in self.roots) or "no folder"
        return MissingSource(f"{self.task}: {wanted} not found in {where}. See: m3it sources {self.task}")

    def glob(self, pattern: str) -> list[File]:
        """All files that match, sorted by name; Mac litter left out."""
        found: dict[str, File] = {}
        for root in self.roots:
            for path in sorted(root.glob(pattern)) if root.is_dir() else ():
                name = path.relative_to(root).as_posix()
                if path.is_file() and not any(part.startswith(LITTER) for part in name.split("/")):
                    found.setdefault(name, File(name, path))
        if not found:
            for archive in self.archives:
                for name, member in self._names_in(archive):
                    if fnmatch.fnmatchcase(name, pattern) and not any(
                        part.startswith(LITTER) for part in name.split("/")
                    ):
                        found.setdefault(name, File(name, archive.path, member))
        return [found[name] for name in sorted(found)]

    def inside(self, name: str) -> list[str]:
        """Sorted names of the files right below a folder; none where it is not there. Mac litter is left out."""
        if not is_safe(name):
            return []
        for root in self.roots:
            path = os.path.join(root, name)  # noqa: PTH118 - called for every clip
            names: list[str] = []
            if os.path.isdir(path):  # noqa: PTH112
                with suppress(OSError), os.scandir(path) as entries:  # what cannot be listed holds nothing
                    names = [entry.name for entry in entries if entry.is_file()]
            if found := sorted(f"{name}/{each}" for each in names if not each.startswith(LITTER)):
                return found
        return self._members.get(name, [])

    def walk(self) -> Iterator[str]:
        """The name of every file: those on disk, the files of a folder sorted, then those in archives."""
        for root in self.roots:
            for top, folders, names in os.walk(root):
                folders.sort()
                inner = Path(top).relative_to(root).as_posix()
                yield from (name if inner == "." else f"{inner}/{name}" for name in sorted(names))
        for archive in self.archives:
            yield from archive.names

    def open_archives(self) -> None:
        """Look into every archive now, so that one that cannot be read is told before anything is made of the others.

        Raises:
            SourceError: an archive that cannot be read.
        """
        _ = self.archives

    def has(self, names: str | tuple[str, ...]) -> bool:
        """Whether one of the alternatives is there."""
        return self.find(*((names,) if isinstance(names, str) else names)) is not None

    def _find_spelled_otherwise(self, names: Sequence[str]) -> File | None:
        """Same name in another case or Unicode form, as archives of other platforms have it."""
        for name in names:
            if not is_safe(name):
                continue
            for root in self.roots:
                path = root
                for part in name.split("/"):
                    there = (path / part).exists()
                    path /= part if there else self._listing(str(path)).get(_folded(part), part)
                if path.is_file():
                    return File(name, path)
        return None

    def _listing(self, folder: str) -> dict[str, str]:
        if folder not in self._listings:
            try:
                with os.scandir(folder) as entries:
                    names = sorted(entry.name for entry in entries)
            except OSError:
                names = []
            self._listings[folder] = {_folded(name): name for name in reversed(names)}
        return self._listings[folder]

    def _find_archived(self, names: Sequence[str]) -> File | None:
        for name in names:
            for archive in self.archives:
                for wanted in (name, name.removeprefix(self._inside(archive))):
                    member = archive.names.get(wanted) or archive.names.get(wanted + ".gz")
                    if member is not None:
                        return File(name, archive.path, member)
        return None

    @cached_property
    def _members(self) -> dict[str, list[str]]:
        """Files in archives by the folder right above them, sorted."""
        found: dict[str, set[str]] = {}
        for archive in self.archives:
            for name, _ in self._names_in(archive):
                folder, _, base = name.rpartition("/")
                if not base.startswith(LITTER):
                    found.setdefault(folder, set()).add(name)
        return {folder: sorted(names) for folder, names in found.items()}

    def _names_in(self, archive: Archive) -> Iterator[tuple[str, str]]:
        """The names under which each member of an archive is found."""
        inside = self._inside(archive)
        for name, member in archive.names.items():
            yield name, member
            if inside:
                yield inside + name, member

    def _inside(self, archive: Archive) -> str:
        """The folder in which an archive lies, as `train/`: `train/images.zip` holds `train/images/...`."""
        if archive.path not in self._insides:
            root = next((root for root in self.roots if archive.path.is_relative_to(root)), archive.path.parent)
            folder = archive.path.parent.relative_to(root).as_posix()
            self._insides[archive.path] = "" if folder == "." else f"{folder}/"
        return self._insides[archive.path]


def shortly(files: Iterable[str | tuple[str, ...]]) -> str:
    """Files for a person: of each the first name, and the next that is more than another folder; of many the first."""
    told = []
    for names in files:
        bases: dict[str, str] = {}
        for name in (names,) if isinstance(names, str) else names:
            bases.setdefault(name.rpartition("/")[2], name)
        told.append(" or ".join([*bases.values()][:TOLD]))
    more = f" and {len(told) - TOLD} more" if len(told) > TOLD + 1 else ""
    return ", ".join(told[:TOLD] if more else told) + more


def is_glob(name: str) -> bool:
    """Whether a name stands for all files that match it."""
    return any(mark in name for mark in WILD)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
