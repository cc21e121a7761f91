"""`m3it validate`."""

import json
import sys

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, OutFolder
from m3it_build.cli.places import output_folder
from m3it_build.core.plural import plural

app = group()


@command(app, "validate", "m3it validate out")
def validate(out: OutFolder = None, as_json: AsJson = False) -> None:
    """Load every config and split with `datasets`; check schema, ids, hashes and every picture.

    Also tells what stands twice: rows of one split in another, one picture under many names. Exits 1 if anything else
    is off; 2 if nothing is, but another m3it is working in the folder, so that it is not all there yet.
    """
    from m3it_build import api
    from m3it_build.cli.progress import CheckProgress

    with CheckProgress() as progress:
        report = api.validate(output_folder(out), progress=progress)
    progress.tell_more()
    if as_json:
        told = {
            "rows": report.rows,
            "shards": report.shards,
            "running": report.is_running,
            "problems": [{"where": problem.where, "what": problem.what} for problem in report.problems],
            "notices": [{"where": notice.where, "what": notice.what} for notice in report.notices],
        }
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for notice in report.notices:
            typer.echo(f"{notice.where}: {notice.what}")
        typer.echo(
            f"{plural(report.rows, 'row')} in {plural(report.shards, 'shard')} checked, "
            f"{plural(len(report.problems), 'problem')}"
        )
    if report.is_running:
        typer.echo(
            "m3it: another m3it is working in this folder: only what it has finished was checked. "
            "Validate again when it is over.",
            err=True,
        )
    sys.exit(2 if report.unread else 1 if report.problems else 2 if report.is_running else 0)
