"""Every sentence that was ever translated, with what came out: kept in batches, never translated twice."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from m3it_build.core.errors import OutputError
from m3it_build.core.sample import Fault, Reason
from m3it_build.services.mt.translator import Decoding, Outcome, Translator
from m3it_build.store.output import OutputFolder
from m3it_build.store.patience import is_file
from m3it_build.store.sqlite import open_database, unusable

VERSION = 1

TABLES = """
CREATE TABLE recipes (
    id INTEGER PRIMARY KEY, model TEXT NOT NULL, source TEXT NOT NULL, decoding TEXT NOT NULL,
    UNIQUE (model, source, decoding)
);
CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE translations (
    recipe INT NOT NULL, target TEXT NOT NULL, source INT NOT NULL, text TEXT NOT NULL, reason TEXT,
    PRIMARY KEY (recipe, target, source)
) WITHOUT ROWID;
CREATE TABLE counters (recipe INT NOT NULL, target TEXT NOT NULL, translated INT NOT NULL, PRIMARY KEY (recipe, target))
WITHOUT ROWID;
"""


def memory_of(output: OutputFolder, translator: Translator, source: str | None = None) -> "TranslationMemory":
    """The memory of what a translator makes of texts in its own language, or another one."""
    return TranslationMemory(output.translations, translator.hash, source or translator.source, translator.decoding)


def stored_counts(path: Path) -> "list[Count]":
    """What a memory holds of each language, of all models together; nothing where there is no memory.

    Raises:
        OutputError: it cannot be read.
    """
    if not is_file(path):
        return []
    try:
        with closing(_open(path, read_only=True)) as database:
            rows = database.execute(
                "SELECT target, coalesce((SELECT sum(translated) FROM counters "
                "WHERE counters.target = translations.target), 0), count(*), count(reason) "
                "FROM translations GROUP BY target ORDER BY target"
            )
            return [Count(*row) for row in rows]
    except (sqlite3.Error, OSError) as error:
        raise OutputError(f"{path}: the translation memory cannot be read ({error}).") from error


def _open(path: Path, *, read_only: bool) -> sqlite3.Connection:
    return open_database(
        path,
        TABLES,
        VERSION,
        read_only=read_only,
        what="a translation memory",
        way_out="Use the m3it that wrote it, or move it away to translate anew.",
    )


class Count(NamedTuple):
    """How many sentences went through a model into one language."""

    target: str
    translated: int
    """Counted with each batch: the same as `stored` as long as nothing was done twice."""
    stored: int
    refused: int


class TranslationMemory:
    """A SQLite file, keyed by model, source language, decoding, target language and text; a context manager."""

    def __init__(self, path: Path, model: str, source: str, decoding: Decoding, *, read_only: bool = False) -> None:
        """Open the memory, or make it, for one model and way of decoding.

        Args:
            path: The file.
            model: Hash of the model's files.
            source: The texts' language.
            decoding: What else changes a translation.
            read_only: For who only looks up.

        Raises:
            OutputError: it cannot be read or written, or is of another version.
        """
        self.path = path
        with self._guarded():
            self.database = _open(path, read_only=read_only)
            key = (model, source, json.dumps(decoding.as_dict(), sort_keys=True))
            if not read_only:
                self.database.execute("PRAGMA temp_store = FILE")
                self.database.execute("CREATE TEMP TABLE wanted (text TEXT PRIMARY KEY) WITHOUT ROWID")
                self.database.execute("INSERT OR IGNORE INTO recipes (model, source, decoding) VALUES (?, ?, ?)", key)
            found = self.database.execute(
                "SELECT id FROM recipes WHERE model = ? AND source = ? AND decoding = ?", key
            ).fetchone()
            self.recipe = int(found[0]) if found else -1

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            raise unusable(
                self.path,
                "the translation memory cannot be used",
                error,
                "run the same command again: what was translated is kept",
                "It holds hours of work, so nothing here takes it away: bring back a copy of it, save what "
                "sqlite3 FILE .recover gives, or move it away to translate anew",
            ) from error

    def want(self, texts: Iterable[str]) -> None:
        """Note texts that are to be translated, all or none; they wait on disk."""
        with self._guarded(), self.database:
            self.database.execute("BEGIN")
            self.database.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", ((text,) for text in texts))

    def wanted(self) -> int:
        """Different texts that were noted."""
        with self._guarded():
            return int(self.database.execute("SELECT count(*) FROM wanted").fetchone()[0])

    def missing(self, target: str) -> int:
        """How many of them have no translation into a language yet."""
        with self._guarded():
            return int(self.database.execute(f"SELECT count(*) {_MISSING}", (self.recipe, target)).fetchone()[0])

    def open_texts(self, target: str) -> Iterator[str]:
        """Texts without a translation into a language, longest first; more may be kept while they are read."""
        with self._guarded():
            self.database.execute("DROP TABLE IF EXISTS temp.queue")
            longest_first = "ORDER BY length(wanted.text) DESC, wanted.text"
            self.database.execute(
                f"CREATE TEMP TABLE queue AS SELECT wanted.text {_MISSING} {longest_first}", (self.recipe, target)
            )
            last = 0
            while True:
                query = "SELECT rowid, text FROM queue WHERE rowid > ? ORDER BY rowid LIMIT 1000"
                rows = self.database.execute(query, (last,)).fetchall()
                if not rows:
                    return
                for _, text in rows:
                    yield text
                last = rows[-1][0]

    def keep(self, target: str, outcomes: Sequence[tuple[str, Outcome]]) -> None:
        """Store translations and refusals in one transaction, on disk when this returns."""
        with self._guarded():
            self.database.execute("BEGIN IMMEDIATE")
            try:
                self.database.executemany(
                    "INSERT OR IGNORE INTO texts (text) VALUES (?)", ((text,) for text, _ in outcomes)
                )
                self.database.executemany(
                    "INSERT INTO translations SELECT ?, ?, id, ?, ? FROM texts WHERE text = ?",
                    ((self.recipe, target, *_columns(outcome), text) for text, outcome in outcomes),
                )
                self.database.execute(
                    "INSERT INTO counters VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET translated = translated + ?3",
                    (self.recipe, target, len(outcomes)),
                )
                self.database.execute("COMMIT")
            except BaseException:
                if self.database.in_transaction:
                    self.database.execute("ROLLBACK")
                raise

    def get(self, texts: Iterable[str], target: str) -> dict[str, Outcome]:
        """What is stored of these texts in a language."""
        found: dict[str, Outcome] = {}
        query = (
            "SELECT translations.text, reason FROM texts JOIN translations ON source = texts.id "
            "WHERE recipe = ? AND target = ? AND texts.text = ?"
        )
        with self._guarded():
            for asked in texts:
                row = self.database.execute(query, (self.recipe, target, asked)).fetchone()
                if row is not None:
                    text, reason = row
                    found[asked] = text if reason is None else Fault(Reason(reason), text)
        return found

    def counts(self) -> list[Count]:
        """Of each language that something was translated into."""
        with self._guarded():
            rows = self.database.execute(
                "SELECT target, coalesce((SELECT translated FROM counters WHERE counters.recipe = ?1 "
                "AND counters.target = translations.target), 0), count(*), count(reason) "
                "FROM translations WHERE recipe = ?1 GROUP BY target ORDER BY target",
                (self.recipe,),
            )
            return [Count(*row) for row in rows]

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def __enter__(self) -> "TranslationMemory":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_MISSING = (
    "FROM wanted LEFT JOIN texts ON texts.text = wanted.text LEFT JOIN translations "
    "ON recipe = ? AND target = ? AND source = texts.id WHERE translations.source IS NULL"
)


def _columns(outcome: Outcome) -> tuple[str, str | None]:
    return (outcome, None) if isinstance(outcome, str) else (outcome.detail, outcome.reason.value)
