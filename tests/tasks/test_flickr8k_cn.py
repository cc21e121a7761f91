"""Flickr8k-CN: one of five Chinese captions a photo."""

from pathlib import Path

from m3it_build.core.sample import Picture, Reason
from m3it_build.testing import plan


def write(folder: Path, captions: str, names: str = "1_a\n2_b\n") -> None:
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for split in ("train", "val", "test"):
        (data / f"flickr8k{split}.txt").write_text(names, encoding="utf-8")
    (data / "flickr8kzhc.caption.txt").write_text(captions, encoding="utf-8")


def test_suffixes_double_blanks_and_short_captions(tmp_path: Path) -> None:
    write(tmp_path, "1_a.jpg#zhc#0  黑狗。\n2_b.jpg#zhc#0 钓鱼。\n3_c.jpg#zhc#0 不在任何一组。\n", "1_a\n2_b.jpg\n")
    rows, rejects = plan("flickr8k-cn", tmp_path)
    assert [(row.sample.key, row.sample.outputs) for row in rows] == [("1_a", "黑狗。"), ("2_b", "钓鱼。")]
    assert not rejects, "a captioned photo of no split is no record of any"


def test_a_renamed_photo_folder_is_tried(tmp_path: Path) -> None:
    write(tmp_path, "1_a.jpg#zhc#0 黑狗。\n", "1_a\n")
    (media,) = plan("flickr8k-cn", tmp_path)[0][0].sample.images
    assert isinstance(media, Picture)
    assert {"Flicker8k_Dataset/1_a.jpg", "Flickr8k_Dataset/1_a.jpg", "Images/1_a.jpg"} <= set(media.paths)


def test_captions_of_other_kinds_and_photos_without_caption_are_rejected(tmp_path: Path) -> None:
    write(tmp_path, "1_a.jpg#zhc#0 黑狗。\n1_a.jpg#enc#1 a black dog\n")
    rows, rejects = plan("flickr8k-cn", tmp_path)
    assert [row.sample.key for row in rows] == ["1_a"]
    assert {reject.reason for reject in rejects} == {Reason.BAD_RECORD, Reason.NO_ANNOTATION}
    assert not plan("flickr8k-cn", tmp_path, "test")[1][1:], "a broken line is told once, not in every split"


def test_photos_of_an_unpacked_collection_are_found(tmp_path: Path) -> None:
    (tmp_path / "flickr8ktrain.txt").write_text("1_a\n")
    (tmp_path / "flickr8kzhc.caption.txt").write_text("1_a.jpg#zhc#0 黑狗。\n", encoding="utf-8")
    (row,), _ = plan("flickr8k-cn", tmp_path)
    assert row.sample.images[0].paths[-1] == "1_a.jpg"
