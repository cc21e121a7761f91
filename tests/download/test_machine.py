"""What the machine fails of while files are fetched is no fault of a server or of a file, and is over when it is."""

import errno
import gzip
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from m3it_build.core.errors import MachineError
from m3it_build.download.record import NAME, Record
from m3it_build.services.door import Address, Door
from m3it_build.services.mt import fetching
from m3it_build.services.mt.models import ModelError, cached_models, model_in
from m3it_build.services.whole import damage
from m3it_build.store import patience
from m3it_build.store.atomic import temporary_of
from tests.download.mirror import Mirror, zipped
from tests.download.test_download import tarred
from tests.fault_server import FaultServer, fault_server, file

ERRORS = [errno.EACCES, errno.EIO, errno.ENOMEM, errno.ESTALE, errno.EMFILE]
WHOLE = {
    "x.zip": zipped({"a": b"1"}),
    "x.jsonl.gz": gzip.compress(b'{"a": 1}'),
    "x.json": b'{"a": 1}',
    "x.parquet": b"PAR1" + bytes(100) + b"PAR1",
}
each_error = pytest.mark.parametrize("number", ERRORS, ids=errno.errorcode.get)


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "WAITS", (0.0, 0.0))


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with fault_server() as found:
        yield found


@pytest.fixture
def mirror(server: FaultServer, tmp_path: Path) -> Mirror:
    """With two files, of which no hash is known."""
    made = Mirror(server, tmp_path)
    for name in "ab":
        made.add(f"okvqa/{name}.zip", zipped({name: b"1"}), "okvqa", bytes=None)
    return made


@contextmanager
def failing(call: str, below: str, number: int, *, first: int = 1, times: int | None = None) -> Iterator[None]:
    """A function of `os` fails for one path, at its `first` call and so many after it, or all."""
    real: Callable[..., Any] = getattr(os, call)
    calls = count(1)

    def fails(path: Any = ".", *more: Any, **named: Any) -> Any:
        if isinstance(path, str | os.PathLike) and str(path).endswith(below):
            nth = next(calls)
            if nth >= first and (times is None or nth < first + times):
                raise OSError(number, os.strerror(number), str(path))
        return real(path, *more, **named)

    fails.__name__ = call
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, call, fails)
        yield


@pytest.mark.parametrize("name", WHOLE)
@each_error
def test_a_file_that_cannot_be_read_is_not_called_broken(tmp_path: Path, name: str, number: int) -> None:
    path = tmp_path / ".part"
    path.write_bytes(WHOLE[name])
    for first in (1, 2):
        with failing("open", ".part", number, first=first), pytest.raises(MachineError, match=r"\.part"):
            damage(path, name)
    if number != errno.EACCES:
        with failing("open", ".part", number, times=1):
            assert damage(path, name) is None
    path.write_bytes(WHOLE[name][:-3])
    assert damage(path, name)


@each_error
@pytest.mark.parametrize(
    ("call", "below"),
    [
        ("open", "okvqa/.b.zip.lock"),
        ("stat", "okvqa/b.zip"),
        ("stat", "okvqa/.b.zip.part"),
        ("open", "okvqa/.b.zip.part"),
        ("replace", "okvqa/.b.zip.part"),
        ("replace", "okvqa/.b.zip.part.json.tmp"),
    ],
)
def test_what_fails_of_one_file_is_told_of_it_and_the_others_come(
    mirror: Mirror, call: str, below: str, number: int
) -> None:
    with failing(call, below, number):
        done = mirror.run("okvqa", check=2)
    told = " ".join((done.stdout + done.stderr).split())
    assert f"okvqa/b.zip: {mirror.sources}/okvqa/" in told and os.strerror(number) in told
    assert "broken" not in told and "127.0.0.1" not in done.stderr and "internal" not in told
    assert mirror.there() == ["okvqa/a.zip"] and "1 file failed" in done.stdout and "still missing" not in done.stdout
    mirror.run("okvqa")
    assert mirror.there() == ["okvqa/a.zip", "okvqa/b.zip"]
    assert set(mirror.states("okvqa").values()) == {"there"}


@pytest.mark.parametrize("call", ["open", "stat"])
def test_what_fails_once_is_tried_again(mirror: Mirror, call: str) -> None:
    with failing(call, "okvqa/.b.zip.part", errno.EIO, times=1):
        mirror.run("okvqa")
    assert mirror.there() == ["okvqa/a.zip", "okvqa/b.zip"]


def test_a_lock_that_stays_is_in_nobodys_way(mirror: Mirror) -> None:
    with failing("unlink", "okvqa/.b.zip.lock", errno.EIO):
        mirror.run("okvqa")
    (mirror.sources / "okvqa/b.zip").unlink()
    mirror.run("okvqa")
    assert mirror.there() == ["okvqa/a.zip", "okvqa/b.zip"]


@each_error
def test_a_dry_run_says_what_it_could_not_look_at(mirror: Mirror, number: int) -> None:
    mirror.run("okvqa")
    for more in ((), ("--json",), ("--verify",)):
        call = "open" if more == ("--verify",) else "stat"
        with failing(call, "okvqa/b.zip", number):
            done = mirror.run("okvqa", "--dry-run", *more, check=2)
        assert "failed" in done.stdout and os.strerror(number) in done.stderr


def test_of_two_sets_the_second_is_not_fetched_where_the_first_cannot_be_looked_at(mirror: Mirror) -> None:
    mirror.rows.append('[[choice]]\ntask = "okvqa"\nof = [["okvqa/a.zip"], ["okvqa/b.zip"]]\n')
    mirror.table.write_text("\n".join(mirror.rows))
    mirror.run("okvqa")
    mirror.server.requests.clear()
    with failing("stat", "okvqa/a.zip", errno.EIO):
        mirror.run("okvqa", check=2)
    assert mirror.there() == ["okvqa/a.zip"] and not mirror.server.requests


@each_error
def test_an_archive_of_which_nothing_could_be_noted_is_unpacked_later(mirror: Mirror, number: int) -> None:
    mirror.add("vist/train.tar.gz", tarred({"a/1.jpg": b"one"}), "vist", extract="vist/train", bytes=None)
    for call, below in (
        ("replace", temporary_of(mirror.sources / NAME).name),
        ("open", ".m3it-downloads.json.lock"),
        ("open", "vist/train.tar.gz"),
        ("stat", "vist/train"),
        ("unlink", "vist/train.tar.gz"),
        ("mkdir", "train/a"),
    ):
        with failing(call, below, number):
            done = mirror.run("vist", check=2)
        assert os.strerror(number) in done.stderr and "vist/train.tar.gz" in done.stderr + " vist/train.tar.gz" * (
            "downloads" in below
        )
        assert not list(mirror.sources.glob("*.tmp"))
        mirror.run("vist")
        assert mirror.there() == ["vist/train/a/1.jpg"]
        (mirror.sources / "vist/train/a/1.jpg").unlink()
        (mirror.sources / "vist/train/a").rmdir()
        (mirror.sources / "vist/train").rmdir()
        (mirror.sources / ".m3it-downloads.json").unlink()


@pytest.mark.parametrize("times", [1, None])
def test_a_link_that_cannot_be_looked_at_does_not_lead_out(mirror: Mirror, tmp_path: Path, times: int | None) -> None:
    mirror.add("vist/train.tar.gz", tarred({"1.jpg": b"one"}), "vist", extract="vist/train", bytes=None)
    (tmp_path / "disk").mkdir()
    (mirror.sources / "vist").mkdir(parents=True)
    (mirror.sources / "vist/train").symlink_to(tmp_path / "disk")
    with failing("lstat", "vist/train", errno.EIO, first=2, times=times):
        mirror.run("vist", check=2 if times is None else 0)
    mirror.run("vist")
    assert (tmp_path / "disk/1.jpg").read_bytes() == b"one"


def test_a_machine_without_open_files_blames_no_server(server: FaultServer) -> None:
    server.answers["/x"] = file(b"1")
    door = Door(allow_private=True)
    with door.get(Address(server.url("/x")), {}, hashed=False):
        pass
    door.close()
    door = Door(allow_private=True)
    free = os.dup(0)
    os.close(free)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        with (
            pytest.raises(MachineError, match="ulimit"),
            door.get(Address(server.url("/x")), {}, hashed=False),
        ):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        door.close()


@each_error
def test_a_model_that_cannot_be_looked_at_is_not_half_of_one(tmp_path: Path, number: int) -> None:
    folder = tmp_path / "tiny"
    folder.mkdir()
    for name in ("model.bin", "shared_vocabulary.json", "own.model"):
        (folder / name).write_text("[]")
    assert [each.folder for each in cached_models(tmp_path)] == [folder]
    for call, below in (("scandir", "tiny"), ("stat", "model.bin"), ("stat", "config.json")):
        with failing(call, below, number):
            for look in (lambda: model_in(folder), lambda: cached_models(tmp_path)):
                with pytest.raises(MachineError):
                    look()
    (folder / "own.model").unlink()
    with pytest.raises(ModelError):
        model_in(folder)


@each_error
def test_flores_that_cannot_be_read_is_not_another_file(tmp_path: Path, number: int) -> None:
    archive = tmp_path / "flores.tar.gz"
    archive.write_bytes(tarred({"flores/dev/deu.devtest": b"eins"}))
    with failing("open", "flores.tar.gz", number), pytest.raises(MachineError, match=r"flores\.tar\.gz"):
        fetching.fetch_flores(str(archive), tmp_path / "cache")
    with failing("open", "flores.archive", number), pytest.raises(MachineError, match=r"flores\.archive"):
        fetching.fetch_flores(str(archive), tmp_path / "cache")
    assert (fetching.fetch_flores(str(archive), tmp_path / "cache") / "flores/dev/deu.devtest").read_bytes() == b"eins"


def test_what_a_killed_process_left_of_a_record_goes_unless_it_is_being_written(tmp_path: Path) -> None:
    half = temporary_of(tmp_path / NAME)
    half.write_text("{")
    with FileLock(tmp_path / f"{NAME}.lock"):
        Record(tmp_path)
        assert half.exists()
    Record(tmp_path)
    assert not half.exists()
