"""MSR-VTT: one caption a clip, from any edition of the files."""

import json
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.sample import Reason
from m3it_build.testing import plan


def content(*clips: tuple[str, str]) -> dict[str, Any]:
    videos = [{"video_id": name, "split": split, "category": 0, "start time": 0.0} for name, split in clips]
    sentences = [
        {"caption": caption, "video_id": name, "sen_id": 10 * place + number}
        for number, caption in enumerate(("a cat", "a dog", "a cat"))
        for place, (name, _) in enumerate(clips)
    ]
    return {"info": {}, "videos": videos, "sentences": sentences}


@pytest.mark.parametrize("name", ["train_val_videodatainfo.json", "videodatainfo_2017.json", "MSRVTT_data.json"])
def test_captions_are_deduplicated_and_splits_are_the_files_own(tmp_path: Path, name: str) -> None:
    clips = (("video0", "train"), ("video6513", "validate"), ("video6514", "val"), ("video7010", "test"))
    (tmp_path / name).write_text(json.dumps(content(*clips)))
    assert [row.sample.key for row in plan("msrvtt", tmp_path)[0]] == ["video0"]
    rows, rejects = plan("msrvtt", tmp_path, "validation")
    assert [row.sample.key for row in rows] == ["video6513", "video6514"]
    assert not rejects
    assert rows[0].sample.meta["variant"]["of"] == 2


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_the_list_of_test_clips_wins_whatever_its_delimiter(tmp_path: Path, delimiter: str) -> None:
    (tmp_path / "test_videodatainfo.json").write_text(json.dumps(content(("video7010", "test"), ("video7011", "test"))))
    lines = [
        ["key", "vid_key", "video_id", "sentence"],
        ["ret0", "msr9770", "video9770", "a person connects something"],
    ]
    (tmp_path / "MSRVTT_JSFUSION_test.csv").write_text("\n".join(delimiter.join(line) for line in lines))
    (row,), rejects = plan("msrvtt", tmp_path, "test")
    assert (row.sample.key, row.sample.outputs) == ("video9770", "a person connects something")
    assert not rejects
    (tmp_path / "MSRVTT_JSFUSION_test.csv").unlink()
    assert len(plan("msrvtt", tmp_path, "test")[0]) == 2


def test_each_fault_has_its_reason(tmp_path: Path) -> None:
    broken = content(("video0", "train"), ("video1", "train"))
    broken["videos"] += [{"split": "train"}, {"video_id": "video2", "split": "train"}]
    broken["sentences"] = [each for each in broken["sentences"] if each["video_id"] != "video1"]
    broken["sentences"] += [{"caption": "x", "video_id": "video99"}, {"caption": None, "video_id": "video2"}]
    (tmp_path / "train_val_videodatainfo.json").write_text(json.dumps(broken))
    rows, rejects = plan("msrvtt", tmp_path)
    assert [row.sample.key for row in rows] == ["video0"]
    assert sorted(reject.reason for reject in rejects) == [
        Reason.BAD_RECORD, Reason.BAD_RECORD, Reason.NO_ANNOTATION, Reason.NO_ANNOTATION,
    ]  # fmt: skip


def test_the_coco_style_edition_has_its_splits_in_the_numbers(tmp_path: Path) -> None:
    names = ("video0", "video6512", "video6513", "video7009", "video7010", "video99999")
    annotations = [{"image_id": name, "caption": f"about {name}", "id": place} for place, name in enumerate(names)]
    (tmp_path / "annotation").mkdir()
    (tmp_path / "annotation/MSR_VTT.json").write_text(json.dumps({"images": [], "annotations": annotations}))
    found = {split: plan("msrvtt", tmp_path, split) for split in ("train", "validation", "test")}
    assert {split: [row.sample.key for row in rows] for split, (rows, _) in found.items()} == {
        "train": ["video0", "video6512"],
        "validation": ["video6513", "video7009"],
        "test": ["video7010"],
    }
    assert [reject.key for reject in found["train"][1]] == ["video99999"]


def test_a_clip_of_an_unknown_split_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "train_val_videodatainfo.json").write_text(json.dumps(content(("video0", "train"), ("video1", "x"))))
    (row,), (reject,) = plan("msrvtt", tmp_path)
    assert (row.sample.key, reject.key, reject.reason) == ("video0", "video1", Reason.BAD_RECORD)


def test_a_test_clip_has_its_category_where_the_test_file_is_there(tmp_path: Path) -> None:
    (tmp_path / "msrvtt_data").mkdir()
    (tmp_path / "msrvtt_data/MSRVTT_data.json").write_text(json.dumps(content(("video7010", "test"))))
    table = "key,vid_key,video_id,sentence\nret0,msr7010,video7010,a cat\nret1,msr7011,video7011,a dog\n"
    (tmp_path / "msrvtt_data/MSRVTT_JSFUSION_test.csv").write_text(table)
    rows, _ = plan("msrvtt", tmp_path, "test")
    assert [row.sample.meta["category"] for row in rows] == ["music", None]
