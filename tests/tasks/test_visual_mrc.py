"""VisualMRC: a row a question of a page, in every form in which the files go round."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.sample import Picture, Reason
from m3it_build.testing import plan

SHAPE = {"x": 24, "y": 20, "width": 610, "height": 40}


def pair(question: Any = "When does it open?", answer: Any = "It opens at ten.", **more: Any) -> dict[str, Any]:
    return {"question": {"text": question}, "answer": {"text": answer, "relevant": ["p_1"]}} | more


def page(name: Any = "p", *pairs: Any, **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "license": "CC BY 4.0",
        "url": "https://example.org/p",
        "screenshot_filename": "p.png",
        "image_filename": "p_0.png",
        "bounding_boxes": [
            {"id": "p_1", "structure": "Data", "shape": SHAPE, "ocr_info": []},
            {"id": 2, "structure": "Picture", "shape": SHAPE, "ocr_info": []},
        ],
        "qa_data": list(pairs) or [pair()],
    } | changes


def write(folder: Path, *pages: Any, name: str = "data/train.jsonl") -> Path:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(json.dumps(page) for page in pages))
    return folder


def test_each_question_is_a_row_and_the_answer_stays_as_written(tmp_path: Path) -> None:
    rows, rejects = plan("visual-mrc", write(tmp_path, page("p", pair(), pair(), pair("Why?", "Because \u2013 so."))))
    assert not rejects
    assert [row.sample.key for row in rows] == ["p-0", "p-1", "p-2"]
    assert [row.sample.outputs for row in rows] == ["It opens at ten.", "It opens at ten.", "Because \u2013 so."]
    assert {row.sample.answer for row in rows} == {None}
    assert {row.sample.inputs for row in rows} == {"When does it open?", "Why?"}


def test_the_crop_is_shown_not_the_screenshot(tmp_path: Path) -> None:
    (row,), _ = plan("visual-mrc", write(tmp_path, page()))
    (picture,) = row.sample.images
    assert isinstance(picture, Picture)
    assert picture.paths[:2] == ("images/p_0.png", "data/images/p_0.png")
    assert {"images/p_0.jpg", "p_0.png"} <= set(picture.paths)
    assert not row.sample.regions


def test_relevant_regions_are_found_by_number_or_text(tmp_path: Path) -> None:
    pairs = pair(answer="A.") | {"answer": {"text": "A.", "relevant": [2, "p_1", "9"]}}
    (row,), _ = plan("visual-mrc", write(tmp_path, page("p", pairs)))
    assert row.sample.meta["relevant_regions"] == [
        {"id": "2", "structure": "Picture", "shape": SHAPE},
        {"id": "p_1", "structure": "Data", "shape": SHAPE},
        {"id": "9", "structure": None, "shape": None},
    ]


@pytest.mark.parametrize("changes", [{"bounding_boxes": None}, {"bounding_boxes": [5, {"x": 1}]}, {"license": None}])
def test_broken_regions_cost_no_row(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert len(plan("visual-mrc", write(tmp_path, page(**changes)))[0]) == 1


@pytest.mark.parametrize("split", ["dev", "val"])
@pytest.mark.parametrize("folder", ["data/", ""])
@pytest.mark.parametrize("suffix", ["json", "jsonl"])
@pytest.mark.parametrize("as_list", [True, False])
def test_json_and_jsonl_dev_and_val_with_and_without_data(
    tmp_path: Path, split: str, folder: str, suffix: str, as_list: bool
) -> None:
    name = f"{folder}{split}.{suffix}"
    write(tmp_path, page("a"), page("b"), name=name)
    if as_list:
        (tmp_path / name).write_text(json.dumps([page("a"), page("b")], indent=1))
    assert [row.sample.key for row in plan("visual-mrc", tmp_path, "validation")[0]] == ["a-0", "b-0"]


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        (pair(question=""), Reason.NO_QUESTION),
        (pair(answer=" "), Reason.NO_ANSWER),
        (pair(answer=None), Reason.BAD_RECORD),
        (pair(question=None), Reason.BAD_RECORD),
        (pair(answer=5), Reason.BAD_RECORD),
        (None, Reason.BAD_RECORD),
        ({"question": "When?", "answer": "Now."}, Reason.BAD_RECORD),
    ],
)
def test_a_broken_question_costs_itself_alone(tmp_path: Path, pairs: Any, reason: Reason) -> None:
    rows, rejects = plan("visual-mrc", write(tmp_path, page("p", pairs, pair())))
    assert [row.sample.key for row in rows] == ["p-1"]
    assert [(reject.key, reject.reason) for reject in rejects] == [("p-0", reason)]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (page("q", image_filename=None), Reason.NO_MEDIA),
        (page("q", image_filename=""), Reason.NO_MEDIA),
        (page("q", qa_data=None), Reason.BAD_RECORD),
        (page("q", qa_data=[]), Reason.NO_QUESTION),
        (page(None), Reason.BAD_RECORD),
        (page("p"), Reason.DUPLICATE_ID),
        (7, Reason.BAD_RECORD),
    ],
)
def test_a_broken_page_costs_itself_alone(tmp_path: Path, broken: Any, reason: Reason) -> None:
    rows, rejects = plan("visual-mrc", write(tmp_path, page("p"), broken))
    assert [row.sample.key for row in rows] == ["p-0"]
    assert [reject.reason for reject in rejects] == [reason]


def test_the_mirror_of_test(tmp_path: Path) -> None:
    row = {
        "id": "p", "qa_idx": 1, "url": "https://example.org/p", "question": "When?", "answer": "At ten.",
        "image": {"bytes": b"png", "path": None}, "screenshot_filename": "p.png", "image_filename": "p_0.png",
    }  # fmt: skip
    (tmp_path / "data").mkdir()
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "data/test-00000-of-00001.parquet")
    (planned,), rejects = plan("visual-mrc", tmp_path, "test")
    assert not rejects
    assert (planned.sample.key, planned.sample.outputs) == ("p-1", "At ten.")
    assert planned.sample.images == (Picture(("data/test-00000-of-00001.parquet#0/image",)),)
