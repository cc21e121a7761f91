"""How much a command says: -q only errors and the result, -v every step, and where an internal error arose."""

import os
from enum import IntEnum
from typing import Annotated

import typer


class Verbosity(IntEnum):
    """From little to much."""

    QUIET = 0
    NORMAL = 1
    VERBOSE = 2


_level = Verbosity.NORMAL


def _set(level: Verbosity, *, given: bool) -> None:
    global _level  # noqa: PLW0603 - a process runs one command
    if given:
        _level = level


def reset() -> None:
    """As at the start of a command."""
    global _level  # noqa: PLW0603
    _level = Verbosity.NORMAL


def is_quiet() -> bool:
    """Whether -q was given."""
    return _level is Verbosity.QUIET


def is_verbose() -> bool:
    """Whether -v was given."""
    return _level is Verbosity.VERBOSE


def shows_tracebacks() -> bool:
    """Whether a person wants to see where an internal error arose."""
    return is_verbose() or bool(os.environ.get("M3IT_TRACEBACK"))


def note(text: str) -> None:
    """Say something on stderr that is no result and no error."""
    if not is_quiet():
        typer.echo(text, err=True)


Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        callback=lambda value: _set(Verbosity.QUIET, given=value),
        expose_value=False,
        is_eager=True,
        help="Say only errors and the result.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        callback=lambda value: _set(Verbosity.VERBOSE, given=value),
        expose_value=False,
        is_eager=True,
        help="Say each step; show where an internal error arose.",
    ),
]
