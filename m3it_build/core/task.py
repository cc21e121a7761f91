"""What a task is: facts, layouts, and a pure conversion."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from m3it_build.core.sample import Reject, Row, Sample


class Split(StrEnum):
    """The three splits that a build knows."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Preset(StrEnum):
    """How many rows of a split."""

    PAPER = "paper"
    """The counts of Table 7: the n records with the smallest hash."""
    FULL = "full"
    """All of them."""


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


@dataclass(frozen=True, slots=True)
class License:
    """Under which terms a source may be used."""

    id: str
    """SPDX id, or `LicenseRef-...` where the terms are the source's own."""
    redistributable: bool = False
    """Whether pictures and annotations may be published again."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which a split lies on disk: the official one, or a mirror's."""

    files: tuple[str | tuple[str, ...], ...]
    """Annotation files, all needed; a tuple names alternatives, a name may be a glob."""
    rows: Callable[[Any], Iterable[Row | Reject]]
    """Reads the split from a `m3it_build.sources.folder.Folder`; records without a key become rejects."""
    when: Mapping[str, str] = field(default_factory=dict)
    """Chosen options under which it is looked for, as `{"corpus": "nlvr"}`; always, where empty."""

    def suits(self, options: Mapping[str, str]) -> bool:
        """Whether it is looked for under these options."""
        return all(options.get(name) == value for name, value in self.when.items())


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
    unlabelled: Mapping[Split, str] = field(default_factory=dict)
    """Splits that are not built, as the source does not give them or not their answers: why, for a person."""
    collections: tuple[str, ...] = ()
    """Shared picture folders in which media are also looked for, as `coco2014`."""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Variants that a user may choose in `[options.<task>]`; the first value is the default."""
    aliases: tuple[str, ...] = ()
    """Other names, as those of the released dataset's configs."""
    paraphrased: bool = False
    """Short answers become sentences (paper, 3.2 stage II)."""
    translated: bool = False
    held_out: bool = False
    """Not used for training in the paper (Table 7, "Used: No")."""

    def __post_init__(self) -> None:
        """Refuse a task that could not be built."""
        if not self.splits:
            raise ValueError(f"task {self.name!r} has no split")
        if overlap := set(self.splits) & set(self.unlabelled):
            raise ValueError(f"task {self.name!r}: {sorted(overlap)} cannot be both built and unlabelled")
