"""Killed, stopped or interrupted at any call: nothing is lost, nothing is paid or sent twice, the end is the same."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.corpus import ROOT
from tests.faults.shim import VARIABLE, Action, Calls, Orders, Shim, Target
from tests.faults.workplace import CODES, COMMANDS, STOPPED, Outcomes, Workplace, chance, chosen

SIGNALS = {
    "KILL": (signal.SIGKILL, (Target.SELF, Target.MAIN, Target.GROUP, Target.WORKER)),
    "TERM": (signal.SIGTERM, (Target.MAIN, Target.GROUP)),
    "INT": (signal.SIGINT, (Target.MAIN, Target.GROUP)),
    "STOP": (signal.SIGSTOP, (Target.SELF, Target.GROUP)),
}
"""By name: the signal, and who may get it. What is stopped goes on after a moment."""
MOST = 3
"""Kills of one command, each going on from the one before."""
SHORT, SHORT_STARTS = 6, 3
CAMPAIGNS = 90
"""Of each command, in the long form; each has two kills on the average."""
STARTS = range(30, 150, 10)
"""Files of the package: the first dozen are opened before its own code can look after signals."""


class Case(NamedTuple):
    """A campaign: a command that is killed some times, and then left alone."""

    command: str
    number: int

    @property
    def name(self) -> str:
        """For `--case`."""
        return f"{self.command}/{self.number}"


class Kill(NamedTuple):
    """A signal at a call."""

    signal: str
    target: Target
    nth: int


def kills(work: Workplace, case: Case, seed: str) -> Iterator[Kill]:
    """The kills of a campaign."""
    names = [*SIGNALS] if case.command != "build-2" else [*SIGNALS, "KILL"]
    for number in range(1 + chance(seed, case, "kills") % MOST):
        draw = chance(seed, case, number)
        name = names[draw % len(names)]
        command = COMMANDS[case.command]
        targets = [each for each in SIGNALS[name][1] if each is not Target.WORKER or command.workers > 1]
        nth = 1 + (draw >> 16) % work.calls(command)
        yield Kill(name, targets[(draw >> 8) % len(targets)], nth)


def wrong(work: Workplace, case: Case, seed: str) -> tuple[list[str], int]:
    """What is wrong with a campaign, and how many kills it had."""
    command = COMMANDS[case.command]
    work.begin(command)
    found, done = [], 0
    for kill in kills(work, case, seed):
        number, _ = SIGNALS[kill.signal]
        orders = Orders((work.place,), Calls.ALL, Action.SIGNAL, kill.nth, signal=number, target=kill.target)
        ended = work.run(command, orders)
        done += work.zygote.shim.hits
        codes = CODES if kill.signal == "STOP" else (*CODES, *STOPPED)
        told = f"{kill.signal} of {kill.target.name.lower()} at call {kill.nth}"
        more = [f"{told}: {each}" for each in work.wrong(command, ended, codes)]
        found += [*more, f"told: {ended.told.strip()[-2400:]}"] if more else []
    fetched = {path for path in work.place.glob("fetched/*/*") if path.name in {"train2014.zip", "val2014.zip"}}
    work.mirror.server.requests.clear()
    found += [f"afterwards: {each}" for each in work.recovers(command)]
    asked = {path.partition("?")[0] for path, _ in work.mirror.server.requests}
    found += [f"{path.name} was there and fetched again" for path in fetched if f"/coco2014/{path.name}" in asked]
    return found, done


def test_a_kill_at_any_call_changes_no_end(work: Workplace, pytestconfig: pytest.Config) -> None:
    seed = pytestconfig.getoption("--seed")
    if str(pytestconfig.getoption("--case")).startswith(START):
        pytest.skip("a case of another test is asked for")
    outcomes = Outcomes("test_kills.py", seed)
    long = pytestconfig.getoption("--long")
    every = [Case(name, number) for name in COMMANDS for number in range(CAMPAIGNS if long else 4)]
    for case in chosen(every, lambda each: each.name, SHORT, pytestconfig):
        work.end(COMMANDS[case.command])
        found, done = wrong(work, case, seed)
        outcomes.add(case.name, found, f"campaigns of {case.command}", struck=done > 0)
        outcomes.counts[f"kills of {case.command}"] += done
    outcomes.close()


START = "start/"
"""How names of these cases begin."""


class Start(NamedTuple):
    """A command that gets a signal as it opens the Nth file of the package: in its first second."""

    command: str
    signal: str
    group: bool
    nth: int

    @property
    def name(self) -> str:
        """For `--case`."""
        return f"{START}{self.command}/{self.signal}/{'group' if self.group else 'main'}/{self.nth}"


def start(work: Workplace, library: Path, case: Start) -> tuple[list[str], bool]:
    """What is wrong with a real process that is stopped while it begins, and whether it was."""
    command = COMMANDS[case.command]
    work.begin(command)
    shim = Shim(work.folder / "start.state")
    target = Target.GROUP if case.group else Target.SELF
    number = getattr(signal, f"SIG{case.signal}")
    shim.order(Orders((ROOT / "m3it_build",), Calls.OPEN, Action.SIGNAL, case.nth, signal=number, target=target))
    words = {"place": str(work.place), "chat": work.chat.url}
    ended = subprocess.run(
        [sys.executable, "-m", "m3it_build", *(each.format(**words) for each in command.arguments)],
        env={**os.environ, **work.hub.environment(work.folder / "hf"), **work.environment(),
             "LD_PRELOAD": str(library), VARIABLE: str(shim.path)},
        capture_output=True, text=True, check=False, cwd=work.folder, start_new_session=True,
    )  # fmt: skip
    told = ended.stdout + ended.stderr
    found = [f"{word!r} in what it told" for word in ("Traceback", "internal error", "leaked") if word in told]
    codes = (128 + number, -number)  # the latter before the package is there
    if shim.hits and ended.returncode not in codes:
        found.append(f"exit {ended.returncode}")
    found += [told[-400:]] if found else []
    return [*found, *(f"afterwards: {each}" for each in work.recovers(command))], shim.hits > 0


def test_a_signal_in_the_first_second_is_no_traceback(
    work: Workplace, library: Path, pytestconfig: pytest.Config
) -> None:
    if not str(pytestconfig.getoption("--case") or START).startswith(START):
        pytest.skip("a case of another test is asked for")
    outcomes = Outcomes("test_kills.py", pytestconfig.getoption("--seed"))
    every = [
        Start(name, told, group, nth)
        for name in COMMANDS
        for told in ("INT", "TERM")
        for group in (False, True)
        for nth in STARTS
    ]
    for case in chosen(every, lambda each: each.name, SHORT_STARTS, pytestconfig):
        work.end(COMMANDS[case.command])
        found, struck = start(work, library, case)
        outcomes.add(case.name, found, "signals in the first second", struck=struck)
    outcomes.close()
