"""What a process did before, its heap, its allocators, the order of tasks and the number of workers change no byte."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from m3it_build.store.output import Images
from m3it_build.store.pages import faults_of
from tests.corpus import ROOT
from tests.faults.workplace import KEPT, Outcomes, chance, chosen, differences, digests, leftovers

SAMPLES = ROOT / "m3it_build/samples"
SHORT = 3
SHORT_TASKS = ("okvqa", "msvd-qa", "nlvr", "vist", "clevr")
ROUNDS = 8
"""Of each setting in the long form."""
HEAPS: dict[str, dict[str, str]] = {
    "plain": {},
    "perturbed": {"MALLOC_PERTURB_": "165"},
    "system-pool": {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_PERTURB_": "90"},
    "mimalloc": {"ARROW_DEFAULT_MEMORY_POOL": "mimalloc"},
    "jemalloc": {"ARROW_DEFAULT_MEMORY_POOL": "jemalloc"},
    "debug": {"PYTHONMALLOC": "debug"},
    "malloc": {"PYTHONMALLOC": "malloc", "MALLOC_PERTURB_": "60"},
    "one-arena": {"MALLOC_ARENA_MAX": "1", "MALLOC_TOP_PAD_": "0", "PYTHONHASHSEED": "4242"},
}
PATTERNS = ("SECRET", "\x7f", "iVBORw0KGgo", "PAR1")


class Case(NamedTuple):
    """A process that built other things before."""

    heap: str
    number: int

    @property
    def name(self) -> str:
        """For `--case`."""
        return f"{self.heap}/{self.number}"


def arguments(case: Case, tasks: tuple[str, ...], seed: str) -> Iterator[str]:
    """What it builds: the tasks in an order of its own, after some of them and other seeds."""

    def order(purpose: object) -> list[str]:
        return sorted(tasks, key=lambda task: chance(seed, case, purpose, task))

    yield ",".join(order("last"))
    yield str(1 + chance(seed, case, "workers") % 3)
    yield PATTERNS[chance(seed, case, "pattern") % len(PATTERNS)]
    for number in range(1 + chance(seed, case, "others") % 2):
        some = order(number)[: 1 + chance(seed, case, "some", number) % 3]
        yield f"{','.join(some)}:{number}"


def build(out: Path, heap: str, *words: str) -> tuple[int, str]:
    """Run such a process."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.dirty", str(out), *words],
        cwd=ROOT, env={**os.environ, **HEAPS[heap]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


def test_a_dirty_process_writes_the_same_bytes(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    long, seed = pytestconfig.getoption("--long"), pytestconfig.getoption("--seed")
    outcomes = Outcomes("test_dirty.py", seed)
    tasks = tuple(sorted(path.name for path in SAMPLES.iterdir() if path.is_dir())) if long else SHORT_TASKS
    code, told = build(tmp_path / "clean", "plain", ",".join(tasks), "1", "x")
    assert code == 0, told
    wanted = digests(tmp_path / "clean", *KEPT)
    every = [Case(heap, number) for heap in HEAPS for number in range(ROUNDS if long else 1)]
    for case in chosen(every, lambda each: each.name, SHORT, pytestconfig):
        out = tmp_path / "out"
        shutil.rmtree(out, ignore_errors=True)
        code, told = build(out, case.heap, *arguments(case, tasks, seed))
        found = [f"exit {code}: {told[-400:]}"] if code else differences(wanted, digests(out, *KEPT))
        found += [
            f"{path.name}: {fault}"
            for path in sorted(out.glob("data/**/*.parquet"))
            for fault in faults_of(path, Images.BASE64)
        ]
        outcomes.add(case.name, [*found, *leftovers(tmp_path)], f"builds ({case.heap})")
    outcomes.close()
