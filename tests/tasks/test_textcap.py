"""TextCaps: one row a caption, never the repeated references."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.sample import Picture, Reason
from m3it_build.core.task import Split
from m3it_build.plan.registry import load_registry
from m3it_build.testing import plan
from tests.corpus import jpeg, m3it, rows

IMAGE = "00e1000000000007"


def record(number: int = 100000000, **changes: Any) -> dict[str, Any]:
    references = ["A sign that says STOP.", "A stop sign."]
    return {
        "image_id": IMAGE,
        "image_name": IMAGE,
        "image_path": f"train/{IMAGE}.jpg",
        "image_classes": ["Sign"],
        "caption_id": number,
        "caption_str": references[0],
        "reference_strs": references,
    } | changes


def write(folder: Path, split: str, *records: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"TextCaps_0.1_{split}.json").write_text(json.dumps({"dataset_name": "textcaps", "data": records}))
    return folder


def test_references_are_not_multiplied(tmp_path: Path) -> None:
    planned, _ = plan("textcap", write(tmp_path, "train", record(1), record(2, caption_str="A stop sign.")))
    assert [row.sample.outputs for row in planned] == ["A sign that says STOP.", "A stop sign."]
    assert all(row.sample.inputs == "" for row in planned)


@pytest.mark.parametrize(("name", "split"), [("train", "train"), ("val", "validation")])
def test_validation_photos_lie_in_train_images(tmp_path: Path, name: str, split: str) -> None:
    (row,), _ = plan("textcap", write(tmp_path, name, record()), split)
    assert isinstance(row.sample.images[0], Picture)
    assert row.sample.images[0].paths[0] == f"train_images/{IMAGE}.jpg"


def test_sampling_keeps_all_captions_of_a_photo(tmp_path: Path) -> None:
    records = [record(photo * 5 + number, image_id=f"{photo:016x}") for photo in range(8) for number in range(5)]
    write(tmp_path / "textcap", "train", *records)
    (tmp_path / "textcap/train_images").mkdir()
    for photo in range(8):
        (tmp_path / f"textcap/train_images/{photo:016x}.jpg").write_bytes(jpeg(photo))
    out = tmp_path / "out"
    m3it("build", "--task", "textcap", "--source", tmp_path, "--out", out, "--format", "jsonl", "--limit", "15")
    photos = Counter(row["meta"]["image_id"] for row in rows(out, "textcap").values())
    assert list(photos.values()) == [5, 5, 5]


def test_test_has_no_captions_and_is_not_built() -> None:
    assert Split.TEST in load_registry()["textcap"].task.unlabelled


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"caption_str": " "}, Reason.EMPTY_TEXT),
        ({"caption_str": None}, Reason.BAD_RECORD),
        ({"caption_id": None}, Reason.BAD_RECORD),
        ({"image_id": ""}, Reason.NO_MEDIA),
        ({"image_id": 1000000000007}, Reason.BAD_RECORD),
        ({"caption_id": 1}, Reason.DUPLICATE_ID),
    ],
)
def test_a_broken_record_costs_itself_alone(tmp_path: Path, changes: dict[str, Any], reason: Reason) -> None:
    planned, rejects = plan("textcap", write(tmp_path, "train", record(1), record(2, **changes)))
    assert [row.sample.key for row in planned] == ["1"]
    assert [reject.reason for reject in rejects] == [reason]


def test_the_mirror_has_lists_of_captions(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    mirrored = record(caption_id=[1, 2], caption_str=["one", "two"], image={"bytes": b"jpeg", "path": None})
    pq.write_table(pa.Table.from_pylist([mirrored]), tmp_path / "data" / "val-00000-of-00001.parquet")
    planned, rejects = plan("textcap", tmp_path, "validation")
    assert not rejects
    assert [row.sample.outputs for row in planned] == ["one", "two"]
    assert isinstance(planned[1].sample.images[0], Picture)
    assert planned[1].sample.images[0].paths == ("data/val-00000-of-00001.parquet#0/image",)
