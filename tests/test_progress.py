"""What is said while a build works: one total over the whole plan, moving inside a shard."""

import fcntl
import json
import multiprocessing
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from m3it_build.cli.progress import BuildProgress, duration, pace
from m3it_build.engine.job import counted
from m3it_build.plan.registry import load_registry
from m3it_build.plan.settings import BuildSettings
from m3it_build.plan.task_sources import TaskSource
from m3it_build.shards.build import build
from tests.corpus import m3it, write_okvqa


class Heard(BuildProgress):
    """Notes how far it was after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[int, int]] = []
        self.moves: list[tuple[str, int]] = []

    def _draw(self) -> None:
        if hasattr(self, "seen"):
            self.seen.append((self.done, self.total))

    def moved(self, split: str, records: int) -> None:
        """As told by the engine."""
        self.moves.append((split, records))
        super().moved(split, records)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_total_is_never_reached_before_the_end(tmp_path: Path, workers: int) -> None:
    registry = load_registry()
    wanted = [
        TaskSource(registry["okvqa"], (write_okvqa(tmp_path / "source"),), {}),
        TaskSource(registry["text-vqa"], (Path(str(registry["text-vqa"].sample)),), {}),
    ]
    settings = BuildSettings(workers=workers, rows_per_shard=4)
    with Heard() as progress:
        report = build(wanted, None, settings, tmp_path / "out", progress, overwrite=False)
    written = sum(each.rows for each in report.splits)
    assert progress.seen[-1] == (written, written)
    reached = progress.seen.index((written, written))
    assert set(progress.seen[reached:]) == {(written, written)}
    assert all(done < total for done, total in progress.seen[1:reached])
    assert sum(records for _, records in progress.moves) == written
    assert {split for split, _ in progress.moves} >= {"okvqa/train", "okvqa/validation", "text-vqa/train"}
    with Heard() as again:
        build(wanted, None, settings, tmp_path / "out", again, overwrite=False)
    assert (again.seen[-1], again.was_done, again.moves) == ((written, written), written, [])
    assert not multiprocessing.active_children()


def test_records_are_told_inside_a_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("m3it_build.engine.job.SECONDS", -1.0)
    told: list[int] = []
    assert list(counted(range(5), "a/b", lambda _, records: told.append(records))) == list(range(5))
    assert told == [1, 1, 1, 1, 1]


def test_a_line_says_what_is_done_how_far_how_fast_how_long() -> None:
    with BuildProgress() as progress:
        progress.expect(1000, 2)
        progress.reading("gqa/train")
        progress.read(3000)
        said = progress.line()
        assert said.startswith("reading gqa/train (3,000 records read): 0 of about 1,000 records (0%), ")
        progress.expect(-500, -1)
        progress.planned("gqa/train", 500, 1)
        progress.moved("gqa/train", 250)
        assert progress.line().startswith("writing gqa/train: 250 of about 500 records (50%), ")
        assert progress.line().endswith(" to go")
    assert pace(100, 300, 10) == "10 a second, 30 s to go"
    assert pace(5, 0, 10) == "0.5 a second"
    assert [duration(seconds) for seconds in (45, 720, 12000)] == ["45 s", "12 min", "3 h 20 min"]


def test_without_a_terminal_there_is_one_line_and_with_q_none(tmp_path: Path) -> None:
    command = ("build", "--task", "okvqa", "--task", "clevr", "--sample", "--workers", 1)
    done = m3it(*command, "--out", tmp_path / "a")
    assert re.fullmatch(r"done: 32 of 32 records \(100%\), [\d.,]+ a second\n", done.stderr), done.stderr
    assert not m3it(*command, "--out", tmp_path / "b", "-q").stderr
    assert "okvqa/train: reading annotations" in m3it(*command, "--out", tmp_path / "c", "-v").stderr


def test_on_a_terminal_there_is_one_bar_without_a_double_colon(tmp_path: Path) -> None:
    mine, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 40, 100, 0, 0))
    arguments = ["build", "--task", "okvqa", "--sample", "--out", str(tmp_path), "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "m3it_build", *arguments], stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    said = b""
    while select.select([mine], [], [], 60)[0]:
        try:
            part = os.read(mine, 4096)
        except OSError:  # Linux: the other end is closed
            break
        if not part:
            break
        said += part
    assert process.wait() == 0
    text = said.decode()
    assert "reading okvqa/" in text
    assert "16/16" in text
    assert ": :" not in text
    assert "::" not in text


def test_json_stands_alone_on_stdout(tmp_path: Path) -> None:
    told = json.loads(m3it("build", "--task", "okvqa", "--sample", "--out", tmp_path, "--json").stdout)
    assert [each["split"] for each in told["splits"]] == ["train", "validation"]
    assert told["templates"]["templates"] == told["templates"]["answers"] == 16
    validated = json.loads(m3it("validate", tmp_path, "--json").stdout)
    assert validated == {"rows": 16, "shards": 2, "problems": [], "notices": [], "running": False}
    assert json.loads(m3it("card", tmp_path, "--json").stdout)["rows"] == 16
