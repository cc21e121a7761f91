"""Whether a translated config is one: it has rows, and they are not mostly copies of those that were translated."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from m3it_build.core.words import has_words, words
from m3it_build.stages.options import lettered, options_block
from m3it_build.store.layout import Layout
from m3it_build.store.manifest import Manifest, Summary, load
from m3it_build.store.reader import Texts, read_texts

MOSTLY = 0.5
"""The share of copies from which on a config is no translation: in a sound one few rows stay as they are, those of
names; a model that does not translate leaves nearly all. Half is far from both."""


class Originals:
    """What the English rows of a build say; each split is read once, and only what translations need is kept."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.known: dict[str, bytes | None] = {}

    def said(self, task: str, split: str, ids: Iterable[str]) -> Mapping[str, bytes | None]:
        """What rows of a split say, by id; without those that are not there or cannot be read."""
        if missing := set(ids) - self.known.keys():
            self.known |= dict.fromkeys(missing)
            with suppress(Exception):  # a damaged file is told of where it is checked itself
                for row in self._rows(task, split):
                    if (source_id := str(row.meta.get("id"))) in missing:
                        self.known[source_id] = said(row)
        return self.known

    def _rows(self, task: str, split: str) -> Iterator[Texts]:
        summary = load(self.layout.summary(task, split), Summary)
        paths = (self.layout.manifest(task, split, index) for index in range(summary.shards))
        for manifest in (load(path, Manifest) for path in paths if path.exists()):
            if manifest.file is not None:
                yield from read_texts(self.layout.out / manifest.file)


@dataclass(slots=True)
class Untranslated:
    """Counts over the rows of a config."""

    rows: int = 0
    """Whoever counts shards adds theirs."""
    translatable: int = 0
    """Rows that had something to translate."""
    copies: int = 0
    """Of them, those that still say the same."""

    def add(self, said: bytes | None, before: bytes | None) -> None:
        """Hold a row against what it was translated from.

        Args:
            said: What it says.
            before: What the row said that it was translated from.
        """
        self.translatable += before is not None
        self.copies += before is not None and said == before

    @property
    def share(self) -> float:
        """Of copies."""
        return self.copies / self.translatable if self.translatable else 0.0

    @property
    def fault(self) -> str | None:
        """Why this is no translation."""
        if not self.rows:
            return "no row came out of it"
        if self.share >= MOSTLY:
            return f"{self.copies} of {self.translatable} rows are copies of what was to be translated"
        return None


def said(row: Texts) -> bytes | None:
    """A hash of what a row says, case and punctuation aside; None where nothing in it can be translated."""
    text = words_of(row)
    return hashlib.sha256(" ".join(words(text)).encode()).digest()[:16] if has_words(text) else None


def words_of(row: Texts) -> str:
    """A row's words without what is the same in every language: "Options:" and letters."""
    options: Any = row.meta.get("options")
    if not isinstance(options, list):
        return f"{row.inputs}\n{row.outputs}"
    place = row.meta.get("answer_index")
    answer = row.outputs.replace(lettered(place, ""), "") if isinstance(place, int) else ""
    return "\n".join([row.inputs.removesuffix(options_block(options)), *options, answer])
