"""Flags that several commands share, and how flags are described."""

import shlex
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from m3it_build.cli import config_flag
from m3it_build.core.task import Preset, Split


def setting(
    name: str,
    help: str,
    metavar: str | None,
    *,
    default: object = None,
    values: Sequence[str] = (),
    prefix: str = "M3IT_",
    variable: str | None = None,
    parser: Callable[[str], Any] | None = None,
) -> Any:
    """A flag that may also stand in the environment or in a settings file; its value is judged with those.

    Args:
        name: Of the flag, without dashes.
        help: What it does.
        metavar: How a person would write its value; None for a flag without one.
        default: As told in the help.
        values: What may be chosen, for completion.
        prefix: Of the environment variable.
        variable: Its whole name, where that is not prefix and name.
        parser: Of the typed text, where it is more than a text.
    """
    variable = variable or f"{prefix}{name.replace('-', '_').upper()}"
    known = f"; default: {default}" if default is not None else ""
    completion = (lambda: list(values)) if values else None
    return typer.Option(
        f"--{name}",
        help=f"{help}  [env var: {variable}{known}]",
        metavar=metavar,
        autocompletion=completion,
        parser=parser,
    )


def folder(value: str) -> Path:
    """A path; not the empty one that an unset variable of a shell leaves behind, which would be the current folder."""
    if not value:
        raise typer.BadParameter("must not be empty. Give a folder, or leave it out")
    return Path(value)


def listed(value: str) -> list[str]:
    """Names with commas between them."""
    return [each.strip() for each in value.split(",") if each.strip()]


def _all_listed(values: list[str] | None) -> list[str] | None:
    """What was typed after a flag that may be given more than once, with commas or without."""
    return None if values is None else [name for value in values for name in listed(value)]


def tasks_flag(name: str, help: str) -> Any:
    """A flag that names tasks: with commas between them, or once for each."""
    return typer.Option(
        name,
        metavar="TASK[,TASK]",
        autocompletion=task_names,
        callback=_all_listed,
        help=f"{help}, or several: a,b; may be given more than once.",
    )


def task_names() -> list[str]:
    """For completion."""
    from m3it_build.plan.registry import load_registry

    return [entry.task.name for entry in load_registry()]


def typed(ctx: typer.Context, names: Collection[str]) -> str:
    """Those flags of a command that were typed, as they would be typed again."""
    words: list[str] = []
    for parameter in ctx.command.params:
        source = ctx.get_parameter_source(parameter.name or "")
        if parameter.name not in names or source is None or source.name != "COMMANDLINE":
            continue
        value = ctx.params.get(parameter.name, config_flag.named())  # what all commands have is not among them
        for each in value if isinstance(value, list | tuple) else [value]:
            words += [parameter.opts[0]] if each is True else [parameter.opts[0], str(each)]
    return shlex.join(words)


OUT = "The output folder.  [env var: M3IT_OUT; default: m3it-data]"
OutFolder = Annotated[Path | None, typer.Argument(parser=folder, metavar="OUT", help=OUT)]
Out = Annotated[Path | None, typer.Option("--out", parser=folder, metavar="DIR", help=OUT)]
Source = Annotated[
    Path | None,
    typer.Option(
        "--source",
        parser=folder,
        metavar="DIR",
        help="Your downloads: a folder with one folder a task; with one task, that folder itself.  "
        "[env var: M3IT_SOURCE; default: m3it-sources]",
    ),
]
TaskNames = Annotated[list[str] | None, tasks_flag("--task", "A task")]
AllTasks = Annotated[bool, typer.Option("--all", help="All tasks whose folders are there.")]
Sample = Annotated[bool, typer.Option("--sample", help="Read the tiny bundled sources instead of a download.")]
Splits = Annotated[
    list[Split] | None,
    typer.Option("--split", metavar="SPLIT", help="train, validation or test; may be given more than once."),
]
Limit = Annotated[str | None, setting("limit", "At most so many rows a split.", "N")]
PresetName = Annotated[
    str | None,
    setting(
        "preset",
        "The paper's counts (paper), or all records (full).",
        "PRESET",
        default=Preset.PAPER,
        values=list(Preset),
    ),
]
Seed = Annotated[str | None, setting("seed", "Of every choice.", "N", default=0)]
TasksDir = Annotated[
    Path | None,
    typer.Option(
        "--tasks-dir", parser=folder, metavar="DIR", help="A folder with tasks of your own.  [env var: M3IT_TASKS_DIR]"
    ),
]
Verify = Annotated[
    bool,
    setting(
        "verify", "Compare finished shards with their SHA-256; without it their size says that they are whole.", None
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, alone on stdout.")]
