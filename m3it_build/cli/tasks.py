"""`m3it tasks`: list, new, check."""

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, Source, TasksDir, folder, task_names
from m3it_build.core.plural import plural

if TYPE_CHECKING:
    from m3it_build.plan.check import TaskCheck
    from m3it_build.plan.registry import Registered

SPLITS = ("train", "validation", "test")
SPARE = ("languages", "group", "license", "notes")
"""Columns that a narrow terminal does without."""
OWN_TASKS = "m3it-tasks"
"""Where a new task lies if nothing else is said."""
NOTES = ("held_out", "paraphrased", "translated")


app = group(
    "List the tasks; start and check one of your own. Alone it is: m3it tasks list",
    "m3it tasks",
    "m3it tasks new my-task --dir mytasks",
    "m3it tasks check mytasks",
    first_by_default=True,
)


@command(app, "list", "m3it tasks", "m3it tasks --source downloads", short_help="List the tasks.")
def list_tasks(
    as_json: AsJson = False,
    source: Source = None,
    tasks_dir: TasksDir = None,
) -> None:
    """List the tasks: group, languages, the paper's counts, licence, use, and what of each is in --source."""
    from m3it_build.api import check_sources
    from m3it_build.cli.settings import Places, read
    from m3it_build.cli.table import table
    from m3it_build.paper import paper
    from m3it_build.plan.registry import load_registry
    from m3it_build.plan.settings import BuildSettings

    places = read(Places, {"source": source, "tasks_dir": tasks_dir})
    source = places.source if "source" in places.model_fields_set or places.source.is_dir() else None
    counts = paper().tasks
    found = None
    if source is not None:
        checks = check_sources(None, source, records=0, settings=read(BuildSettings, {}), tasks_dir=places.tasks_dir)
        found = {each.task: each for each in checks}
    rows = [_facts(entry, counts.get(entry.task.name), found) for entry in load_registry(places.tasks_dir)]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    header = ("task", "group", "languages", *SPLITS, "license", "notes", *(("found",) if source else ()))
    typer.echo(table(header, [_cells(row) for row in rows], total=SPLITS, spare=SPARE))
    typer.echo("The counts are the paper's; m3it build --preset full takes all records.")
    if source is not None:
        typer.echo("Found are annotation files; with pictures and clips: m3it sources --all --check")


@command(app, "new", "m3it tasks new my-task", "m3it tasks new my-task --dir mytasks", short_help="Start a task.")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower case, words joined by hyphens.")],
    to: Annotated[
        Path | None,
        typer.Option(
            "--dir",
            "--tasks-dir",
            parser=folder,
            metavar="DIR",
            help=f"A folder of tasks.  [env var: M3IT_TASKS_DIR; default: {OWN_TASKS}]",
        ),
    ] = None,
) -> None:
    """Start a task of your own: a module, its instructions, a sample and a test. It can be built at once."""
    from m3it_build.api import new_task
    from m3it_build.cli.settings import Places, read

    place = read(Places, {"tasks_dir": to}).tasks_dir or Path(OWN_TASKS)
    for path in new_task(name, place):
        typer.echo(str(path))
    typer.echo("\nWhat is left to write is told by the first command; the second one builds the sample:")
    typer.echo(f"  {shlex.join(['m3it', 'tasks', 'check', str(place)])}")
    typer.echo(f"  {shlex.join(['m3it', 'build', '--task', name, '--tasks-dir', str(place), '--sample'])}")


@command(app, "check", "m3it tasks check mytasks", "m3it tasks check okvqa", short_help="Hold tasks to the rules.")
def check(
    which: Annotated[
        str,
        typer.Argument(metavar="NAME|DIR", help="A task, or a folder of tasks.", autocompletion=task_names),
    ],
    tasks_dir: TasksDir = None,
    as_json: AsJson = False,
) -> None:
    """Hold a task, or all of a folder, to the rules that every task keeps.

    Facts and instructions are there, keys are unique, conversion is pure, the order of records changes nothing, the
    sample covers every split. Exits 1 if a rule is broken, or something is left to write.
    """
    from m3it_build.api import check_task
    from m3it_build.cli.settings import Places, read

    report = check_task(which, tasks_dir=read(Places, {"tasks_dir": tasks_dir}).tasks_dir)
    if as_json:
        told = {"tasks": report.tasks, "breaches": [each._asdict() for each in report.breaches]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for each in report.breaches:
            typer.echo(str(each))
        typer.echo(f"{plural(len(report.tasks), 'task')} checked, {plural(len(report.breaches), 'breach', 'breaches')}")
    sys.exit(1 if report.breaches else 0)


def _facts(entry: "Registered", paper: Any, found: "dict[str, TaskCheck] | None") -> dict[str, Any]:
    """What is told of a task; counts are the paper's, `found` are the splits of which a build makes rows."""
    from m3it_build.core.task import Translated

    task = entry.task
    facts = {
        "task": task.name,
        "group": task.group.value,
        "languages": list(task.languages),
        "splits": [split.value for split in task.splits],
        **{split: getattr(paper, split, None) for split in SPLITS},
        "license": task.license.id,
        "held_out": task.held_out,
        "paraphrased": task.paraphrased,
        "translated": task.translated is not Translated.NO,
        "aliases": list(task.aliases),
    }
    if found is not None:
        splits = [each for each in found[task.name].splits if each.readable]
        facts["found"] = [each.split.value for each in splits]
        facts["incomplete"] = [each.split.value for each in splits if each.parts]
    return facts


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    counts = ("" if row[split] is None else row[split] for split in SPLITS)
    notes = ", ".join(note.replace("_", " ") for note in NOTES if row[note])
    splits = (f"{split} (in part)" if split in row["incomplete"] else split for split in row.get("found", ()))
    found = (", ".join(splits),) if "found" in row else ()
    return (row["task"], row["group"], ",".join(row["languages"]), *counts, row["license"], notes, *found)
