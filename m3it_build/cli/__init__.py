"""The command line: one file a command; parse, call, print.

Heavy modules are imported by the command that needs them, and nothing before signals are looked after.
"""

import os
import signal
import sys
from contextlib import suppress
from types import TracebackType
from typing import NoReturn

from m3it_build.core.stop import STOPS

STOPPED = "m3it: stopped. What is finished is kept: run the same command again to go on."


class _Stopped(BaseException):
    """A signal came; unlike KeyboardInterrupt, no library turns it into a message of its own."""


_came = 0
"""The signal that came."""
PATIENCE = 10
"""Seconds that a stop may take; also the end of one that a library took for an error of its own and went on."""


def _stop(number: int, _: object) -> None:
    global _came  # noqa: PLW0603 - a process runs one command
    if _came:
        _end()  # the second one: at once
    _came = number
    if hasattr(signal, "alarm"):
        signal.signal(signal.SIGALRM, lambda *_: _end())
        signal.alarm(PATIENCE)
    raise _Stopped


def stopped() -> bool:
    """Whether a signal came; what is raised then is of no interest."""
    return _came != 0


def _end() -> NoReturn:
    """At once: the interpreter would wait for threads that still work."""
    for each in STOPS:
        signal.signal(each, signal.SIG_IGN)
    if (engine := sys.modules.get("m3it_build.engine.processes")) is not None:
        engine.abandon()
    with suppress(OSError):
        os.write(2, f"{STOPPED}\n".encode())
    with suppress(Exception):
        sys.stdout.flush()
    os._exit(128 + _came)


def _lost(lost: "sys.UnraisableHookArgs") -> None:
    """A signal that came while Python called something whose errors go nowhere, as a weak reference's callback."""
    if isinstance(lost.exc_value, _Stopped):
        _end()
    sys.__unraisablehook__(lost)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A signal that came while FFmpeg called us: Cython prints what it cannot raise before it says that it is lost."""
    if isinstance(error, _Stopped):
        _end()
    sys.__excepthook__(kind, error, trace)


def main() -> None:
    """Run a command; every error that a user can mend ends as one message and an exit code."""
    global _came  # noqa: PLW0603
    _came = 0
    try:
        for each in STOPS:
            if each is signal.SIGINT or signal.getsignal(each) is not signal.SIG_IGN:  # nohup ignores HUP
                signal.signal(each, _stop)
        sys.unraisablehook, sys.excepthook = _lost, _uncaught
        from m3it_build.cli.streams import open_streams

        open_streams()
        from m3it_build.cli.app import run

        run()
    except BaseException:
        if _came:
            _end()
        raise
