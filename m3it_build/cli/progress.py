"""How far a command is: bars on a terminal, a plain line a minute elsewhere, nothing with -q."""

import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

from m3it_build.cli.verbosity import is_quiet, is_verbose, note, shows_tracebacks
from m3it_build.core.plural import plural
from m3it_build.core.progress import Progress
from m3it_build.publish.markdown import size_text

SECONDS = 60.0
"""Between two lines where there is no terminal."""


def on_terminal() -> bool:
    """Whether bars are drawn."""
    return sys.stderr.isatty() and not is_quiet()


class Lines:
    """Without a terminal: a line every so many seconds, from a thread of its own, and one at the end."""

    def __init__(self, line: Callable[[], str], seconds: float | None = None) -> None:
        self.line = line
        self.seconds = seconds
        self.over = threading.Event()
        self.thread = None if on_terminal() or is_quiet() else threading.Thread(target=self._run, daemon=True)
        if self.thread is not None:
            self.thread.start()

    def _run(self) -> None:
        while not self.over.wait(self.seconds or SECONDS):
            note(self.line())

    def end(self, *, last: bool) -> None:
        """Stop, with a last line if it is wanted."""
        self.over.set()
        if self.thread is not None:
            self.thread.join()
            if last:
                note(self.line())


def duration(seconds: float) -> str:
    """A time for a person: "45 s", "12 min", "3 h 20 min"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def pace(done: int, left: int, seconds: float) -> str:
    """Rate, and time to go where there is something left."""
    rate = done / max(seconds, 1e-9)
    said = f"{rate:,.0f} a second" if rate >= 10 or not done else f"{rate:.1f} a second"
    return f"{said}, {duration(left / rate)} to go" if left > 0 and done else said


class Spoken(Progress):
    """What all of them do with a note: said on stderr, above the bar."""

    def note(self, text: str) -> None:
        """Say something that is no result and no error."""
        if not is_quiet():
            tqdm.write(text, file=sys.stderr)

    def warn(self, text: str) -> None:
        """Say it also where only errors and results are wanted."""
        tqdm.write(text, file=sys.stderr)

    def unexpected(self, error: Exception) -> None:
        """Where it arose, if a person wants to see it."""
        if shows_tracebacks():
            self.warn("".join(traceback.format_exception(error)))


class BuildProgress(Spoken):
    """Counts records over the whole plan; told by the main thread and by the one that hears of workers."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.total = self.done = self.was_done = self.rejected = self.records = 0
        self.unplanned = 0
        """Splits of which only an expectation is known."""
        self.doing = "looking for sources"
        self.started = time.monotonic()
        self.bar: tqdm[Any] | None = (
            tqdm(total=1, unit=" records", smoothing=0.1, dynamic_ncols=True) if on_terminal() else None
        )
        self.lines = Lines(self.line)

    def line(self) -> str:
        """What is being done, how far, how fast, how long still."""
        with self.lock:
            about = "about " if self.unplanned else ""
            share = f" ({self.done / self.total:.0%})" if self.total else ""
            rate = pace(self.done - self.was_done, self.total - self.done, time.monotonic() - self.started)
            return f"{self._label()}: {self.done:,} of {about}{self.total:,} records{share}, {rate}"

    def expect(self, rows: int, splits: int) -> None:
        """About so many rows more or fewer in all, of so many splits more or fewer that are not planned yet."""
        with self.lock:
            self.total += rows
            self.unplanned += splits
            self._draw()

    def reading(self, split: str) -> None:
        """A split's annotations are being read."""
        with self.lock:
            self.doing, self.records = f"reading {split}", 0
            self._draw()
        if is_verbose():
            self.note(f"{split}: reading annotations")

    def read(self, records: int) -> None:
        """So many records of it so far."""
        with self.lock:
            self.records = records
            self._draw()

    def planned(self, split: str, rows: int, shards: int) -> None:
        """A split is planned."""
        with self.lock:
            self.doing, self.records = f"writing {split}", 0
            self._draw()
        if is_verbose():
            self.note(f"{split}: {rows:,} rows planned in {plural(shards, 'shard')}")

    def kept(self, records: int) -> None:
        """So many were done by an earlier run."""
        with self.lock:
            self.done += records
            self.was_done += records
            if self.bar is not None:
                self.bar.initial += records  # no part of the rate
            self._draw()

    def moved(self, split: str, records: int) -> None:
        """So many went through."""
        with self.lock:
            self.done += records
            if not self.doing.startswith("reading"):
                self.doing = f"writing {split}"
            self._draw()

    def written(self, shard: str, rows: int, rejected: int) -> None:
        """A shard was committed, now or by an earlier run."""
        with self.lock:
            self.rejected += rejected
            self._draw()
        if is_verbose():
            self.note(f"{shard}: {rows:,} rows, {rejected:,} rejected")

    def _label(self) -> str:
        return f"{self.doing} ({self.records:,} records read)" if self.records else self.doing

    def _draw(self) -> None:
        if self.bar is None:
            return
        self.bar.total = max(1, self.total)
        self.bar.set_description_str(self._label(), refresh=False)
        if self.rejected:
            self.bar.set_postfix(rejected=self.rejected, refresh=False)
        self.bar.update(self.done - self.bar.n)
        if self.bar.last_print_t < time.time() - self.bar.mininterval:
            self.bar.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self.lock:
            self.doing = "done" if kind is None else "stopped"
            self._draw()
        if self.bar is not None:
            self.bar.refresh()
            self.bar.close()
        self.lines.end(last=self.total > 0 and (kind is None or issubclass(kind, Exception)))


class CheckProgress(Spoken):
    """Counts what was checked, and tells what is off as it is found."""

    SHOWN = 50
    """Problems, where not all are wanted."""

    def __init__(self) -> None:
        self.rows = self.problems = 0
        self.started = time.monotonic()
        self.bar: tqdm[Any] | None = tqdm(unit=" rows", dynamic_ncols=True) if on_terminal() else None
        self.lines = Lines(self.line)

    def line(self) -> str:
        """How far, how fast."""
        return f"{plural(self.rows, 'row')} checked, {pace(self.rows, 0, time.monotonic() - self.started)}"

    def checked(self, shard: str, rows: int) -> None:
        """A shard was checked."""
        self.rows += rows
        if self.bar is not None:
            self.bar.set_description_str(shard, refresh=False)
            self.bar.update(rows)
        if is_verbose() and self.bar is None:
            note(f"{shard}: {plural(rows, 'row')}")

    def problem(self, where: str, what: str) -> None:
        """Something is off."""
        self.problems += 1
        if self.problems <= self.SHOWN or is_verbose():
            self.warn(f"{where}: {what}")

    def tell_more(self) -> None:
        """How many problems were not told."""
        if self.problems > self.SHOWN and not is_verbose():
            note(f"... and {self.problems - self.SHOWN:,} more: see all with -v")

    def odd(self, where: str, what: str) -> None:
        """Something is as the source has it."""
        if not is_quiet():
            tqdm.write(f"{where}: no fault, but odd: {what}", file=sys.stderr)

    def __enter__(self) -> "CheckProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.close()
        self.lines.end(last=False)


class PassProgress(Spoken):
    """Counts answers, retries and money on stderr."""

    def __init__(self) -> None:
        self.total = self.answers = self.open = self.retries = 0
        self.dollars = 0.0
        self.started = time.monotonic()
        self.bar: tqdm[Any] | None = None
        self.lines: Lines | None = None

    def asking(self, questions: int) -> None:
        """So many questions are open."""
        self.total, self.started = questions, time.monotonic()
        if on_terminal():
            self.bar = tqdm(total=questions, unit=" answers", smoothing=0.1, dynamic_ncols=True)
        self.lines = Lines(self.line)

    def line(self) -> str:
        """How far, how fast, how much."""
        left = self.total - self.answers - self.open
        rate = pace(self.answers, left, time.monotonic() - self.started)
        money = f"{plural(self.retries, 'retry', 'retries')}, {self.dollars:.4f} US dollars spent"
        return f"{self.answers:,} of {plural(self.total, 'answer')}, {rate}, {money}"

    def answered(self, retries: int, dollars: float) -> None:
        """One more answer is kept."""
        self.answers, self.retries, self.dollars = self.answers + 1, retries, dollars
        if self.bar is not None:
            self.bar.set_postfix(retries=retries, spent=f"{dollars:.4f}", open=self.open, refresh=False)
            self.bar.update()

    def failed(self, reason: str) -> None:
        """A question stays open."""
        self.open += 1
        if self.open <= 10 and not is_quiet():
            tqdm.write(f"no answer: {reason}", file=sys.stderr)

    def __enter__(self) -> "PassProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.close()
        if self.lines is not None:
            self.lines.end(last=self.total > 0)


class GateProgress(Spoken):
    """A line for each language."""

    def measured(self, language: str, score: float, told: str) -> None:
        """A language has a score."""
        self.note(f"{language}: {score:.1f}, {told}")


class TranslateProgress(Spoken):
    """Counts sentences of a language on stderr."""

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None
        self.lines: Lines | None = None
        self.code = ""
        self.missing = self.done = self.refused = 0
        self.started = time.monotonic()

    def line(self) -> str:
        """How far the language is."""
        rate = pace(self.done, self.missing - self.done, time.monotonic() - self.started)
        return f"{self.code}: {self.done:,} of {plural(self.missing, 'sentence')}, {rate}, {self.refused:,} refused"

    def language(self, code: str, known: int, missing: int) -> None:
        """A language begins, of which so many sentences are known already."""
        self._close()
        self.code, self.missing, self.done, self.refused = code, missing, 0, 0
        self.started = time.monotonic()
        if on_terminal():
            self.bar = tqdm(
                total=known + missing, initial=known, desc=code, unit=" sentences", smoothing=0.1, dynamic_ncols=True
            )
        elif missing:
            note(f"{code}: {plural(missing, 'sentence')} to translate, {known:,} known")
            self.lines = Lines(self.line)

    def translated(self, sentences: int, refused: int) -> None:
        """So many more are kept."""
        self.done += sentences
        self.refused += refused
        if self.bar is not None:
            self.bar.set_postfix(refused=self.refused, refresh=False)
            self.bar.update(sentences)

    def _close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None
        if self.lines is not None:
            self.lines.end(last=True)
            self.lines = None

    def __enter__(self) -> "TranslateProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()


class PushProgress(Spoken):
    """Bytes on stderr: a bar on a terminal, a line now and then elsewhere."""

    SECONDS = 10
    """Between two lines."""

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None
        self.total = self.done = 0
        self.told = time.monotonic()

    def sending(self, files: int, size: int) -> None:
        """So much is to be sent to a repository."""
        self._close()
        self.total, self.done = size, 0
        if files and on_terminal():
            self.bar = tqdm(total=size, unit="B", unit_scale=True, desc="sent")

    def sent(self, files: int, size: int) -> None:  # noqa: ARG002 - bytes say more than files
        """So much more is there."""
        self.done += size
        if self.bar is not None:
            self.bar.update(size)
        elif self.done == self.total or time.monotonic() - self.told > self.SECONDS:
            self.told = time.monotonic()
            self.note(f"sent {size_text(self.done)} of {size_text(self.total)}")

    def _close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def __enter__(self) -> "PushProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
