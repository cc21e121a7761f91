"""Reads what m3it itself wrote: what the machine cannot give now is one thing, what is damaged another."""

import errno
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from m3it_build.core.errors import PartError
from m3it_build.core.machine import is_of_machine, machine_error

T = TypeVar("T")

WAITS = (0.1, 0.5)
"""Seconds before each further try: a disk or a mount that answers again."""
ABSENT = (errno.ENOENT, errno.ENOTDIR)


class DamagedState(PartError):
    """A file of ours that is there and does not hold what was written: whatever it stands for is made again."""

    def __init__(self, what: str, way_out: str = "Run the command that wrote it again: it is made anew.") -> None:
        """Tell `what` is wrong, without a full stop, and what to do."""
        super().__init__(f"{what}. {way_out}")
        self.what = what


def read_state(path: Path) -> bytes | None:
    """A small file of ours; None where there is none.

    Raises:
        DamagedState: something else than a file is in its place.
        MachineError: the machine does not give it.
    """
    return again(path, lambda: _read(path))


def size_of(path: Path) -> int | None:
    """Bytes of a file of ours; None where there is none, or no file.

    Raises:
        MachineError: the machine does not tell.
    """
    return again(path, lambda: path.stat().st_size if path.is_file() else None)


def again(path: Path, work: Callable[[], T]) -> T | None:
    """What `work` gives, tried again where the machine fails; None where the path leads to nothing.

    Raises:
        MachineError: the machine fails each time.
    """
    for wait in (*WAITS, None):
        try:
            return work()
        except OSError as error:
            if error.errno in ABSENT:
                return None
            if wait is None or not is_of_machine(error):
                raise machine_error(path, error) from error
        time.sleep(wait)
    raise AssertionError


@contextmanager
def of_machine(path: Path) -> Iterator[None]:
    """What the system says of a file of ours becomes a message.

    Raises:
        MachineError: it cannot be read.
    """
    try:
        yield
    except (OSError, MemoryError) as error:
        if not is_of_machine(error):
            raise
        raise machine_error(path, error) from error


def _read(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # a pipe would never end
        raise DamagedState(f"{path}: something else is where a file of m3it should lie", "Take it away.")
    return path.read_bytes()
