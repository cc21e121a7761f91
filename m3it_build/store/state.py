"""Reads what m3it itself wrote: what the machine cannot give now is one thing, what is damaged another."""

import hashlib
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from m3it_build.core.errors import PartError
from m3it_build.core.machine import is_of_machine, machine_error
from m3it_build.store.patience import if_there

SEAL = re.compile(rb',\n "check": "([0-9a-f]{64})"\n}\n\Z')
"""The SHA-256 of all before it."""


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
    return if_there(path, lambda: _read(path))


def sealed(data: bytes) -> bytes:
    """A JSON object with one more line, which finds a flipped byte that leaves other facts."""
    body = data.rstrip().removesuffix(b"}").rstrip()
    return body + b',\n "check": "' + hashlib.sha256(body).hexdigest().encode() + b'"\n}\n'


def read_sealed(path: Path) -> bytes | None:
    """The object of a file of ours, without that line; files of before it was written, or by hand, need none.

    Raises:
        DamagedState: it does not hold what was written.
        MachineError: the machine does not give it.
    """
    data = read_state(path)
    found = SEAL.search(data) if data is not None else None
    if data is None or found is None:
        return data
    body = data[: found.start()]
    if hashlib.sha256(body).hexdigest().encode() != found[1]:
        raise DamagedState(f"{path}: not what was written (its checksum is another)")
    return body + b"}"


def size_of(path: Path) -> int | None:
    """Bytes of a file of ours; None where there is none, or no file.

    Raises:
        MachineError: the machine does not tell.
    """
    found = if_there(path, path.stat)
    return found.st_size if found is not None and stat.S_ISREG(found.st_mode) else None


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
    if not stat.S_ISREG(path.stat().st_mode):  # a pipe would never end
        raise DamagedState(f"{path}: something else is where a file of m3it should lie", "Take it away.")
    return path.read_bytes()
