"""VCR: every mentioned object has a box of its own colour, and the text calls it by that colour."""

import json
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Picture, Reason
from m3it_build.testing import plan

BOXES = [[10.0 * place, 5.0, 10.0 * place + 8, 50.0, 0.9] for place in range(20)]
NAMES = ["person", "person", "car", "diningtable", *["person"] * 16]


def record(**changes: Any) -> dict[str, Any]:
    return {
        "annot_id": "train-0",
        "img_id": "train-0",
        "img_fn": "movie/shot@0.jpg",
        "metadata_fn": "movie/shot@0.json",
        "objects": NAMES,
        "question": ["Why", "is", [1], "here", "?"],
        "answer_choices": [["So", "."], ["No", "."], [[1], "is", "tired", "."], ["Who", "knows", "?"]],
        "answer_label": 2,
        "rationale_choices": [[[5], "smiles", "."]] * 4,
        "rationale_orig": "6 smiles.",
    } | changes


def write(folder: Path, *records: Any, boxes: Any = BOXES) -> Path:
    (folder / "train.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    path = folder / "vcr1images/movie/shot@0.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"boxes": boxes, "names": NAMES, "segms": [], "width": 300, "height": 60}))
    return folder


def test_mentioned_objects_are_drawn_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    answers = [[[3], "."], ["No", "."], [[1], "is", "tired", "."], [[0, 3], "?"]]
    (row,), rejects = plan("vcr", write(tmp_path, record(answer_choices=answers)))
    assert not rejects
    assert [(region.colour, region.label, region.box) for region in row.sample.regions] == [
        ("red", "person", (0.0, 5.0, 8.0, 50.0)),
        ("blue", "person", (10.0, 5.0, 18.0, 50.0)),
        ("yellow", "dining table", (30.0, 5.0, 38.0, 50.0)),
    ]
    assert row.sample.outputs.endswith(") The person in the blue box is tired.")
    assert row.sample.meta["objects"] == {"0": "person", "1": "person", "3": "diningtable"}
    assert [image.size for image in row.sample.images if isinstance(image, Picture)] == [(300, 60)]


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ([[0], "waves", "."], "The person in the red box waves."),
        (["What", "are", [1, 0], "doing", "?"], "What are the people in the blue and red boxes doing?"),
        (["Where", "are", [0, 2], "?"], "Where are the person in the red box and the car in the yellow box?"),
        (["Is", "the", [2], [0], "'", "s", "?"], "Is the car in the yellow box the person in the red box's?"),
        (["Well", ",", "is", "n't", "[1]", "it", "?"], "Well, isn't [1] it?"),
        (["Yes", ".", [1], "left", "."], "Yes. The person in the blue box left."),
        (["Is", "everyone", "well", "-", "dressed", "?"], "Is everyone well-dressed?"),
    ],
)
def test_references_become_words(tmp_path: Path, tokens: list[Any], text: str) -> None:
    colours = {"red": 0, "blue": 1, "yellow": 2}
    mentions = [[[number], "."] for number in colours.values()]
    (row,), _ = plan("vcr", write(tmp_path, record(question=tokens, answer_choices=[*mentions, ["No", "."]])))
    assert row.sample.inputs.split("\n")[0] == text


@pytest.mark.parametrize("number", [99, 20, -1])
@pytest.mark.parametrize("field", ["question", "answer_choices"])
def test_a_reference_outside_the_objects_is_a_bad_record(tmp_path: Path, field: str, number: int) -> None:
    tokens = ["Does", [1, number], "know", "?"]
    changes = {field: tokens if field == "question" else [["So", "."], ["No", "."], [[1], "is"], tokens]}
    rows, (reject,) = plan("vcr", write(tmp_path, record(**changes)))
    assert not rows
    assert reject.reason is Reason.BAD_RECORD
    assert str(number) in reject.detail


NOBODY = [["So", "."], ["No", "."], ["It", "is", "late", "."], ["Who", "knows", "?"]]
PEOPLE = [number for number, name in enumerate(NAMES) if name == "person"]


def drawn(folder: Path, **changes: Any) -> list[int]:
    (row,), _ = plan("vcr", write(folder, record(**changes)))
    numbers = [int(region.box[0] / 10) for region in row.sample.regions]
    assert list(row.sample.meta["objects"]) == [str(number) for number in numbers]
    return numbers


@pytest.mark.parametrize("word", ["everyone", "Everyone", "everyones"])
def test_everyone_draws_the_people_beside_what_is_mentioned(tmp_path: Path, word: str) -> None:
    names = NAMES[:6]
    tokens = ["What", "is", word, "near", [2], "doing", "?"]
    write(tmp_path, record(question=tokens, objects=names, answer_choices=NOBODY), boxes=BOXES[:6])
    (row,), _ = plan("vcr", tmp_path)
    assert [region.box[0] for region in row.sample.regions] == [0.0, 10.0, 20.0, 40.0, 50.0]
    assert row.sample.inputs.startswith(f"What is {word} near the car in the yellow box doing?")


def test_where_nothing_is_mentioned_the_people_are_drawn_for_as_long_as_there_are_colours(tmp_path: Path) -> None:
    assert drawn(tmp_path, question=["What", "now", "?"], answer_choices=NOBODY) == PEOPLE[:13]


def test_everyone_leaves_no_mentioned_object_without_its_colour(tmp_path: Path) -> None:
    tokens = ["Is", "everyone", "but", [19], "at", [3], "?"]
    assert drawn(tmp_path, question=tokens, answer_choices=NOBODY) == sorted([*PEOPLE[:11], 3, 19])


def test_without_mentions_and_people_nothing_is_drawn(tmp_path: Path) -> None:
    names = ["car", "dog"]
    write(tmp_path, record(question=["What", "now", "?"], objects=names, answer_choices=NOBODY), boxes=BOXES[:2])
    (row,), _ = plan("vcr", tmp_path)
    assert row.sample.regions == ()
    assert row.sample.meta["objects"] == {}


def test_objects_of_the_rationales_are_not_drawn(tmp_path: Path) -> None:
    (row,), _ = plan("vcr", write(tmp_path, record()))
    assert [region.box[0] for region in row.sample.regions] == [10.0]


def test_a_label_of_zero_is_a_label(tmp_path: Path) -> None:
    (row,), _ = plan("vcr", write(tmp_path, record(answer_label=0)))
    assert row.sample.outputs.endswith(") So.")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answer_label": None}, Reason.BAD_LABEL),
        ({"answer_label": 4}, Reason.BAD_LABEL),
        ({"answer_label": True}, Reason.BAD_LABEL),
        ({"answer_choices": [["A"], ["B"], ["C"]]}, Reason.BAD_RECORD),
        ({"answer_choices": [["A"], ["B"], ["A"], ["C"]]}, Reason.BAD_LABEL),
        ({"answer_choices": [["B"], ["C"], [[1], "."], [[1]]]}, Reason.BAD_LABEL),
        ({"answer_choices": [["A"], [], ["B"], ["C"]]}, Reason.BAD_RECORD),
        ({"question": [[True], "?"]}, Reason.BAD_RECORD),
        ({"question": [[0.0], "?"]}, Reason.BAD_RECORD),
        ({"question": [list(range(20)), "?"]}, Reason.UNCLEAR_REGION),
        ({"objects": NAMES[:3]}, Reason.BAD_BOX),
        ({"metadata_fn": "movie/none.json"}, Reason.MISSING_MEDIA),
        ({"metadata_fn": "../train.jsonl"}, Reason.MISSING_MEDIA),
        ({"img_fn": None}, Reason.NO_MEDIA),
        ({"annot_id": None}, Reason.BAD_RECORD),
    ],
)
def test_broken_records_are_rejected(tmp_path: Path, changes: dict[str, Any], reason: Reason) -> None:
    rows, (reject,) = plan("vcr", write(tmp_path, record() | changes))
    assert not rows
    assert reject.reason is reason


def test_the_boxes_of_one_picture_spoil_no_others(tmp_path: Path) -> None:
    write(tmp_path, record(), record(annot_id="train-1", metadata_fn="movie/other.json"))
    (tmp_path / "vcr1images/movie/other.json").write_text('{"boxes": [[1, 2')
    (row,), (reject,) = plan("vcr", tmp_path)
    assert (row.sample.key, reject.key, reject.reason) == ("train-0", "train-1", Reason.BAD_RECORD)
    assert "column" in reject.detail


def test_boxes_written_as_text_are_no_boxes(tmp_path: Path) -> None:
    _, (reject,) = plan("vcr", write(tmp_path, record(), boxes=[["1", "2", "3", "4", 0.9]] * 20))
    assert reject.reason is Reason.BAD_RECORD


def test_names_with_and_without_the_at_sign_are_found(tmp_path: Path) -> None:
    write(tmp_path, record())
    (tmp_path / "vcr1images/movie/shot@0.json").rename(tmp_path / "vcr1images/movie/shot_0.json")
    (row,), _ = plan("vcr", tmp_path)
    assert "vcr1images/movie/shot_0.jpg" in row.sample.images[0].paths


def test_a_line_cut_off_is_named(tmp_path: Path) -> None:
    write(tmp_path, record())
    (tmp_path / "train.jsonl").write_text(json.dumps(record()) + "\n" + json.dumps(record())[:50])
    with pytest.raises(SourceError, match=r"train\.jsonl: line 2"):
        plan("vcr", tmp_path)
