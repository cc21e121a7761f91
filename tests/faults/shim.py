"""The shim that stands between a command and its disk: built here, told by a file that it maps."""

import ctypes
import errno
import mmap
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("shim.c")
VARIABLE = "M3IT_FAULT_SHIM"
ERRORS = {name: int(getattr(errno, name)) for name in ("EIO", "ENOSPC", "EMFILE", "ENOMEM", "EACCES", "ESTALE")}
"""What a call fails with; where no system answers that to it, with EIO."""
LOOK_ERRORS = ("EACCES", "EIO", "ESTALE")
"""What asking about files and listing folders fails with."""


class Calls(IntFlag):
    """What is counted."""

    OPEN = 1
    READ = 2
    WRITE = 4
    FSYNC = 8
    RENAME = 16
    UNLINK = 32
    MKDIR = 64
    TRUNCATE = 128
    STAT = 256
    """Asking what a file is: stat, access and their like."""
    LIST = 512
    """Opening a folder, and reading it."""

    CHANGES = WRITE | FSYNC | RENAME | UNLINK | MKDIR
    ALL = OPEN | READ | CHANGES | TRUNCATE
    LOOKS = STAT | LIST


class Action(IntEnum):
    """What happens at the Nth call."""

    NOTHING = 0
    FAIL = 1
    SHORT = 2
    """Half of what was asked is read or written."""
    SIGNAL = 3


class Target(IntEnum):
    """Who gets the signal."""

    SELF = 0
    MAIN = 1
    GROUP = 2
    WORKER = 3
    """Who makes the call, unless it is the command itself."""


class _State(ctypes.Structure):
    _fields_ = (
        ("prefixes", (ctypes.c_char * 1024) * 2),
        ("log", ctypes.c_char * 1024),
        *((name, ctypes.c_int64) for name in ("nth", "count", "hits")),
        ("each", ctypes.c_int64 * len(Calls)),
        *(
            (name, ctypes.c_int32)
            for name in ("kinds", "action", "error", "persistent", "signal", "target", "main", "logging")
        ),
    )


@dataclass(frozen=True)
class Orders:
    """What the shim does, and where."""

    prefixes: tuple[Path, ...]
    kinds: Calls = Calls.ALL
    action: Action = Action.NOTHING
    nth: int = 0
    error: int = 0
    persistent: bool = False
    signal: int = 0
    target: Target = Target.SELF
    log: Path | None = None


class Shim:
    """The file that the shim maps: orders in, counts out."""

    def __init__(self, path: Path) -> None:
        """Map it; it is made where there is none."""
        self.path = path
        if not path.exists():
            path.write_bytes(bytes(ctypes.sizeof(_State)))
        with path.open("r+b") as stream:
            self._state = _State.from_buffer(mmap.mmap(stream.fileno(), 0))

    def order(self, orders: Orders) -> None:
        """Begin to count anew."""
        ctypes.memset(ctypes.byref(self._state), 0, ctypes.sizeof(_State))
        for place, prefix in enumerate(orders.prefixes):
            self._state.prefixes[place].value = str(prefix).encode()
        for name in ("kinds", "action", "nth", "error", "persistent", "signal", "target"):
            setattr(self._state, name, int(getattr(orders, name)))
        if orders.log is not None:
            self._state.log = str(orders.log).encode()
            self._state.logging = 1

    def attach(self, library: Path, main: int) -> None:
        """In a process that was forked under the shim: obey this file."""
        self._state.main = main
        ctypes.CDLL(str(library)).shim_attach(str(self.path).encode())

    @property
    def count(self) -> int:
        """Calls so far."""
        return int(self._state.count)

    @property
    def each(self) -> dict[Calls, int]:
        """Calls of each kind so far, whatever was ordered."""
        return dict(zip(Calls, self._state.each, strict=True))

    @property
    def hits(self) -> int:
        """Calls that something was done to."""
        return int(self._state.hits)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the log."""

    kind: Calls
    flags: int
    path: str
    other: str
    offset: int
    data: bytes


def read_log(path: Path) -> Iterator[Call]:
    """What was written, synced and renamed, in order."""
    head = struct.Struct("=4i2q")
    log, place = path.read_bytes(), 0
    while place < len(log):
        kind, flags, *sizes, offset, size = head.unpack_from(log, place)
        place += head.size
        parts = []
        for length in (*sizes, size):
            parts.append(log[place : place + length])
            place += length
        yield Call(Calls(kind), flags, parts[0].decode(), parts[1].decode(), offset, parts[2])


def build_shim(folder: Path) -> Path:
    """The library, or a skip that says why there is none."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler (cc, gcc): the fault shim cannot be built")
    library = folder / "shim.so"
    command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"the fault shim cannot be built here: {done.stderr.strip().splitlines()[-1:]}")
    return library
