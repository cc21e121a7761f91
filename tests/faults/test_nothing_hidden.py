"""A folder that cannot be listed is not empty, and a file that cannot be looked at is not absent."""

import errno
import fcntl
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import MachineError
from m3it_build.core.sample import Fault
from m3it_build.media.images import encode
from m3it_build.sources.index import Index
from m3it_build.store import patience
from tests.corpus import jpeg, m3it, tree, write_okvqa

BUILD = ("build", "--task", "okvqa", "--sample", "--rows-per-shard", "4", "--out", "out")
PARTS = ("data", "translated", ".m3it/manifests", ".m3it/rejects", ".m3it/settings.json")


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(patience, "WAITS", (0.0,))
    m3it(*BUILD)
    return tmp_path / "out"


def failing(name: str, number: int, below: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(path: Any = ".", *more: Any, **named: Any) -> Any:
        if isinstance(path, str | os.PathLike) and str(path).endswith(below):
            raise OSError(number, os.strerror(number), str(path))
        return real(path, *more, **named)

    call.__name__ = name
    return call


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.EMFILE, errno.ESTALE], ids=errno.errorcode.get)
@pytest.mark.parametrize("below", [".m3it/manifests", ".m3it/manifests/okvqa"])
@pytest.mark.parametrize(
    "arguments",
    [
        (*BUILD, "--seed", "1"),
        ("card", "out"),
        ("validate", "out"),
        ("translate", "--langs", "de", "--sample", "--task", "okvqa", "--out", "out"),
        ("status", "out"),
    ],
    ids=lambda each: str(each[0]),
)
def test_a_folder_of_state_that_cannot_be_listed_is_not_an_empty_one(
    out: Path, monkeypatch: pytest.MonkeyPatch, number: int, below: str, arguments: tuple[str, ...]
) -> None:
    before = tree(out, *PARTS)
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", failing("scandir", number, below, os.scandir))
        done = m3it(*arguments, check=2)
    assert os.strerror(number) in done.stderr
    assert tree(out, *PARTS) == before
    m3it(*BUILD)
    assert tree(out, *PARTS) == before


@pytest.mark.usefixtures("out")
def test_settings_that_cannot_be_looked_at_are_not_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("m3it.toml").write_text("[build]\nseed = 7\n")
    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", failing("stat", errno.EIO, "m3it.toml", os.stat))
        assert "m3it.toml: cannot be read" in m3it("build", "--task", "okvqa", "--sample", check=2).stderr
    assert not Path("m3it-data").exists()


def test_a_plan_that_was_lost_takes_no_finished_shard_with_it(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(out, *PARTS)
    (out / ".m3it/plans/okvqa/train.sqlite").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", failing("scandir", errno.EIO, "manifests/okvqa", os.scandir))
        m3it(*BUILD, check=2)
    assert tree(out, "data") == {name: each for name, each in before.items() if name.startswith("data")}
    m3it(*BUILD)
    assert tree(out, *PARTS) == before


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOMEM, errno.ESTALE], ids=errno.errorcode.get)
def test_a_shard_that_cannot_be_read_now_is_not_called_invalid(
    out: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    [shard] = out.glob("data/*/okvqa/train-00000-*.parquet")
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", failing("open", number, shard.name, os.open))
        told = m3it("validate", out, check=2).stderr
    assert f"{shard.name}: cannot be read ({os.strerror(number)})" in told
    m3it("validate", out)


def test_an_index_that_cannot_be_locked_is_named(out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = write_okvqa(tmp_path / "source").parent
    command = ("build", "--task", "okvqa", "--source", source, "--out", out, "--overwrite")
    m3it(*command)
    (source / "okvqa" / "new").mkdir()
    real = fcntl.flock

    def flock(descriptor: int, how: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(os.environ["XDG_CACHE_HOME"]):
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        real(descriptor, how)

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", flock)
        told = m3it(*command, check=2).stderr
    assert "cannot be read (Stale file handle)" in told or "cannot be written (" in told
    assert os.environ["XDG_CACHE_HOME"] in told
    m3it(*command)


def test_a_damaged_index_that_cannot_be_taken_away_is_made_anew_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also by who has closed it by then."""
    monkeypatch.setattr(patience, "WAITS", (0.0,))
    source = write_okvqa(tmp_path)
    kept = Index(source)
    kept.refresh()
    there = kept.below("train2014")
    kept.database.close()
    data = bytearray(kept.path.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    kept.path.write_bytes(data)
    index = Index(source)
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", failing("unlink", errno.EIO, ".sqlite", os.unlink))
        for _ in range(2):
            with pytest.raises(MachineError, match=r"\.sqlite: cannot be read \(Input/output error\)"):
                index.refresh()
    index.refresh()
    assert index.below("train2014") == there != []


LITTLE_MEMORY = """
import io, resource, sys
import PIL.Image
from m3it_build.media.images import encode
from m3it_build.sources.index import Index
stream = io.BytesIO()
PIL.Image.new("RGB", (6000, 6000)).save(stream, "PNG", compress_level=1)
data = stream.getvalue()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (int(sys.argv[1]) << 20),) * 2)
try:
    print(type(encode(data)).__name__)
except MemoryError:
    print("MemoryError")
"""


def test_too_little_memory_for_a_picture_within_the_limits_is_no_verdict_on_it() -> None:
    """Whatever is left: it is read, or the machine is short."""
    outcomes = {
        subprocess.run(
            [sys.executable, "-c", LITTLE_MEMORY, str(left)], capture_output=True, text=True, check=False
        ).stdout.strip()
        for left in (60, 120, 180, 280, 400, 3000)
    }
    assert outcomes == {"Image", "MemoryError"}


def test_a_damaged_picture_is_one_where_memory_is_limited_but_enough() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    try:
        resource.setrlimit(resource.RLIMIT_AS, (used + (600 << 20), before[1]))
        assert isinstance(encode(jpeg(1)[:300]), Fault)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
