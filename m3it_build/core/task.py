"""What a task is: facts, layouts, and a pure conversion."""

import mmap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Concatenate, Protocol

from m3it_build.core.errors import MissingSource
from m3it_build.core.sample import Reject, Row, Sample


class Split(StrEnum):
    """The three splits that a build knows."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Preset(StrEnum):
    """How many rows of a split."""

    PAPER = "paper"
    """The counts of Table 7: the n records with the smallest hash (of some tasks the best ones first)."""
    FULL = "full"
    """All of them."""


class Answers(StrEnum):
    """How a short answer is written out."""

    PARAPHRASE = "paraphrase"
    """The stored paraphrase; a template sentence where there is none, or where a filter is against it."""
    TEMPLATE = "template"
    ORIGINAL = "original"


class BatchStep(StrEnum):
    """What to do with the Batch API."""

    SUBMIT = "submit"
    COLLECT = "collect"


class Group(StrEnum):
    """Where a task's shards lie (paper, Table 3)."""

    CAPTIONING = "captioning"
    CLASSIFICATION = "classification"
    VQA = "vqa"
    KVQA = "kvqa"
    REASONING = "reasoning"
    GENERATION = "generation"
    CHINESE = "chinese"
    VIDEO = "video"


class Category(StrEnum):
    """Where a task's instructions are counted (paper, Table 2); Chinese and video tasks are spread over these."""

    CAPTIONING = "captioning"
    CLASSIFICATION = "classification"
    VQA = "vqa"
    KVQA = "kvqa"
    REASONING = "reasoning"
    GENERATION = "generation"


class Translated(StrEnum):
    """How much of a task's built rows is translated (paper, appendix C)."""

    NO = "no"
    SAMPLE = "sample"
    """So many of a split, chosen by hash."""
    WHOLE = "whole"
    """All of them."""


@dataclass(frozen=True, slots=True)
class License:
    """Under which terms a row may be used: the narrower of its text's and its pictures'."""

    id: str
    """SPDX id, or `LicenseRef-...` where text or pictures have terms of their own. It stands on a row with the picture
    in it, so a text under CC-BY-4.0 about somebody else's photos is not `CC-BY-4.0`."""
    redistributable: bool = False
    """Whether pictures and annotations may be published again."""
    note: str = ""


class FoundFile(Protocol):
    """A file of a download, on disk or in an archive: what the readers in `m3it_build.sources` take."""

    @property
    def name(self) -> str:
        """As it was asked for, relative to the task's folder."""

    @property
    def path(self) -> Path:
        """The file itself, or the archive that holds it: for messages."""

    def open(self) -> IO[bytes]:
        """Its bytes, unpacked."""

    def read(self) -> bytes:
        """All of it."""

    def buffer(self, most: int = ...) -> bytes | mmap.mmap:
        """All of it, at most so many bytes; a copy of its own, which nobody can change."""


class SourceFolder(Protocol):
    """The download of one task, as its readers see it; names are relative to it, on disk and in archives alike."""

    @property
    def options(self) -> Mapping[str, str]:
        """The task's chosen variants."""

    def find(self, *names: str, globs: bool = True) -> FoundFile | None:
        """The first of `names` (alternatives; each may be a glob, unless not `globs`) that exists, or None."""

    def need(self, *names: str) -> FoundFile:
        """As `find`, for a file that is read and belongs to what the rows are made of.

        Raises:
            MissingSource: none of `names` exists.
        """

    def has(self, names: str | tuple[str, ...]) -> bool:
        """Whether one of the alternatives is there."""

    def glob(self, pattern: str) -> Sequence[FoundFile]:
        """All files that match, sorted by name."""

    def inside(self, name: str) -> Sequence[str]:
        """Sorted names of the files right below a folder; none where it is not there."""

    def missing(self, names: Iterable[str | tuple[str, ...]]) -> MissingSource:
        """The error that names what is not there and how to get it."""


Reader = Callable[Concatenate[SourceFolder, ...], Iterable[Row | Reject]]
"""Reads a split: `rows(folder, *files)`, where the files are those of its layout, in that order. A file is a
`FoundFile`; where one of its alternatives is a glob, it is a tuple of all that match. A record without a key becomes a
reject (`m3it_build.sources.rows.without_id`)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which a split lies on disk: the official one, or a mirror's."""

    files: tuple[str | tuple[str, ...], ...]
    """Annotation files, all needed; a tuple names alternatives, a name may be a glob."""
    rows: Reader
    when: Mapping[str, str] = field(default_factory=dict)
    """Chosen options under which it is looked for, as `{"corpus": "nlvr"}`; always, where empty."""
    parts: Mapping[str, int] = field(default_factory=dict)
    """Globs of `files` with one star that stand for so many files, numbered from 0, as `{"train_*.json": 10}`. Names
    as `train-00000-of-00002.parquet` say it themselves."""
    pictures: tuple[str, ...] = ()
    """Globs of which one must match, where the pictures themselves are the list of what there is."""
    note: str = ""
    """What a build must say when it reads this one: that its rows are not those of the layouts before it, and what is
    needed for those."""

    def suits(self, options: Mapping[str, str]) -> bool:
        """Whether it is looked for under these options."""
        return _holds(self.when, options)


@dataclass(frozen=True, slots=True)
class Edition:
    """What is true of a task only under some of its options; None where nothing differs.

    Its instructions, where it needs its own, stand in the task's file under the option, as `[corpus.nlvr]`.
    """

    when: Mapping[str, str]
    """The options, as `{"corpus": "nlvr"}`."""
    title: str | None = None
    license: License | None = None
    homepage: str | None = None
    citation: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One dataset of the collection, as a value."""

    name: str
    title: str
    group: Group
    category: Category
    license: License
    homepage: str
    """A web page; shown as `https://` where it names no scheme."""
    citation: str
    """Authors, title, venue, year."""
    download: str
    """What to fetch, from which page, how big: shown by `m3it sources`."""
    tree: str
    """The files as they should lie in the task's folder."""
    splits: Mapping[Split, tuple[Layout, ...]]
    """Layouts in order of preference; the first one whose files are all there is read."""
    convert: Callable[[Row], Sample | Reject]
    """Pure: opens nothing, draws nothing, keeps nothing."""
    languages: tuple[str, ...] = ("en",)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Files that people have and that are not read, by name or glob: what they are, and why not, told where a split is
    missing and one of them is there."""
    unlabelled: Mapping[Split, str] = field(default_factory=dict)
    """Splits that are not built, as the source does not give them or not their answers: why, for a person."""
    collections: tuple[str, ...] = ()
    """Shared picture folders in which media are also looked for, as `coco2014`."""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Variants that a user may choose in `[options.<task>]`; the first value is the default."""
    editions: tuple[Edition, ...] = ()
    """Facts that hold only under some of them: an option that changes what a row is brings its own."""
    errata: str = ""
    """Known faults of the source, and published lists of them: shown by `m3it sources`."""
    aliases: tuple[str, ...] = ()
    """Other names, as those of the released dataset's configs, where they hold the same rows."""
    refused_names: Mapping[str, str] = field(default_factory=dict)
    """Names that seem to be its own but hold other rows in the released dataset: which, and what to do instead."""
    paraphrased: bool = False
    """Short answers become sentences (paper, 3.2 stage II)."""
    translated: Translated = Translated.NO
    held_out: bool = False
    """Not used for training in the paper (Table 7, "Used: No")."""

    def __post_init__(self) -> None:
        """Refuse a task that could not be built."""
        if not self.splits:
            raise ValueError(f"task {self.name!r} has no split")
        if overlap := set(self.splits) & set(self.unlabelled):
            raise ValueError(f"task {self.name!r}: {sorted(overlap)} cannot be both built and unlabelled")
        for edition in self.editions:
            for name, value in edition.when.items():
                if value not in self.options.get(name, ()):
                    raise ValueError(f"task {self.name!r}: an edition is of {name} = {value!r}, which is no option")

    def under(self, options: Mapping[str, str]) -> "Task":
        """The task with the facts that hold under these options."""
        own: dict[str, Any] = {}
        for edition in self.editions:
            if _holds(edition.when, options):
                facts = {each.name: getattr(edition, each.name) for each in fields(edition) if each.name != "when"}
                own |= {name: fact for name, fact in facts.items() if fact is not None}
        return replace(self, **own) if own else self


def _holds(when: Mapping[str, str], options: Mapping[str, str]) -> bool:
    return all(options.get(name) == value for name, value in when.items())
