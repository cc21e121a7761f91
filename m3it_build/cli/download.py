"""`m3it download`."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, Source, setting, task_names, typed

if TYPE_CHECKING:
    from m3it_build.core.task import Task
    from m3it_build.download.run import DownloadReport

app = group()


@command(
    app,
    "download",
    "m3it download okvqa",
    "m3it download okvqa vqa-v2 --dry-run",
    "m3it download --all --only annotations",
)
def download(
    ctx: typer.Context,
    task: Annotated[
        list[str] | None, typer.Argument(metavar="[TASK]...", help="Tasks.", autocompletion=task_names)
    ] = None,
    all_tasks: Annotated[bool, typer.Option("--all", help="All tasks.")] = False,
    source: Source = None,
    only: Annotated[
        str | None, typer.Option("--only", metavar="KIND", help="annotations: no pictures, no clips.")
    ] = None,
    mirrors: Annotated[
        bool | None,
        typer.Option(
            "--mirrors",
            help="Also copies that are not the owner's, who asks for a form or a login.  "
            "[env var: M3IT_DOWNLOAD_MIRRORS]",
        ),
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept",
            metavar="NAME",
            help="A task whose form you filled in or whose terms you accepted; or sha256:... or bytes:... of a file "
            "that you trust. May be given more than once.",
        ),
    ] = None,
    connections: Annotated[
        str | None,
        setting("connections", "Files that are fetched at once.", "N", default=3, prefix="M3IT_DOWNLOAD_"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be fetched; fetch nothing.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Compare the hash of each file that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch what tasks need into the folder of sources, and say what a person must do for the rest.

    Files stay as they are served. Running the same command again goes on where it stopped. Exit 1 when something that
    is needed is not there yet, 2 when a disk failed of a file: the same command goes on once that is mended.
    """
    from m3it_build import api
    from m3it_build.cli.download_progress import DownloadProgress
    from m3it_build.cli.needed_files import source_flag
    from m3it_build.cli.settings import Places, read
    from m3it_build.core.errors import SettingsError
    from m3it_build.download.settings import DownloadSettings
    from m3it_build.plan.registry import load_registry
    from m3it_build.plan.settings import BuildSettings

    if bool(task) is all_tasks:
        raise SettingsError("Say which tasks: m3it download okvqa, or --all. They are listed by: m3it tasks")
    places = read(Places, {"source": source})
    settings = read(DownloadSettings, {"mirrors": mirrors or None, "connections": connections})
    folder = places.source
    names = [each for word in task or () for each in word.split(",") if each]
    registry = load_registry(places.tasks_dir)
    tasks = [registry[name].task for name in names] if names else [entry.task for entry in registry]
    flags = typed(ctx, ("only", "mirrors", "accept"))
    again = " ".join(filter(None, ("m3it download", " ".join(names) or "--all", flags)))
    again += source_flag(folder, api.SOURCES)
    if not as_json:
        for each in tasks:
            typer.echo(f"{each.name}: {each.license.id}. {each.license.note}".strip())
    with DownloadProgress() as progress:
        report = api.download(
            [each.name for each in tasks],
            source=folder,
            settings=settings,
            build=read(BuildSettings, {}),
            only=only,
            accept=accept or (),
            tasks_dir=places.tasks_dir,
            dry_run=dry_run,
            verify=verify,
            progress=progress,
        )
    failed = report.failed
    for item in failed:
        typer.echo(f"m3it: {item.wanted.place}: {item.why}", err=True)
    if as_json:
        typer.echo(json.dumps(_as_dict(report), ensure_ascii=False, indent=1))
    elif dry_run:
        _tell_plan(report)
    else:
        _tell(report, tasks, again, every=all_tasks)
    sys.exit(2 if failed else 0 if dry_run else int(bool(report.missing)))


def _tell_plan(report: "DownloadReport") -> None:
    from m3it_build.cli.needed_files import name_of, size_of, where
    from m3it_build.cli.table import table
    from m3it_build.publish.markdown import size_text

    rows = [
        (
            name_of(each.wanted),
            f"{each.state} ({size_text(each.have)})" if each.state == "partly" else each.state.value,
            size_of(each.wanted),
            where(each.wanted),
        )
        for each in report.items
    ]
    typer.echo(table(("file", "state", "size", "from"), rows))
    more = f", and {report.unsized} files of unknown size" if report.unsized else ""
    room = ": too little" if report.to_fetch > report.free else ""
    typer.echo(f"to fetch: {size_text(report.to_fetch)}{more}; free in {report.folder}: {size_text(report.free)}{room}")


def _tell(report: "DownloadReport", tasks: list["Task"], again: str, *, every: bool) -> None:
    from m3it_build import api
    from m3it_build.cli.needed_files import source_flag, steps
    from m3it_build.core.plural import plural

    there, failed = [each for each in report.items if each.state.done], report.failed
    typer.echo(f"{plural(len(there), 'file')} of {len(report.items)} are there: {report.folder}")
    for each in report.items:
        if each.optional and each.why and each not in failed:
            typer.echo(f"{each.wanted.place} (optional): {each.why}")
    if failed:
        typer.echo(f"{plural(len(failed), 'file')} failed, as told above; run this again: {again}")
    missing = [each for each in report.missing if each not in failed]
    if missing:
        typer.echo(f"{plural(len(missing), 'file')} still missing; then run this again: {again}")
        for step in steps(missing, tasks, again):
            typer.echo(step)
    short = {task for each in report.missing for task in each.wanted.tasks}
    ready = [each.name for each in tasks if each.name not in short]
    if ready:
        chosen = "--all" if every else f"--task {','.join(ready)}"
        typer.echo(f"m3it build {chosen}{source_flag(report.folder, api.SOURCES)}")


def _as_dict(report: "DownloadReport") -> dict[str, Any]:
    from m3it_build.cli.needed_files import as_dict

    return {
        "folder": str(report.folder),
        "tasks": list(report.tasks),
        "complete": not report.missing,
        "to_fetch": report.to_fetch,
        "unsized": report.unsized,
        "free": report.free,
        "files": [
            as_dict(each.wanted)
            | {"state": each.state.value, "have": each.have, "why": each.why, "path": str(each.path)}
            for each in report.items
        ],
    }
