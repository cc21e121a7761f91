"""Nothing is written but where it may be: hears what the interpreter does to files, and looks at folders."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

CHANGES: dict[str, tuple[tuple[int, int], ...]] = {
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, -1),),
    "os.chmod": ((0, 2),),
    "os.utime": ((0, 3),),
}
"""Which arguments of an event are names that change, and in which folders they are (those of Python's audit events)."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Outside(BaseException):
    """Something was changed elsewhere."""


@dataclass
class Watch:
    """What may be changed now, and what else was."""

    allowed: tuple[str, ...] | None = None
    """Folders, and nothing else; None where nobody is watched."""
    outside: list[str] = field(default_factory=list)
    """Kept too, as what is raised may be caught."""

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook: stops what it hears of in time.

        Raises:
            Outside: it is not to be done.
        """
        if self.allowed is None:
            return
        for path in _changed(event, arguments):
            if path != os.devnull and not any(path == each or path.startswith(f"{each}/") for each in self.allowed):
                self.outside.append(f"{event}: {path}")
                raise Outside(self.outside[-1])

    @contextmanager
    def only(self, *folders: Path) -> Iterator[None]:
        """Nothing is changed outside these folders.

        Raises:
            Outside: something was.
        """
        self.allowed = tuple(os.path.realpath(folder) for folder in folders)
        try:
            yield
        finally:
            self.allowed = None
            told = self.outside.copy()
            self.outside.clear()
            if told:
                raise Outside("; ".join(told[:3]))


WATCH = Watch()
"""Of this process."""


def begin() -> None:
    """From now on, for ever: a hook cannot be taken away."""
    sys.dont_write_bytecode = True
    sys.addaudithook(WATCH.hear)


def snapshot(folder: Path) -> dict[str, str]:
    """What a folder holds: to be compared."""
    return {
        path.relative_to(folder).as_posix(): "" if path.is_dir() else sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
    }


def _changed(event: str, arguments: tuple[Any, ...]) -> Iterator[str]:
    if event == "open":
        path, _, flags = arguments
        if isinstance(path, str | bytes | os.PathLike) and flags & WRITES:
            yield os.path.realpath(os.fsdecode(path))
    elif event == "sqlite3.connect":
        path = os.fsdecode(arguments[0])
        place, how = (unquote(urlsplit(path).path), urlsplit(path).query) if path.startswith("file:") else (path, "")
        if place not in ("", ":memory:") and "mode=ro" not in how:
            yield os.path.realpath(place)
    else:
        for name, folder in CHANGES.get(event, ()):
            if isinstance(arguments[name], int):
                continue  # an open file, which was heard of as it was opened
            at = arguments[folder] if folder >= 0 else -1
            path = os.fsdecode(arguments[name])
            yield _entry(path if at in (-1, None) else f"{Path(f'/proc/self/fd/{at}').readlink()}/{path}")


def _entry(path: str) -> str:
    """Where a name is: the folder without links, and the last part as it is, as it may be one."""
    folder, name = os.path.split(path.rstrip("/"))
    return os.path.realpath(path) if name in ("", ".", "..") else f"{os.path.realpath(folder)}/{name}"
