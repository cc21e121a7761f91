"""How far a build is: bars on a terminal, plain lines elsewhere."""

import sys
import time
from types import TracebackType
from typing import Any

from tqdm import tqdm


class BuildProgress:
    """Counts rows and rejects on stderr."""

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = tqdm(total=0, unit=" rows", smoothing=0.1) if sys.stderr.isatty() else None
        self.rejected = 0

    def plan(self, task: str, split: str) -> None:
        """A split's annotations are being read."""
        if self.bar is not None:
            self.bar.set_description(f"{task}/{split}")
        else:
            print(f"{task}/{split}: reading annotations", file=sys.stderr, flush=True)

    def planned(self, rows: int) -> None:
        """So many rows more are to be written."""
        if self.bar is not None:
            self.bar.total = (self.bar.total or 0) + rows
            self.bar.refresh()

    def written(self, rows: int, rejected: int) -> None:
        """A shard was committed."""
        self.rejected += rejected
        if self.bar is not None:
            self.bar.set_postfix(rejected=self.rejected, refresh=False)
            self.bar.update(rows + rejected)

    def __enter__(self) -> "BuildProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.close()


class PassProgress:
    """Counts answers, retries and money on stderr."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.answers = 0
        self.open = 0
        self.bar: tqdm[Any] | None = tqdm(total=total, unit=" answers", smoothing=0.1) if sys.stderr.isatty() else None

    def answered(self, retries: int, dollars: float) -> None:
        """One more answer is kept."""
        self.answers += 1
        if self.bar is not None:
            self.bar.set_postfix(retries=retries, spent=f"{dollars:.4f}", open=self.open, refresh=False)
            self.bar.update()
        elif self.answers % 1000 == 0:
            print(
                f"{self.answers} of {self.total} answers, {retries} retries, {dollars:.4f} US dollars spent",
                file=sys.stderr,
                flush=True,
            )

    def failed(self, reason: str) -> None:
        """A question stays open."""
        self.open += 1
        if self.open <= 10:
            tqdm.write(f"no answer: {reason}", file=sys.stderr)

    def __enter__(self) -> "PassProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.close()


class TranslateProgress:
    """Counts sentences of a language on stderr."""

    def __init__(self) -> None:
        self.bar: tqdm[Any] | None = None
        self.code = ""
        self.missing = self.done = self.refused = 0
        self.started = time.monotonic()

    def language(self, code: str, known: int, missing: int) -> None:
        """A language begins, of which so many sentences are known already."""
        self._close()
        self.code, self.missing, self.done, self.refused = code, missing, 0, 0
        self.started = time.monotonic()
        if sys.stderr.isatty():
            self.bar = tqdm(total=known + missing, initial=known, desc=code, unit=" sentences", smoothing=0.1)
        elif missing:
            print(f"{code}: {missing} sentences to translate, {known} known", file=sys.stderr, flush=True)

    def translated(self, sentences: int, refused: int) -> None:
        """So many more are kept."""
        self.done += sentences
        self.refused += refused
        if self.bar is not None:
            self.bar.set_postfix(refused=self.refused, refresh=False)
            self.bar.update(sentences)
            return
        rate = self.done / max(time.monotonic() - self.started, 1e-9)
        print(
            f"{self.code}: {self.done} of {self.missing} sentences, {rate:.0f} a second, {self.refused} refused",
            file=sys.stderr,
            flush=True,
        )

    def _close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def __enter__(self) -> "TranslateProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
