"""Killed at any moment, run again: the same bytes, and nothing done twice."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.corpus import m3it, m3it_process, tree, write_okvqa

SMALL_SHARDS = ("--rows-per-shard", "4")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A download whose build has some sixty shards."""
    return write_okvqa(tmp_path_factory.mktemp("source"), pictures=60, questions=2)


@pytest.fixture(scope="module")
def undisturbed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an undisturbed build with one worker writes."""
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    m3it("build", "--task", "okvqa", "--source", source, "--out", out, "--workers", 1, *SMALL_SHARDS)
    return out


@pytest.mark.parametrize(("workers", "hash_seed"), [(1, "7"), (2, "0"), (3, "4242")])
def test_workers_and_hash_seed_change_no_byte(
    source: Path, undisturbed: Path, tmp_path: Path, workers: int, hash_seed: str
) -> None:
    command = ("build", "--task", "okvqa", "--source", source, "--out", tmp_path, "--workers", workers, *SMALL_SHARDS)
    m3it_process(*command, PYTHONHASHSEED=hash_seed)
    assert tree(tmp_path, "data", ".m3it/manifests", ".m3it/rejects") == tree(
        undisturbed, "data", ".m3it/manifests", ".m3it/rejects"
    )


def test_ten_kills_at_random_moments_change_no_byte(source: Path, undisturbed: Path, tmp_path: Path) -> None:
    arguments = ["build", "--task", "okvqa", "--source", source, "--out", tmp_path, "--workers", 2, *SMALL_SHARDS]
    command = [sys.executable, "-m", "m3it_build", *map(str, arguments)]
    chance = random.Random(20231)  # the moments of the kills; any would do
    committed: dict[str, int] = {}
    for _ in range(10):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 1.6))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        _wait_for_workers(tmp_path)
        for path in tmp_path.glob("data/*/okvqa/*.parquet"):
            written = path.stat().st_mtime_ns
            if (tmp_path / ".m3it/manifests/okvqa" / f"{path.name.split('-of-')[0]}.json").exists():
                assert committed.setdefault(path.name, written) == written, f"{path.name} was done twice"
    m3it_process(*arguments)
    for name, written in committed.items():
        path = next(tmp_path.glob(f"data/*/okvqa/{name}"))
        assert path.stat().st_mtime_ns == written, f"{name} was done twice"
    parts = ("data", ".m3it/manifests", ".m3it/rejects")
    assert tree(tmp_path, *parts) == tree(undisturbed, *parts)
    assert not list(tmp_path.rglob(".*.tmp"))


def _wait_for_workers(out: Path) -> None:
    """Workers end with their parent; wait until none is left that could still write."""
    for _ in range(100):
        if not any(_has_open(process.name, out) for process in Path("/proc").glob("[0-9]*")):
            return
        time.sleep(0.05)


def _has_open(pid: str, out: Path) -> bool:
    try:
        return any(str(path.readlink()).startswith(str(out)) for path in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def test_a_second_run_does_nothing(source: Path, undisturbed: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in undisturbed.rglob("*.parquet")}
    done = m3it("build", "--task", "okvqa", "--source", source, "--out", undisturbed, "--workers", 1, *SMALL_SHARDS)
    assert {path: path.stat().st_mtime_ns for path in undisturbed.rglob("*.parquet")} == before
    assert "done before" in done.stdout


def test_a_lost_shard_is_made_again(source: Path, undisturbed: Path) -> None:
    before = tree(undisturbed, "data")
    next(undisturbed.rglob("train-00003-*.parquet")).unlink()
    m3it("build", "--task", "okvqa", "--source", source, "--out", undisturbed, "--workers", 1, *SMALL_SHARDS)
    assert tree(undisturbed, "data") == before


def test_two_builds_in_one_folder_are_kept_apart(source: Path, tmp_path: Path) -> None:
    from filelock import FileLock

    (tmp_path / ".m3it").mkdir()
    with FileLock(tmp_path / ".m3it" / "lock"):
        done = m3it("build", "--task", "okvqa", "--source", source, "--out", tmp_path, check=2)
    assert "another m3it is working" in done.stderr


def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(source: Path, undisturbed: Path, tmp_path: Path) -> None:
    arguments = ["build", "--task", "okvqa", "--source", source, "--out", tmp_path, "--workers", 2, *SMALL_SHARDS]
    process = subprocess.Popen(
        [sys.executable, "-m", "m3it_build", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(tmp_path.glob("data/*/okvqa/*.parquet")) and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    if process.returncode != 0:  # else it had finished before the signal came
        assert process.returncode == 130, told
        assert "run the same command again" in told
        assert "Traceback" not in told
    m3it_process(*arguments)
    assert tree(tmp_path, "data") == tree(undisturbed, "data")
