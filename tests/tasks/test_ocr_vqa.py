"""OCR-VQA: a row a question; covers named by keys that lost their zeros."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.sample import Picture, Reason
from m3it_build.plan.rows import PlannedRow
from m3it_build.testing import plan


def book(**changes: Any) -> dict[str, Any]:
    return {
        "questions": ["Who wrote this book?", "What is the title of this book?", "Is this a travel book?"],
        "answers": ["Ana Mar\u00edn", "By Train:  Lisbon, Slowly ", "Yes"],
        "title": "By Train:  Lisbon, Slowly ",
        "authorName": "Ana Mar\u00edn",
        "genre": "Travel",
        "imageURL": "http://books.example/I/a.jpg",
        "split": 1,
    } | changes


def write(folder: Path, books: dict[str, Any]) -> Path:
    (folder / "dataset.json").write_text(json.dumps(books))
    return folder


def paths(row: PlannedRow) -> tuple[str, ...]:
    (picture,) = row.sample.images
    assert isinstance(picture, Picture)
    return picture.paths


def test_each_question_of_a_cover_is_a_row(tmp_path: Path) -> None:
    rows, rejects = plan("ocr-vqa", write(tmp_path, {"96709733X": book()}))
    assert not rejects
    assert [row.sample.key for row in rows] == ["96709733X-0", "96709733X-1", "96709733X-2"]
    assert [row.sample.answer for row in rows] == ["Ana Mar\u00edn", "By Train: Lisbon, Slowly", "Yes"]
    assert rows[1].sample.meta["original"] == {"answer": "By Train:  Lisbon, Slowly"}
    assert {paths(row)[0] for row in rows} == {"images/96709733X.jpg"}


@pytest.mark.parametrize(("number", "split"), [(1, "train"), (2, "validation"), (3, "test")])
def test_the_split_is_a_number(tmp_path: Path, number: int, split: str) -> None:
    write(tmp_path, {"1": book(split=1), "2": book(split=2), "3": book(split=3)})
    rows, rejects = plan("ocr-vqa", tmp_path, split)
    assert {row.sample.meta["book_id"] for row in rows} == {str(number)}
    assert not rejects


@pytest.mark.parametrize("split", [0, 4, True, 1.0, "1", None])
def test_a_record_of_no_split_is_reported_once_with_train(tmp_path: Path, split: Any) -> None:
    write(tmp_path, {"1": book(split=split)})
    assert [plan("ocr-vqa", tmp_path, name)[0] for name in ("train", "validation", "test")] == [[], [], []]
    rejects = [reject for name in ("train", "validation", "test") for reject in plan("ocr-vqa", tmp_path, name)[1]]
    assert [(reject.key, reject.reason) for reject in rejects] == [("1", Reason.BAD_RECORD)]


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("http://x/a.gif", "gif"),
        ("http://x/a.JPG?v=1.png", "JPG"),
        ("http://x/a", "jpg"),
        ("http://x/a%2Bb.png", "png"),
    ],
)
def test_the_address_names_the_suffix_and_renamed_covers_are_found(tmp_path: Path, url: str, first: str) -> None:
    rows, _ = plan("ocr-vqa", write(tmp_path, {"7": book(imageURL=url)}))
    assert paths(rows[0])[0] == f"images/7.{first}"
    assert set(paths(rows[0])) >= {"images/7.jpg", "images/7.gif", "images/7.png"}


@pytest.mark.parametrize(
    "changes",
    [{"questions": ["Who wrote this book?"]}, {"answers": "Yes"}, {"questions": None}, {"answers": {}}],
)
def test_lists_that_do_not_pair_up_are_one_reject(tmp_path: Path, changes: dict[str, Any]) -> None:
    rows, rejects = plan("ocr-vqa", write(tmp_path, {"1": book(**changes)}))
    assert not rows
    assert [(reject.key, reject.reason) for reject in rejects] == [("1", Reason.BAD_RECORD)]


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"answers": ["", None, 7]}, [Reason.NO_ANSWER, Reason.BAD_RECORD, Reason.BAD_RECORD]),
        ({"questions": ["", "What is the title of this book?", None]}, [Reason.NO_QUESTION, Reason.BAD_RECORD]),
        ({"imageURL": None}, [Reason.NO_MEDIA] * 3),
        ({"imageURL": " "}, [Reason.NO_MEDIA] * 3),
        ({"imageURL": 5}, [Reason.BAD_RECORD] * 3),
    ],
)
def test_a_broken_pair_costs_itself_alone(tmp_path: Path, changes: dict[str, Any], reasons: list[Reason]) -> None:
    rows, rejects = plan("ocr-vqa", write(tmp_path, {"1": book(**changes), "2": book()}))
    assert len(rows) == 6 - len(reasons)
    assert [reject.reason for reject in rejects] == reasons


def test_the_mirror(tmp_path: Path) -> None:
    mirrored = book(image_id="7", image={"bytes": b"jpeg", "path": None}, ocr_tokens=["BY", "TRAIN"])
    mirrored["image_url"] = mirrored.pop("imageURL")
    (tmp_path / "data").mkdir()
    pq.write_table(pa.Table.from_pylist([mirrored]), tmp_path / "data/test-00000-of-00001.parquet")
    rows, rejects = plan("ocr-vqa", tmp_path, "test")
    assert not rejects
    assert [row.sample.key for row in rows] == ["7-0", "7-1", "7-2"]
    assert dict(rows[0].sample.context) == {"ocr": "BY TRAIN"}
    assert paths(rows[0]) == ("data/test-00000-of-00001.parquet#0/image",)
