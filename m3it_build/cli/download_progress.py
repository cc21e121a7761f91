"""How far a download is: bars on a terminal, a line every 30 seconds elsewhere."""

import threading
import time
from types import TracebackType
from typing import Any

from tqdm import tqdm

from m3it_build.cli.progress import Lines, Spoken, duration, on_terminal
from m3it_build.core.plural import plural
from m3it_build.publish.markdown import size_text


class DownloadProgress(Spoken):
    """Bytes of all files and of each that comes now; told by several threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.size = self.files = self.done = self.bytes = self.fresh = 0
        self.started = time.monotonic()
        self.bar: tqdm[Any] | None = None
        self.lines: Lines | None = None
        self.running: dict[str, tqdm[Any]] = {}

    def line(self) -> str:
        """How far all of it is."""
        with self.lock:
            rate = self.fresh / max(time.monotonic() - self.started, 1e-9)
            left = self.size - self.bytes
            to_go = f", {duration(left / rate)} to go" if rate > 1 and left > 0 else ""
            return (
                f"{self.done} of {plural(self.files, 'file')}, {size_text(self.bytes)} of {size_text(self.size)}, "
                f"{size_text(rate)} a second{to_go}"
            )

    def fetching(self, files: int, size: int) -> None:
        """So much is to be fetched."""
        self.files, self.size, self.started = files, size, time.monotonic()
        if files and on_terminal():
            self.bar = tqdm(total=size or None, unit="B", unit_scale=True, desc="all", dynamic_ncols=True)
        elif files:
            self.lines = Lines(self.line, 30)

    def came(self, place: str, more: int) -> None:
        """So many more bytes, or fewer."""
        with self.lock:
            self.bytes += more
            self.fresh += max(0, more)
            if self.bar is not None:
                self.bar.update(more)
                if place not in self.running and more:
                    self.running[place] = tqdm(unit="B", unit_scale=True, desc=place, leave=False, dynamic_ncols=True)
                if place in self.running:
                    self.running[place].update(more)

    def fetched(self, place: str, size: int) -> None:
        """A file is whole."""
        with self.lock:
            self.done += 1
            if (bar := self.running.pop(place, None)) is not None:
                bar.close()
        self.note(f"{place}: {size_text(size)}")

    def unfetched(self, place: str, why: str) -> None:
        """A file could not be had."""
        with self.lock:
            if (bar := self.running.pop(place, None)) is not None:
                bar.close()
        self.warn(f"{place}: {why}")

    def __enter__(self) -> "DownloadProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for bar in (*self.running.values(), *([self.bar] if self.bar is not None else [])):
            bar.close()
        if self.lines is not None:
            self.lines.end(last=kind is not None)
