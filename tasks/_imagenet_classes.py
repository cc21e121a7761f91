"""The classes of ImageNet-1k: their numbers and names, and which of them may be shown together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Fields
from m3it_build.core.task import FoundFile
from m3it_build.sources.matlab import read_structs
from m3it_build.sources.tables import class_names, read_lines

MAPPING = "LOC_synset_mapping.txt"
DEVKIT = ("ILSVRC2012_devkit_t12/data/", "data/", "")
META = tuple(f"{folder}meta.mat" for folder in DEVKIT)
CLASSES = (MAPPING, *META)
"""The mapping file, or else the devkit's."""
WNID = re.compile(r"n\d{8}")
MAPPED = re.compile(r"(n\d{8})\s*:?\s+(.+)")
"""Some copies write a colon after the id."""


@dataclass(frozen=True, slots=True)
class Label:
    """A class."""

    index: int
    """Place among the sorted WordNet ids, from 0."""
    wnid: str | None
    """None where a mirror dropped it."""
    names: tuple[str, ...]


class Labels:
    """The classes, and which of them may be shown together."""

    def __init__(self, named: Sequence[tuple[str | None, str]]) -> None:
        """Number the classes, WordNet ids and names, in the order given."""
        self.all = [
            Label(place, wnid, tuple(part for name in names.split(",") if (part := name.strip())))
            for place, (wnid, names) in enumerate(named)
        ]
        self.by_wnid = {label.wnid: label for label in self.all}

    @cached_property
    def everyone(self) -> tuple[str, ...]:
        """What the classes are called."""
        return tuple(label.names[0] for label in self.all)

    @cached_property
    def alone(self) -> dict[int, tuple[str, ...]]:
        """The others of each class that shares a name with one of them; the rest may meet everyone."""
        sharing: dict[str, list[Label]] = {}
        for label in self.all:
            for name in {name.casefold() for name in label.names}:
                sharing.setdefault(name, []).append(label)
        close: dict[int, set[int]] = {}
        for labels in sharing.values():
            if len(labels) > 1:
                for label in labels:
                    close.setdefault(label.index, set()).update(other.index for other in labels)
        return {
            place: tuple(label.names[0] for label in self.all if label.index not in kept_apart)
            for place, kept_apart in close.items()
        }

    def sorted_as(self, wnid: str, stem: str) -> Label | None:
        """The class of a picture in a folder; None where its own name says otherwise."""
        return self.by_wnid.get(wnid) if stem[:9] == wnid or not WNID.match(stem) else None

    def fields(self, label: Label | None, given: Any, paths: tuple[str, ...]) -> Fields:
        """A row's fields: its class (None if `given` is none) and what else may stand among its options."""
        others = self.alone.get(label.index, self.everyone) if label else ()
        return {"label": label, "given": given, "others": others, "paths": paths}


def read_labels(file: FoundFile) -> Labels:
    """The classes of the mapping file or the devkit.

    Raises:
        SourceError: a line or entry that is no class, or one that stands twice.
    """
    if file.name in META:
        return Labels(sorted((synset["WNID"], synset["words"]) for synset in leaves(file)))
    named: dict[str, str] = {}
    for number, line in enumerate(read_lines(file), 1):
        match = MAPPED.fullmatch(line.strip())
        if line.strip() and (match is None or match[1] in named or not match[2].strip(", ")):
            raise SourceError(f"{file.path}: line {number} is no class with an id of its own. Fetch it again.")
        if match:
            named[match[1]] = match[2]
    return Labels(sorted(named.items()))


def leaves(meta: FoundFile) -> list[Fields]:
    """The devkit's synsets that are classes."""
    return [synset for synset in read_structs(meta, "synsets") if synset["num_children"] == 0]


def described(file: FoundFile) -> Labels:
    """The classes in the order of a mirror's labels.

    Raises:
        SourceError: the file does not say what they are called.
    """
    names = class_names(file, "label")
    if not names:
        raise SourceError(f"{file.path}: does not name its classes. Put {MAPPING} into the task's folder.")
    bare = [name.rstrip("0123456789") for name in names]  # equal names were told apart by a number: "crane2"
    return Labels([(None, short if short in names else name) for name, short in zip(names, bare, strict=True)])
