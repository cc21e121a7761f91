"""CLEVR: one row a question; only its 28 answers are answers."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Picture, Reason
from m3it_build.core.task import Split
from m3it_build.plan.registry import load_registry
from m3it_build.testing import plan

FILE = "CLEVR_v1.0/questions/CLEVR_train_questions.json"


def question(index: Any = 0, **changes: Any) -> dict[str, Any]:
    return {
        "question_index": index,
        "question": "How many tiny shiny balls are there?",
        "answer": "0",
        "image_filename": "CLEVR_train_000003.png",
        "image_index": 3,
        "split": "train",
        "question_family_index": 0,
        "program": [{"function": "scene", "inputs": [], "value_inputs": []}],
    } | changes


def write(folder: Path, questions: list[Any], name: str = FILE) -> Path:
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text(json.dumps({"info": {"split": "train"}, "questions": questions}))
    return folder


def test_a_count_is_an_answer_like_any_other(tmp_path: Path) -> None:
    (row,), rejects = plan("clevr", write(tmp_path, [question()]))
    assert not rejects
    assert (row.sample.inputs, row.sample.answer) == ("How many tiny shiny balls are there?", "0")
    assert row.sample.meta["question_family_index"] == 0
    (picture,) = row.sample.images
    assert isinstance(picture, Picture)
    places = ("CLEVR_v1.0/images/train/CLEVR_train_000003.png", "images/train/CLEVR_train_000003.png")
    assert picture.paths[:2] == places
    assert "CLEVR_train_000003.png" in picture.paths


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answer": None}, Reason.NO_ANSWER),
        ({"answer": ""}, Reason.NO_ANSWER),
        ({"answer": "11"}, Reason.BAD_LABEL),
        ({"answer": "nan"}, Reason.BAD_LABEL),
        ({"answer": 3}, Reason.BAD_RECORD),
        ({"answer": True}, Reason.BAD_RECORD),
        ({"question": " "}, Reason.NO_QUESTION),
        ({"image_filename": None}, Reason.NO_MEDIA),
        ({"question_index": -1}, Reason.BAD_RECORD),
        ({"question_index": 1.0}, Reason.BAD_RECORD),
    ],
)
def test_broken_questions_are_rejected(tmp_path: Path, changes: dict[str, Any], reason: Reason) -> None:
    rows, rejects = plan("clevr", write(tmp_path, [question(0), question(1) | changes]))
    assert [row.sample.key for row in rows] == ["0"]
    assert [reject.reason for reject in rejects] == [reason]


def test_a_question_index_stands_once(tmp_path: Path) -> None:
    rows, rejects = plan("clevr", write(tmp_path, [question(4), question(4, answer="1"), None]))
    assert [row.sample.answer for row in rows] == ["0"]
    assert [reject.reason for reject in rejects] == [Reason.DUPLICATE_ID, Reason.BAD_RECORD]


def test_the_folder_in_the_archive_may_be_missing(tmp_path: Path) -> None:
    assert len(plan("clevr", write(tmp_path, [question()], "questions/CLEVR_train_questions.json"))[0]) == 1


def test_the_download_may_stay_zipped(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "CLEVR_v1.0.zip", "w") as archive:
        archive.writestr(FILE, json.dumps({"questions": [question()]}))
    assert len(plan("clevr", tmp_path)[0]) == 1


def test_a_file_without_questions_is_no_questions_file(tmp_path: Path) -> None:
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text(json.dumps({"scenes": []}))
    with pytest.raises(SourceError, match="no 'questions' in it"):
        plan("clevr", tmp_path)


def test_test_is_not_built() -> None:
    assert Split.TEST in load_registry()["clevr"].task.unlabelled
