"""The command line: one file a command; parse, call, print.

Heavy modules are imported by the command that needs them.
"""

import os
import signal
import sys
import traceback

import typer

from m3it_build.core.errors import M3itError

app = typer.Typer(
    name="m3it",
    help="Build the M3IT multi-modal, multilingual instruction-tuning dataset from its raw sources.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(*, value: bool) -> None:
    if value:
        from m3it_build import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=lambda value: _version(value=value), is_eager=True, help="Print the version."
    ),
) -> None:
    """Build the M3IT multi-modal, multilingual instruction-tuning dataset from its raw sources."""


class _Stopped(BaseException):
    """Ctrl-C; unlike KeyboardInterrupt, no library turns it into a message of its own."""


def _stop(*_: object) -> None:
    raise _Stopped


def main() -> None:
    """Run a command; every error that a user can mend ends as one message and an exit code."""
    signal.signal(signal.SIGINT, _stop)
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

    try:
        app()
    except M3itError as error:
        typer.echo(f"m3it: {error}", err=True)
        sys.exit(error.exit_code)
    except _Stopped:
        typer.echo("m3it: stopped. What is finished is kept: run the same command again to go on.", err=True)
        sys.stdout.flush()
        os._exit(130)  # at once: the interpreter would wait for threads of the pool that was stopped
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback unless it is asked for
        if os.environ.get("M3IT_TRACEBACK"):
            traceback.print_exc()
        typer.echo(
            f"m3it: internal error: {type(error).__name__}: {error}. Set M3IT_TRACEBACK=1 to see where, and report it.",
            err=True,
        )
        sys.exit(2)
