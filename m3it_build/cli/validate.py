"""`m3it validate`."""

import json
import sys

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, OutFolder
from m3it_build.cli.places import output_folder
from m3it_build.cli.verbosity import is_verbose, note
from m3it_build.core.plural import plural

SHOWN = 50


app = group()


@command(app, "validate", "m3it validate out")
def validate(out: OutFolder = None, as_json: AsJson = False) -> None:
    """Load every config and split with `datasets`; check schema, ids, hashes and every picture.

    Exits 1 if anything is off.
    """
    from m3it_build.cli.progress import CheckProgress
    from m3it_build.quality.validate import Problem
    from m3it_build.quality.validate import validate as run

    out = output_folder(out)
    problems: list[Problem] = []
    with CheckProgress() as progress:
        for problem in run(out, progress):
            problems.append(problem)
            if len(problems) <= SHOWN or is_verbose():
                typer.echo(f"{problem.where}: {problem.what}", err=True)
    if len(problems) > SHOWN and not is_verbose():
        note(f"... and {len(problems) - SHOWN:,} more: see all with -v")
    if as_json:
        told = {
            "rows": progress.rows,
            "shards": progress.shards,
            "problems": [{"where": problem.where, "what": problem.what} for problem in problems],
        }
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        typer.echo(
            f"{plural(progress.rows, 'row')} in {plural(progress.shards, 'shard')} checked, "
            f"{plural(len(problems), 'problem')}"
        )
    sys.exit(1 if problems else 0)
