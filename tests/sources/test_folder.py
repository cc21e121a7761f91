"""Where a file is found, and where none is looked for."""

import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m3it_build.core.errors import MissingSource, SourceError
from m3it_build.core.sample import Fault, Picture, Reason
from m3it_build.sources.archives import is_safe
from m3it_build.sources.folder import Folder
from tests.lookup import fetch


def read(root: Path, name: str) -> bytes | None:
    file = Folder("t", (root,)).find(name)
    return file.read() if file else None


def test_members_are_found_by_name_without_top_folder_and_below_the_stem(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
        archive.writestr("ex_1.png", b"flat")
        archive.writestr("CLEVR/scenes/a.json", b"nested")
        archive.writestr("../evil.txt", b"outside")
    assert read(tmp_path, "images/ex_1.png") == b"flat"
    assert read(tmp_path, "CLEVR/scenes/a.json") == b"nested"
    assert read(tmp_path, "scenes/a.json") == b"nested"
    assert read(tmp_path, "evil.txt") is None


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
def test_tar_archives_are_read(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x/a.txt").write_bytes(b"in tar")
    with tarfile.open(tmp_path / f"pack{suffix}", "w:gz" if suffix.endswith("gz") else "w") as archive:
        archive.add(tmp_path / "x", "x")
    shutil.rmtree(tmp_path / "x")
    assert read(tmp_path, "x/a.txt") == b"in tar"


def test_gzipped_files_are_unpacked_on_the_way(tmp_path: Path) -> None:
    import gzip

    (tmp_path / "a.json.gz").write_bytes(gzip.compress(b"{}"))
    assert read(tmp_path, "a.json") == b"{}"


def test_names_match_in_another_case_or_unicode_form(tmp_path: Path) -> None:
    (tmp_path / "Cafe\u0301.JPG").write_bytes(b"x")
    assert read(tmp_path, "Caf\u00e9.jpg") == b"x"


def test_the_folder_wins_over_the_archive_and_the_first_root_over_the_second(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for root in (one, two):
        root.mkdir()
        (root / "a.txt").write_text(root.name)
    with zipfile.ZipFile(one / "z.zip", "w") as archive:
        archive.writestr("a.txt", "zip")
    file = Folder("t", (one, two)).find("a.txt")
    assert file is not None
    assert file.read() == b"one"


def test_mac_litter_is_no_match(tmp_path: Path) -> None:
    for name in ("._a.json", "a.json", ".DS_Store"):
        (tmp_path / name).write_text("x")
    assert [file.name for file in Folder("t", (tmp_path,)).glob("*.json")] == ["a.json"]


@pytest.mark.parametrize("path", ["../a.jpg", "/etc/passwd", "a/../../b", "C:/x", "a\0b", "..\\a", ""])
def test_a_path_that_leaves_the_source_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a.jpg").write_bytes(b"x")
    found = fetch(Folder("t", (tmp_path / "in",)), Picture((path,)))
    assert isinstance(found, Fault)
    assert found.reason is Reason.UNSAFE_PATH


@given(st.text(max_size=12))
def test_a_safe_path_stays_below_any_root(name: str) -> None:
    if is_safe(name):
        root = Path("/root/of/source")
        assert root in Path("/", *((root / name).parts)).parents or (root / name) == root


def test_pictures_in_parquet_cells(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    cells = [{"bytes": bytes([number]) * 3, "path": f"{number}.png"} for number in range(10)]
    pq.write_table(pa.table({"image": cells}), tmp_path / "test-0.parquet", row_group_size=3)
    found = fetch(Folder("t", (tmp_path,)), Picture(("test-0.parquet#7/image",)))
    assert found == ("7.png", b"\x07\x07\x07")


def test_folders_and_suffixes_match_in_another_case_and_ids_do_not(tmp_path: Path) -> None:
    (tmp_path / "Train/Coco-Text").mkdir(parents=True)
    (tmp_path / "Train/Coco-Text/AbC.JPEG").write_bytes(b"x")
    assert read(tmp_path, "train/coco-text/AbC.jpeg") == b"x"
    assert read(tmp_path, "train/coco-text/abc.jpeg") is None


def test_media_are_names_even_with_wildcards(tmp_path: Path) -> None:
    for name in ("who-x.jpg", "[1] what?.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    folder = Folder("t", (tmp_path,))
    assert isinstance(fetch(folder, Picture(("who-?.jpg",))), Fault)
    assert fetch(folder, Picture(("[1] what?.jpg",))) == ("[1] what?.jpg", b"[1] what?.jpg")


def test_archives_are_found_in_inner_folders_and_among_classes(tmp_path: Path) -> None:
    classes = [f"classes/n{number}" for number in range(101)]
    for place in ("data/images", *classes):
        (tmp_path / place).mkdir(parents=True)
        with zipfile.ZipFile(tmp_path / place / "train.zip", "w") as archive:
            archive.writestr("train/1/image.png", place)
    assert read(tmp_path, "data/images/train/1/image.png") == b"data/images"
    assert read(tmp_path, "classes/n77/train/1/image.png") == b"classes/n77"


def test_a_damaged_member_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", b'{"key": "value"}')
    path.write_bytes(path.read_bytes().replace(b"value", b"VALUE"))
    with pytest.raises(SourceError, match=r"a\.zip"):
        read(tmp_path, "a.json")


def test_a_cell_of_a_column_that_is_not_there_is_missing(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"id": [1]}), tmp_path / "a.parquet")
    found = fetch(Folder("t", (tmp_path,)), Picture(("a.parquet#0/image",)))
    assert isinstance(found, Fault)
    assert found.reason is Reason.MISSING_MEDIA


def test_a_glob_that_is_needed_gives_all_its_files_and_they_count_as_opened(tmp_path: Path) -> None:
    for name in ("data/a-1.json", "data/a-0.json", "whole.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    folder = Folder("t", (tmp_path,))
    assert [file.name for file in folder.need_all("none.json", "data/a-*.json")] == ["data/a-0.json", "data/a-1.json"]
    assert sorted(folder.opened) == ["data/a-0.json", "data/a-1.json"]
    assert [file.name for file in folder.need_all("whole.json", "data/a-*.json")] == ["whole.json"]
    with pytest.raises(MissingSource, match=r"b-\*\.json"):
        folder.need_all("b-*.json")


@pytest.mark.parametrize("packed", [False, True])
def test_the_files_of_a_folder_are_listed_on_disk_and_in_archives(tmp_path: Path, packed: bool) -> None:
    names = ["frames/7/2.jpg", "frames/7/1.jpg", "frames/7/._1.jpg", "frames/7/inner/3.jpg", "frames/8/1.jpg"]
    if packed:
        (tmp_path / "videos").mkdir()
        with zipfile.ZipFile(tmp_path / "videos/frames.zip", "w") as archive:
            for name in names:
                archive.writestr(name, b"x")
    for name in [] if packed else names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    folder = Folder("t", (tmp_path,))
    assert folder.inside("frames/7") == ["frames/7/1.jpg", "frames/7/2.jpg"]
    assert all(folder.find(name) for name in folder.inside("frames/7"))
    assert folder.inside("frames/9") == folder.inside("../frames") == []
