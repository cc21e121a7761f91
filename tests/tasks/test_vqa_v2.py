"""VQA v2: joined by id, the majority as it was normalised, captions for the paraphraser."""

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


def asked(number: int, **changes: Any) -> dict[str, Any]:
    return {"image_id": number // 1000, "question": f" What is {number}?", "question_id": number} | changes


def answered(number: int, answer: Any = "red", **changes: Any) -> dict[str, Any]:
    return {
        "question_type": "what is",
        "multiple_choice_answer": answer,
        "answers": [{"answer": text, "answer_confidence": "yes", "answer_id": 1} for text in ["the red", ""] * 5],
        "image_id": number // 1000,
        "answer_type": "other",
        "question_id": number,
    } | changes


def write(folder: Path, questions: list[Any], annotations: list[Any], subset: str = "train2014") -> Path:
    (folder / f"v2_OpenEnded_mscoco_{subset}_questions.json").write_text(json.dumps({"questions": questions}))
    (folder / f"v2_mscoco_{subset}_annotations.json").write_text(json.dumps({"annotations": annotations}))
    return folder


def test_questions_and_answers_are_joined_by_id_not_by_position(tmp_path: Path) -> None:
    write(tmp_path, [asked(42000), asked(42001)], [answered(42001, "blue"), answered(42000, "red")])
    rows, rejects = plan("vqa-v2", tmp_path)
    assert not rejects
    assert [(row.sample.inputs, row.sample.answer) for row in rows] == [
        ("What is 42000?", "red"),
        ("What is 42001?", "blue"),
    ]


def test_the_normalised_majority_is_the_answer_and_all_ten_stay_in_meta(tmp_path: Path) -> None:
    (row,), _ = plan("vqa-v2", write(tmp_path, [asked(42000)], [answered(42000)]))
    assert row.sample.answer == "red"
    assert row.sample.meta["answers"] == ["the red", ""] * 5


def test_agreement_counts_the_answers_that_mean_the_target(tmp_path: Path) -> None:
    said = ["2", "two", "Two.", "2 dogs", "the 2", "3", "", "2", "22", "no"]
    answers = [{"answer": text} for text in said]
    (row,), _ = plan("vqa-v2", write(tmp_path, [asked(42000)], [answered(42000, "2", answers=answers)]))
    assert row.sample.meta["agreement"] == 5


def test_the_folder_is_the_subsets(tmp_path: Path) -> None:
    (row,), _ = plan("vqa-v2", write(tmp_path, [asked(42000)], [answered(42000)], "val2014"), "validation")
    assert isinstance(row.sample.images[0], Picture)
    assert row.sample.images[0].paths[0] == "val2014/COCO_val2014_000000000042.jpg"


@pytest.mark.parametrize("name", ["annotations/captions_train2014.json", "captions_train2014.json"])
def test_captions_go_to_the_paraphraser_in_order_of_their_ids(tmp_path: Path, name: str) -> None:
    captions = [{"image_id": 42, "id": 9, "caption": "Second. "}, {"image_id": 42, "id": 8, "caption": "First."}]
    captions += [{"image_id": 43, "id": 1, "caption": "Other."}, {"image_id": 42, "id": 7, "caption": None}]
    (tmp_path / "annotations").mkdir()
    (tmp_path / name).write_text(json.dumps({"annotations": captions}))
    (row,), _ = plan("vqa-v2", write(tmp_path, [asked(42000)], [answered(42000)]))
    assert row.sample.context == {"caption": "First. Second."}


def test_karpathys_file_gives_captions_too(tmp_path: Path) -> None:
    write(tmp_path, [asked(42000)], [answered(42000)])
    assert plan("vqa-v2", tmp_path)[0][0].sample.context == {}
    images = [
        {"cocoid": 42, "filepath": folder, "sentences": [{"sentid": 1, "raw": folder}]}
        for folder in ("val2014", "train2014")
    ]
    (tmp_path / "dataset_coco.json").write_text(json.dumps({"images": images}))
    assert plan("vqa-v2", tmp_path)[0][0].sample.context == {"caption": "train2014"}


def test_test2015_is_not_built() -> None:
    assert Split.TEST in load_registry()["vqa-v2"].task.unlabelled


@pytest.mark.parametrize(
    ("question", "annotation", "reason"),
    [
        (asked(2000, question=" "), answered(2000), Reason.NO_QUESTION),
        (asked(2000), answered(2000, ""), Reason.NO_ANSWER),
        (asked(2000), answered(2000, answers=[{"answer": "2"}] * 9), Reason.BAD_RECORD),
        (asked(2000), answered(2000, None), Reason.BAD_RECORD),
        (asked(2000), answered(2000, 2), Reason.BAD_RECORD),
        (asked(2000, image_id=True), answered(2000, image_id=1), Reason.BAD_RECORD),
        (asked(2000, image_id=-2), answered(2000, image_id=-2), Reason.BAD_RECORD),
        (asked(2000, image_id=3), answered(2000), Reason.BAD_RECORD),
        (asked(2000), None, Reason.NO_ANNOTATION),
        (None, answered(2000), Reason.NO_QUESTION),
    ],
)
def test_a_broken_record_costs_itself_alone(tmp_path: Path, question: Any, annotation: Any, reason: Reason) -> None:
    questions = [each for each in (question, asked(1000)) if each]
    annotations = [each for each in (answered(1000), annotation) if each]
    rows, rejects = plan("vqa-v2", write(tmp_path, questions, annotations))
    assert [row.sample.key for row in rows] == ["1000"]
    assert [reject.reason for reject in rejects] == [reason]


def test_the_mirror(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    record = {**asked(42000), **answered(42000), "image": {"bytes": b"jpeg", "path": None}}
    pq.write_table(pa.Table.from_pylist([record]), tmp_path / "data" / "validation-00000-of-00001.parquet")
    (row,), rejects = plan("vqa-v2", tmp_path, "validation")
    assert not rejects
    assert row.sample.answer == "red"
    assert isinstance(row.sample.images[0], Picture)
    assert row.sample.images[0].paths == ("data/validation-00000-of-00001.parquet#0/image",)
