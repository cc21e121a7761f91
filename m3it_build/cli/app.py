"""What all commands have in common: their order in the help, -h, -q and -v, completion, how errors end."""

import os
import sys
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from m3it_build.cli import verbosity
from m3it_build.core.errors import M3itError

HELP = "Build the M3IT multi-modal, multilingual instruction-tuning dataset from its raw sources."
SECTIONS = {
    "Look for sources": ("tasks", "sources"),
    "Build": ("build", "paraphrase"),
    "Translate": ("models", "gate", "translate"),
    "Look at what was built": ("validate", "stats"),
    "Publish": ("card", "push-to-hub"),
}
"""The commands in the order of the work."""
COMPLETION = "_M3IT_COMPLETE"

F = TypeVar("F", bound=Callable[..., Any])


class Commands(TyperGroup):
    """The commands in the order of the work, under headings."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature of click
        """Those of the sections first, then what is in none."""
        placed = [name for names in SECTIONS.values() for name in names if name in self.commands]
        return [*placed, *(name for name in self.commands if name not in placed)]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Name and short help of each, a section a time."""
        names = self.list_commands(ctx)
        known = {name for section in SECTIONS.values() for name in section}
        sections = {**SECTIONS, "Others": tuple(name for name in names if name not in known)}
        for title, section in sections.items():
            rows = [(name, self.commands[name].get_short_help_str(200)) for name in section if name in self.commands]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what is wrong with a flag's value is told in our words."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            from pydantic import ValidationError

            from m3it_build.settings import in_words

            if isinstance(error.__cause__, ValidationError):
                error.message = in_words(error.__cause__.errors()[0])
            raise


def _common(quiet: verbosity.Quiet = False, verbose: verbosity.Verbose = False) -> None:
    """Flags of every command."""


_flags = typer.Typer(add_completion=False)
_flags.command()(_common)
COMMON = [each for each in typer.main.get_command(_flags).params if each.name in ("quiet", "verbose")]


class Command(TyperCommand):
    """A command that can be quiet or verbose."""

    def __init__(self, *positional: Any, params: list[Any] | None = None, **named: Any) -> None:
        super().__init__(*positional, params=[*(params or []), *COMMON], **named)
        for each in params or []:
            if each.param_type_name == "argument":
                each.display_type_rich = lambda ctx: ""  # noqa: ARG005 - its metavar says it; no `<str>` beside it


app = typer.Typer(
    name="m3it",
    cls=Commands,
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def command(name: str, short_help: str, *examples: str, group: typer.Typer = app) -> Callable[[F], F]:
    """Make a function a command.

    Args:
        name: As it is typed.
        short_help: In the list of commands.
        examples: Command lines for the end of its help.
        group: What it is a command of.
    """
    lines = "".join(f"\n  {line}" for line in examples)
    return group.command(name, cls=Command, short_help=short_help, epilog=f"\b\nExamples:{lines}" if examples else None)


def _version(*, value: bool) -> None:
    if value:
        from m3it_build import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False,
        "--version",
        "-V",
        callback=lambda value: _version(value=value),
        is_eager=True,
        help="Print the version.",
    ),
) -> None:
    """Build the M3IT multi-modal, multilingual instruction-tuning dataset from its raw sources."""


def run() -> None:
    """Run what the command line asks for."""
    from m3it_build.cli import (  # noqa: F401 - each adds its command
        build,
        card,
        gate,
        models,
        paraphrase,
        push,
        sources,
        stats,
        tasks,
        translate,
        validate,
    )

    verbosity.reset()
    asked = os.environ.get(COMPLETION, "")
    shell, _, what = asked.partition("_")
    if what in ("source", "complete"):  # click's order of the two words; typer has the other one
        os.environ[COMPLETION] = f"{what}_{shell}"
    try:
        app(prog_name="m3it")
    except M3itError as error:
        typer.echo(f"m3it: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback unless it is asked for
        if verbosity.is_verbose() or os.environ.get("M3IT_TRACEBACK"):
            traceback.print_exc()
        typer.echo(
            f"m3it: internal error: {type(error).__name__}: {error}. See where with -v or M3IT_TRACEBACK=1, and "
            "report it.",
            err=True,
        )
        sys.exit(2)
