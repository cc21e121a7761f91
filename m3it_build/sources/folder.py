"""The download of one task: where a file lies, packed or not, by one rule.

1. Its official place: the path that is asked for, below a root (the task's folder, its collections), on disk, then in
   archives, which stand for a folder with or without their name and their top folder.
2. The same path some folders deeper below a root, or less deep, as long as one folder of it is left, and none that
   names a split is left out.
3. A bare name that is asked for lies anywhere: whoever asks by it says that it identifies the file.

Of 2 and 3 there may be one file only, or several with the same bytes: two that differ are refused, not guessed. Names
keep their case, but for suffixes and folders; `.gz` may be added.
"""

import hashlib
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum, auto
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

from m3it_build.core.errors import MachineError, MissingSource, SourceError
from m3it_build.sources.archives import is_safe
from m3it_build.sources.disguise import what_they_are
from m3it_build.sources.editions import edition_of
from m3it_build.sources.files import UNREADABLE, File
from m3it_build.sources.first_bytes import disguise
from m3it_build.sources.index import Entry, Index, folded_folder, folder_names, index_of
from m3it_build.store.regular_file import is_there

NAMES_SPLIT = re.compile(r"(?<![a-z])(?:train|val|valid|validation|test|dev)(?![a-z])")
"""In a folder's name: what lies in another one is another split's."""
DERIVED = re.compile(r"thumb|mask|depth|segment|small|resize|crop|feature")
"""In a folder's or an archive's name: what has a picture's name there was made of it."""
WILD = "*?["
"""Marks of a glob."""
TOLD = 2
"""How many names of a file, and how many files, a message tells."""


class Place(Enum):
    """Where a file lies, as seen from where it should."""

    OFFICIAL = auto()
    DEEPER = auto()
    """The path that was asked for, some folders down; a bare name anywhere."""
    LESS_DEEP = auto()
    """Without the first folders of that path, but with one of them; none that is left out may tell a split."""


Places = tuple[Place, ...]
OFFICIAL: Places = (Place.OFFICIAL,)
DEEPER: Places = (Place.DEEPER,)
ELSEWHERE: Places = (Place.DEEPER, Place.LESS_DEEP)

T = TypeVar("T")

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
        self.editions: dict[str, str] = {}
        """Of the opened files, by their names: those that were there before they were read."""

    @cached_property
    def indices(self) -> tuple[Index, ...]:
        """Those of the roots, brought up to date when they are first asked for.

        Raises:
            MachineError: of a root the machine does not tell whether it is there.
        """
        found = tuple(index_of(root) for root in self.roots if _is_folder(root))
        for index in found:
            index.refresh()
        return found

    def candidates(self, *names: str) -> Iterator[File]:
        """The files that one of `names` (alternatives, no globs) may mean, the best first."""
        given = set()
        known = cache(self._known)  # mostly the first name is there, and no other is looked up
        for places in (OFFICIAL, ELSEWHERE):
            for name in names:
                for file in _taken(name, known(_last(name)), places):
                    if (place := file.where()) not in given:
                        given.add(place)
                        yield file

    def find(self, *names: str, globs: bool = True) -> File | None:
        """The first of `names` (alternatives; each may be a glob, unless not `globs`) that exists, or None.

        Raises:
            MachineError: none was found, and not all could be looked into.
        """
        return self._found(names, globs=globs) or self.looked_into_all(nothing=None)

    def _found(self, names: Sequence[str], *, globs: bool = True) -> File | None:
        for places in (OFFICIAL, ELSEWHERE):
            for name in names:
                found = (
                    self._matching(name, places)
                    if globs and is_glob(name)
                    else _taken(name, self._known(_last(name)), places)
                )
                if found:
                    return found[0]
        return None

    def looked_into_all(self, *, nothing: T) -> T:
        """What stands for nothing, where that is sure.

        Raises:
            MachineError: what is looked for may lie where the machine did not let us look.
        """
        for index in self.indices:
            for trouble in index.troubles:
                raise MachineError(trouble)
        return nothing

    def best(self, *names: str) -> File | None:
        """As `find`; a file that cannot be what its name says gives way to the next."""
        file = self.find(*names)
        if file is None or any(map(is_glob, names)):
            return file
        return next((each for each in self.candidates(*names) if not disguise(each)), file)

    def need(self, *names: str) -> File:
        """As `find`, for a file without which the split cannot be read; one that is empty gives way to the next.

        Raises:
            MissingSource: none of `names` exists.
            SourceError: it is a web page, or a pointer to the file.
        """
        file = self.best(*names)
        if file is None:
            raise self.missing([names])
        if (head := _head(file)) and (what := what_they_are(head)):
            raise SourceError(f"{file.where()} {what}")
        self._open(file)
        return file

    def files(self, *names: str) -> list[File]:
        """What is there of `names`: the best file or, where the alternative that is there is a glob, all that match."""
        first = self.best(*names)
        if first is None:
            return []
        matching = (self.glob(name) for name in names if is_glob(name) and first.name != name)
        return next((files for files in matching if first in files), [first])

    def need_all(self, *names: str) -> tuple[File, ...]:
        """As `need`, but all of `files`.

        Raises:
            MissingSource: none of `names` exists.
            SourceError: as `need`.
        """
        self.need(*names)
        found = self.files(*names)
        for file in found:
            self._open(file)
        return tuple(found)

    def _open(self, file: File) -> None:
        if file.name not in self.editions:
            self.editions[file.name] = edition_of(file.paths)
        self.opened[file.name] = file

    def missing(self, names: Iterable[str | tuple[str, ...]]) -> MissingSource:
        """The error that names what is not there and how to get it."""
        alternatives = [(name,) if isinstance(name, str) else name for name in names]
        told = [f"{self.task}: {shortly(alternatives)} not found in {named(self.roots)}.", *self.why_not(*alternatives)]
        return MissingSource(" ".join([*told, f"See: m3it sources {self.task}"]))

    def different(self, *names: str) -> str:
        """Which files stand for one of `names` and differ, so that none was taken; empty where there are none."""
        for name in names:
            found = _named(name, self._known(_last(name)), ELSEWHERE)
            if not _same(found):
                return f"{found[0].place} and {found[1].place} have one name and differ: keep the right one"
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
        return (
            self._matching(pattern, OFFICIAL) or self._matching(pattern, ELSEWHERE) or self.looked_into_all(nothing=[])
        )

    def inside(self, name: str) -> list[str]:
        """Sorted names of the files right below a folder, there or deeper; none where it is not there, or is two.

        Hidden ones are left out.
        """
        pattern = f"{name}/*"
        found = [] if is_glob(name) else self._matching(pattern, OFFICIAL) or self._matching(pattern, DEEPER)
        return [file.name for file in found] or self.looked_into_all(nothing=[])

    def has(self, names: str | tuple[str, ...]) -> bool:
        """Whether one of the alternatives is there.

        Raises:
            MachineError: none was found, and not all could be looked into.
        """
        return self.shows(names) or self.looked_into_all(nothing=False)

    def shows(self, names: str | tuple[str, ...]) -> bool:
        """As `has`, by what could be looked into."""
        alternatives = (names,) if isinstance(names, str) else names
        return any(
            _place(entry, asked) is Place.OFFICIAL
            for name in alternatives
            if is_glob(name)
            for asked, _, entry in self._matches(name)
        ) or (self._found(alternatives) is not None)

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

    def _matching(self, pattern: str, places: Places) -> list[File]:
        """The files that a glob stands for; elsewhere they must all lie below one folder."""
        for packed in (False, True):
            found: dict[str, File] = {}
            tops: set[str] = set()
            for asked, index, entry in self._matches(pattern):
                if (entry.packed is not None) is packed and _place(entry, asked) in places:
                    found.setdefault(asked, _file(index, entry, asked))
                    tops.add(f"{index.root}/{entry.path}"[: -len(asked)])
            if found and (places is OFFICIAL or len(tops) == 1):
                return [found[each] for each in sorted(found)]
        return []

    def _matches(self, pattern: str) -> Iterator[tuple[str, Index, Entry]]:
        """Every file whose name and last folder match, wherever it lies, and the name that stands for it."""
        if not is_safe(pattern):
            return
        folder, _, name = pattern.rpartition("/")
        for index in self.indices:
            for each in sorted(self._folders_like(folder)) if is_glob(folder) else [folder]:
                for entry in index.below(each, name):
                    yield f"{each}/{entry.name}" if each else entry.name, index, entry


def _is_folder(root: Path) -> bool:
    found = is_there(root)
    return found is not None and stat.S_ISDIR(found.st_mode)


def named(roots: Iterable[Path]) -> str:
    """The folders that files are looked for in, for a person."""
    return ", ".join(map(str, roots)) or "no folder"


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


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _named(name: str, known: Sequence[Known], places: Places) -> list[File]:
    """The files that lie at such places of a name, out of all of its last part."""
    if not is_safe(name):
        return []
    found = (_file(index, entry, name) for index, entry in known if _place(entry, name) in places)
    return list({file.where(): file for file in found}.values())


def _taken(name: str, known: Sequence[Known], places: Places) -> list[File]:
    """As `_named`; of those elsewhere, which must be the same, one."""
    found = _named(name, known, places)
    return found if places is OFFICIAL or _same(found) else []


def _file(index: Index, entry: Entry, name: str) -> File:
    place = entry.path
    if entry.packed is None:
        return File(name, index.root / entry.folder / entry.name, place)
    return File(name, entry.packed.archive.path, place, entry.packed, entry.member)


def _place(entry: Entry, name: str) -> Place | None:
    """Where a file of the right last name lies, as seen from where it should."""
    wanted = folded_folder(name.rpartition("/")[0])
    places = [folded_folder(each) for each in folder_names(entry.folder, entry.packed)]
    if wanted in places:
        return Place.OFFICIAL
    if DERIVED.search(folded_folder(entry.path.rpartition("/")[0])) and not DERIVED.search(wanted):
        return None
    if any(not wanted or each.endswith(f"/{wanted}") for each in places):
        return Place.DEEPER
    each = places[0]  # of an archive with its name, which may be that of another dataset
    left_out = wanted.removesuffix(f"/{each}") if each and wanted.endswith(f"/{each}") else ""
    return Place.LESS_DEEP if left_out and not NAMES_SPLIT.search(left_out) else None


def _head(file: File) -> bytes:
    """Its first bytes; none where it cannot be read, which is told when all of it is."""
    try:
        return file.head()
    except (SourceError, *UNREADABLE):
        return b""


def _same(files: Sequence[File]) -> bool:
    """Whether all are the same to the byte; empty and unreadable ones do not count."""
    if len(files) < 2:
        return True
    return len({digest for digest in map(_digest, files) if digest}) < 2


def _digest(file: File) -> bytes:
    """Of its bytes, unpacked; empty where it has none, or they cannot be read."""
    found = hashlib.sha256()
    try:
        with file.open() as stream:
            while part := stream.read(1 << 20):
                found.update(part)
    except (SourceError, *UNREADABLE):
        return b""
    return b"" if file.empty else found.digest()
