"""COCO-Text: legibility of boxed text, V1 before V2."""

import json
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.sample import Picture, Reason
from m3it_build.testing import plan

PHOTO = "COCO_train2014_000000000007.jpg"


def box(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "image_id": 7,
        "bbox": [10.5, 20.0, 30.0, 12.5],
        "class": "machine printed",
        "legibility": "legible",
        "language": "english",
        "utf8_string": "EXIT",
    } | changes


def write(folder: Path, boxes: dict[str, Any], name: str = "COCO_Text.json", set_name: str = "train") -> Path:
    image = {"id": 7, "set": set_name, "width": 100, "height": 80, "file_name": PHOTO}
    content = {"cats": {}, "imgs": {"7": image}, "anns": boxes, "imgToAnns": {"7": [1]}, "info": {}}
    (folder / name).write_text(json.dumps(content))
    return folder


def test_the_box_is_drawn_and_the_label_lettered(tmp_path: Path) -> None:
    missing_string = box(2, legibility="illegible", language="na")
    del missing_string["utf8_string"]
    (legible, illegible), rejects = plan("coco-text", write(tmp_path, {"1": box(), "2": missing_string}))
    assert not rejects
    assert legible.sample.inputs == "Options:\n(A) True\n(B) False"
    assert legible.sample.outputs == "(A) True."
    assert illegible.sample.outputs == "(B) False."
    assert [(region.box, region.colour) for region in legible.sample.regions] == [((10.5, 20.0, 40.5, 32.5), "red")]
    assert illegible.sample.meta["utf8_string"] is None


def test_the_set_decides_the_split_and_all_photos_lie_in_train2014(tmp_path: Path) -> None:
    write(tmp_path, {"1": box()}, set_name="val")
    assert plan("coco-text", tmp_path) == ([], [])
    (row,), _ = plan("coco-text", tmp_path, "validation")
    assert isinstance(row.sample.images[0], Picture)
    assert row.sample.images[0].paths[0] == f"train2014/{PHOTO}"
    assert row.sample.images[0].size == (100, 80)


def test_early_editions_with_boxes_of_the_test_set_give_the_same_splits(tmp_path: Path) -> None:
    write(tmp_path, {"1": box()}, set_name="test")
    assert plan("coco-text", tmp_path) == plan("coco-text", tmp_path, "validation") == ([], [])


def test_versions_are_never_mixed(tmp_path: Path) -> None:
    write(tmp_path, {"1": box(), "2": box(2)}, "cocotext.v2.json")
    assert len(plan("coco-text", tmp_path)[0]) == 2
    write(tmp_path, {"1": box()})
    assert len(plan("coco-text", tmp_path)[0]) == 1


def test_a_box_that_sticks_out_is_cut(tmp_path: Path) -> None:
    (row,), _ = plan("coco-text", write(tmp_path, {"1": box(bbox=[-5, 70, 200, 30])}))
    assert row.sample.regions[0].box == (0.0, 70.0, 100.0, 80.0)


@pytest.mark.parametrize(("min_side", "left"), [("0", ["1", "2", "3", "4"]), ("8", ["2", "3", "4"]), ("12", ["3"])])
def test_boxes_below_a_chosen_side_are_filtered(tmp_path: Path, min_side: str, left: list[str]) -> None:
    sides = {
        "1": [0, 0, 50, 7.9],
        "2": [0, 0, 8, 50],
        "3": [0, 0, 12, 12],
        "4": [92, 0, 30, 30],
    }  # the last is cut to 8
    write(tmp_path, {key: box(int(key), bbox=bbox) for key, bbox in sides.items()})
    rows, rejects = plan("coco-text", tmp_path, min_side=min_side)
    assert [row.sample.key for row in rows] == left
    assert all(reject.reason is Reason.UNCLEAR_REGION and reject.reason.filtered for reject in rejects)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bbox": [10, 20, 0, 5]}, Reason.BAD_BOX),
        ({"bbox": [200, 20, 30, 5]}, Reason.BAD_BOX),
        ({"bbox": [10, 20, 30]}, Reason.BAD_BOX),
        ({"bbox": [10, 20, float("nan"), 5]}, Reason.BAD_BOX),
        ({"bbox": [10, 20, True, 5]}, Reason.BAD_BOX),
        ({"bbox": None}, Reason.BAD_RECORD),
        ({"legibility": "maybe"}, Reason.BAD_LABEL),
        ({"legibility": None}, Reason.BAD_LABEL),
        ({"image_id": 8}, Reason.BAD_RECORD),
        ({"id": 9}, Reason.BAD_RECORD),
    ],
)
def test_a_broken_box_costs_itself_alone(tmp_path: Path, changes: dict[str, Any], reason: Reason) -> None:
    rows, rejects = plan("coco-text", write(tmp_path, {"1": box(), "2": box(2, **changes)}))
    assert [row.sample.key for row in rows] == ["1"]
    assert [reject.reason for reject in rejects] == [reason]
