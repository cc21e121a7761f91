"""`m3it init`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.config_flag import NAME
from m3it_build.cli.options import folder

if TYPE_CHECKING:
    from m3it_build.cli.settings import Section

app = group()

HEAD = """\
# Settings of m3it. A flag wins over a variable of the environment, that over this file. What is commented out here is
# the default, or an example where it says so. The file is found in the working directory or above it; paths are meant
# from where it lies.
# What holds, and from where, is printed by: m3it settings

"""
TABLES = {
    "media": '# Where collections of pictures lie that are not below `source`.\n# coco2014 = "/data/coco"\n',
    "options": '# Variants of tasks: see the options in m3it sources TASK.\n# [options.nlvr]\n# corpus = "nlvr"\n',
    "prices": (
        '# US dollars for a million tokens of a model that m3it does not know.\n# [prices."my-model"]\n# input = 0.0\n'
        "# output = 0.0\n"
    ),
}
"""What stands in a table whose keys are names."""


@command(app, "init", "m3it init", "m3it init projects/m3it.toml")
def init(
    file: Annotated[
        Path | None, typer.Argument(parser=folder, metavar="FILE", help=f"Where to.  [default: {NAME}]")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Also over a file that is there.")] = False,
) -> None:
    """Write a settings file with all that can be set: each default, commented out, with what it does."""
    from m3it_build.cli.settings import SECTIONS
    from m3it_build.core.errors import OutputError
    from m3it_build.store.atomic import write_atomic

    path = file or Path(NAME)
    if path.exists() and not overwrite:
        raise OutputError(f"{path}: is there already. Give another name, or --overwrite.")
    text = HEAD + "\n".join("".join(_section(section)) for section in SECTIONS)
    try:
        write_atomic(path, text.encode())
    except OutputError as error:
        why = error.__cause__.strerror if isinstance(error.__cause__, OSError) else error
        raise OutputError(f"{path}: cannot be written ({why}). Give another name.") from error
    typer.echo(f"{path}: written. Take the # away from what you want to change; see: m3it settings")
    typer.echo("Next: m3it download TASK, then m3it build --task TASK; the tasks are listed by: m3it tasks")


def _section(section: "Section") -> Iterator[str]:
    """Its lines; tables of names come after it."""
    if section.table:
        yield f"[{section.table}]\n"
    kind = section.load()
    for name, field in kind.model_fields.items():
        if name in section.tables:
            continue
        yield from (f"# {line}\n" for line in (field.description or "").splitlines())
        default = field.get_default(call_default_factory=True)
        if default is None:
            yield f"# {name} = {_value(_example(field.annotation))}  # an example: not set\n"
        else:
            yield f"# {name} = {_value(default)}\n"
    for name in section.tables:
        yield f"\n[{name}]\n{TABLES[name]}"


def _example(annotation: Any) -> Any:
    """What might stand for a setting that has no default."""
    from m3it_build.cli.settings import holds

    return "DIR" if holds(annotation, Path) else "NAME" if holds(annotation, str) else 100


def _value(value: Any) -> str:
    """A value in TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_value(each)}" for name, each in value.items()) + "}"
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
