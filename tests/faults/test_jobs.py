"""What a job raises is its split's: the rest goes on, told the same for any number of workers."""

import os
import signal
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

import m3it_build as m3it
from m3it_build.core.errors import M3itError, MachineError, OutputError, SourceError
from m3it_build.engine.cores import FOR_EACH_CORE, cores, workers
from m3it_build.engine.job import Moved
from m3it_build.engine.processes import LocalEngine
from m3it_build.store.manifest import Manifest
from tests.corpus import m3it as command
from tests.corpus import tree, write_okvqa

DONE: Any = "done"


@dataclass(frozen=True)
class Job:
    """Does nothing, raises, or dies."""

    number: int
    error: Exception | None = None
    dies: bool = False

    def run(self, moved: Moved) -> Manifest:
        """As it was told."""
        if self.dies:
            os._exit(9)
        if self.error is not None:
            raise self.error
        moved("okvqa/train", 1)
        manifest: Manifest = DONE
        return manifest


def run(count: int, jobs: list[Job]) -> tuple[list[int], dict[int, str]]:
    """What was done, and what failed with which words."""
    done: list[int] = []
    failed: dict[int, str] = {}
    with LocalEngine[Job](
        count,
        lambda job, _: done.append(job.number),
        lambda job, error: failed.update({job.number: f"{type(error).__name__}: {error}"}),
    ) as engine:
        for job in jobs:
            engine.submit(job)
        engine.finish()
    return sorted(done), failed


@pytest.mark.parametrize("count", [1, 2])
def test_a_failing_job_stops_no_other(count: int) -> None:
    jobs = [
        Job(0),
        Job(1, SourceError("a.zip: damaged")),
        Job(2, MachineError("b: gone")),
        Job(3, KeyError("x")),
        Job(4),
    ]
    done, failed = run(count, jobs)
    assert done == [0, 4]
    assert failed == {1: "SourceError: a.zip: damaged", 2: "MachineError: b: gone", 3: "KeyError: 'x'"}


@pytest.mark.parametrize("count", [1, 2])
def test_an_output_folder_that_cannot_be_written_ends_all(count: int) -> None:
    with pytest.raises(OutputError, match="full"):
        run(count, [Job(0), Job(1, OutputError("the disk is full")), Job(2)])


def test_a_dead_worker_ends_all_and_says_so() -> None:
    with pytest.raises(M3itError, match="A worker process died"):
        run(2, [Job(0), Job(1, dies=True), Job(2), Job(3)])


def test_so_does_a_dead_server_of_workers() -> None:
    with LocalEngine[Job](2, lambda *_: None, lambda *_: None) as engine:
        engine.submit(Job(0))
        engine.finish()
        server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
        os.kill(server, signal.SIGKILL)
        with pytest.raises(M3itError, match="A worker process died"):
            keep_asking(engine)


def keep_asking(engine: LocalEngine[Job]) -> None:
    """Until it is noticed."""
    while True:
        engine.submit(Job(1))


def test_workers_start_when_there_is_work_for_them() -> None:
    with LocalEngine[Job](500, lambda *_: None, lambda *_: None) as engine:
        assert engine.pool is not None
        assert not engine.pool._processes
        engine.submit(Job(0))
        engine.finish()
        assert len(engine.pool._processes) == 1


def test_more_workers_than_the_machine_can_use_are_not_taken() -> None:
    told: list[str] = []

    class Heard(m3it.Progress):
        def note(self, text: str) -> None:
            told.append(text)

    most = FOR_EACH_CORE * cores()
    assert workers(None, Heard()) == cores()
    assert workers(most, Heard()) == most
    assert not told
    assert workers(100_000, Heard()) == most
    assert f"{most} instead of 100,000" in told[0]


@pytest.fixture
def okvqa(tmp_path: Path) -> tuple[Any, ...]:
    """A build of three shards a split."""
    source = write_okvqa(tmp_path / "source")
    where = ("--source", source.parent, "--out", tmp_path / "out")
    return ("build", "--task", "okvqa", *where, "--rows-per-shard", 4)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SourceError("a.zip: damaged."), "m3it: okvqa/train, 1 of 3 shards: a.zip: damaged.\n"),
        (MachineError("a.jpg: cannot be read."), "m3it: okvqa/train, 1 of 3 shards: a.jpg: cannot be read.\n"),
    ],
)
def test_a_shard_that_cannot_be_made_is_told_and_made_by_the_next_run(
    okvqa: tuple[Any, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    whole = tmp_path / "whole"
    command(*okvqa[:-3], whole, *okvqa[-2:])
    with monkeypatch.context() as patch:
        fail_once(patch, error)
        said = command(*okvqa, check=2)
    assert told in said.stderr
    assert "okvqa  train         12     8" in said.stdout
    assert "okvqa  validation    12    12" in said.stdout
    command(*okvqa)
    assert tree(tmp_path / "out", "data", ".m3it/manifests") == tree(whole, "data", ".m3it/manifests")


def test_an_error_that_nobody_foresaw_is_its_shards_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_okvqa(tmp_path / "source")
    fail_once(monkeypatch, ZeroDivisionError("odd"))
    report = m3it.build("okvqa", source=tmp_path / "source", out=tmp_path / "out", settings=one_worker())
    assert [each.unfinished_shards for each in report.splits] == [1, 0]
    assert [each.rows for each in report.splits] == [0, 12]
    assert report.errors == [
        "okvqa/train: internal error: ZeroDivisionError: odd. See where with -v or M3IT_TRACEBACK=1, and report it."
    ]
    assert not [each for each in report.short() if each.split == "train"]


def test_what_was_done_is_told_before_what_ended_all(okvqa: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    fail_once(monkeypatch, OSError(28, "No space left on device"), after=2)
    said = command(*okvqa, check=2)
    assert "okvqa  train    12     8 " in said.stdout
    assert "Make room" in said.stderr


def one_worker() -> m3it.BuildSettings:
    return m3it.BuildSettings(workers=1)


def fail_once(patch: pytest.MonkeyPatch, error: Exception, after: int = 0) -> None:
    """Let the writer of Parquet raise: once, as it begins a file."""
    real = pyarrow.parquet.ParquetWriter
    left = [after]

    def writer(*arguments: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] == -1:
            raise error
        return real(*arguments, **named)

    patch.setattr(pyarrow.parquet, "ParquetWriter", writer)
