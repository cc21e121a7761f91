"""OK-VQA: the answer as typed, by majority."""

import json
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.sample import Picture, Reason
from m3it_build.testing import plan


def asked(number: int, **changes: Any) -> dict[str, Any]:
    return {"image_id": number // 10, "question": f"What is {number}?", "question_id": number} | changes


def answered(number: int, *texts: Any) -> dict[str, Any]:
    answers = [
        {"answer_id": place, "raw_answer": text, "answer": "stem", "answer_confidence": "yes"}
        for place, text in enumerate(texts or ("racing",) * 10, 1)
    ]
    return {"image_id": number // 10, "question_id": number, "question_type": "four", "answers": answers}


def write(folder: Path, questions: list[Any], annotations: list[Any]) -> Path:
    (folder / "OpenEnded_mscoco_train2014_questions.json").write_text(json.dumps({"questions": questions}))
    (folder / "mscoco_train2014_annotations.json").write_text(json.dumps({"annotations": annotations}))
    return folder


def test_the_answer_is_as_typed_and_questions_are_joined_by_id(tmp_path: Path) -> None:
    write(tmp_path, [asked(425), asked(426)], [answered(426, "cars"), answered(425)])
    rows, _ = plan("okvqa", tmp_path)
    assert [(row.sample.key, row.sample.answer) for row in rows] == [("425", "racing"), ("426", "cars")]


def test_two_questions_on_one_picture_are_two_rows(tmp_path: Path) -> None:
    rows, rejects = plan("okvqa", write(tmp_path, [asked(425), asked(426)], [answered(425), answered(426)]))
    assert not rejects
    assert {each.paths[0] for row in rows for each in row.sample.images if isinstance(each, Picture)} == {
        "train2014/COCO_train2014_000000000042.jpg"
    }


def test_ties_go_to_the_first_in_the_file(tmp_path: Path) -> None:
    texts = ["braid", "braid", "pony tail", "pony tail", "ponytail", "pony tail", "braid", "pony tail", "braid", ""]
    (row,), _ = plan("okvqa", write(tmp_path, [asked(425)], [answered(425, *texts)]))
    assert row.sample.answer == "braid"


@pytest.mark.parametrize(
    ("question", "annotation", "reason"),
    [
        (asked(15, question=""), answered(15), Reason.NO_QUESTION),
        (asked(15), answered(15, "", " "), Reason.NO_ANSWER),
        (asked(15), answered(15, "a", None), Reason.BAD_RECORD),
        (asked(15, image_id=True), answered(15), Reason.BAD_RECORD),
        (asked(15, image_id=1.5), answered(15), Reason.BAD_RECORD),
        (asked(15), None, Reason.NO_ANNOTATION),
        (None, answered(15), Reason.NO_QUESTION),
    ],
)
def test_a_broken_record_costs_itself_alone(tmp_path: Path, question: Any, annotation: Any, reason: Reason) -> None:
    questions = [each for each in (question, asked(25)) if each]
    annotations = [each for each in (annotation, answered(25)) if each]
    rows, rejects = plan("okvqa", write(tmp_path, questions, annotations))
    assert [row.sample.key for row in rows] == ["25"]
    assert [reject.reason for reject in rejects] == [reason]
