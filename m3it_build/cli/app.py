"""What all commands have in common: their order in the help, -h, -q and -v, completion, how errors end."""

import importlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from m3it_build.cli import config_flag, stopped, verbosity
from m3it_build.cli.config_flag import Config
from m3it_build.core.errors import M3itError
from m3it_build.core.machine import unexpected

HELP = "Build the M3IT multi-modal, multilingual instruction-tuning dataset from its raw sources."
SECTIONS = {
    "Start": {
        "init": ("m3it_build.cli.init", "Write a settings file with everything that can be set."),
        "settings": ("m3it_build.cli.show_settings", "Print the settings that hold here, and where each comes from."),
    },
    "Look for sources": {
        "tasks": ("m3it_build.cli.tasks", "List the tasks; start and check one of your own."),
        "sources": ("m3it_build.cli.sources", "Say what to download for a task, and how it should lie."),
        "download": ("m3it_build.cli.download", "Fetch what tasks need, and say what a person must do."),
    },
    "Build": {
        "build": ("m3it_build.cli.build", "Turn raw sources into rows."),
        "paraphrase": ("m3it_build.cli.paraphrase", "Let a chat model write short answers as sentences."),
    },
    "Translate": {
        "models": ("m3it_build.cli.models", "Get translation models: list, fetch, convert."),
        "gate": ("m3it_build.cli.gate", "Measure which languages are good enough."),
        "translate": ("m3it_build.cli.translate", "Put evaluation rows into other languages."),
    },
    "Look at what was built": {
        "status": ("m3it_build.cli.status", "Tell what is planned, done, rejected, left and spent."),
        "show": ("m3it_build.cli.show", "Show some rows, with their pictures."),
        "validate": ("m3it_build.cli.validate", "Load all that was built and check it."),
        "stats": ("m3it_build.cli.stats", "Tell what a build holds."),
    },
    "Publish": {
        "card": ("m3it_build.cli.card", "Write the dataset card and croissant.json."),
        "push-to-hub": ("m3it_build.cli.push", "Validate and upload."),
    },
}
"""The commands in the order of the work: the module of each, imported when it is called, and its help in a line."""
COMMANDS = {name: entry for section in SECTIONS.values() for name, entry in section.items()}
COMPLETION = "_M3IT_COMPLETE"

F = TypeVar("F", bound=Callable[..., Any])


class Commands(TyperGroup):
    """The commands in the order of the work, under headings; a command is imported when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature of click
        """In the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, name: str) -> Any:  # noqa: ARG002
        """Import a command; None if there is none of that name."""
        if name not in COMMANDS:
            return None
        module, short_help = COMMANDS[name]
        found = typer.main.get_command(importlib.import_module(module).app)
        found.short_help = short_help
        return found

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Name and short help of each, a section a time."""
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, short_help) for name, (_, short_help) in section.items()])

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what is wrong with a flag's value is told in our words."""
        try:
            return super().invoke(ctx)
        except EOFError as error:  # click takes it for a wish to stop
            raise RuntimeError("a file or a pipe ended too early") from error
        except typer.BadParameter as error:
            from pydantic import ValidationError

            from m3it_build.settings import in_words

            if isinstance(error.__cause__, ValidationError):
                error.message = in_words(error.__cause__.errors()[0])
            raise


def _common(config: Config = None, quiet: verbosity.Quiet = False, verbose: verbosity.Verbose = False) -> None:
    """Flags of every command."""


_flags = typer.Typer(add_completion=False)
_flags.command()(_common)
COMMON = [each for each in typer.main.get_command(_flags).params if each.name in ("config", "quiet", "verbose")]


class Command(TyperCommand):
    """A command with the flags of all: --config, -q, -v."""

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


class FirstByDefault(TyperGroup):
    """Subcommands of which the first is meant where none is typed."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the first one before flags of its own."""
        typed = args and (not args[0].startswith("-") or args[0] in ctx.help_option_names)
        meant = args if typed or ctx.resilient_parsing else [self.list_commands(ctx)[0], *args]
        return super().parse_args(ctx, meant)


def group(help: str | None = None, *examples: str, first_by_default: bool = False) -> typer.Typer:
    """What a module's commands are put into: one is the command itself, several are its subcommands.

    Args:
        help: What the subcommands are for.
        examples: Command lines for the end of its help.
        first_by_default: Without a subcommand the first one is meant; else they are listed.
    """
    return typer.Typer(
        help=help,
        epilog=_told(examples),
        cls=FirstByDefault if first_by_default else TyperGroup,
        subcommand_metavar="[COMMAND] [ARGS]..." if first_by_default else None,
        add_completion=False,
        no_args_is_help=not first_by_default,
        rich_markup_mode=None,
    )


def command(into: typer.Typer, name: str, *examples: str, short_help: str = "") -> Callable[[F], F]:
    """Make a function a command.

    Args:
        into: The module's `app`.
        name: As it is typed.
        examples: Command lines for the end of its help.
        short_help: In the list of subcommands; that of a command stands in `SECTIONS`.
    """
    return into.command(name, cls=Command, short_help=short_help or None, epilog=_told(examples))


def _told(examples: Sequence[str]) -> str | None:
    """The end of a help."""
    lines = "".join(f"\n  {line}" for line in examples)
    return f"\b\nExamples:{lines}" if examples else None


def _version(*, value: bool) -> None:
    if value:
        from m3it_build.core.version import __version__

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
    verbosity.reset()
    config_flag.reset()
    asked = os.environ.get(COMPLETION, "")
    shell, _, what = asked.partition("_")
    if what in ("source", "complete"):  # click's order of the two words; typer has the other one
        os.environ[COMPLETION] = f"{what}_{shell}"
    try:
        _find_working_directory()
        typer.main.get_command(app)(prog_name="m3it")  # not app(): that sets an excepthook of its own
    except M3itError as error:
        if stopped():
            raise
        typer.echo(f"m3it: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        if stopped():
            raise
        if verbosity.shows_tracebacks():
            traceback.print_exc()
        typer.echo(f"m3it: {unexpected(error)}", err=True)
        sys.exit(2)


def _find_working_directory() -> None:
    """Libraries need one, some without a word, also where all paths are absolute."""
    try:
        Path.cwd()
    except OSError as error:
        raise M3itError(f"the working directory cannot be used ({error.strerror}). Go to another one.") from error
