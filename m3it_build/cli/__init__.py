"""The command line: one file a command; parse, call, print.

Heavy modules are imported by the command that needs them, and nothing before Ctrl-C is looked after.
"""

import os
import signal
import sys


class _Stopped(BaseException):
    """Ctrl-C; unlike KeyboardInterrupt, no library turns it into a message of its own."""


def _stop(*_: object) -> None:
    raise _Stopped


def main() -> None:
    """Run a command; every error that a user can mend ends as one message and an exit code."""
    try:
        signal.signal(signal.SIGINT, _stop)
        from m3it_build.cli.app import run

        run()
    except _Stopped:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print(
            "m3it: stopped. What is finished is kept: run the same command again to go on.", file=sys.stderr, flush=True
        )
        sys.stdout.flush()
        os._exit(130)  # at once: the interpreter would wait for threads of the pool that was stopped
