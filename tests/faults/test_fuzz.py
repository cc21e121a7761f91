"""Damaged inputs end as a result, a reject or an error that says so: a million by hand, some thousands here."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.corpus import ROOT
from tests.faults import watch
from tests.faults.workplace import Outcomes

SHORT, SHORT_BUILDS = 5_000, 8
LONG, LONG_BUILDS = 1_000_000, 5_000
PART = 20_000


class Part(NamedTuple):
    """So many cases, of a process of their own."""

    reader: str
    """Empty: of all readers."""
    start: int
    size: int


def fuzzed(part: Part, seed: int, current: Path, *more: str) -> Iterator[dict[str, Any]]:
    """What a process tells of its cases; where it dies of one, that is told, and the next go on in another."""
    start, end = part.start, part.start + part.size
    while start < end:
        current.write_bytes(b"")
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.fuzz", "--seed", str(seed), "--from", str(start), "--count",
             str(end - start), "--reader", part.reader, "--current", str(current), *more],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        yield from map(json.loads, done.stdout.splitlines())
        if done.returncode == 0:
            return
        number, _, reader = current.read_text().partition(" ")
        assert number, f"no case was begun: {done.stderr[-2000:]}"
        told = done.stderr.strip()[-300:]
        yield {"reader": reader.strip(), "number": int(number), "what": f"exit {done.returncode}", "error": told}
        start = int(number) + 1


def tell(outcomes: Outcomes, told: dict[str, Any], seed: int) -> None:
    """Note what a process told."""
    if "counts" in told:
        for name, count in told["counts"].items():
            outcomes.counts["builds" if name == "build" else f"mutations of {name.partition('-')[0]}"] += count
        return
    case = told.get("kept") or f"{told['reader']}/{told['number']}"
    again = f"--case '{told['reader']}/{told['number']}' --seed {seed}" if "number" in told else "-k ever_failed"
    found = f"{told['what']}: {told['error']} ({told.get('place', '')})"
    outcomes.failures.append(f"{case}: {found}\n    again: python -m pytest tests/faults/test_fuzz.py {again}")


def test_what_ever_failed_does_not_again(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--case"):
        pytest.skip("one case alone is asked for")
    outcomes = Outcomes("test_fuzz.py")
    for told in fuzzed(Part("", 0, 1), 0, tmp_path / "current", "--replay"):
        outcomes.counts["inputs of the corpus"] += 1
        if "what" in told:
            tell(outcomes, told, 0)
    outcomes.close()


def attempts(folder: Path) -> dict[str, bool]:
    """Whether each of some writes was heard of, and kept from happening."""
    out, source = folder / "out", folder / "source"
    for each in (out, source):
        each.mkdir()
    (out / "link").symlink_to(source)
    (source / "a").write_bytes(b"a")
    (out / "a").write_bytes(b"a")
    watch.begin()
    tried: dict[str, Callable[[], object]] = {
        "inside": lambda: (out / "b").write_bytes(b"b"),
        "renamed inside": lambda: (out / "b").rename(out / "c"),
        "read": (source / "a").read_bytes,
        "a database that is read": lambda: sqlite3.connect(f"file:{source}/a?mode=ro", uri=True).close(),
        "up": lambda: (out / ".." / "x").write_bytes(b"x"),
        "through a link": lambda: (out / "link" / "x").write_bytes(b"x"),
        "beside, by its beginning": lambda: (folder / "outer").write_bytes(b"x"),
        "appended": lambda: (source / "a").open("ab").close(),
        "by its number": lambda: os.open(source / "a", os.O_RDWR),
        "moved out": lambda: (out / "a").rename(folder / "x"),
        "replaced": lambda: (out / "a").replace(source / "a"),
        "moved in": lambda: (source / "a").rename(out / "x"),
        "a folder": (source / "x").mkdir,
        "removed": (source / "a").unlink,
        "a removed folder": source.rmdir,
        "a hard link": lambda: (folder / "x").hardlink_to(out / "a"),
        "a link": lambda: (folder / "x").symlink_to(out / "a"),
        "cut": lambda: os.truncate(source / "a", 0),
        "rights": lambda: (source / "a").chmod(0o700),
        "times": lambda: os.utime(source / "a"),
        "a database": lambda: sqlite3.connect(folder / "x").close(),
        "a database by address": lambda: sqlite3.connect(f"file:{folder}/x", uri=True).close(),
        "in a folder by number": lambda: os.mkdir("x", dir_fd=os.open(folder, os.O_RDONLY)),
        "caught": lambda: _caught(folder / "x"),
    }
    before, heard = watch.snapshot(source), {}
    for name, work in tried.items():
        try:
            with watch.WATCH.only(out):
                work()
        except watch.Outside:
            heard[name] = True
        else:
            heard[name] = False
    assert watch.snapshot(source) == before
    assert {each.name for each in folder.iterdir()} == {"out", "source"}
    return heard


def _caught(path: Path) -> None:
    with suppress(BaseException):
        path.write_bytes(b"x")


def test_what_is_written_elsewhere_is_heard_of(tmp_path: Path) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:  # what hears cannot be taken away
        heard = pool.submit(attempts, tmp_path).result()
    assert [name for name, told in heard.items() if not told] == [
        "inside",
        "renamed inside",
        "read",
        "a database that is read",
    ]


def test_a_damaged_input_is_told_or_rejected(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    long, seed = pytestconfig.getoption("--long"), int(pytestconfig.getoption("--seed"))
    case = str(pytestconfig.getoption("--case"))
    reader, _, number = case.rpartition("/")
    assert bool(case) == bool(reader and number), f"{case} is not of the form READER/NUMBER"
    count, builds = (LONG, LONG_BUILDS) if long else (SHORT, SHORT_BUILDS)
    parts = [Part("", start, min(PART, count - start)) for start in range(0, count, PART)]
    parts += [Part("build", start, min(PART // 40, builds - start)) for start in range(0, builds, PART // 40)]
    share, _, shares = str(pytestconfig.getoption("--share")).partition("/")
    parts = [Part(reader, int(number), 1)] if number else parts[int(share) - 1 :: int(shares)] if long else parts
    outcomes = Outcomes("test_fuzz.py")

    def one(place: int) -> list[dict[str, Any]]:
        return list(fuzzed(parts[place], seed, tmp_path / f"current-{place}", *(["--keep"] if long else [])))

    with ThreadPoolExecutor(len(os.sched_getaffinity(0)) if long and shares == "1" else 1) as pool:
        for found in pool.map(one, range(len(parts))):
            for told in found:
                tell(outcomes, told, seed)
    outcomes.close()
