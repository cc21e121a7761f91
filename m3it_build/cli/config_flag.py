"""--config, a flag of every command."""

from pathlib import Path
from typing import Annotated

import typer

NAME = "m3it.toml"
"""The settings file that is found without the flag."""

_named: Path | None = None


def named() -> Path | None:
    """What --config or M3IT_CONFIG names."""
    return _named


def _name(path: Path | None) -> None:
    global _named  # noqa: PLW0603 - a process runs one command
    _named = path


def reset() -> None:
    """As at the start of a command."""
    _name(None)


def _file(value: str) -> Path:
    if not value:
        raise typer.BadParameter("must not be empty. Give a file, or leave it out")
    return Path(value)


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        parser=_file,
        metavar="FILE",
        envvar="M3IT_CONFIG",
        callback=_name,
        expose_value=False,
        is_eager=True,
        help=f"A settings file. [default: {NAME} here or above]",
    ),
]
