"""OK-VQA: the answer of most people, as most of them typed it."""

import json
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.sample import Picture, Reason
from m3it_build.testing import plan


def asked(number: int, **changes: Any) -> dict[str, Any]:
    return {"image_id": number // 10, "question": f"What is {number}?", "question_id": number} | changes


STEMS = {"racing": "race", "cars": "car", "mountains": "mountain", "they smile": "smile", "smiles": "smile", "the": ""}


def answered(number: int, *texts: Any) -> dict[str, Any]:
    answers = [
        {"answer_id": place, "raw_answer": text, "answer": STEMS.get(text, text), "answer_confidence": "yes"}
        for place, text in enumerate((*texts, *("" if texts else "racing",) * (10 - len(texts))), 1)
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
    ("said", "target", "people"),
    [
        (("aspen", "mountains", "mountain", "colorado", "vail"), "mountains", 2),
        (("they smile", "they smile", "smiles", "smiles", "smiles"), "smiles", 5),
        (("lake", "they smile", "smiles", "lake", "river"), "lake", 2),
        (("the", "the", "a lake", "the", "sea"), "the", 3),
        (("lake", "", "", "", " "), "lake", 1),
    ],
)
def test_votes_count_meanings_and_the_target_is_the_winners_usual_spelling(
    tmp_path: Path, said: tuple[str, ...], target: str, people: int
) -> None:
    annotation = answered(425, *(text for text in said for _ in range(2)))
    (row,), _ = plan("okvqa", write(tmp_path, [asked(425)], [annotation]))
    assert (row.sample.answer, row.sample.meta["agreement"]) == (target, people)
    assert row.sample.meta["answers"] == [each["raw_answer"] for each in annotation["answers"]]
    assert row.sample.meta["normalised_answers"] == [each["answer"] for each in annotation["answers"]]


@pytest.mark.parametrize(
    ("question", "annotation", "reason"),
    [
        (asked(15, question=""), answered(15), Reason.NO_QUESTION),
        (asked(15), answered(15, "", " "), Reason.NO_ANSWER),
        (asked(15), answered(15, "a", None), Reason.BAD_RECORD),
        (asked(15), {**answered(15), "answers": answered(15)["answers"][:8]}, Reason.BAD_RECORD),
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
