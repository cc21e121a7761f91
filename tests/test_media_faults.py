"""What a user sees of a machine that fails, and of archives that are damaged or locked."""

import errno
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from m3it_build.plan.registry import load_registry
from m3it_build.store import patience
from tests.corpus import jpeg, m3it, rejects, rows, tree, write_okvqa


def command(source: Path, out: Path, *more: object) -> tuple[object, ...]:
    return ("build", "--task", "okvqa", "--source", source, "--out", out, "--format", "jsonl", *more)


def packed(root: Path, subset: str = "train2014") -> Path:
    """The photos of a subset, in a zip instead of a folder."""
    path = root / f"{subset}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for photo in sorted((root / subset).iterdir()):
            archive.write(photo, f"{subset}/{photo.name}")
            photo.unlink()
    (root / subset).rmdir()
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_okvqa(tmp_path / "source", 4, 1)


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.EMFILE], ids=errno.errorcode.get)
def test_a_disk_that_fails_loses_no_record_and_the_same_command_goes_on(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(patience, "WAITS", (0.0,))
    m3it(*command(source, tmp_path / "calm"))
    opened = os.open

    def fail(path: Any, *more: Any, **named: Any) -> int:
        if str(path).endswith("COCO_train2014_000000000003.jpg"):
            raise OSError(number, os.strerror(number))
        return opened(path, *more, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", fail)
        said = m3it(*command(source, tmp_path / "out"), check=2).stderr
    assert "COCO_train2014_000000000003.jpg: cannot be read" in said
    assert not rejects(tmp_path / "out")
    m3it(*command(source, tmp_path / "out"))
    parts = ("data", ".m3it/manifests", ".m3it/rejects")
    assert tree(tmp_path / "out", *parts) == tree(tmp_path / "calm", *parts)


def test_an_encrypted_member_and_names_that_lead_outside_are_told_once(source: Path, tmp_path: Path) -> None:
    path = packed(source)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    name = b"train2014/COCO_train2014_000000000002.jpg"
    outside = b"/" + name[1:]
    path.write_bytes(bytes(data).replace(name, outside))
    said = m3it(*command(source, tmp_path / "out"))
    told = said.stdout + said.stderr
    assert told.count("encrypted or packed by a method that is not read") == 1
    assert told.count("named outside of it") == 1
    assert sorted(rejects(tmp_path / "out").values()) == ["missing media", "unreadable image"]
    assert len(rows(tmp_path / "out")) == 6


def test_a_damaged_archive_that_nothing_needs_is_told_too(source: Path, tmp_path: Path) -> None:
    (source / "unrelated.zip").write_bytes(b"PK\3\4 cut off")
    said = m3it(*command(source, tmp_path / "out"))
    assert (said.stdout + said.stderr).count("unrelated.zip: the archive cannot be read") == 1
    assert len(rows(tmp_path / "out")) == 8


def test_an_archive_that_was_mended_is_taken_in(source: Path, tmp_path: Path) -> None:
    whole = m3it(*command(source, tmp_path / "calm")) and rows(tmp_path / "calm")
    path = packed(source)
    good = path.read_bytes()
    member = good.index(jpeg(1)[:300])
    cut, damaged = good[: len(good) // 2], good[: member + 200] + bytes(40) + good[member + 240 :]
    for out, broken in ((tmp_path / "1", cut), (tmp_path / "2", damaged)):
        path.write_bytes(broken)
        m3it(*command(source, out), check=None)  # 1 where all are rejected
        assert rejects(out)
        (tmp_path / "good").write_bytes(good)
        os.utime(tmp_path / "good", (1, 1))
        (tmp_path / "good").replace(path)
        assert "made again" in m3it(*command(source, out)).stdout
        assert rows(out) == whole
        assert not rejects(out)


def test_one_damaged_clip_in_a_zip_is_one_reject(tmp_path: Path) -> None:
    entry = load_registry(None)["msvd-qa"]
    folder = tmp_path / "source/msvd-qa"
    shutil.copytree(str(entry.sample), folder)
    clips = sorted(each for each in folder.rglob("*") if each.suffix in {".avi", ".mp4", ".webm"})
    assert len(clips) > 1
    top = clips[0].parent
    with zipfile.ZipFile(folder / f"{top.name}.zip", "w") as archive:
        for each in clips:
            archive.writestr(f"{top.name}/{each.name}", each.read_bytes())
            each.unlink()
    path = folder / f"{top.name}.zip"
    whole = bytearray(path.read_bytes())
    whole[200] ^= 1
    path.write_bytes(whole)
    arguments = ("build", "--task", "msvd-qa", "--source", tmp_path / "source", "--format", "jsonl", "--preset", "full")
    m3it(*arguments, "--out", tmp_path / "out")
    found = rejects(tmp_path / "out", "msvd-qa")
    assert set(found.values()) == {"unreadable video"}
    assert rows(tmp_path / "out", "msvd-qa")
