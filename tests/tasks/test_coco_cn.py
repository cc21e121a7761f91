"""COCO-CN: one caption written by hand a photo, from either version of the archive."""

from pathlib import Path

import pytest

from m3it_build.core.sample import Picture, Reason
from m3it_build.testing import plan

ONE, TWO, THREE = (f"COCO_{subset}2014_{number:012d}" for subset, number in (("train", 11), ("val", 12), ("train", 13)))


def write(
    folder: Path, captions: str, names: str = f"{ONE}\n{TWO}\n", file: str = "imageid.human-written-caption.txt"
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for split in ("train", "val", "test"):
        (folder / f"coco-cn_{split}.txt").write_text(names, encoding="utf-8")
    (folder / file).write_text(captions, encoding="utf-8")
    return folder


def test_one_of_the_captions_is_taken_and_the_folder_follows_the_id(tmp_path: Path) -> None:
    write(tmp_path / "coco-cn-version1805v1.1", f"{ONE}#0\t一只猫。\n{ONE}#1\t猫在睡觉\n{TWO}#0\t一条狗\n")
    rows, rejects = plan("coco-cn", tmp_path)
    assert not rejects
    assert rows[0].sample.outputs in ("一只猫。", "猫在睡觉")
    folders = [media.paths[0] for row in rows for media in row.sample.images if isinstance(media, Picture)]
    assert folders == [f"train2014/{ONE}.jpg", f"val2014/{TWO}.jpg"]


@pytest.mark.parametrize("top", ["coco-cn-version1805", "."])
def test_older_names_and_files_without_folder_are_read(tmp_path: Path, top: str) -> None:
    write(tmp_path / top, f"{ONE}#0\t一只猫\n{TWO}#0\t一条狗\n", file="imageid.caption.txt")
    assert len(plan("coco-cn", tmp_path, "validation")[0]) == 2


def test_a_list_without_its_last_newline_with_carriage_returns_and_blank_lines(tmp_path: Path) -> None:
    write(tmp_path, f"\ufeff{ONE}#0\t一只猫\r\n{TWO}#0\t一条狗", names=f"{ONE}\r\n\r\n{TWO}")
    rows, rejects = plan("coco-cn", tmp_path)
    assert [row.sample.outputs for row in rows] == ["一只猫", "一条狗"]
    assert not rejects


def test_each_fault_has_its_reason(tmp_path: Path) -> None:
    captions = f"{ONE}#0\t一只猫\n{ONE}#0\t又一只猫\n{TWO}#zhm#0 翻译\n{THREE}#0\t  \n"
    write(tmp_path, captions, names=f"{ONE}\n{ONE}\n{TWO}\n{THREE}\nnonsense\n")
    rows, rejects = plan("coco-cn", tmp_path)
    assert [row.sample.key for row in rows] == [ONE]
    assert sorted((reject.key, reject.reason) for reject in rejects) == sorted(
        [
            (ONE, Reason.DUPLICATE_ID),
            (TWO, Reason.NO_ANNOTATION),
            (THREE, Reason.NO_ANNOTATION),
            ("nonsense", Reason.BAD_RECORD),
            ("imageid.human-written-caption.txt#2", Reason.DUPLICATE_ID),
            ("imageid.human-written-caption.txt#3", Reason.BAD_RECORD),
        ]
    )
