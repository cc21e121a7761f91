"""Whether a translated config is one: it has rows, in the language's script, and mostly no copies of English ones."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from m3it_build.core.errors import OutputError
from m3it_build.core.words import has_words, words
from m3it_build.core.writing import share
from m3it_build.stages.options import lettered, options_block
from m3it_build.store.manifest import Manifest, Summary, find, load
from m3it_build.store.output import OutputFolder
from m3it_build.store.reader import Texts, read_texts
from m3it_build.store.state import DamagedState

MOSTLY = 0.5
"""The share of copies from which on a config is no translation: in a sound one few rows stay as they are, those of
names; a model that does not translate leaves nearly all. Half is far from both. As much of its letters must be of the
language's script."""
FEW = 3
"""A field of fewer words may well be a name."""


class Said(NamedTuple):
    """Hashes of what a row says, case and punctuation aside; None where nothing is there to be translated."""

    row: bytes | None
    inputs: bytes | None
    """None also for a few words; so of outputs."""
    outputs: bytes | None


class Originals:
    """What the English rows of a build say; each split is read once, and only what translations need is kept."""

    def __init__(self, output: OutputFolder) -> None:
        self.output = output
        self.known: dict[str, Said] = {}

    def said(self, task: str, split: str, ids: Iterable[str]) -> Mapping[str, Said]:
        """What rows of a split say, by id; nothing of those that are not there or cannot be read."""
        if missing := set(ids) - self.known.keys():
            self.known |= dict.fromkeys(missing, NOTHING)
            with suppress(OutputError, DamagedState):  # a damaged file is told of where it is checked itself
                for row in self._rows(task, split):
                    if (source_id := str(row.meta.get("id"))) in missing:
                        self.known[source_id] = said(row)
        return self.known

    def _rows(self, task: str, split: str) -> Iterator[Texts]:
        summary = load(self.output.summary(task, split), Summary)
        paths = (self.output.manifest(task, split, index) for index in range(summary.shards))
        for manifest in (find(path, Manifest) for path in paths):
            if manifest is not None and manifest.file is not None:
                yield from read_texts(self.output.data_file(manifest.file))


@dataclass(slots=True)
class Untranslated:
    """Counts over the rows of a config."""

    sample: bool = False
    """Whether the bundled glossary made it, which leaves the words that it does not know: many, of real rows."""
    rows: int = 0
    """Whoever counts shards adds theirs."""
    translatable: Counter[str] = field(default_factory=Counter)
    """Rows, inputs and outputs that had something to translate."""
    copies: Counter[str] = field(default_factory=Counter)
    """Of them, those that still say the same."""
    script: float = 0.0
    """Sum of the rows' shares of letters of the script."""
    with_letters: int = 0

    def add(self, said: Said, before: Said, in_script: float | None) -> None:
        """Hold a row against what it was translated from.

        Args:
            said: What it says.
            before: What the row said that it was translated from.
            in_script: The share of its letters that are of the language's script; None without letters.
        """
        for name, now, then in zip(Said._fields, said, before, strict=True):
            self.translatable[name] += then is not None
            self.copies[name] += then is not None and now == then
        if in_script is not None:
            self.script += in_script
            self.with_letters += 1

    @property
    def share(self) -> float:
        """Of rows that are copies."""
        return self.copies["row"] / self.translatable["row"] if self.translatable["row"] else 0.0

    @property
    def in_script(self) -> float:
        """Mean share of a row's letters that are of the language's script."""
        return self.script / self.with_letters if self.with_letters else 0.0

    @property
    def fault(self) -> str | None:
        """Why this is no translation."""
        if not self.rows:
            return "no row came out of it"
        for name in Said._fields:
            of, copies = self.translatable[name], self.copies[name]
            if of and copies >= MOSTLY * of:
                what = "rows" if name == "row" else name
                return f"{copies} of {of} {what} are copies of what was to be translated"
        return None if self.sample else self._foreign

    @property
    def remark(self) -> str | None:
        """What is no fault of a translation that only shows how translating works."""
        return f"{self._foreign}: the glossary knows few of its words" if self.sample and self._foreign else None

    @property
    def _foreign(self) -> str | None:
        if self.with_letters and self.in_script < MOSTLY:
            return f"only {self.in_script:.0%} of its letters are of the language's script"
        return None


NOTHING = Said(None, None, None)


def said(row: Texts) -> Said:
    """What a row says."""
    inputs, outputs = _words_of(row)
    return Said(_hash(f"{inputs}\n{outputs}", 0), _hash(inputs, FEW), _hash(outputs, FEW))


def in_script(row: Texts, script: str) -> float | None:
    """The share of a row's letters that are of a script (ISO 15924); None without letters."""
    return share("\n".join(_words_of(row)), script)


def _hash(text: str, least: int) -> bytes | None:
    if not has_words(text) or len(told := words(text)) < least:
        return None
    return hashlib.sha256(" ".join(told).encode()).digest()[:16]


def _words_of(row: Texts) -> tuple[str, str]:
    """The words of inputs and outputs without what is the same in every language: "Options:" and letters."""
    options: Any = row.meta.get("options")
    if not isinstance(options, list):
        return row.inputs, row.outputs
    place = row.meta.get("answer_index")
    answer = row.outputs.replace(lettered(place, ""), "") if isinstance(place, int) else ""
    return "\n".join([row.inputs.removesuffix(options_block(options)), *options]), answer
