"""Files of a split that are numbered parts of one whole: which of them are not there."""

import re
from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from m3it_build.core.plural import first_of
from m3it_build.sources.folder import Folder

NUMBERED = re.compile(r"(?P<head>.*-)(?P<number>[0-9]{5})-of-(?P<count>[0-9]{5})(?P<tail>[^/]*)")
"""As the Hub names them: `data/train-00000-of-00002.parquet`."""
MOST = 99_999
UNFINISHED = (".incomplete", ".part", ".partial", ".crdownload", ".download", ".aria2", ".tmp")
"""What programs append to the name of a file while they fetch it."""
HUB_CACHE = ".cache/huggingface/download"
"""Where the Hub's client keeps a file, below the folder that it fetches into, until all of it is there."""


class Parts(NamedTuple):
    """A whole of which parts are missing."""

    there: int
    of: int
    missing: tuple[str, ...]
    """Their names, in order."""

    def told(self, split: str) -> str:
        """For a person, with one example."""
        return f"{self.there} of {self.of} files of {split} are there; missing: {first_of(self.missing)}"


def missing_parts(names: Collection[str], wholes: Mapping[str, int]) -> list[Parts]:
    """Wholes of which some parts are among `names` and others are not.

    Args:
        names: Of the files that are there.
        wholes: Globs with one star, and the number of files that each stands for, numbered from 0.
    """
    there = set(names)
    expected: dict[tuple[str, ...], None] = {}
    for name in sorted(there):
        if (part := NUMBERED.fullmatch(name)) and 0 < int(part["count"]) <= MOST:
            count, head, tail = part["count"], part["head"], part["tail"]
            expected.setdefault(tuple(f"{head}{place:05d}-of-{count}{tail}" for place in range(int(count))))
        for glob, number in wholes.items():
            if fnmatchcase(name, glob):
                expected.setdefault(tuple(glob.replace("*", str(place)) for place in range(number)))
    found = [Parts(len(there.intersection(all_)), len(all_), _without(all_, there)) for all_ in expected]
    return [parts for parts in found if parts.missing]


def unfinished(folder: Folder, name: str) -> str | None:
    """What a download of a file left that did not finish; None where nothing is."""
    if found := folder.find(*(name + ending for ending in UNFINISHED), globs=False):
        return found.name
    place, _, last = f"{HUB_CACHE}/{name}".rpartition("/")
    left = (path for root in folder.roots for path in sorted((root / place).glob(f"{last}.*incomplete")))
    return next((f"{place}/{path.name}" for path in left), None)


def _without(names: Iterable[str], there: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in there)
