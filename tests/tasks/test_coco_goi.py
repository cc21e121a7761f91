"""COCO-GOI: a red box, and the classes in the picture as options."""

import json
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Reason, Region
from m3it_build.testing import plan
from tests.corpus import jpeg, m3it, reject_lines, rows

FILE = "annotations/instances_train2014.json"


def box(number: Any, category: Any, bbox: Any, **changes: Any) -> dict[str, Any]:
    place = {"id": number, "image_id": 42, "category_id": category, "bbox": bbox, "iscrowd": 0}
    return place | {"segmentation": [[0, 0, 9, 9]], "area": 1} | changes


def write(folder: Path, *boxes: Any) -> Path:
    facts = {
        "images": [{"id": 42, "file_name": "COCO_train2014_000000000042.jpg", "width": 640, "height": 480}],
        "annotations": list(boxes),
        "categories": [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}, {"id": 90, "name": "toothbrush"}],
    }
    (folder / FILE).parent.mkdir(exist_ok=True)
    (folder / FILE).write_text(json.dumps(facts))
    return folder


PERSON, DOG = box(1, 1, [10, 20, 100, 200]), box(2, 18, [300, 100, 50.5, 60])


def test_the_box_is_drawn_and_the_classes_of_the_picture_are_the_options(tmp_path: Path) -> None:
    again = box(3, 1, [400, 20, 100, 200])
    rows, rejects = plan("coco-goi", write(tmp_path, PERSON, DOG, again))
    assert not rejects
    dog = rows[1].sample
    assert dog.regions == (Region((300, 100, 350.5, 160), "dog"),)
    assert sorted(dog.meta["options"]) == ["dog", "person"]
    assert dog.outputs in ("(A) dog.", "(B) dog.")
    assert dog.images[0].paths[0] == "train2014/COCO_train2014_000000000042.jpg"


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (box(9, 90, [200, 200, 31, 32]), Reason.UNCLEAR_REGION),
        (box(9, 90, [200, 200, 400, 15]), Reason.UNCLEAR_REGION),
        (box(9, 90, [200, 200, 0, 50]), Reason.UNCLEAR_REGION),
        (box(9, 90, [200, 200, float("nan"), 50]), Reason.BAD_BOX),
        (box(9, 90, [200, 200, 50]), Reason.BAD_RECORD),
        (box(9, 90, None), Reason.BAD_RECORD),
        (box(9, 90, [200, 200, 50, 50], iscrowd=1), Reason.UNCLEAR_REGION),
        (box(9, 77, [200, 200, 50, 50]), Reason.BAD_LABEL),
        (box(9, 90, [200, 200, 50, 50], image_id=43), Reason.BAD_RECORD),
        (box(9, True, [200, 200, 50, 50]), Reason.BAD_LABEL),
        (box(9, [18], [200, 200, 50, 50]), Reason.BAD_LABEL),
        (box(9, 90, [200, 200, 50, 50], image_id=[42]), Reason.BAD_RECORD),
        (box(9, 90, [200, 200, 50, 50], iscrowd=None), Reason.BAD_RECORD),
        (box(None, 90, [200, 200, 50, 50]), Reason.BAD_RECORD),
    ],
)
def test_boxes_that_show_nothing_are_rejected_alone(tmp_path: Path, odd: dict[str, Any], reason: Reason) -> None:
    rows, rejects = plan("coco-goi", write(tmp_path, PERSON, DOG, odd))
    assert [row.sample.key for row in rows] == ["1", "2"]
    assert [reject.reason for reject in rejects] == [reason]


def test_two_classes_in_one_frame_leave_the_question_open(tmp_path: Path) -> None:
    rows, rejects = plan("coco-goi", write(tmp_path, PERSON, DOG, box(3, 90, [302, 102, 48, 57])))
    assert [row.sample.key for row in rows] == ["1"]
    assert {reject.key: reject.reason for reject in rejects} == dict.fromkeys("23", Reason.UNCLEAR_REGION)


def test_one_class_is_nothing_to_choose_from(tmp_path: Path) -> None:
    _, rejects = plan("coco-goi", write(tmp_path, DOG))
    assert [reject.reason for reject in rejects] == [Reason.FEW_OPTIONS]


def test_an_annotation_stands_once(tmp_path: Path) -> None:
    rows, rejects = plan("coco-goi", write(tmp_path, PERSON, DOG, DOG))
    assert len(rows) == 2
    assert [reject.reason for reject in rejects] == [Reason.DUPLICATE_ID]


def test_a_file_cut_off_is_named(tmp_path: Path) -> None:
    write(tmp_path, PERSON, DOG)
    (tmp_path / FILE).write_text((tmp_path / FILE).read_text()[:300])
    with pytest.raises(SourceError, match=r"instances_train2014\.json: broken JSON at line 1"):
        plan("coco-goi", tmp_path)


def test_a_photo_scaled_after_it_was_annotated_is_rejected_for_its_size(tmp_path: Path) -> None:
    photo = write(tmp_path, PERSON, DOG) / "train2014/COCO_train2014_000000000042.jpg"
    photo.parent.mkdir()
    for size, lost in (((640, 480), []), ((256, 256), ["256x256"] * 2), ((480, 640), ["480x640"] * 2)):
        photo.write_bytes(jpeg(1, size))
        out = tmp_path / f"out{size[0]}"
        build = ("build", "--task", "coco-goi", "--split", "train", "--source", tmp_path, "--out", out)
        m3it(*build, "--format", "jsonl", check=None)
        assert len(rows(out, "coco-goi")) == 2 - len(lost)
        details = [f"train2014/{photo.name}: picture is {found}, annotated at 640x480" for found in lost]
        told = reject_lines(out, "coco-goi").values()
        assert [each["detail"] for each in told] == details
        assert {each["reason"] for each in told} <= {Reason.OTHER_SIZE}
