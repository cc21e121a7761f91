"""The index of a download: what changes is taken in, what does not is not read again."""

import errno
import gzip
import os
import sqlite3
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import MachineError, MissingSource, SourceError
from m3it_build.core.sample import Fault, Picture, Reason
from m3it_build.sources import index as index_module
from m3it_build.sources.folder import Folder
from m3it_build.sources.index import RECENT, Index
from m3it_build.store import patience
from tests.corpus import tarred
from tests.lookup import fetch, locate


def write(root: Path, files: Mapping[str, bytes | str]) -> Path:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return root


def zipped(path: Path, members: Mapping[str, str], method: int = zipfile.ZIP_DEFLATED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def read(root: Path, *names: str) -> bytes | None:
    file = Folder("t", (root,)).find(*names)
    return file.read() if file else None


@pytest.fixture
def fast_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changed a moment ago is trusted, so that tests need not wait for seconds."""
    monkeypatch.setattr(index_module, "RECENT", 20_000_000)


def aged(_: Path) -> None:
    """Let it lie for longer than what is not trusted."""
    time.sleep(0.06)


@pytest.mark.parametrize(
    ("lies", "asked"),
    [
        ("train2014/1.jpg", "train2014/1.jpg"),
        ("coco/images/train2014/1.jpg", "train2014/1.jpg"),
        ("train2014/train2014/1.jpg", "train2014/1.jpg"),
        ("train2014/1.jpg", "images/train2014/1.jpg"),
        ("Train2014/1.JPG", "train2014/1.jpg"),
        ("anywhere/1.jpg", "1.jpg"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_is_found_deeper_and_less_deep_on_disk_and_packed(
    tmp_path: Path, lies: str, asked: str, *, packed: bool
) -> None:
    if packed:  # an archive stands for a folder of its name
        zipped(tmp_path / f"{lies.partition('/')[0]}.zip", {lies.partition("/")[2]: "1"})
    else:
        write(tmp_path, {lies: "1"})
    assert read(tmp_path, asked) == b"1"


@pytest.mark.parametrize(
    ("lies", "asked"),
    [
        ("jpeg/1.bmp", "jp2k/1.bmp"),  # the folder tells which picture it is
        ("1.bmp", "jp2k/1.bmp"),
        ("other/train2014/1.jpg", "images/train2014/1.jpg"),
        ("abc.mp4", "AbC.mp4"),  # ids keep their case
        ("a/xtrain/1.jpg", "train/1.jpg"),
        ("000/1.jpg", "release/val/000/1.jpg"),  # perhaps those of train were unpacked there
    ],
)
def test_what_may_be_another_file_is_not_taken(tmp_path: Path, lies: str, asked: str) -> None:
    write(tmp_path, {lies: "1"})
    assert read(tmp_path, asked) is None


def test_two_that_differ_are_refused_and_named_two_that_agree_are_one(tmp_path: Path) -> None:
    write(tmp_path, {"a/t/1.jpg": "one", "b/t/1.jpg": "one"})
    assert read(tmp_path, "t/1.jpg") == b"one"
    write(tmp_path, {"b/t/1.jpg": "two"})
    found = locate(Folder("t", (tmp_path,)), Picture(("t/1.jpg",)))
    assert isinstance(found, Fault)
    assert found.reason is Reason.DIFFERENT_MEDIA
    assert found.detail.startswith("a/t/1.jpg and b/t/1.jpg")
    with pytest.raises(MissingSource, match="differ: keep the right one"):
        Folder("t", (tmp_path,)).need("t/1.jpg")
    write(tmp_path, {"t/1.jpg": "official"})
    assert read(tmp_path, "t/1.jpg") == b"official"


def test_an_official_place_wins_over_an_earlier_alternative_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, {"old/train.json": "old", "b/train.json": "official"})
    assert read(tmp_path, "a/train.json", "b/train.json") == b"official"


def test_an_empty_candidate_gives_way_to_the_next(tmp_path: Path) -> None:
    write(tmp_path, {"a/1.jpg": "", "b/1.jpg": "good", "a/t.json": "", "b/t.json": "[]"})
    assert fetch(Folder("t", (tmp_path,)), Picture(("a/1.jpg", "b/1.jpg"))) == ("b/1.jpg", b"good")
    assert Folder("t", (tmp_path,)).need("a/t.json", "b/t.json").read() == b"[]"
    found = fetch(Folder("t", (tmp_path,)), Picture(("a/1.jpg",)))
    assert isinstance(found, Fault)
    assert "is empty" in found.detail


def test_a_glob_is_found_below_one_folder_and_not_below_two(tmp_path: Path) -> None:
    write(tmp_path, {"snapshots/1/data/a-0.parquet": "", "snapshots/1/data/a-1.parquet": ""})
    assert [file.path.name for file in Folder("t", (tmp_path,)).glob("data/a-*.parquet")] == [
        "a-0.parquet",
        "a-1.parquet",
    ]
    write(tmp_path, {"snapshots/2/data/a-0.parquet": ""})
    assert Folder("t", (tmp_path,)).glob("data/a-*.parquet") == []


@pytest.mark.usefixtures("fast_clock")
def test_what_comes_goes_and_changes_is_taken_in(tmp_path: Path) -> None:
    root = write(tmp_path / "in", {"a/1.jpg": "1", "a/2.jpg": "2"})
    zipped(root / "b/z.zip", {"3.jpg": "3"})
    aged(root)
    assert [read(root, name) for name in ("a/1.jpg", "b/3.jpg", "c/d/4.jpg")] == [b"1", b"3", None]
    (root / "a/1.jpg").unlink()
    write(root, {"c/d/4.jpg": "4", "a/5.jpg": "5"})
    zipped(root / "b/z.zip", {"3.jpg": "three", "6.jpg": "6"})
    names = ("a/1.jpg", "a/2.jpg", "b/3.jpg", "c/d/4.jpg", "a/5.jpg", "b/6.jpg")
    assert [read(root, name) for name in names] == [None, b"2", b"three", b"4", b"5", b"6"]
    (root / "b/z.zip").unlink()
    assert read(root, "b/3.jpg") is None


@pytest.mark.usefixtures("fast_clock")
def test_what_did_not_change_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "in", {"a/1.jpg": "1"})
    zipped(root / "z.zip", {"3.jpg": "3"})
    aged(root)
    Index(root).refresh()

    def refuse(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(index_module, "members", refuse)
    again = Index(root)
    again.refresh()
    assert [len(again.named(name)) for name in ("1.jpg", "3.jpg")] == [1, 1]


def test_what_changed_a_moment_ago_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "in", {"a/1.jpg": "1"})
    Index(root).refresh()

    def seen(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(os, "scandir", seen)
    with pytest.raises(AssertionError, match="read again"):
        Index(root).refresh()


def test_links_are_followed_and_end(tmp_path: Path) -> None:
    root = write(tmp_path / "in", {"real/1.jpg": "1"})
    write(tmp_path / "elsewhere", {"2.jpg": "2"})
    (root / "real/up").symlink_to(root)
    (root / "linked").symlink_to(tmp_path / "elsewhere")
    (root / "dead").symlink_to(tmp_path / "nothing")
    assert [read(root, name) for name in ("real/1.jpg", "linked/2.jpg", "dead")] == [b"1", b"2", None]


def test_an_index_that_is_damaged_or_of_another_version_is_made_anew(tmp_path: Path) -> None:
    root = write(tmp_path / "in", {"1.jpg": "1"})
    path = Index(root).path
    index_module.index_of.cache_clear()
    path.write_bytes(b"no database at all" * 100)
    assert read(root, "1.jpg") == b"1"
    index_module.index_of.cache_clear()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    assert read(root, "1.jpg") == b"1"


@pytest.mark.usefixtures("fast_clock")
def test_a_page_that_was_damaged_is_no_matter(tmp_path: Path) -> None:
    names = [f"{number % 7}/{number}.jpg" for number in range(700)]
    root = write(tmp_path / "in", dict.fromkeys(names, "1"))
    aged(root)
    path = Index(root).path
    folder = Folder("t", (root,))
    assert all(folder.find(name) for name in names)
    whole = path.read_bytes()
    for page in range(1, len(whole) // 4096):
        index_module.index_of.cache_clear()
        path.write_bytes(whole[: page * 4096] + bytes(4096) + whole[(page + 1) * 4096 :])
        folder = Folder("t", (root,))
        assert all(folder.find(name) for name in names), page


def test_without_a_cache_that_can_be_written_it_lasts_as_long_as_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    index_module._kept_in.cache_clear()
    try:
        assert read(write(tmp_path / "in", {"1.jpg": "1"}), "1.jpg") == b"1"
    finally:
        index_module._kept_in.cache_clear()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_is_read_by_every_method_that_python_knows(tmp_path: Path, method: int) -> None:
    members = {f"top/{number}.txt": f"{number} " * 1000 for number in range(50)}
    zipped(tmp_path / "z.zip", members, method)
    folder = Folder("t", (tmp_path,))
    for name, data in members.items():
        file = folder.find(name)
        assert file is not None
        assert file.read() == data.encode()


def test_a_zip_with_bytes_before_it_a_comment_and_many_entries_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "z.zip", {f"{number}.txt": str(number) for number in range(70_000)}, zipfile.ZIP_STORED)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"PK\5\6 is no end"
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    assert [read(tmp_path, f"{number}.txt") for number in (0, 69_999)] == [b"0", b"69999"]


def test_names_of_a_zip_with_backslashes_or_unmarked_utf8_are_read(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a_1.jpg", "1")
        archive.writestr("caf\u00e9.jpg", "2")
    data = path.read_bytes().replace(b"a_1.jpg", b"a\\1.jpg")
    for place in [at for at in range(len(data) - 4) if data[at : at + 4] in (b"PK\3\4", b"PK\1\2")]:
        flags = place + (6 if data[place + 2] == 3 else 8)
        data = data[:flags] + b"\0\0" + data[flags + 2 :]
    path.write_bytes(data)
    assert [read(tmp_path, name) for name in ("a/1.jpg", "caf\u00e9.jpg")] == [b"1", b"2"]


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_the_members_of_a_compressed_tar_are_read_in_any_order(tmp_path: Path, kind: str) -> None:
    members = {f"{number}.bin": os.urandom(100_000) for number in range(20)}
    (tmp_path / f"x.tar.{kind}").write_bytes(tarred(members, f"w:{kind}"))
    folder = Folder("t", (tmp_path,))
    for name in reversed(members):
        file = folder.find(name)
        assert file is not None
        assert file.packed is not None
        assert file.packed.seek_points.is_file() is (kind == "gz")
        assert file.read() == members[name]


@pytest.mark.parametrize(
    "names", [("x-v2-00", "x-v2-01", "x-v2-02"), ("x.tgz.part-aa", "x.tgz.part-ab", "x.tgz.part-ac")]
)
def test_the_pieces_of_a_cut_archive_are_read_as_one(tmp_path: Path, names: tuple[str, ...]) -> None:
    members = {f"clips/{number}.webm": os.urandom(50_000) for number in range(10)}
    data = tarred(members, "w:gz")
    third = len(data) // 3
    pieces = (data[:third], data[third : 2 * third], data[2 * third :])
    write(tmp_path, dict(zip(names, pieces, strict=True)))
    assert all(read(tmp_path, name) == data for name, data in members.items())
    (tmp_path / names[2]).unlink()
    folder = Folder("t", (tmp_path,))
    (fault,) = folder.faults()
    assert f"a piece after {names[1]} is missing" in fault
    with pytest.raises(MissingSource, match="a piece after"):
        folder.need("nothing.json")


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.zip", b"PK\3\4 cut off", "cannot be read"),
        ("a.zip", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        ("a.tar", b"<!DOCTYPE html><html>Log in</html>", "is a web page"),
        ("a.tar.gz", gzip.compress(b"x" * 9999, mtime=0)[:30], "cannot be read"),
        ("a.zip", b"", "is empty"),
        ("a.rar", b"Rar!", "Unpack it"),
        ("a.tar.zst", b"x", "Unpack it"),
    ],
)
def test_an_archive_that_is_not_read_is_told_and_stops_nothing(
    tmp_path: Path, name: str, data: bytes, told: str
) -> None:
    write(tmp_path, {name: data, "good.json": "[]"})
    folder = Folder("t", (tmp_path,))
    assert folder.need("good.json").read() == b"[]"
    (fault,) = folder.faults()
    assert told in fault
    assert str(tmp_path / name) in fault
    with pytest.raises(MissingSource, match=told):
        folder.need("bad.json")


def test_an_archive_in_an_archive_is_told(tmp_path: Path) -> None:
    zipped(tmp_path / "outer.zip", {"inner.tar.gz": "x"})
    zipped(tmp_path / "mixed.zip", {"inner.tar.gz": "x", "1.jpg": "1"})
    (fault,) = Folder("t", (tmp_path,)).faults()
    assert "outer.zip: holds inner.tar.gz" in fault


def test_a_member_that_is_encrypted_is_told_when_it_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "z.zip", {"a.json": "[]", "b.json": "[]"})
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\1\2", 0, data.rindex(b"PK\1\2")) + 8] |= 1  # of the first entry in the directory
    path.write_bytes(data)
    folder = Folder("t", (tmp_path,))
    assert folder.need("b.json").read() == b"[]"
    with pytest.raises(SourceError, match="unpack the archive, with its password"):
        folder.need("a.json").read()


def test_an_annotation_file_that_is_something_else_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"a.parquet": "version https://git-lfs.github.com/spec/v1\n", "b.json": "<html>Sign in"})
    with pytest.raises(SourceError, match=r"a\.parquet is a Git LFS pointer"):
        Folder("t", (tmp_path,)).need("a.parquet")
    with pytest.raises(SourceError, match=r"b\.json is a web page"):
        Folder("t", (tmp_path,)).need("b.json")


def test_no_member_leaves_its_place(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(tarred({"../evil.txt": b"x", "/etc/evil.txt": b"x", "ok.txt": b"1"}, "w"))
    assert [read(tmp_path, name) for name in ("evil.txt", "etc/evil.txt", "ok.txt")] == [None, None, b"1"]


@pytest.mark.parametrize("inner", ["train/000/1.jpg", "000/1.jpg"])
def test_an_archive_of_another_split_is_not_looked_into(tmp_path: Path, inner: str) -> None:
    zipped(tmp_path / "train.zip", {inner: "of train"})
    assert read(tmp_path, "release/val/000/1.jpg", "val/000/1.jpg") is None
    assert read(tmp_path, "train/000/1.jpg") == b"of train"


@pytest.mark.parametrize("kind", ["", ".gz"])
def test_a_tar_that_was_replaced_is_read_anew_in_the_same_process(tmp_path: Path, kind: str) -> None:
    members = {f"{number}.jpg": f"picture {number}".encode() for number in range(9)}
    path = tmp_path / f"x.tar{kind}"
    for order in (list(members), list(members)[::-1]):
        (tmp_path / "new").write_bytes(tarred({name: members[name] for name in order}, f"w:{kind.removeprefix('.')}"))
        (tmp_path / "new").replace(path)
        assert {name: read(tmp_path, name) for name in members} == members


def test_a_parquet_file_that_was_replaced_is_read_anew_in_the_same_process(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for pictures in ([b"1", b"2"], [b"2", b"1"]):
        pq.write_table(pa.table({"image": [{"bytes": each, "path": None} for each in pictures]}), tmp_path / "new")
        (tmp_path / "new").replace(tmp_path / "a.parquet")
        cells = [fetch(Folder("t", (tmp_path,)), Picture((f"a.parquet#{row}/image",))) for row in range(2)]
        assert [getattr(each, "data", None) for each in cells] == pictures


@pytest.mark.usefixtures("fast_clock")
def test_a_link_that_leads_somewhere_by_now_is_taken_in(tmp_path: Path) -> None:
    root = write(tmp_path / "in", {"1.jpg": "1"})
    (root / "2.jpg").symlink_to(tmp_path / "annex/2")
    (root / "more").symlink_to(tmp_path / "disk")
    aged(root)
    assert [read(root, name) for name in ("1.jpg", "2.jpg", "more/3.jpg")] == [b"1", None, None]
    write(tmp_path, {"annex/2": "2", "disk/3.jpg": "3"})
    assert [read(root, name) for name in ("1.jpg", "2.jpg", "more/3.jpg")] == [b"1", b"2", b"3"]


@pytest.mark.usefixtures("fast_clock")
def test_times_that_a_copy_brings_along_hide_nothing(tmp_path: Path) -> None:
    root = write(tmp_path / "in", {"1.jpg": "1"})
    zipped(root / "z.zip", {"2.jpg": "two", "3.jpg": "3"}, zipfile.ZIP_STORED)
    aged(root)
    times = {path: path.stat().st_mtime for path in (root, root / "z.zip")}
    assert read(root, "2.jpg") == b"two"
    write(root, {"4.jpg": "4"})
    zipped(root / "z.zip", {"3.jpg": "3", "2.jpg": "2zz"}, zipfile.ZIP_STORED)
    for path, seconds in times.items():
        os.utime(path, (seconds, seconds))
    assert [read(root, name) for name in ("2.jpg", "3.jpg", "4.jpg")] == [b"2zz", b"3", b"4"]


def test_pieces_of_which_one_in_the_middle_is_missing_are_told(tmp_path: Path) -> None:
    data = tarred({"1.webm": os.urandom(9000)}, "w:gz")
    write(tmp_path, {"v-00": data[:3000], "v-02": data[6000:]})
    (fault,) = Folder("t", (tmp_path,)).faults()
    assert "pieces of the archive are missing; only v-00, v-02 are there" in fault


def test_an_annotation_file_that_cannot_be_read_gives_way_to_a_good_one(tmp_path: Path) -> None:
    write(tmp_path, {"a.json": "<html>Sign in", "deep/er/a.json": "[]"})
    assert Folder("t", (tmp_path,)).need("x/a.json", "a.json").read() == b"[]"


def test_of_several_elsewhere_those_that_cannot_be_read_do_not_count(tmp_path: Path) -> None:
    write(tmp_path, {"a/t/1.jpg": "", "b/t/1.jpg": "good"})
    path = zipped(tmp_path / "c.zip", {"t/1.jpg": "broken"}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"broken", b"BROKEN"))
    assert fetch(Folder("t", (tmp_path,)), Picture(("t/1.jpg",))) == ("t/1.jpg", b"good")


def test_two_archives_elsewhere_that_differ_are_refused(tmp_path: Path) -> None:
    for name in "xy":
        zipped(tmp_path / f"{name}/p.zip", {"train2014/1.jpg": name})
    assert read(tmp_path, "train2014/1.jpg") is None
    assert read(tmp_path, "x/train2014/1.jpg") == b"x"


def test_names_that_are_no_text_and_a_directory_that_lies_stop_nothing(tmp_path: Path) -> None:
    data = tarred({"caf\udce9/1.jpg": b"1", "caf\udce9.jpg": b"2", "ok.jpg": b"3"}, "w")
    write(tmp_path, {"x.tar": data})
    path = zipped(tmp_path / "z.zip", {"1.jpg": "1"})
    central = (whole := path.read_bytes()).rindex(b"PK\1\2")
    path.write_bytes(whole[: central + 42] + b"\xfe\xff\xff\xff" + whole[central + 46 :])
    folder = Folder("t", (tmp_path,))
    assert folder.need("ok.jpg").read() == b"3"
    (fault,) = folder.faults()
    assert "leads behind its end" in fault


def test_what_fails_while_it_is_indexed_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(tmp_path / "in", {"1.jpg": "1"})
    zipped(root / "z.zip", {"2.jpg": "2"})

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(index_module, "members", fail)
        with pytest.raises(KeyboardInterrupt):
            read(root, "2.jpg")
    assert read(root, "2.jpg") == b"2"


@pytest.mark.parametrize("name", ["TID2008", "data/tid2008"])
def test_an_archive_of_a_sister_dataset_is_not_looked_into(tmp_path: Path, name: str) -> None:
    zipped(tmp_path / f"{name}.zip", {"distorted_images/I01_01_1.bmp": "another"})
    assert read(tmp_path, "TID2013/distorted_images/I01_01_1.bmp") is None


@pytest.mark.parametrize("place", ["thumbnails", "VG_100K_small", "sub/spatial_masks"])
def test_what_was_made_of_a_picture_is_not_it(tmp_path: Path, place: str) -> None:
    write(tmp_path, {f"{place}/2345678.jpg": "small"})
    zipped(tmp_path / f"x/{place.rpartition('/')[2]}.zip", {"2345678.jpg": "small"})
    assert read(tmp_path, "VG_100K/2345678.jpg", "2345678.jpg") is None
    assert read(tmp_path, f"{place}/2345678.jpg") == b"small"


@pytest.mark.parametrize("mounted", [False, True])
def test_what_a_link_leads_to_may_go_and_come_back(tmp_path: Path, mounted: bool) -> None:
    """The folder that holds the link does not change meanwhile."""
    root, target = tmp_path / "root", tmp_path / "target"
    (root / "a").mkdir(parents=True)
    target.mkdir()
    (target / "1.jpg").write_bytes(b"1")
    (root / "a/photos").symlink_to(target)
    old = time.time() - 100
    for folder in (root, root / "a", target):
        os.utime(folder, (old, old))
    time.sleep(RECENT / 1e9 + 0.1)
    assert Folder("t", [root]).has("a/photos/1.jpg")
    target.rename(tmp_path / "away")
    if mounted:
        target.mkdir()
    assert not Folder("t", [root]).has("a/photos/1.jpg")
    assert not Folder("t", [root]).has("a/photos/1.jpg")
    if mounted:
        target.rmdir()
    (tmp_path / "away").rename(target)
    assert Folder("t", [root]).has("a/photos/1.jpg")


def test_a_folder_of_which_nothing_is_told_is_not_taken_for_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "WAITS", (0.0,))
    (tmp_path / "a/photos").mkdir(parents=True)
    (tmp_path / "a/photos/1.jpg").write_bytes(b"1")
    time.sleep(RECENT / 1e9 + 0.1)
    real = os.stat

    def fail(path: Any, *more: Any, **named: Any) -> Any:
        if str(path).endswith("photos"):
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))
        return real(path, *more, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", fail)
        for _ in range(3):
            with pytest.raises(MachineError, match="photos: cannot be read"):
                Folder("t", [tmp_path]).has("a/photos/1.jpg")
    assert Folder("t", [tmp_path]).has("a/photos/1.jpg")
