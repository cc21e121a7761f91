"""Paid answers, kept one by one the moment they arrive; never asked twice, never lost."""

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import msgspec

from m3it_build.services.chat.client import Reply, Usage
from m3it_build.store.sqlite import open_database, unusable

VERSION = 1
RESERVE = 4 << 20
"""Bytes kept free beside the store: on a full disk they make room for the answers that are still on their way."""

TABLES = """
CREATE TABLE answers (
    key TEXT PRIMARY KEY, task TEXT NOT NULL, prompt TEXT NOT NULL, model TEXT NOT NULL, text TEXT NOT NULL,
    finish TEXT NOT NULL, prompt_tokens INT NOT NULL, completion_tokens INT NOT NULL, batch TEXT, at REAL NOT NULL,
    raw TEXT NOT NULL
);
CREATE TABLE failures (key TEXT PRIMARY KEY, task TEXT NOT NULL, reason TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE recipes (task TEXT PRIMARY KEY, model TEXT NOT NULL, sampling TEXT NOT NULL, prompts TEXT NOT NULL);
CREATE TABLE batches (
    label TEXT PRIMARY KEY, id TEXT, model TEXT NOT NULL, status TEXT NOT NULL, requests INT NOT NULL, at REAL NOT NULL
);
CREATE TABLE waiting (
    key TEXT PRIMARY KEY, batch TEXT NOT NULL, task TEXT NOT NULL, prompt TEXT NOT NULL, model TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX waiting_batch ON waiting (batch);
"""


class Stored(NamedTuple):
    """What a build needs of an answer."""

    text: str
    finish: str
    model: str


class AskedFor(NamedTuple):
    """For which task, with which prompt (name@version) and of which model an answer was asked."""

    task: str
    prompt: str
    model: str


class Spent(NamedTuple):
    """Tokens paid for, by model and by way."""

    model: str
    batch: bool
    answers: int
    usage: Usage


@dataclass(frozen=True, slots=True)
class Recipe:
    """With what a task's answers were last asked for: with the same a build looks them up."""

    model: str
    sampling: Mapping[str, Any]
    prompts: Mapping[str, str]
    """The text of each template by name."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was handed in."""

    label: str
    """Ours, known before the server gives its id."""
    id: str | None
    model: str
    status: str
    requests: int


class AnswerStore:
    """A SQLite file; one transaction an answer, on disk before it is used."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the store, or make it.

        Raises:
            OutputError: it cannot be read or written, is another file, or comes from another version.
        """
        self.path = path
        self.read_only = read_only
        self.reserve = path.with_name(f"{path.name}.reserve")
        with self._guarded():
            self.database = open_database(
                path,
                TABLES,
                VERSION,
                read_only=read_only,
                what="a store",
                way_out="It holds answers that were paid for: use the m3it that wrote it, or move it away to ask anew.",
                threads=True,  # the writer of a pass is not the thread that opened it
            )
            if not read_only:
                self._set_aside()

    def _set_aside(self) -> None:
        """Reserve room once; a disk that cannot give it is full enough to stop before the first call."""
        if self.reserve.exists() and self.reserve.stat().st_size == RESERVE:
            return
        try:
            with self.reserve.open("wb") as stream:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(stream.fileno(), 0, RESERVE)
                else:
                    stream.write(bytes(RESERVE))
        except OSError:
            self.reserve.unlink(missing_ok=True)
            self.database.close()
            raise

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn what SQLite and the disk say into a message."""
        try:
            yield
        except (sqlite3.Error, OSError, ValueError, TypeError, RecursionError) as error:
            raise unusable(
                self.path,
                f"the answer store cannot be {'read' if self.read_only else 'used'}",
                error,
                "run the same command again",
                "It holds answers that were paid for, so nothing here takes it away: bring back a copy of it, "
                "save what sqlite3 FILE .recover gives, or move it away to ask anew",
            ) from error

    def get(self, key: str) -> Stored | None:
        """The answer to a request."""
        with self._guarded():
            row = self.database.execute("SELECT text, finish, model FROM answers WHERE key = ?", (key,)).fetchone()
            if row is not None and not isinstance(row[0], str):
                raise TypeError(f"the answer to {key} is no text")
            return Stored(*row) if row else None

    def has(self, key: str) -> bool:
        """Whether a request was answered."""
        with self._guarded():
            return self.database.execute("SELECT 1 FROM answers WHERE key = ?", (key,)).fetchone() is not None

    def put(self, key: str, origin: AskedFor, reply: Reply, batch: str | None = None) -> None:
        """Keep an answer; when this returns, it is on disk.

        Raises:
            OutputError: it is not, even with the room that was set aside.
        """
        usage = reply.usage
        raw = msgspec.json.encode(reply.raw).decode()
        values = (key, *origin, reply.text, reply.finish, usage.prompt, usage.completion, batch, time.time(), raw)
        with self._guarded():
            try:
                self._insert(key, values)
            except sqlite3.OperationalError:
                if not self.reserve.exists():
                    raise
                self.reserve.unlink()
                self._insert(key, values)

    def _insert(self, key: str, values: tuple[object, ...]) -> None:
        with self._transaction():
            self.database.execute(f"INSERT OR IGNORE INTO answers VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 - only marks
            self.database.execute("DELETE FROM failures WHERE key = ?", (key,))
            self.database.execute("DELETE FROM waiting WHERE key = ?", (key,))

    @property
    def crowded(self) -> bool:
        """Whether the room that was set aside is used up: keep what comes, ask nothing more."""
        return not self.reserve.exists()

    def fail(self, key: str, task: str, reason: str) -> None:
        """Note why a request has no answer yet."""
        with self._guarded(), self._transaction():
            self.database.execute(
                "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?)", (key, task, reason, time.time())
            )

    def failure(self, key: str) -> str | None:
        """Why a request has no answer yet, if it was tried."""
        with self._guarded():
            row = self.database.execute("SELECT reason FROM failures WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def count(self, task: str, prompt: str, *, other_versions: bool) -> int:
        """Answers of a task asked with this prompt (name@version), or with other versions of the same name."""
        name = prompt.partition("@")[0]
        query = (
            "SELECT count(*) FROM answers WHERE task = ? AND prompt LIKE ? || '@%' AND prompt != ?"
            if other_versions
            else "SELECT count(*) FROM answers WHERE task = ? AND prompt LIKE ? || '@%' AND prompt = ?"
        )
        with self._guarded():
            return int(self.database.execute(query, (task, name, prompt)).fetchone()[0])

    def tasks(self) -> list[str]:
        """Those of which an answer is kept."""
        with self._guarded():
            return [task for (task,) in self.database.execute("SELECT DISTINCT task FROM answers ORDER BY task")]

    def spent(self, task: str) -> list[Spent]:
        """What a task's answers took."""
        with self._guarded():
            rows = self.database.execute(
                "SELECT model, batch IS NOT NULL, count(*), sum(prompt_tokens), sum(completion_tokens) "
                "FROM answers WHERE task = ? GROUP BY 1, 2 ORDER BY 1, 2",
                (task,),
            ).fetchall()
        return [Spent(model, bool(batch), answers, Usage(*counts)) for model, batch, answers, *counts in rows]

    def choose(self, task: str, recipe: Recipe) -> None:
        """Let builds look up a task's answers with this recipe from now on."""
        texts = [
            msgspec.json.encode(part, order="deterministic").decode() for part in (recipe.sampling, recipe.prompts)
        ]
        with self._guarded(), self._transaction():
            self.database.execute("INSERT OR REPLACE INTO recipes VALUES (?, ?, ?, ?)", (task, recipe.model, *texts))

    def recipe(self, task: str) -> Recipe | None:
        """With what a task's answers were last asked for."""
        with self._guarded():
            row = self.database.execute(
                "SELECT model, sampling, prompts FROM recipes WHERE task = ?", (task,)
            ).fetchone()
            decode = partial(msgspec.json.decode, type=dict[str, Any])
            return Recipe(row[0], decode(row[1]), decode(row[2])) if row else None

    def prepare_batch(self, batch: Batch, keys: Iterable[tuple[str, AskedFor]]) -> None:
        """Note a batch and its requests before they are handed in."""
        with self._guarded(), self._transaction():
            self._write_batch(batch)
            self.database.executemany(
                "INSERT OR REPLACE INTO waiting VALUES (?, ?, ?, ?, ?)",
                ((key, batch.label, *origin) for key, origin in keys),
            )

    def update_batch(self, batch: Batch) -> None:
        """Note a batch's id and status."""
        with self._guarded(), self._transaction():
            self._write_batch(batch)

    def release_batch(self, batch: Batch) -> int:
        """Note that a batch is over; what it left unanswered may be asked again. Returns how many that are."""
        with self._guarded(), self._transaction():
            self._write_batch(batch)
            return self.database.execute("DELETE FROM waiting WHERE batch = ?", (batch.label,)).rowcount

    def _write_batch(self, batch: Batch) -> None:
        self.database.execute(
            "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (label) DO UPDATE SET id = excluded.id, status = excluded.status",
            (batch.label, batch.id, batch.model, batch.status, batch.requests, time.time()),
        )

    def batches(self) -> list[Batch]:
        """Every batch ever handed in, oldest first."""
        with self._guarded():
            rows = self.database.execute(
                "SELECT label, id, model, status, requests FROM batches ORDER BY at"
            ).fetchall()
        return [Batch(*row) for row in rows]

    def waiting(self, key: str) -> bool:
        """Whether a request is in a batch that is not over."""
        with self._guarded():
            return self.database.execute("SELECT 1 FROM waiting WHERE key = ?", (key,)).fetchone() is not None

    def waits_for(self, batch: Batch, key: str) -> AskedFor | None:
        """What a batch's request was for; None if the batch has no such request, or no longer."""
        with self._guarded():
            row = self.database.execute(
                "SELECT task, prompt, model FROM waiting WHERE key = ? AND batch = ?", (key, batch.label)
            ).fetchone()
        return AskedFor(*row) if row else None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.database.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # after a full disk SQLite has rolled back by itself
                self.database.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the file; the room set aside is given back."""
        self.database.close()
        if not self.read_only:
            self.reserve.unlink(missing_ok=True)

    def __enter__(self) -> "AnswerStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
