"""The power goes at any moment, the disk keeps what it was told to keep, and the same command goes on from there."""

import hashlib
import shutil
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.faults.disk import Disk
from tests.faults.shim import Calls, Orders, read_log
from tests.faults.workplace import COMMANDS, Command, Outcomes, Workplace, chosen, digests

HELD = ("build", "translate", "push", "paraphrase", "download")
SHORT = 18


class Case(NamedTuple):
    """What the disk holds after so many calls."""

    command: str
    calls: int
    kind: str
    """What becomes of names and bytes that were not synced."""
    state: dict[str, bytes | None]

    @property
    def name(self) -> str:
        """For `--case`."""
        return f"{self.command}/{self.calls}/{self.kind}"


class Recorded(NamedTuple):
    """An undisturbed run, call by call."""

    command: Command
    before: Disk
    cases: list[Case]


def recorded(work: Workplace, name: str) -> Recorded:
    """Run a command, and give every state that its trace allows, each once."""
    command = COMMANDS[name]
    work.end(command)
    work.begin(command)
    disk = Disk(work.place)
    log = work.folder / f"{name}.log"
    done = work.run(command, Orders((work.place,), Calls.ALL, log=log))
    assert done.code == 0, done.told
    states = list(_states(name, disk, log))
    real = {str(path): None if path.is_dir() else path.read_bytes() for path in work.place.rglob("*")}
    model = dict(next(disk.states("end"))[1])
    del model[str(work.place)]
    different = sorted(path for path in real.keys() | model.keys() if real.get(path, "") != model.get(path, ""))
    assert not different, f"the trace is not what was done: {different[:5]}"
    return Recorded(command, disk, states)


def _states(name: str, disk: Disk, log: object) -> Iterator[Case]:
    seen = set()
    for number, call in enumerate(read_log(log), 1):  # type: ignore[arg-type]
        disk.do(call)
        for kind, state in disk.states(f"{name}/{number}"):
            digest = hashlib.sha256()
            for path, data in state.items():
                digest.update(path.encode() + b"\0" + (b"/" if data is None else hashlib.sha256(data).digest()))
            if digest.digest() not in seen:
                seen.add(digest.digest())
                yield Case(name, number, kind, state)


def wrong(work: Workplace, record: Recorded, case: Case) -> list[str]:
    """What is wrong after the same command."""
    shutil.rmtree(work.place)
    work.place.mkdir()
    record.before.write(case.state, work.place)
    work.found = digests(work.out, "data", "translated")
    work.asked.clear()
    work.asked.update(work.chat.asked())
    return work.recovers(record.command)


def test_what_a_disk_keeps_is_gone_on_from(work: Workplace, pytestconfig: pytest.Config) -> None:
    outcomes = Outcomes("test_crashes.py")
    records = {name: recorded(work, name) for name in HELD}
    every = [case for record in records.values() for case in record.cases]
    print({name: len(record.cases) for name, record in records.items()})
    for case in chosen(every, lambda each: each.name, SHORT, pytestconfig):
        outcomes.add(case.name, wrong(work, records[case.command], case), f"states of {case.command}")
    outcomes.close()
