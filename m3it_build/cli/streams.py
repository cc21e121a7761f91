"""The standard streams: one that is closed or broken stops no command."""

import os
import sys
from io import TextIOWrapper
from typing import Any, TextIO, cast


class _Spoken:
    """stderr: what it cannot take is lost, since there is nowhere to say so; the exit code still tells."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write, or lose it and all that follows."""
        try:
            return self.stream.write(text)
        except OSError:
            to_nowhere(self.stream)
            return len(text)

    def flush(self) -> None:
        """As `write`."""
        try:
            self.stream.flush()
        except OSError:
            to_nowhere(self.stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def open_streams() -> None:
    """Give closed streams the null device, so that no file of ours gets their numbers; write what can be written."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(_null(number), mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="backslashreplace")
    if not isinstance(sys.stderr, _Spoken):
        sys.stderr = cast(TextIO, _Spoken(sys.stderr))


def broken_stdout() -> OSError | None:
    """Why stdout takes nothing; whatever it still held is gone then, so that the interpreter can end."""
    try:
        sys.stdout.flush()
    except OSError as error:
        to_nowhere(sys.stdout)
        return error
    return None


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
