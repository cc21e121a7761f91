"""Whatever call to the disk fails, once or from then on: nothing is decided, and the end is the same afterwards."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.faults.shim import ERRORS, LOOK_ERRORS, Action, Calls, Orders
from tests.faults.workplace import COMMANDS, Outcomes, Workplace, chance, chosen, differences

HELD = ("build", "rebuild", "paraphrase", "translate", "validate", "card", "push", "download")
CODES = (0, 2)
"""How a command ends that met a fault: as if there was none, or with its error. 1 would be a verdict."""
HALVES = Calls.READ | Calls.WRITE
"""What can do half of its work."""
EVERY = ("build", "translate", "push")
"""Of which every call fails once."""
STEP = 6
"""Of all others one in so many, of the looks, and of the reads and writes that do half of it."""
SHORT = 8
"""Of each kind of call."""


class Case(NamedTuple):
    """The Nth call that touches sources, cache or output fails."""

    kind: str
    """`disk`, or `look`: files are asked about, and folders listed."""
    command: str
    nth: int
    error: str
    persistent: bool

    @property
    def name(self) -> str:
        """For `--case`."""
        return f"{self.kind}/{self.command}/{self.nth}/{self.error}/{'stays' if self.persistent else 'once'}"

    @property
    def calls(self) -> Calls:
        """What is counted."""
        return Calls.LOOKS if self.kind == "look" else HALVES if self.error == "SHORT" else Calls.ALL


def cases(work: Workplace, seed: str) -> Iterator[Case]:
    """An error for every call of some commands, which passes or stays; for some, by the seed, of all other calls."""
    for name in HELD:
        for kind, calls, errors, step in (
            ("disk", Calls.ALL, [*ERRORS], 1 if name in EVERY else STEP),
            ("look", Calls.LOOKS, [*LOOK_ERRORS], STEP),
            ("disk", HALVES, ["SHORT"], STEP),
        ):
            for nth in range(1 + chance(seed, kind, name) % step, work.calls(COMMANDS[name], calls) + 1, step):
                stays, drawn = divmod(chance(seed, kind, name, nth), len(errors))
                error = errors[drawn]
                yield Case(kind, name, nth, error, persistent=stays % 2 == 1 and error != "SHORT")


def wrong(work: Workplace, case: Case) -> tuple[list[str], bool]:
    """What is wrong with how a case ends, and whether the fault struck."""
    command = COMMANDS[case.command]
    work.begin(command)
    action = Action.SHORT if case.error == "SHORT" else Action.FAIL
    error = ERRORS.get(case.error, 0)
    orders = Orders((work.place,), case.calls, action, case.nth, error, case.persistent)
    done = work.run(command, orders)
    struck = work.zygote.shim.hits > 0
    found = work.wrong(command, done, CODES)
    if done.code == 0:
        found += [f"exit 0, but {each}" for each in differences(work.ends[command.key], work.state(command))]
    if found:
        found.append(f"told: {done.told.strip()[-400:]}")
    return [*found, *(f"afterwards: {each}" for each in work.recovers(command))], struck


def test_a_call_that_fails_decides_nothing(work: Workplace, pytestconfig: pytest.Config) -> None:
    seed = pytestconfig.getoption("--seed")
    outcomes = Outcomes("test_faults.py", seed)
    every = [*cases(work, seed)]
    if pytestconfig.getoption("--long") or pytestconfig.getoption("--case"):
        tried = chosen(every, lambda each: each.name, 0, pytestconfig)
    else:
        kinds = [[case for case in every if case.kind == kind] for kind in ("disk", "look")]
        tried = [case for some in kinds for case in chosen(some, lambda each: each.name, SHORT, pytestconfig)]
    for case in tried:
        found, struck = wrong(work, case)
        outcomes.add(case.name, found, f"{case.kind} faults of {case.command}", struck=struck)
    outcomes.close()
