"""The standard streams: one that is closed or broken stops no command."""

import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Any, TextIO

from m3it_build.core.errors import M3itError


class _Guarded:
    """A stream of which a fault is told to `lost`, at each write; what it could not take goes nowhere."""

    def __init__(self, stream: TextIO, lost: Callable[[OSError], None]) -> None:
        self.stream = stream
        self.lost = lost
        self.fault: OSError | None = None

    def write(self, text: str) -> int:
        """Write, or lose it."""
        try:
            if self.fault is None:
                return self.stream.write(text)
        except OSError as error:
            self._give_up(error)
        if self.fault is not None and text:  # click writes nothing, to find out what a stream is, and heeds no error
            self.lost(self.fault)
        return len(text)

    def flush(self) -> None:
        """As `write`."""
        try:
            self.stream.flush()
        except OSError as error:
            self._give_up(error)
            self.lost(error)

    def _give_up(self, error: OSError) -> None:
        self.fault = error
        to_nowhere(self.stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _not_told(error: OSError) -> None:
    """Of stdout: the result of the command."""
    if isinstance(error, BrokenPipeError):
        raise error
    raise M3itError(
        f"stdout cannot be written ({error.strerror}). Mend that, then run the same command again."
    ) from error


def _unheard(_: OSError) -> None:
    """Of stderr: there is nowhere to say so, and the exit code tells."""


def open_streams() -> None:
    """Give closed streams the null device, so that no file of ours gets their numbers; write what can be written."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(_null(number), mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="backslashreplace")
    for name, lost in (("stdout", _not_told), ("stderr", _unheard)):
        if not isinstance(stream := getattr(sys, name), _Guarded):
            setattr(sys, name, _Guarded(stream, lost))


def to_nowhere(stream: TextIO) -> None:
    """Let a stream, with what is in its buffer, end in the null device."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)


def _null(number: int) -> int:
    """A descriptor of the null device: this one, if it is free."""
    null = os.open(os.devnull, os.O_RDWR)
    try:
        os.fstat(number)
    except OSError:
        os.dup2(null, number)
        os.close(null)
        return number
    return null
