"""`m3it sources`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, Source, TasksDir, task_names
from m3it_build.core.text import web_address

if TYPE_CHECKING:
    from m3it_build.core.task import Edition, Task
    from m3it_build.download.table import Table


app = group()


@command(
    app,
    "sources",
    "m3it sources okvqa",
    "m3it sources okvqa --source downloads --check",
    "m3it sources --all --source downloads --check",
)
def sources(
    task: Annotated[
        str | None, typer.Argument(metavar="TASK", help="A task.", autocompletion=task_names, show_default=False)
    ] = None,
    all_tasks: Annotated[bool, typer.Option("--all", help="All tasks.")] = False,
    source: Source = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Say what of it is there: annotations, and the pictures and clips of some records; exit 1 if "
            "something is missing. Without --source it looks into m3it-sources.",
        ),
    ] = False,
    tasks_dir: TasksDir = None,
    as_json: AsJson = False,
) -> None:
    """Say what to download for a task, from where, under which licence, and how it should lie."""
    from m3it_build.cli.settings import Places, read
    from m3it_build.core.errors import SettingsError
    from m3it_build.plan.registry import load_registry

    if (task is None) is not all_tasks:
        raise SettingsError("Say which task, as in: m3it sources okvqa. Or give --all; one of them.")
    places = read(Places, {"source": source, "tasks_dir": tasks_dir})
    registry = load_registry(places.tasks_dir)
    chosen = [entry.task for entry in registry] if task is None else [registry[task].task]
    if check:
        _check(None if task is None else task, places.source, places.tasks_dir, as_json=as_json)
    elif as_json:
        facts = [_as_dict(each) for each in chosen]
        typer.echo(json.dumps(facts if task is None else facts[0], ensure_ascii=False, indent=1))
    else:
        typer.echo("\n\n".join(map(_told, chosen)))


def _check(task: str | None, source: Path, tasks_dir: Path | None, *, as_json: bool) -> None:
    """Tell what is there, and exit."""
    from m3it_build.api import check_sources
    from m3it_build.cli.check import as_dict, told
    from m3it_build.cli.progress import BuildProgress
    from m3it_build.cli.settings import read
    from m3it_build.plan.settings import BuildSettings

    with BuildProgress() as progress:
        checks = check_sources(task, source, settings=read(BuildSettings, {}), tasks_dir=tasks_dir, progress=progress)
    if as_json:
        found = [as_dict(each) for each in checks]
        typer.echo(json.dumps(found if task is None else found[0], ensure_ascii=False, indent=1))
    else:
        for line in told(checks, source):
            typer.echo(line)
    here = [each for each in checks if each.here]
    sys.exit(0 if here and all(each.complete for each in here) else 1)


def _told(facts: "Task") -> str:
    """All of it for a person."""
    tree = "\n".join(f"  {line}" for line in facts.tree.strip("\n").splitlines())
    parts = [
        f"{facts.name}: {facts.title}\n{facts.citation}\n{web_address(facts.homepage)}\n",
        *_files(facts),
        f"{facts.name}/\n{tree}\n",
    ]
    if facts.collections:
        parts.append(
            f"Media may also lie in a folder {' or '.join(facts.collections)} beside it, or where [media] says."
        )
    parts.append(f"Licence: {facts.license.id}. {facts.license.note}".rstrip())
    parts += [
        f"Option: [options.{facts.name}] {name} = {' or '.join(json.dumps(value) for value in values)}"
        for name, values in facts.options.items()
    ]
    parts += [_edition(facts, edition) for edition in facts.editions]
    if facts.errata:
        parts.append(f"Known faults: {facts.errata.strip()}")
    parts += [f"{name} is not read: {why}" for name, why in facts.unreadable.items()]
    parts += [f"{split} is not built: {why}" for split, why in facts.unlabelled.items()]
    return "\n".join(parts)


def _files(facts: "Task") -> list[str]:
    """What it needs, from the table of files; what the table cannot say stands above."""
    from m3it_build.cli.needed_files import told_files

    said = [facts.download.strip()] if facts.download.strip() else []
    if files := told_files(_table(), facts.name):
        fetch = f"Files (m3it download {facts.name} fetches what needs no person):"
        said += [f"{fetch}\n{files}"]
    return [f"{each}\n" for each in said]


def _table() -> "Table":
    from m3it_build.cli.settings import read
    from m3it_build.download.settings import DownloadSettings
    from m3it_build.download.table import read_table

    return read_table(read(DownloadSettings, {}).table)


def _edition(facts: "Task", edition: "Edition") -> str:
    """What is otherwise under some options."""
    chosen = ", ".join(f'{name} = "{value}"' for name, value in edition.when.items())
    own = [edition.title, edition.citation, edition.homepage and web_address(edition.homepage)]
    if edition.license:
        own.append(f"Licence: {edition.license.id}. {edition.license.note}".rstrip())
    return "\n  ".join([f"With [options.{facts.name}] {chosen}:", *filter(None, own)])


def _as_dict(facts: "Task") -> dict[str, Any]:
    """The same for JSON."""
    from m3it_build.cli.needed_files import as_dict

    return {
        "task": facts.name,
        "title": facts.title,
        "citation": facts.citation,
        "homepage": web_address(facts.homepage),
        "download": facts.download.strip(),
        "files": [as_dict(each) for each in _table().of(facts.name)],
        "tree": facts.tree.strip("\n"),
        "collections": list(facts.collections),
        "license": {
            "id": facts.license.id,
            "note": facts.license.note,
            "redistributable": facts.license.redistributable,
        },
        "errata": facts.errata.strip(),
        "options": {name: list(values) for name, values in facts.options.items()},
        "editions": [
            {
                "options": dict(each.when),
                "title": here.title,
                "citation": here.citation,
                "homepage": web_address(here.homepage),
                "license": here.license.id,
            }
            for each in facts.editions
            for here in [facts.under(each.when)]
        ],
        "splits": [split.value for split in facts.splits],
        "not_read": dict(facts.unreadable),
        "not_built": {split.value: why for split, why in facts.unlabelled.items()},
    }
