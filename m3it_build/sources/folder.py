"""The download of one task: where a file lies, packed or not, by one rule.

1. Its official place: the path that is asked for, below a root (the task's folder, its collections), on disk, then in
   archives, which stand for a folder with or without their name and their top folder.
2. The same path some folders deeper below a root, or less deep, as long as one folder of it is left.
3. A bare name that is asked for lies anywhere: whoever asks by it says that it identifies the file.

Of 2 and 3 there may be one file only, or several with the same bytes: two that differ are refused, not guessed. Names
keep their case, but for suffixes and folders; `.gz` may be added.
"""

import gzip
import io
import lzma
import mmap
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import IO, cast

from m3it_build.core.errors import MissingSource, SourceError
from m3it_build.sources.archives import Member, is_safe, open_member
from m3it_build.sources.disguise import HEAD, what_it_is, what_they_are
from m3it_build.sources.index import Entry, Index, Packed, folded_folder, folder_names, index_of

UNREADABLE = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError)
"""What damaged files and archives raise."""
WILD = "*?["
"""Marks of a glob."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a source, wherever it lies."""

    name: str
    """As it was asked for, relative to the task's folder."""
    path: Path
    """The file itself, or the archive that holds it."""
    packed: Packed | None = None
    member: Member | None = None

    def open(self) -> IO[bytes]:
        """Its bytes, unpacked."""
        try:
            stream = self._raw()
            return cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if self.zipped else stream
        except OSError as error:
            raise SourceError(f"{self.path}: cannot be read ({error.strerror or error}).") from error

    def _raw(self) -> IO[bytes]:
        if self.packed is None or self.member is None:
            return self.path.open("rb")
        return open_member(self.packed.archive, self.member, self.packed.seek_points)

    @property
    def zipped(self) -> bool:
        """Whether the bytes are compressed with gzip."""
        return (self.member.name if self.member else self.path.name).endswith(".gz")

    @property
    def empty(self) -> bool:
        """Whether it has no bytes at all."""
        return not (self.member.size if self.member else self.path.stat().st_size)

    def read(self) -> bytes:
        """All of it."""
        try:
            with self.open() as stream:
                if not (self.member or self.zipped):
                    return stream.read()
                unpacked = io.BytesIO()  # grows in place; the readers of archives double what they hold
                shutil.copyfileobj(stream, unpacked, 1 << 20)
                return unpacked.getvalue()
        except UNREADABLE as error:
            raise SourceError(
                f"{self.path}: {what_it_is(self.path) or f'cannot be read ({error}). Download it again.'}"
            ) from error

    def head(self) -> bytes:
        """Its first bytes."""
        with self.open() as stream:
            return stream.read(HEAD)

    def buffer(self) -> bytes | mmap.mmap:
        """All of it, without a copy in memory where the file lies on disk as it is."""
        if self.member or self.zipped or self.empty:
            return self.read()
        with self.path.open("rb") as stream:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)

    def stream(self) -> Path | io.BytesIO:
        """For decoders that seek: the path, or the unpacked bytes."""
        return io.BytesIO(self.read()) if self.member or self.zipped else self.path

    def where(self) -> str:
        """Where it lies, for a person."""
        return f"{self.member.name} in {self.path}" if self.member else str(self.path)


Known = tuple[Index, Entry]
"""A file of an index."""


class Folder:
    """Where the raw files of one task are."""

    def __init__(self, task: str, roots: Sequence[Path], options: Mapping[str, str] | None = None) -> None:
        """Look below `roots`, in that order; `options` are the task's chosen variants."""
        self.task = task
        self.roots = tuple(roots)
        self.options = options or {}
        self.opened: dict[str, File] = {}

    @cached_property
    def indices(self) -> tuple[Index, ...]:
        """Those of the roots, brought up to date when they are first asked for."""
        found = tuple(index_of(root) for root in self.roots if root.is_dir())
        for index in found:
            index.refresh()
        return found

    def candidates(self, *names: str) -> Iterator[File]:
        """The files that one of `names` (alternatives, no globs) may mean, the best first."""
        given = set()
        known = {last: self._known(last) for last in {_last(name) for name in names}}
        for official in (True, False):
            for name in names:
                for file in _taken(name, known[_last(name)], official=official):
                    if (place := file.where()) not in given:
                        given.add(place)
                        yield file

    def find(self, *names: str, globs: bool = True) -> File | None:
        """The first of `names` (alternatives; each may be a glob, unless not `globs`) that exists, or None."""
        for official in (True, False):
            for name in names:
                found = (
                    self._matching(name, official=official)
                    if globs and is_glob(name)
                    else _taken(name, self._known(_last(name)), official=official)
                )
                if found:
                    return found[0]
        return None

    def need(self, *names: str) -> File:
        """As `find`, for a file without which the split cannot be read; one that is empty gives way to the next.

        Raises:
            MissingSource: none of `names` exists.
            SourceError: it is a web page, or a pointer to the file.
        """
        file = self.find(*names)
        if file is not None and not any(map(is_glob, names)):
            file = next((each for each in self.candidates(*names) if not each.empty), file)
        if file is None:
            raise self.missing([names])
        if not file.empty and (disguise := what_they_are(file.head())):
            raise SourceError(f"{file.where()} {disguise}")
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
        alternatives = [(name,) if isinstance(name, str) else name for name in names]
        wanted = ", ".join(" or ".join(each) for each in alternatives)
        told = [f"{self.task}: {wanted} not found in {self.looked()}.", *self.why_not(*alternatives)]
        return MissingSource(" ".join([*told, f"See: m3it sources {self.task}"]))

    def looked(self) -> str:
        """Where files were looked for, for a person."""
        return ", ".join(map(str, self.roots)) or "no folder"

    def different(self, *names: str) -> str:
        """Which files stand for one of `names` and differ, so that none was taken; empty where there are none."""
        for name in names:
            found = _named(name, self._known(_last(name)), official=False)
            if not _same(found):
                return f"{found[0].where()} and {found[1].where()} have one name and differ: keep the right one"
        return ""

    def why_not(self, *alternatives: Sequence[str]) -> list[str]:
        """What a person should know of files that are not found: sentences."""
        different = [f"{told}." for names in alternatives if (told := self.different(*names))]
        return [*different, *self.faults()]

    def faults(self) -> list[str]:
        """What of the archives is not looked into, and why: sentences."""
        return [fault for index in self.indices for fault in index.faults()]

    def glob(self, pattern: str) -> list[File]:
        """All files that match, sorted by name: on disk, else in archives; no hidden ones."""
        return self._matching(pattern, official=True) or self._matching(pattern, official=False)

    def inside(self, name: str) -> list[str]:
        """Sorted names of the files right below a folder; none where it is not there. Hidden ones are left out."""
        return [file.name for file in self.glob(f"{name}/*")] if is_safe(name) and not is_glob(name) else []

    def has(self, names: str | tuple[str, ...]) -> bool:
        """Whether one of the alternatives is there."""
        return self.find(*((names,) if isinstance(names, str) else names)) is not None

    def _folders_like(self, pattern: str) -> set[str]:
        parts = pattern.split("/")
        return {
            folder
            for index in self.indices
            for folder in index.folders()
            if folder.count("/") == len(parts) - 1
            and all(fnmatchcase(each, part) for each, part in zip(folder.split("/"), parts, strict=True))
        }

    def _known(self, last: str) -> list[Known]:
        """Every file of a name."""
        return [(index, entry) for index in self.indices for entry in index.named(last)]

    def _matching(self, pattern: str, *, official: bool) -> list[File]:
        """The files that a glob stands for; elsewhere they must all lie below one folder."""
        if not is_safe(pattern):
            return []
        folder, _, name = pattern.rpartition("/")
        folders = sorted(self._folders_like(folder)) if is_glob(folder) else [folder]
        for packed in (False, True):
            found: dict[str, File] = {}
            tops: set[str] = set()
            for index in self.indices:
                for each in folders:
                    for entry in index.below(each, name):
                        asked = f"{each}/{entry.name}" if each else entry.name
                        if (entry.packed is not None) is packed and _is_at(entry, asked, official=official):
                            found.setdefault(asked, _file(index, entry, asked))
                            tops.add(f"{index.root}/{entry.path}"[: -len(asked)])
            if found and (official or len(tops) == 1):
                return [found[each] for each in sorted(found)]
        return []


def is_glob(name: str) -> bool:
    """Whether a name stands for all files that match it."""
    return any(mark in name for mark in WILD)


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _named(name: str, known: Sequence[Known], *, official: bool) -> list[File]:
    """The files at the official place of a name, or everywhere else that it may lie, out of all of its last part."""
    if not is_safe(name):
        return []
    found = (_file(index, entry, name) for index, entry in known if _is_at(entry, name, official=official))
    return list({file.where(): file for file in found}.values())


def _taken(name: str, known: Sequence[Known], *, official: bool) -> list[File]:
    """As `_named`; of those elsewhere, which must be the same, one."""
    found = _named(name, known, official=official)
    return found if official else found[:1] if _same(found) else []


def _file(index: Index, entry: Entry, name: str) -> File:
    if entry.packed is None:
        return File(name, index.root / entry.folder / entry.name)
    return File(name, entry.packed.archive.path, entry.packed, entry.member)


def _is_at(entry: Entry, name: str, *, official: bool) -> bool:
    """Whether a file of the right last name lies at its official place; or else, deeper or less deep."""
    folder, _, _ = name.rpartition("/")
    wanted = folded_folder(folder)
    places = [folded_folder(each) for each in folder_names(entry.folder, entry.packed)]
    if wanted in places or official:
        return wanted in places and official
    return any(not wanted or each.endswith(f"/{wanted}") or (each and wanted.endswith(f"/{each}")) for each in places)


def _same(files: Sequence[File]) -> bool:
    """Whether all are the same to the byte."""
    if len(files) < 2:
        return True
    sizes = {file.member.size if file.member else file.path.stat().st_size for file in files}
    if len(sizes) > 1 and not any(file.zipped for file in files):
        return False
    first = files[0].read()
    return all(file.read() == first for file in files[1:])
