"""Datasets whose clips are numbered: both ends of the numbering are official, and so is which numbers a split has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Reason, Reject, Row, Rows
from m3it_build.core.task import FoundFile, SourceFolder, Split

from ._video import clip


@dataclass(frozen=True, slots=True)
class Numbers:
    """The official numbers of a dataset's clips."""

    stem: str
    """What stands before the number in a file's name."""
    splits: Mapping[Split, range]
    """In the order of the numbers."""
    folders: tuple[str, ...]
    """Where the clips may lie."""

    @property
    def first(self) -> int:
        """The first clip of all."""
        return min(numbers.start for numbers in self.splits.values())

    @property
    def last(self) -> int:
        """The last clip of all."""
        return max(numbers.stop for numbers in self.splits.values()) - 1

    def number(self, name: str) -> int | None:
        """What makes two names those of one clip: `video7012` is also written `7012` and `video07012`."""
        digits = name.removeprefix(self.stem)
        return int(digits) if digits.isascii() and digits.isdecimal() else None

    def split_of(self, name: str) -> Split | None:
        """The official split of a clip; None for what is no clip."""
        number = self.number(name)
        return next((split for split, numbers in self.splits.items() if number in numbers), None)

    def refuse_others(self, folder: SourceFolder) -> None:
        """Refuse clips that are counted from another number, as each would show what belongs to its neighbour.

        Raises:
            SourceError: there is a clip just before the first official number, or just behind the last one.
        """
        for number in (self.first - 1, self.last + 1):
            if number >= 0 and (file := folder.find(*clip([f"{self.stem}{number}"], self.folders).paths, globs=False)):
                raise SourceError(f"{file.path}: {self._official()}, so these are counted otherwise. {RENAME}")

    def refuse_name(self, name: str, file: FoundFile) -> None:
        """Refuse annotations that count the clips from another number.

        Raises:
            SourceError: `name` stands just before the first official number, or just behind the last one.
        """
        if self.number(name) in (self.first - 1, self.last + 1):
            raise SourceError(f"{file.path}: clip {name}: {self._official()}, so its numbers mean other clips. {FETCH}")

    def misplaced(self, name: str) -> Reject:
        """The reject of a clip that is of another split than its file, or none at all."""
        if (split := self.split_of(name)) is None:
            return Reject(name, "source", Reason.BAD_RECORD, f"no clip of this name: {self._official()}")
        return Reject(name, "source", Reason.OTHER_SPLIT, f"officially a clip of {split}")

    def _official(self) -> str:
        return f"official clips are numbered from {self.first} to {self.last}"


RENAME = "Each would be its neighbour's: name them as they are officially, or fetch them again."
FETCH = "Fetch the official file."


def of_split(rows: Rows, file: FoundFile, numbers: Numbers, split: Split) -> Iterator[Row | Reject]:
    """Rows keyed by clip; those of another split, whatever the file is called, are rejected.

    Raises:
        SourceError: the file counts the clips from another number.
    """
    for row in rows:
        if isinstance(row, Row):
            numbers.refuse_name(row.key, file)
            yield row if numbers.split_of(row.key) is split else numbers.misplaced(row.key)
        else:
            yield row
