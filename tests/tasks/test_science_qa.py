"""ScienceQA: hint, question, lettered choices in the source's order, with and without a picture."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.sample import Picture, Reason
from m3it_build.testing import plan


def problem(**changes: Any) -> dict[str, Any]:
    return {
        "question": "Which is a mammal?\nLook closely.",
        "choices": ["trout", "otter", "neither; they are plants"],
        "answer": 1,
        "hint": "Mammals have fur.\n\nFish do not.",
        "image": "image.png",
        "task": "closed choice",
        "grade": "grade2",
        "subject": "natural science",
        "topic": "biology",
        "category": "Classification",
        "skill": "Identify mammals",
        "lecture": " ",
        "solution": "An otter has fur.",
        "split": "train",
    } | changes


def write(folder: Path, problems: dict[str, Any], name: str = "data/scienceqa/problems.json") -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(problems))
    return folder


def test_hint_question_and_choices_in_the_order_of_the_source(tmp_path: Path) -> None:
    (row,), rejects = plan("science-qa", write(tmp_path, {"7": problem()}))
    assert not rejects
    assert row.sample.inputs == (
        "Context: Mammals have fur.\n\nFish do not.\nWhich is a mammal?\nLook closely.\n"
        "Options:\n(A) trout\n(B) otter\n(C) neither; they are plants"
    )
    assert row.sample.outputs == "(B) otter"
    assert row.sample.meta["options"] == ["trout", "otter", "neither; they are plants"]
    assert (row.sample.meta["question_id"], row.sample.meta["solution"]) == ("7", "An otter has fur.")


@pytest.mark.parametrize("hint", ["", " ", None])
def test_an_empty_hint_leaves_no_line(tmp_path: Path, hint: str | None) -> None:
    (row,), _ = plan("science-qa", write(tmp_path, {"7": problem(hint=hint)}))
    assert row.sample.inputs.startswith("Which is a mammal?")


def test_the_first_choice_is_an_answer_like_any_other(tmp_path: Path) -> None:
    (row,), _ = plan("science-qa", write(tmp_path, {"7": problem(answer=0)}))
    assert row.sample.outputs == "(A) trout"


def test_questions_without_a_picture_are_rows_unless_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"7": problem(), "8": problem(image=None)})
    rows, rejects = plan("science-qa", tmp_path)
    assert [len(row.sample.images) for row in rows] == [1, 0]
    assert not rejects
    rows, rejects = plan("science-qa", tmp_path, images="pictured")
    assert [row.sample.key for row in rows] == ["7"]
    assert [(reject.key, reject.reason) for reject in rejects] == [("8", Reason.NO_PICTURE)]


@pytest.mark.parametrize(
    ("question", "hint"),
    [
        ("Select the weight shown by this thermometer.", ""),
        ("Select the phase of the Moon seen in the picture.", ""),
        ("What is the name of the river shown?", None),
        ("Which month is the driest?", "Look. The graph below shows the rain of a year."),
        ("Which of these organisms hunts?", "Hares eat clover. This diagram shows who eats whom."),
        ("What does the bird do?", "Birds migrate.\nFigure: a stork."),
        ("Which word names what she holds?", "Look at the picture."),
        ("Select the animal pictured.", ""),
        ("Which animal is in the picture?", ""),
        ("Which country is highlighted?", ""),
        ("Will these magnets attract or repel each other?", "Two magnets are placed as shown."),
        ("Which has more atoms?", "Look at the models of molecules below."),
        ("Use the map to answer. Where do the herds go?", ""),
        ("Select the bird below.", ""),
    ],
)
def test_a_question_about_a_picture_that_the_source_lost_is_left_out(
    tmp_path: Path, question: str, hint: str | None
) -> None:
    asked = problem(question=question, hint=hint)
    rows, rejects = plan("science-qa", write(tmp_path, {"7": asked, "8": asked | {"image": None}}))
    assert [row.sample.key for row in rows] == ["7"]
    assert [(reject.key, reject.reason) for reject in rejects] == [("8", Reason.LOST_PICTURE)]
    assert Reason.LOST_PICTURE.filtered


@pytest.mark.parametrize(
    ("question", "hint"),
    [
        ("What is the source of the allusion in the sentence below?\nIt was a Trojan horse.", ""),
        ("Select the animal that has all of the traits listed above.", "Birds have feathers."),
        ("Which figure of speech is used in this text?\nThe moon is a friend.", ""),
        ("Which irony is shown in this figure of speech?", ""),
        ("Which correctly shows the title of a play?", ""),
        ("Which tense does the scientist use?", "The scientific model shows that energy is conserved."),
        ("What happened?", "The graph below the headline was wrong, the editor said."),
        ("How much rain fell?", "The table shows the rain.\nMay | 3 cm"),
        ("What could the test show?", "The passage below describes an experiment with a model boat."),
    ],
)
def test_a_question_about_words_alone_is_a_row_without_a_picture(tmp_path: Path, question: str, hint: str) -> None:
    (row,), _ = plan("science-qa", write(tmp_path, {"7": problem(question=question, hint=hint, image=None)}))
    assert not row.sample.images


def test_sentences_that_are_quoted_may_speak_of_any_picture(tmp_path: Path) -> None:
    question = "Is this a run-on sentence?\nLook at the picture, is the movie being shown?"
    asked = problem(question=question, image=None, subject="language science")
    assert len(plan("science-qa", write(tmp_path, {"7": asked}))[0]) == 1


def test_line_breaks_of_choices_stay_in_meta(tmp_path: Path) -> None:
    choices = ["Your friend,\nCarla", "your friend\nCarla"]
    (row,), _ = plan("science-qa", write(tmp_path, {"7": problem(choices=choices, answer=0)}))
    assert row.sample.outputs == "(A) Your friend, Carla"
    assert list(row.sample.meta["original"]["options"]) == choices


@pytest.mark.parametrize(("name", "split"), [("train", "train"), ("val", "validation"), ("test", "test")])
def test_the_record_names_its_split_and_its_folder(tmp_path: Path, name: str, split: str) -> None:
    write(tmp_path, {each: problem(split=each) for each in ("train", "val", "test")})
    (row,), rejects = plan("science-qa", tmp_path, split)
    assert not rejects
    (picture,) = row.sample.images
    assert isinstance(picture, Picture)
    path = f"images/{name}/{name}/image.png"
    assert picture.paths == (f"data/scienceqa/{path}", f"scienceqa/{path}", path, path.removeprefix("images/"))


@pytest.mark.parametrize("split", [None, "minitrain", 1, ["train"]])
def test_a_record_of_no_split_is_reported_once_with_train(tmp_path: Path, split: Any) -> None:
    write(tmp_path, {"7": problem(split=split)})
    found = [plan("science-qa", tmp_path, name) for name in ("train", "validation", "test")]
    assert [rows for rows, _ in found] == [[], [], []]
    assert [reject.reason for _, rejects in found for reject in rejects] == [Reason.BAD_RECORD]


@pytest.mark.parametrize("name", ["problems.json", "scienceqa/problems.json"])
def test_a_folder_cut_shorter_is_read_too(tmp_path: Path, name: str) -> None:
    assert len(plan("science-qa", write(tmp_path, {"7": problem()}, name))[0]) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answer": 3}, Reason.BAD_LABEL),
        ({"answer": -1}, Reason.BAD_LABEL),
        ({"answer": True}, Reason.BAD_LABEL),
        ({"answer": "1"}, Reason.BAD_LABEL),
        ({"answer": None}, Reason.BAD_LABEL),
        ({"choices": ["otter", "otter"]}, Reason.BAD_LABEL),
        ({"choices": ["otter"], "answer": 0}, Reason.FEW_OPTIONS),
        ({"choices": "ab"}, Reason.BAD_RECORD),
        ({"choices": ["trout", ""]}, Reason.BAD_RECORD),
        ({"choices": ["trout", 2]}, Reason.BAD_RECORD),
        ({"question": ""}, Reason.NO_QUESTION),
        ({"question": None}, Reason.BAD_RECORD),
        ({"image": ""}, Reason.NO_MEDIA),
        ({"image": 5}, Reason.BAD_RECORD),
    ],
)
def test_a_broken_record_costs_itself_alone(tmp_path: Path, changes: dict[str, Any], reason: Reason) -> None:
    rows, rejects = plan("science-qa", write(tmp_path, {"7": problem(), "8": problem() | changes}))
    assert [row.sample.key for row in rows] == ["7"]
    assert [(reject.key, reject.reason) for reject in rejects] == [("8", reason)]


def test_the_mirror_has_no_ids_and_null_pictures(tmp_path: Path) -> None:
    cell = {"bytes": b"png", "path": "image.png"}
    records = [problem(image=cell), problem(image=None), problem(image=cell)]
    (tmp_path / "data").mkdir()
    pq.write_table(pa.Table.from_pylist(records), tmp_path / "data/validation-00000-of-00001-0a.parquet")
    rows, rejects = plan("science-qa", tmp_path, "validation")
    assert not rejects
    assert [row.sample.key for row in rows] == ["row-0", "row-1", "row-2"]
    assert [row.sample.images for row in rows] == [
        (Picture(("data/validation-00000-of-00001-0a.parquet#0/image",)),),
        (),
        (Picture(("data/validation-00000-of-00001-0a.parquet#2/image",)),),
    ]
