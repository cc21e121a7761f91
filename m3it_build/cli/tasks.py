"""`m3it tasks`."""

import json
from typing import Annotated, Any

import typer

from m3it_build.cli import app
from m3it_build.cli.build import TasksDir


@app.command()
def tasks(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    tasks_dir: TasksDir = None,
) -> None:
    """List the tasks: group, languages, the paper's counts, licence, and how each is used."""
    from m3it_build.cli.table import table
    from m3it_build.registry import load_registry
    from m3it_build.settings import paper_counts

    counts = paper_counts()
    rows: list[dict[str, Any]] = []
    for entry in load_registry(tasks_dir):
        task = entry.task
        paper = counts.get(task.name)
        rows.append(
            {
                "task": task.name,
                "group": task.group.value,
                "languages": list(task.languages),
                "splits": [split.value for split in task.splits],
                "train": paper.train if paper else None,
                "validation": paper.validation if paper else None,
                "test": paper.test if paper else None,
                "license": task.license.id,
                "held_out": task.held_out,
                "paraphrased": task.paraphrased,
                "translated": task.translated,
                "aliases": list(task.aliases),
            }
        )
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    header = ("task", "group", "languages", "train", "validation", "test", "license", "notes")
    notes = ("held_out", "paraphrased", "translated")
    typer.echo(
        table(
            header,
            [
                (
                    row["task"],
                    row["group"],
                    ",".join(row["languages"]),
                    *("" if row[split] is None else row[split] for split in ("train", "validation", "test")),
                    row["license"],
                    ", ".join(note.replace("_", " ") for note in notes if row[note]),
                )
                for row in rows
            ],
        )
    )
