"""ST-VQA: the first answer as spelled on the sign, pictures wherever people unpack them."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.sample import Picture, Reason
from m3it_build.core.task import Split
from m3it_build.plan.registry import load_registry
from m3it_build.plan.rows import PlannedRow
from m3it_build.sources.folder import Folder
from m3it_build.testing import plan
from tests.lookup import fetch

COCO = "COCO_train2014_000000000007.jpg"


def record(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "question_id": number,
        "question": "WHAT COLOR IS THE CAP.",
        "answers": ["EXIT only", "exit"],
        "dataset": "imageNet",
        "file_name": "n0_7.JPEG",
        "file_path": "imageNet/n0_7.JPEG",
        "set_name": "train",
    } | changes


def write(folder: Path, *records: Any) -> Path:
    (folder / "train_task_3.json").write_text(json.dumps({"name": "st-vqa", "data": records}))
    return folder


def picture(row: PlannedRow) -> Picture:
    (found,) = row.sample.images
    assert isinstance(found, Picture)
    return found


def test_the_first_answer_keeps_its_spelling_and_the_question_too(tmp_path: Path) -> None:
    (row,), rejects = plan("st-vqa", write(tmp_path, record()))
    assert not rejects
    assert (row.sample.inputs, row.sample.answer) == ("WHAT COLOR IS THE CAP.", "EXIT only")
    assert row.sample.meta["answers"] == ["EXIT only", "exit"]


@pytest.mark.parametrize("root", ["train", "train_imgs", "", "ST-VQA"])
@pytest.mark.parametrize("folder", ["imageNet", "ImageNet", "IMAGENET"])
def test_pictures_are_found_where_people_unpack_them(tmp_path: Path, root: str, folder: str) -> None:
    place = tmp_path / root / folder / "n0_7.jpeg"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"jpeg")
    (row,), _ = plan("st-vqa", write(tmp_path, record()))
    assert getattr(fetch(Folder("st-vqa", (tmp_path,)), picture(row)), "data", None) == b"jpeg"


@pytest.mark.parametrize("place", ["train2014", "train/train2014"])
def test_coco_photos_stand_in_for_their_scaled_copies(tmp_path: Path, place: str) -> None:
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / COCO).write_bytes(b"jpeg")
    (row,), _ = plan("st-vqa", write(tmp_path, record(file_path=f"coco-text/{COCO}", file_name=COCO)))
    assert picture(row).paths[0] == f"train/coco-text/{COCO}"
    assert getattr(fetch(Folder("st-vqa", (tmp_path,)), picture(row)), "data", None) == b"jpeg"


def test_dataset_and_file_name_stand_in_for_the_path(tmp_path: Path) -> None:
    (row,), _ = plan("st-vqa", write(tmp_path, record(file_path=None)))
    assert picture(row).paths[0] == "train/imageNet/n0_7.JPEG"


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ("imageNet/n04146614_5272.JPEG", "imagenet:n04146614_5272"),
        ("coco-text/COCO_train2014_000000138859.jpg", "coco:138859"),
        ("VisualGenome/2350572.jpg", "vg:2350572"),
        ("icdar/img_689.jpg", ""),
        ("vizwiz/VizWiz_train_000000009923.jpg", ""),
    ],
)
def test_a_picture_tells_its_collections_id(tmp_path: Path, path: str, origin: str) -> None:
    folder, _, name = path.partition("/")
    (row,), _ = plan("st-vqa", write(tmp_path, record(file_path=path, file_name=name, dataset=folder)))
    assert picture(row).origin == origin


def test_a_list_without_header_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "train_task_3.json").write_text(json.dumps([record()]))
    assert len(plan("st-vqa", tmp_path)[0]) == 1


def test_splits_without_answers_are_not_built() -> None:
    assert set(load_registry()["st-vqa"].task.unlabelled) == {Split.VALIDATION, Split.TEST}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"question": ""}, Reason.NO_QUESTION),
        ({"answers": None}, Reason.NO_ANSWER),
        ({"answers": [""]}, Reason.NO_ANSWER),
        ({"answers": "540"}, Reason.BAD_RECORD),
        ({"answers": [540]}, Reason.BAD_RECORD),
        ({"file_path": None, "file_name": None}, Reason.NO_MEDIA),
        ({"file_path": 7}, Reason.BAD_RECORD),
        ({"question_id": None}, Reason.BAD_RECORD),
        ({"question_id": "1"}, Reason.DUPLICATE_ID),
    ],
)
def test_a_broken_record_costs_itself_alone(tmp_path: Path, changes: dict[str, Any], reason: Reason) -> None:
    rows, rejects = plan("st-vqa", write(tmp_path, record(), record(2) | changes))
    assert [row.sample.key for row in rows] == ["1"]
    assert [reject.reason for reject in rejects] == [reason]


@pytest.mark.parametrize("answer", ["MINX", ["MINX", "minx"]])
def test_the_mirror_names_rows_by_picture_and_question(tmp_path: Path, answer: Any) -> None:
    cell = {"bytes": b"jpeg", "path": None}
    rows = [{"path": "icdar/a.jpg", "question": f"Q{n}", "answer": answer, "image": cell} for n in range(3)]
    (tmp_path / "data").mkdir()
    keys = []
    for turn in (rows, rows[::-1]):
        pq.write_table(pa.Table.from_pylist(turn), tmp_path / "data/train-00000-of-00001.parquet")
        planned, rejects = plan("st-vqa", tmp_path)
        assert not rejects
        assert {row.sample.answer for row in planned} == {"MINX"}
        keys.append({row.sample.inputs: row.sample.key for row in planned})
    assert keys[0] == keys[1]
    assert len(keys[0]) == 3
