"""Files on disk, as everything of a source is read: regular ones only, and no error of the machine gets lost.

Decoders take a read that fails for the end of a file, or for damage. So each failure is tried again right here, and
what remains is a `MachineError`, which is none of the errors that damaged data raises; where a library in between may
swallow it, `nothing_hidden` brings it back.
"""

import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from m3it_build.core.errors import MachineError, SourceError
from m3it_build.store.patience import if_there, patiently

T = TypeVar("T")

FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
"""A pipe, or a device, is opened without waiting for anybody, and then found to be none that is read."""
MOST = 1 << 30
"""Bytes that a system gives at once at least."""

_failures: list[MachineError] = []
"""Each `nothing_hidden` takes away those since it began."""


class Disk(io.RawIOBase):
    """A regular file, open for reading.

    It tells no file descriptor, so that no library reads past it.

    Raises:
        MachineError: the system does not give it, or a part of it.
        SourceError: it is a pipe, a device or a socket.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.name = str(path)
        self.place = 0
        self.descriptor = -1
        self.descriptor = _patiently(path, lambda: os.open(path, FLAGS))
        found = _patiently(path, lambda: os.fstat(self.descriptor))
        self.size = found.st_size
        """As it was opened. What has none, as the files that a kernel makes up, is not waited for."""
        if not stat.S_ISREG(found.st_mode):
            self.close()
            raise SourceError(f"{path}: is no file, but a pipe, a device or a folder. Put the file there.")

    def close(self) -> None:
        """Give the file back."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
        super().close()

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """From where is read next."""
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Read on from another place."""
        place = offset + (0, self.place, self.size)[whence]
        if place < 0:
            raise ValueError("a place before the beginning")
        self.place = place
        return place

    def read(self, size: int | None = -1) -> bytes:
        """So many bytes, fewer only at the end."""
        rest = max(0, self.size - self.place)
        wanted = rest if size is None or size < 0 else min(size, rest)
        parts = []
        while wanted and (part := self._part(wanted)):
            parts.append(part)
            wanted -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readall(self) -> bytes:
        """What is left."""
        return self.read()

    def readinto(self, buffer: Any) -> int:
        """As `read`."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _part(self, size: int) -> bytes:
        data = _patiently(self.path, lambda: os.pread(self.descriptor, min(size, MOST), self.place))
        self.place += len(data)
        return data


def buffered(path: Path) -> io.BufferedReader:
    """A file on disk, for many small reads."""
    return io.BufferedReader(Disk(path), 1 << 17)


def facts_of(path: Path) -> os.stat_result:
    """What the system says of a file or folder that should be there.

    Raises:
        MachineError: it does not say.
    """
    return _patiently(path, path.stat)


def is_there(path: Path) -> os.stat_result | None:
    """What the system says of a file or folder; None where it says that there is none.

    Raises:
        MachineError: it says neither.
    """
    with _noted():
        return if_there(path, path.stat)


@contextmanager
def nothing_hidden() -> Iterator[None]:
    """Raise in the end what the machine did not give meanwhile, whatever was made of it in between."""
    before = len(_failures)
    try:
        yield
    finally:
        failed = _failures[before:]
        del _failures[before:]
        if failed:
            raise failed[0]


def _patiently(path: Path, work: Callable[[], T]) -> T:
    with _noted():
        return patiently(path, work)


@contextmanager
def _noted() -> Iterator[None]:
    try:
        yield
    except MachineError as error:
        _failures.append(error)
        raise
