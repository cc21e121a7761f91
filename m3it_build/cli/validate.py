"""`m3it validate`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from m3it_build.cli import app

SHOWN = 50


@app.command()
def validate(
    out: Annotated[Path, typer.Argument(envvar="M3IT_OUT", help="The output folder.")] = Path("m3it-data"),
) -> None:
    """Load every config and split with `datasets`; check schema, ids, hashes and every picture.

    Exits 1 if anything is off.
    """
    from m3it_build.quality.validate import validate as run

    progress = _Progress()
    problems = 0
    for problem in run(out, progress):
        problems += 1
        if problems <= SHOWN:
            typer.echo(f"{problem.where}: {problem.what}", err=True)
    if problems > SHOWN:
        typer.echo(f"... and {problems - SHOWN} more", err=True)
    typer.echo(f"{progress.rows} rows in {progress.shards} shards checked, {problems} problems")
    sys.exit(1 if problems else 0)


class _Progress:
    """Counts what was checked."""

    def __init__(self) -> None:
        self.rows = self.shards = 0

    def shard(self, name: str, rows: int) -> None:  # noqa: ARG002 - the name is for other listeners
        """A shard was checked."""
        self.rows += rows
        self.shards += 1
