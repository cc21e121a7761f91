"""Whatever call to the disk fails, once or from then on: nothing is decided, and the end is the same afterwards."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.faults.shim import ERRORS, Action, Calls, Orders
from tests.faults.workplace import CODES, COMMANDS, Outcomes, Workplace, chance, chosen, differences

HELD = ("build", "paraphrase", "translate", "validate", "card", "push", "download")
SHORT = 16


class Case(NamedTuple):
    """The Nth call that touches sources, cache or output fails."""

    command: str
    nth: int
    error: str
    persistent: bool

    @property
    def name(self) -> str:
        """For `--case`."""
        return f"{self.command}/{self.nth}/{self.error}/{'stays' if self.persistent else 'once'}"


def cases(work: Workplace, seed: str) -> Iterator[Case]:
    """Two for every call: one error that passes, one that stays; and one call in four does half of its work."""
    for name in HELD:
        work.end(COMMANDS[name])
        for nth in range(1, work.calls[name] + 1):
            for persistent in (False, True):
                error = [*ERRORS][chance(seed, name, nth, persistent) % len(ERRORS)]
                yield Case(name, nth, error, persistent)
            if nth % 4 == 0:
                yield Case(name, nth, "SHORT", persistent=False)


def wrong(work: Workplace, case: Case) -> list[str]:
    """What is wrong with how a case ends."""
    command = COMMANDS[case.command]
    work.begin(command)
    action = Action.SHORT if case.error == "SHORT" else Action.FAIL
    kinds = Calls.READ | Calls.WRITE if case.error == "SHORT" else Calls.ALL
    error = ERRORS.get(case.error, 0)
    orders = Orders((work.place,), kinds, action, case.nth, error, case.persistent)
    done = work.run(command, orders)
    found = work.wrong(command, done, CODES)
    if done.code == 0:
        found += [f"exit 0, but {each}" for each in differences(work.ends[command.key], work.state(command))]
    if found:
        found.append(f"told: {done.told.strip()[-400:]}")
    return [*found, *(f"afterwards: {each}" for each in work.recovers(command))]


def test_a_call_that_fails_decides_nothing(work: Workplace, pytestconfig: pytest.Config) -> None:
    outcomes = Outcomes("test_faults.py")
    every = cases(work, pytestconfig.getoption("--seed"))
    for case in chosen(every, lambda each: each.name, SHORT, pytestconfig):
        outcomes.add(case.name, wrong(work, case), f"{case.command} faults")
    outcomes.close()
