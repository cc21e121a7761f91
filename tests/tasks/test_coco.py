"""COCO captions: Karpathy's splits, captions as typed."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.sample import Picture, Reason
from m3it_build.testing import plan


def entry(cocoid: Any, split: Any, *captions: Any) -> dict[str, Any]:
    folder = "train2014" if split == "train" else "val2014"
    return {
        "cocoid": cocoid,
        "imgid": 0,
        "split": split,
        "filepath": folder,
        "filename": f"COCO_{folder}_{cocoid:012d}.jpg" if isinstance(cocoid, int) else "COCO_val2014_000000000001.jpg",
        "sentences": [
            {"sentid": int(cocoid) * 10 + place, "raw": caption, "tokens": [], "imgid": 0}
            for place, caption in enumerate(captions)
        ],
    }


def write(folder: Path, *entries: Any) -> Path:
    (folder / "dataset_coco.json").write_text(json.dumps({"images": entries, "dataset": "coco"}))
    return folder


@pytest.mark.parametrize(("split", "built"), [("train", "train"), ("restval", "train"), ("test", "test")])
def test_a_photo_of_the_other_subset_is_of_another_split(tmp_path: Path, split: str, built: str) -> None:
    other = "val2014" if split == "train" else "train2014"
    write(tmp_path, entry(1, split, "one"), entry(2, split, "two") | {"filepath": other})
    (row,), (reject,) = plan("coco", tmp_path, built)
    assert (row.sample.outputs, reject.key, reject.reason) == ("one", "2", Reason.OTHER_SPLIT)


def test_restval_is_training_and_folders_do_not_follow_splits(tmp_path: Path) -> None:
    write(
        tmp_path,
        entry(1, "train", "one"),
        entry(2, "restval", "two"),
        entry(3, "val", "three"),
        entry(4, "test", "four"),
    )
    rows, _ = plan("coco", tmp_path)
    assert [row.sample.outputs for row in rows] == ["one", "two"]
    assert [row.sample.meta["source_split"] for row in rows] == ["train", "restval"]
    assert isinstance(rows[1].sample.images[0], Picture)
    assert rows[1].sample.images[0].paths[0] == "val2014/COCO_val2014_000000000002.jpg"
    assert [row.sample.outputs for row in plan("coco", tmp_path, "validation")[0]] == ["three"]
    assert [row.sample.outputs for row in plan("coco", tmp_path, "test")[0]] == ["four"]


def test_every_caption_is_a_row_as_typed_but_for_its_ends(tmp_path: Path) -> None:
    write(tmp_path, entry(7, "train", " Ma motorcycle\nparked \n", "b", "c", "d", "e", "f", "g"))
    rows, rejects = plan("coco", tmp_path)
    assert not rejects
    assert [row.sample.outputs for row in rows] == ["Ma motorcycle\nparked", "b", "c", "d", "e", "f", "g"]
    assert all(row.sample.inputs == "" for row in rows)


def test_photos_of_the_2017_download_are_found(tmp_path: Path) -> None:
    (row,), _ = plan("coco", write(tmp_path, entry(318556, "train", "a")))
    assert isinstance(row.sample.images[0], Picture)
    assert "train2017/000000318556.jpg" in row.sample.images[0].paths


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (entry(9, "dev", "a"), Reason.BAD_RECORD),
        (entry(9, "train"), Reason.EMPTY_TEXT),
        (entry(9, "train", "  "), Reason.EMPTY_TEXT),
        (entry(9, "train", None), Reason.BAD_RECORD),
        (entry(9, "train", 5), Reason.BAD_RECORD),
        ({**entry(9, "train", "a"), "cocoid": None}, Reason.BAD_RECORD),
        ({**entry(9, "train", "a"), "cocoid": 1.5}, Reason.BAD_RECORD),
        ({**entry(9, "train", "a"), "filepath": None}, Reason.BAD_RECORD),
        ({**entry(9, "train", "a"), "sentences": "a"}, Reason.EMPTY_TEXT),
        ({**entry(9, "train"), "sentences": [{"raw": "a"}]}, Reason.BAD_RECORD),
        ("no object", Reason.BAD_RECORD),
    ],
)
def test_a_broken_entry_costs_itself_alone(tmp_path: Path, broken: Any, reason: Reason) -> None:
    rows, rejects = plan("coco", write(tmp_path, broken, entry(8, "train", "fine")))
    assert [row.sample.outputs for row in rows] == ["fine"]
    assert [reject.reason for reject in rejects] == [reason]


def test_mirrors_with_a_row_a_picture_or_a_row_a_caption(tmp_path: Path) -> None:
    common = {"filepath": "train2014", "filename": "COCO_train2014_000000000005.jpg", "cocoid": 5, "imgid": 0}
    per_picture = [{**common, "split": "train", "sentids": [51, 52], "sentences": ["a cat ", "a dog"], "url": "u"}]
    per_caption = [
        {
            **common,
            "split": "train",
            "sentids": [51, 52],
            "sentences": {"raw": raw, "sentid": sentid, "imgid": 0, "tokens": ["a"]},
            "image": {"bytes": b"jpeg", "path": None},
        }
        for sentid, raw in ((51, "a cat "), (52, "a dog"))
    ]
    for name, records, path in (
        ("pictures", per_picture, "train2014/COCO_train2014_000000000005.jpg"),
        ("captions", per_caption, "data/train-00000-of-00001.parquet#0/image"),
    ):
        folder = tmp_path / name
        (folder / "data").mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(records), folder / "data" / "train-00000-of-00001.parquet")
        rows, rejects = plan("coco", folder)
        assert not rejects
        assert [(row.sample.key, row.sample.outputs) for row in rows] == [("51", "a cat"), ("52", "a dog")]
        assert isinstance(rows[0].sample.images[0], Picture)
        assert rows[0].sample.images[0].paths[0] == path
