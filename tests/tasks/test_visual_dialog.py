"""Visual Dialog: everything textual is a place in a pool."""

import json
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.testing import plan

QUESTIONS = ["is he tall", "what color is it", "any people?"]
ANSWERS = ["red", "no", "yes, i'd say so", ""]


def dialog(image: Any = 12, rounds: Any = ((0, 2), (1, 0), (2, 1)), **change: Any) -> dict[str, Any]:
    said = [{"question": q, "answer": a, "answer_options": [0, 1, 2], "gt_index": 0} for q, a in rounds]
    return {"image_id": image, "caption": "a man by a bus", "dialog": said, **change}


def written(folder: Path, *dialogs: Any, split: str = "train", **data: Any) -> Path:
    data = {"questions": QUESTIONS, "answers": ANSWERS, "dialogs": dialogs} | data
    (folder / f"visdial_1.0_{split}.json").write_text(json.dumps({"version": "1.0", "split": split, "data": data}))
    return folder


def withheld(*rounds: tuple[int, int]) -> dict[str, Any]:
    record = dialog(rounds=rounds)
    del record["dialog"][-1]["answer"], record["dialog"][-1]["gt_index"]
    return record


def test_inputs_are_caption_history_and_question_as_typed(tmp_path: Path) -> None:
    rows, rejects = plan("visual-dialog", written(tmp_path, *(dialog(image) for image in range(40))))
    assert not rejects
    last = next(row.sample for row in rows if row.sample.meta["round"] == 3)
    assert last.inputs.split("\n") == [
        "Caption: a man by a bus",
        "Question: is he tall",
        "Answer: yes, i'd say so",
        "Question: what color is it",
        "Answer: red",
        "Question: any people?",
    ]
    assert last.outputs == "no"
    assert "typed" not in last.meta


def test_blanks_before_commas_go_and_stay_in_meta(tmp_path: Path) -> None:
    record = withheld((0, 0), (1, 1), (2, 2))
    data = {"questions": ["is he  old , or not", "what is it", "why"], "answers": ["Male , I think", "red", "no"]}
    record["caption"] = "a man , a bus"
    (row,), _ = plan("visual-dialog", written(tmp_path, record, split="test", **data), "test")
    assert row.sample.inputs.split("\n") == [
        "Caption: a man, a bus",
        "Question: is he old, or not",
        "Answer: Male, I think",
        "Question: what is it",
    ]
    assert row.sample.meta["caption"] == "a man , a bus"
    assert row.sample.meta["typed"] == [{"round": 1, "question": "is he  old , or not", "answer": "Male , I think"}]
    assert row.sample.outputs == "red"


def test_any_round_can_be_the_target_in_training(tmp_path: Path) -> None:
    rows, _ = plan("visual-dialog", written(tmp_path, *(dialog(image) for image in range(40))))
    assert {row.sample.meta["round"] for row in rows} == {1, 2, 3}


def test_in_test_the_target_is_the_last_known_answer(tmp_path: Path) -> None:
    (row,), _ = plan("visual-dialog", written(tmp_path, withheld((0, 2), (1, 0), (2, 1)), split="test"), "test")
    assert (row.sample.meta["round"], row.sample.outputs) == (2, "red")
    assert "people" not in row.sample.inputs


def test_a_test_dialogue_of_one_round_has_no_answer(tmp_path: Path) -> None:
    rows, (reject,) = plan("visual-dialog", written(tmp_path, withheld((0, 0)), split="test"), "test")
    assert (len(rows), reject.reason) == (0, "answer withheld")


def test_training_pictures_lie_in_either_half_of_coco(tmp_path: Path) -> None:
    (row,), _ = plan("visual-dialog", written(tmp_path, dialog()))
    paths = row.sample.images[0].paths
    assert {f"{half}/COCO_{half}_000000000012.jpg" for half in ("train2014", "val2014")} < set(paths)


def test_pictures_of_validation_have_their_own_names(tmp_path: Path) -> None:
    (row,), _ = plan("visual-dialog", written(tmp_path, dialog(), split="val"), "validation")
    name = "VisualDialog_val2018_000000000012.jpg"
    assert row.sample.images[0].paths == (f"VisualDialog_val2018/{name}", name)


@pytest.mark.parametrize("place", [-1, 3, None, "0", True, 1.0])
def test_a_place_outside_the_pool_rejects_the_dialogue(tmp_path: Path, place: Any) -> None:
    rows, (reject,) = plan("visual-dialog", written(tmp_path, dialog(rounds=((0, 0), (place, 0)))))
    assert (len(rows), reject.reason) == (0, "bad record")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (dialog(None), "bad record"),
        (dialog(2.5), "bad record"),
        (dialog(-3), "bad record"),
        (dialog(caption=None), "bad record"),
        (dialog(dialog=None), "bad record"),
        ([], "bad record"),
        (dialog(rounds=()), "no answer"),
        (dialog(rounds=((0, 3),)), "empty text"),
        (withheld((0, 0), (1, 1)), "bad record"),
    ],
)
def test_a_broken_dialogue_is_rejected(tmp_path: Path, record: Any, reason: str) -> None:
    rows, (reject,) = plan("visual-dialog", written(tmp_path, record))
    assert (len(rows), reject.reason) == (0, reason)


def test_a_file_without_pools_or_cut_off_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="'answers'"):
        plan("visual-dialog", written(tmp_path, dialog(), answers=None))
    path = written(tmp_path, dialog()) / "visdial_1.0_train.json"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(SourceError, match="broken JSON at line 1, column"):
        plan("visual-dialog", tmp_path)
