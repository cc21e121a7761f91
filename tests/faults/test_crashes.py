"""The power goes at any moment, the disk keeps what it was told to keep, and the same command goes on from there."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.disk import Disk, State
from tests.faults.shim import Calls, Orders, read_log
from tests.faults.workplace import COMMANDS, Command, Outcomes, Workplace, chosen, digests

HELD = ("build", "translate", "push", "paraphrase", "download")
SHORT = 8


class Case(NamedTuple):
    """What the disk holds after so many calls."""

    command: str
    calls: int
    kind: str
    """What becomes of names and bytes that were not synced."""

    @property
    def name(self) -> str:
        """For `--case`."""
        return f"{self.command}/{self.calls}/{self.kind}"


class Recorded(NamedTuple):
    """An undisturbed run, call by call."""

    command: Command
    kept: Path
    """The place as it was before."""
    log: Path

    def states(self, work: Workplace) -> Iterator[tuple[Case, State]]:
        """Every state that its trace allows."""
        disk = Disk(self.kept, work.place)
        for number, call in enumerate(read_log(self.log), 1):
            disk.do(call)
            for kind, state in disk.states(f"{self.command.name}/{number}"):
                yield Case(self.command.name, number, kind), state

    def cases(self, work: Workplace) -> list[Case]:
        """Those states, each once."""
        seen: dict[bytes, Case] = {}
        for case, state in self.states(work):
            digest = hashlib.sha256()
            for path, content in state.items():
                digest.update(path.encode() + b"\0" + (b"/" if content is None else content.digest()))
            seen.setdefault(digest.digest(), case)
        return [*seen.values()]


def recorded(work: Workplace, name: str) -> Recorded:
    """Run a command, and see that what the shim told of it is what happened."""
    command = COMMANDS[name]
    work.end(command)
    work.begin(command)
    record = Recorded(command, work.folder / f"{name}.before", work.folder / f"{name}.log")
    shutil.copytree(work.place, record.kept)
    done = work.run(command, Orders((work.place,), Calls.ALL, log=record.log))
    assert done.code == 0, done.told
    disk = Disk(record.kept, work.place)
    for call in read_log(record.log):
        disk.do(call)
    model = {path: content and content.data() for path, content in next(disk.states("end"))[1].items()}
    real = {str(path): None if path.is_dir() else path.read_bytes() for path in work.place.rglob("*")}
    del model[str(work.place)]
    different = sorted(path for path in real.keys() | model.keys() if real.get(path, "") != model.get(path, ""))
    assert not different, f"the trace is not what was done: {different[:5]}"
    return record


def wrong(work: Workplace, command: Command, state: State) -> list[str]:
    """What is wrong after the same command."""
    shutil.rmtree(work.place)
    work.place.mkdir()
    for path, content in state.items():
        if content is None:
            Path(path).mkdir(parents=True, exist_ok=True)
        else:
            Path(path).write_bytes(content.data())
    work.found = digests(work.out, "data", "translated")
    work.asked.clear()
    work.asked.update(work.chat.asked())
    return work.recovers(command)


def test_what_a_disk_keeps_is_gone_on_from(work: Workplace, pytestconfig: pytest.Config) -> None:
    outcomes = Outcomes("test_crashes.py", pytestconfig.getoption("--seed"))
    records = {name: recorded(work, name) for name in HELD}
    every = [case for record in records.values() for case in record.cases(work)]
    tried = set(chosen(every, lambda each: each.name, SHORT, pytestconfig))
    for name, record in records.items():
        for case, state in record.states(work):
            if case in tried:
                outcomes.add(case.name, wrong(work, record.command, state), f"states of {name}")
    assert outcomes.counts.total() == len(tried)
    outcomes.close()
