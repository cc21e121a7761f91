"""A-OKVQA: lettered choices, a rationale before the answer."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.sample import Picture, Reason
from m3it_build.core.task import Split
from m3it_build.plan.registry import load_registry
from m3it_build.testing import plan

KEY = "22MexNkBPpdZGX6sxbxVBH"


def record(**changes: Any) -> dict[str, Any]:
    return {
        "split": "train",
        "image_id": 299207,
        "question_id": KEY,
        "question": "What is he waiting for?",
        "choices": ["cab", "train", "delivery", "friend"],
        "correct_choice_idx": 0,
        "direct_answers": ["taxi"] * 10,
        "difficult_direct_answer": False,
        "rationales": ["He stands at the kerb", "He holds bags.", "He looks at the cars."],
    } | changes


def write(folder: Path, *records: Any, split: str = "train") -> Path:
    (folder / f"aokvqa_v1p0_{split}.json").write_text(json.dumps(records))
    return folder


def test_choices_keep_their_order_and_the_first_can_be_right(tmp_path: Path) -> None:
    (row,), _ = plan("a-okvqa", write(tmp_path, record()))
    assert row.sample.inputs == "What is he waiting for?\nOptions:\n(A) cab\n(B) train\n(C) delivery\n(D) friend"
    assert row.sample.outputs.endswith("So the answer is (A) cab.")


def test_agreement_counts_the_direct_answers_that_support_the_right_choice(tmp_path: Path) -> None:
    said = ["taxi", "a cab", "Cab", "cab", "cabbage", "train", *["bus"] * 4]
    (row,), _ = plan("a-okvqa", write(tmp_path, record(direct_answers=said)))
    assert (row.sample.meta["agreement"], row.sample.meta["answers"]) == (3, said)
    (row,), _ = plan("a-okvqa", write(tmp_path, record()))
    assert row.sample.meta["agreement"] == 0


def test_one_rationale_stands_before_the_answer(tmp_path: Path) -> None:
    keys = [f"q{number}" for number in range(40)]
    rows, _ = plan("a-okvqa", write(tmp_path, *(record(question_id=key) for key in keys)))
    assert {row.sample.outputs.removesuffix(" So the answer is (A) cab.") for row in rows} == {
        "He stands at the kerb.",
        "He holds bags.",
        "He looks at the cars.",
    }


def test_a_rationale_that_names_a_letter_is_the_last_resort(tmp_path: Path) -> None:
    named = ["By the definition of answer a.", "Option (b) is wrong.", "It is what a child would say."]
    (row,), _ = plan("a-okvqa", write(tmp_path, record(rationales=named)))
    assert row.sample.outputs.startswith(named[2])
    (row,), _ = plan("a-okvqa", write(tmp_path, record(rationales=named[:1])))
    assert row.sample.outputs.startswith(named[0])


def test_without_a_rationale_the_answer_stands_alone(tmp_path: Path) -> None:
    (row,), _ = plan("a-okvqa", write(tmp_path, record(rationales=["", " "])))
    assert row.sample.outputs == "(A) cab."


def test_ids_that_differ_only_in_case_are_two(tmp_path: Path) -> None:
    rows, rejects = plan("a-okvqa", write(tmp_path, record(), record(question_id=KEY.lower())))
    assert len(rows) == 2
    assert not rejects


def test_photos_are_found_under_2017_and_2014_names(tmp_path: Path) -> None:
    (row,), _ = plan("a-okvqa", write(tmp_path, record(), split="val"), "validation")
    assert isinstance(row.sample.images[0], Picture)
    assert row.sample.images[0].paths == (
        "val2017/000000299207.jpg",
        "train2014/COCO_train2014_000000299207.jpg",
        "val2014/COCO_val2014_000000299207.jpg",
        "train2017/000000299207.jpg",
        "COCO_train2014_000000299207.jpg",
        "COCO_val2014_000000299207.jpg",
        "000000299207.jpg",
    )


def test_test_is_not_built() -> None:
    assert Split.TEST in load_registry()["a-okvqa"].task.unlabelled


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"correct_choice_idx": 4}, Reason.BAD_RECORD),
        ({"correct_choice_idx": -1}, Reason.BAD_RECORD),
        ({"correct_choice_idx": True}, Reason.BAD_RECORD),
        ({"correct_choice_idx": None}, Reason.BAD_RECORD),
        ({"correct_choice_idx": "0"}, Reason.BAD_RECORD),
        ({"choices": ["cab", "train", "delivery"]}, Reason.BAD_RECORD),
        ({"choices": ["cab", "", "delivery", "friend"]}, Reason.BAD_RECORD),
        ({"choices": ["cab", "cab", "delivery", "friend"]}, Reason.BAD_LABEL),
        ({"choices": "cabs"}, Reason.BAD_RECORD),
        ({"question": " "}, Reason.NO_QUESTION),
        ({"rationales": "He holds bags."}, Reason.BAD_RECORD),
        ({"image_id": 1.5}, Reason.BAD_RECORD),
        ({"question_id": None}, Reason.BAD_RECORD),
    ],
)
def test_a_broken_record_costs_itself_alone(tmp_path: Path, changes: dict[str, Any], reason: Reason) -> None:
    rows, rejects = plan("a-okvqa", write(tmp_path, record(), record(question_id="other") | changes))
    assert [row.sample.key for row in rows] == [KEY]
    assert [reject.reason for reject in rejects] == [reason]


@pytest.mark.parametrize(
    ("text", "rows"), [(str(["taxi", "cab"] * 5), 1), ("['taxi', 'cab']", 0), ("['taxi', ", 0), ("__import__('os')", 0)]
)
def test_the_mirror_writes_direct_answers_as_a_python_list(tmp_path: Path, text: str, rows: int) -> None:
    (tmp_path / "data").mkdir()
    mirrored = record(direct_answers=text, image={"bytes": b"jpeg", "path": None})
    del mirrored["image_id"]
    pq.write_table(pa.Table.from_pylist([mirrored]), tmp_path / "data" / "train-00000-of-00002.parquet")
    found, _ = plan("a-okvqa", tmp_path)
    assert len(found) == rows
    assert all(row.sample.meta["answers"] == ["taxi", "cab"] * 5 for row in found)
