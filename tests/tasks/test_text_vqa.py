"""TextVQA: the answer of most people, if most people gave one."""

import itertools
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Picture, Reason
from m3it_build.core.task import Split
from m3it_build.plan.layouts import need_layout
from m3it_build.plan.registry import load_registry
from m3it_build.plan.rows import read_plan
from m3it_build.plan.writer import PlanWriter
from m3it_build.sources.folder import Folder
from m3it_build.testing import plan

IMAGE = "00e1000000000007"
NOT_READ = "answering does not require reading text in the image"


def record(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "question_id": number,
        "question": "what is the brand?",
        "image_id": IMAGE,
        "image_classes": [],
        "answers": ["nokia"] * 9 + ["toshiba"],
    } | changes


def write(folder: Path, *records: Any, split: str = "train") -> Path:
    content = {"dataset_version": "0.5.1", "data": records}
    (folder / f"TextVQA_0.5.1_{split}.json").write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize(
    ("answers", "answer"),
    [
        (["b", "a", "a", "b"], "b"),
        (["Nokia", "nokia", "NOKIA", "toshiba", "toshiba", "nokia"], "nokia"),
        (["red", "coca-cola", "red", "Coca Cola", "the coca cola"], "coca-cola"),
        (["pm", "7.30", "7.30", "7.30.", "730", "730"], "7.30"),
        (["stop", "2", "two", "Two", "stop"], "2"),
        (["", "", "", "7"], "7"),
        (["unanswerable", "unanswerable", "7", "7"], "7"),
        (["unanswerable", NOT_READ, "7"], Reason.NO_AGREEMENT),
        (["unanswerable."] * 6 + ["stop"] * 4, Reason.NO_AGREEMENT),
        ([NOT_READ.upper() + ".", "Unanswerable!", "7"], Reason.NO_AGREEMENT),
        (["."] * 6 + ["stop"] * 4, "stop"),
        (["-"] * 6 + ["unanswerable"] * 2 + ["stop"], Reason.NO_AGREEMENT),
        ([".", "-"], Reason.NO_ANSWER),
        (["", " "], Reason.NO_ANSWER),
        ([], Reason.NO_ANSWER),
    ],
)
def test_the_answer_of_most_as_the_metric_counts_them_first_come_on_ties(
    tmp_path: Path, answers: list[str], answer: str
) -> None:
    of_ten = answers + [""] * (10 - len(answers))
    rows, rejects = plan("text-vqa", write(tmp_path, record(answers=of_ten)))
    assert [row.sample.answer for row in rows] + [reject.reason for reject in rejects] == [answer]


def test_a_sample_takes_what_people_agree_on_first_and_then_goes_by_hash(tmp_path: Path) -> None:
    said = {number: ["nokia"] * (number % 10 + 1) + ["lg"] * (9 - number % 10) for number in range(60)}
    records = [record(number, answers=answers) for number, answers in said.items()]
    every = {row.sample.key: row.sample.meta["agreement"] for row in plan("text-vqa", write(tmp_path, *records))[0]}
    assert every["9"] == 10
    picked = [taken(tmp_path, count) for count in (3, 6, 9, 14)]
    assert all(fewer < more for fewer, more in itertools.pairwise(picked))
    assert [sorted(every[key] for key in keys) for keys in picked] == [
        sorted(every.values())[-count:] for count in (3, 6, 9, 14)
    ]
    assert len({frozenset(taken(tmp_path, 3, seed)) for seed in range(5)}) > 1


def taken(folder: Path, count: int, seed: int = 0) -> set[str]:
    """The keys that a sample of so many rows has."""
    task = load_registry()["text-vqa"].task
    source = Folder(task.name, (folder,), {})
    path = folder / f"{count}-{seed}.sqlite"
    PlanWriter(path, task, Draw(seed, task.name), count).write(need_layout(task, Split.TRAIN, source), source, 1000)
    return {row.sample.key for row in read_plan(path)}


@pytest.mark.parametrize(("name", "split"), [("train", "train"), ("val", "validation")])
def test_validation_photos_lie_in_train_images(tmp_path: Path, name: str, split: str) -> None:
    (row,), _ = plan("text-vqa", write(tmp_path, record(), split=name), split)
    assert isinstance(row.sample.images[0], Picture)
    assert row.sample.images[0].paths[0] == f"train_images/{IMAGE}.jpg"


def test_recognised_words_go_to_the_paraphraser(tmp_path: Path) -> None:
    write(tmp_path, record(), record(2, image_id="0000000000000001"))
    tokens = {"data": [{"image_id": IMAGE, "ocr_tokens": ["NOKIA", "3310", None]}, {"image_id": 5}]}
    (tmp_path / "TextVQA_Rosetta_OCR_v0.2_train.json").write_text(json.dumps(tokens))
    rows, _ = plan("text-vqa", tmp_path)
    assert [dict(row.sample.context) for row in rows] == [{"ocr": "NOKIA 3310"}, {}]


def test_test_is_not_built() -> None:
    assert Split.TEST in load_registry()["text-vqa"].task.unlabelled


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"question": ""}, Reason.NO_QUESTION),
        ({"answers": "nokia"}, Reason.BAD_RECORD),
        ({"answers": None}, Reason.BAD_RECORD),
        ({"answers": ["7", 7] * 5}, Reason.BAD_RECORD),
        ({"answers": ["7"] * 9}, Reason.BAD_RECORD),
        ({"image_id": 1000000000007}, Reason.BAD_RECORD),
        ({"image_id": ["x"]}, Reason.BAD_RECORD),
        ({"question_id": 1.0}, Reason.BAD_RECORD),
    ],
)
def test_a_broken_record_costs_itself_alone(tmp_path: Path, changes: dict[str, Any], reason: Reason) -> None:
    rows, rejects = plan("text-vqa", write(tmp_path, record(), record(2) | changes))
    assert [row.sample.key for row in rows] == ["1"]
    assert [reject.reason for reject in rejects] == [reason]


def test_the_mirror(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    mirrored = record(ocr_tokens=["NOKIA"], image={"bytes": b"jpeg", "path": None})
    pq.write_table(pa.Table.from_pylist([mirrored]), tmp_path / "data" / "validation-00000-of-00001.parquet")
    (row,), rejects = plan("text-vqa", tmp_path, "validation")
    assert not rejects
    assert (row.sample.answer, dict(row.sample.context)) == ("nokia", {"ocr": "NOKIA"})
    assert isinstance(row.sample.images[0], Picture)
    assert row.sample.images[0].paths == ("data/validation-00000-of-00001.parquet#0/image",)
