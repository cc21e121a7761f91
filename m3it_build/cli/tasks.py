"""`m3it tasks`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, Source, TasksDir

if TYPE_CHECKING:
    from m3it_build.plan.registry import Registered

SPLITS = ("train", "validation", "test")
SPARE = ("languages", "group", "license", "notes")
"""Columns that a narrow terminal does without."""
NOTES = ("held_out", "paraphrased", "translated")


app = group()


@command(app, "tasks", "m3it tasks", "m3it tasks --source downloads")
def tasks(
    as_json: AsJson = False,
    source: Source = None,
    tasks_dir: TasksDir = None,
) -> None:
    """List the tasks: group, languages, the paper's counts, licence, use, and what of each is in --source."""
    from m3it_build.cli.settings import Places, read
    from m3it_build.cli.table import table
    from m3it_build.paper import paper
    from m3it_build.plan.registry import load_registry

    places = read(Places, {"source": source, "tasks_dir": tasks_dir})
    source = places.source
    counts = paper().tasks
    rows = [_facts(entry, counts.get(entry.task.name), source) for entry in load_registry(places.tasks_dir)]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    header = ("task", "group", "languages", *SPLITS, "license", "notes", *(("found",) if source else ()))
    typer.echo(table(header, [_cells(row) for row in rows], total=SPLITS, spare=SPARE))
    typer.echo("The counts are the paper's; m3it build --preset full takes all records.")


def _facts(entry: "Registered", paper: Any, source: Path | None) -> dict[str, Any]:
    """What is told of a task; counts are the paper's, `found` are the splits whose annotations are there."""
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
    if source is not None:
        facts["found"] = _found(entry, source)
    return facts


def _found(entry: "Registered", source: Path) -> list[str]:
    from m3it_build.cli.settings import read
    from m3it_build.core.task import Layout
    from m3it_build.plan.layouts import choose_layout
    from m3it_build.plan.settings import BuildSettings
    from m3it_build.plan.task_sources import roots
    from m3it_build.sources.folder import Folder

    task, settings = entry.task, read(BuildSettings, {})
    if not (source / task.name).is_dir():
        return []
    folder = Folder(task.name, roots(entry, source, settings, alone=False), settings.options_of(task))
    return [split.value for split in task.splits if isinstance(choose_layout(task, split, folder), Layout)]


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    counts = ("" if row[split] is None else row[split] for split in SPLITS)
    notes = ", ".join(note.replace("_", " ") for note in NOTES if row[note])
    found = (", ".join(row["found"]),) if "found" in row else ()
    return (row["task"], row["group"], ",".join(row["languages"]), *counts, row["license"], notes, *found)
