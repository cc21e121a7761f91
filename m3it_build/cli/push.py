"""`m3it push-to-hub`."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import OutFolder, setting, tasks_flag
from m3it_build.cli.places import output_folder
from m3it_build.core.plural import plural

if TYPE_CHECKING:
    from m3it_build.publish.run import RepositoryReport


app = group()


@command(
    app,
    "push-to-hub",
    "m3it push-to-hub",
    "m3it push-to-hub out --repo-id my-org/m3it --dry-run",
    "m3it push-to-hub out --repo-id my-org/m3it --public",
)
def push_to_hub(
    out: OutFolder = None,
    repo_id: Annotated[
        str | None, setting("repo-id", "The dataset on the Hub; without it m3it of the token's owner.", "ORG/NAME")
    ] = None,
    translations_to: Annotated[
        str | None,
        setting(
            "translations-to",
            "A dataset of its own for the translations; --repo-id then has only the tasks.",
            "ORG/NAME",
        ),
    ] = None,
    private: Annotated[
        bool | None,
        typer.Option(
            "--private/--public",
            show_default=False,
            help="Create it so that only its owners see it, or everybody; one that is there stays as it is.  "
            "[env var: M3IT_PRIVATE; default: private]",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would go; change nothing.")] = False,
    only: Annotated[
        list[str] | None,
        tasks_flag("--only", "A task, with its translations"),
    ] = None,
    revision: Annotated[str | None, setting("revision", "A branch, or a pull request as refs/pr/1.", "REV")] = None,
    create_pr: Annotated[
        bool, typer.Option("--create-pr", help="Open a pull request instead of writing to it.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete data on the Hub that this build does not have.")
    ] = False,
    accept_licenses: Annotated[
        bool, typer.Option("--accept-licenses", help="Publish also what its source does not allow to be passed on.")
    ] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Read every config back from the Hub afterwards.")] = False,
) -> None:
    """Validate what was built and upload it: data first, dataset card and croissant.json last.

    The token comes from HF_TOKEN or from `hf auth login`. Running the same command again goes on where it stopped; what
    the Hub has is not sent twice.
    """
    from m3it_build import api
    from m3it_build.cli.progress import PushProgress
    from m3it_build.cli.settings import read
    from m3it_build.publish.settings import HubSettings

    settings = read(
        HubSettings,
        {"repo_id": repo_id, "translations_to": translations_to, "private": private, "revision": revision},
    )
    with PushProgress() as progress:
        push = api.prepare_push(
            output_folder(out),
            settings=settings,
            only=only,
            log_in=not dry_run,
            create_pr=create_pr,
            prune=prune,
            accept_licenses=accept_licenses,
            progress=progress,
        )
        for report in push.reports:
            _tell(report, files=dry_run)
        if dry_run:
            return
        for report in push.send():
            done = f"done in {plural(report.commits, 'commit')}" if report.commits else "everything was there already"
            typer.echo(f"{report.page}: {done}")
    if verify:
        code = max([_tell_read_back(report) for report in push.read_back()])
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # streams that were left after their first row can abort an interpreter that ends as usual


def _tell(report: "RepositoryReport", *, files: bool) -> None:
    from m3it_build.publish.markdown import size_text

    upload = report.upload
    seen = "only its owners see it" if report.private else "everybody sees it"
    typer.echo(
        f"{report.repo_id}: a new dataset; {seen}"
        if report.new
        else f"{report.repo_id}: {seen}, which a push does not change"
    )
    there = sum(file.size for file in upload.there)
    typer.echo(
        f"to send: {plural(len(upload.send), 'file')}, {size_text(upload.size)}; on the Hub already: "
        f"{plural(len(upload.there), 'file')}, {size_text(there)}; to delete there: {len(upload.delete)}"
    )
    if files:
        for file in upload.send:
            typer.echo(f"  + {file.path} {size_text(file.size)}")
        for path in upload.delete:
            typer.echo(f"  - {path}")
    contents = upload.contents
    typer.echo(f"then the card: {plural(len(contents.configs), 'config')}, {plural(contents.rows, 'row')}")
    if report.warning is not None:
        typer.echo(f"warning: {report.warning}", err=True)
    if upload.stale:
        typer.echo(
            f"{len(upload.stale)} data files on the Hub are not of this build ({upload.stale[0]}, ...); the card does "
            "not list them, --prune deletes them"
        )


def _tell_read_back(report: "RepositoryReport") -> int:
    """Say what a user of the Hub would find wrong; returns the exit code."""
    problems = report.problems or []
    for problem in problems:
        typer.echo(problem, err=True)
    told = plural(len(report.upload.contents.configs), "config")
    typer.echo(f"{report.repo_id}: {told} read back from the Hub, {plural(len(problems), 'problem')}")
    return 1 if problems else 0
