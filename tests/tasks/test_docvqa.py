"""DocVQA: the spelling of the page, pages in two packagings, OCR for the paraphraser."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Picture, Reason
from m3it_build.core.task import Split
from m3it_build.plan.registry import load_registry
from m3it_build.plan.rows import PlannedRow
from m3it_build.testing import plan

PAGE = "documents/zzzz0001_2.png"


def record(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "questionId": number,
        "question": "what is the total ?",
        "image": PAGE,
        "docId": 4,
        "ucsf_document_id": "zzzz0001",
        "ucsf_document_page_no": "2",
        "answers": ["$1,204.50", "1,204.50"],
        "data_split": "train",
    } | changes


def write(folder: Path, *records: Any, name: str = "train/train_v1.0.json") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"dataset_name": "docvqa", "dataset_version": "1.0", "data": records}))
    return folder


def paths(row: PlannedRow) -> tuple[str, ...]:
    (picture,) = row.sample.images
    assert isinstance(picture, Picture)
    return picture.paths


def test_the_first_spelling_is_the_answer_and_all_stay_in_meta(tmp_path: Path) -> None:
    (row,), rejects = plan("docvqa", write(tmp_path, record()))
    assert not rejects
    assert row.sample.inputs == "what is the total ?"
    assert row.sample.answer == "$1,204.50"
    assert row.sample.meta["answers"] == ["$1,204.50", "1,204.50"]


@pytest.mark.parametrize(
    "name",
    ["train/train_v1.0.json", "train_v1.0_withQT.json", "spdocvqa_qas/train_v1.0_withQT.json", "train_v1.0.json"],
)
def test_both_packagings_are_read(tmp_path: Path, name: str) -> None:
    (row,), _ = plan("docvqa", write(tmp_path, record(question_types=["form"]), name=name))
    assert paths(row)[:3] == (f"train/{PAGE}", "spdocvqa_images/zzzz0001_2.png", PAGE)
    assert row.sample.meta["question_types"] == ["form"]


def test_a_list_without_header_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "val_v1.0.json").write_bytes(b"\xef\xbb\xbf \r\n" + json.dumps([record()]).encode())
    (row,), _ = plan("docvqa", tmp_path, "validation")
    assert paths(row)[0] == f"val/{PAGE}"


@pytest.mark.parametrize("name", ["train/ocr_results/zzzz0001_2.json", "spdocvqa_ocr/zzzz0001_2.json"])
def test_recognised_lines_go_to_the_paraphraser(tmp_path: Path, name: str) -> None:
    write(tmp_path, record(), record(2, image="documents/zzzz0009_1.png"))
    lines = [{"text": "TOTAL", "words": []}, {"text": "$1,204.50 "}]
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(json.dumps({"status": "Succeeded", "recognitionResults": [{"lines": lines}]}))
    rows, _ = plan("docvqa", tmp_path)
    assert [dict(row.sample.context) for row in rows] == [{"ocr": "TOTAL $1,204.50"}, {}]


@pytest.mark.parametrize(
    ("printed", "answers", "target"),
    [
        (["Total 18,559"], ["$18,559", "18,559"], "18,559"),
        (["Total $18,559"], ["$18,559", "18,559"], "$18,559"),
        (["Total 18,559"], ["559", "18,559"], "18,559"),
        (["18.5 mg, twice"], ["18", "18.5"], "18.5"),
        (["Please call at NOON today"], ["at noon today", "at NOON today"], "at NOON today"),
        (["HARBOUR COLLEGE", "and Harbour College"], ["Harbour college", "HARBOUR COLLEGE"], "HARBOUR COLLEGE"),
        (["word " * 2000, "the lost  line", "goes on"], ["lost line Goes", "lost line goes"], "lost line goes"),
        (["Bananas"], ["BANANA", "Banana"], "BANANA"),
        (["Growth 5%"], ["5", "5%"], "5%"),
        (["Total $18,559"], ["18,559", "$18,559"], "$18,559"),
        (["a well-known name"], ["well", "well-known"], "well-known"),
        (["a well-known name"], ["Well", "well"], "Well"),
        (["the well-known"], ["known", "the well"], "known"),
        (["on 1/8/93"], ["8/93", "1/8", "1/8/93"], "1/8/93"),
        (["1/8/93 and 8/93"], ["1/8", "8/93"], "8/93"),
        (["5,Harbour Street"], ["street", "Harbour"], "Harbour"),
        (["No. 7-A (old)"], ["7", "(old)"], "(old)"),
        (["ab cd", "ef"], ["ab", "cd\nef"], "cd ef"),
        (["ab cd"], ["xy\nz"], "xy z"),
        (["one two"], ["two", "one"], "two"),
        ([], ["b", "B"], "b"),
    ],
)
def test_the_target_is_the_longest_spelling_that_stands_on_the_page(
    tmp_path: Path, printed: list[str], answers: list[str], target: str
) -> None:
    write(tmp_path, record(answers=answers))
    (tmp_path / "spdocvqa_ocr").mkdir()
    page = {"recognitionResults": [{"lines": [{"text": line} for line in printed]}]}
    (tmp_path / "spdocvqa_ocr/zzzz0001_2.json").write_text(json.dumps(page))
    (row,), _ = plan("docvqa", tmp_path)
    assert (row.sample.answer, row.sample.meta["answers"]) == (target, answers)


def test_a_long_page_is_cut_at_a_word(tmp_path: Path) -> None:
    write(tmp_path, record())
    (tmp_path / "spdocvqa_ocr").mkdir()
    lines = [{"text": "word" * 5}] * 1000
    (tmp_path / "spdocvqa_ocr/zzzz0001_2.json").write_text(json.dumps({"recognitionResults": [{"lines": lines}]}))
    (row,), _ = plan("docvqa", tmp_path)
    assert len(row.sample.context["ocr"]) <= 1500
    assert set(row.sample.context["ocr"].split()) == {"word" * 5}


@pytest.mark.parametrize(
    "broken",
    [
        b'{"recognitionResults": [{"lines": [{"words": []}]}]}',
        b'{"recognitionResults": [{"lines": 5}]}',
        b'{"recognitionResults": [{"li',
        b"",
        b'{"recognitionResults": [{"lines": [{"text": "\xff\xfe"}]}]}',
        b"<html>",
    ],
)
def test_a_broken_file_of_recognised_text_harms_its_page_alone(tmp_path: Path, broken: bytes) -> None:
    write(tmp_path, record(), record(2, image="documents/zzzz0009_1.png", answers=["1,204", "$1,204"]))
    (tmp_path / "spdocvqa_ocr").mkdir()
    (tmp_path / "spdocvqa_ocr/zzzz0001_2.json").write_bytes(broken)
    whole = {"recognitionResults": [{"lines": [{"text": "$1,204"}]}]}
    (tmp_path / "spdocvqa_ocr/zzzz0009_1.json").write_text(json.dumps(whole))
    rows, rejects = plan("docvqa", tmp_path)
    assert not rejects
    assert [(row.sample.answer, dict(row.sample.context)) for row in rows] == [
        ("$1,204.50", {}),
        ("$1,204", {"ocr": "$1,204"}),
    ]


def test_test_is_not_built() -> None:
    assert Split.TEST in load_registry()["docvqa"].task.unlabelled


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"question": " "}, Reason.NO_QUESTION),
        ({"question": None}, Reason.BAD_RECORD),
        ({"answers": []}, Reason.NO_ANSWER),
        ({"answers": None}, Reason.NO_ANSWER),
        ({"answers": ["", " "]}, Reason.NO_ANSWER),
        ({"answers": "1/8/93"}, Reason.BAD_RECORD),
        ({"answers": [1993]}, Reason.BAD_RECORD),
        ({"image": None}, Reason.NO_MEDIA),
        ({"image": 5}, Reason.BAD_RECORD),
        ({"questionId": 1.5}, Reason.BAD_RECORD),
        ({"questionId": True}, Reason.BAD_RECORD),
        ({"questionId": 1}, Reason.DUPLICATE_ID),
    ],
)
def test_a_broken_record_costs_itself_alone(tmp_path: Path, changes: dict[str, Any], reason: Reason) -> None:
    rows, rejects = plan("docvqa", write(tmp_path, record(), record(2) | changes))
    assert [row.sample.key for row in rows] == ["1"]
    assert [reject.reason for reject in rejects] == [reason]


@pytest.mark.parametrize(("folder", "key"), [("DocVQA", "questionId"), ("data", "question_id")])
def test_the_mirrors(tmp_path: Path, folder: str, key: str) -> None:
    mirrored = record(image={"bytes": b"png", "path": None})
    mirrored[key] = str(mirrored.pop("questionId"))
    (tmp_path / folder).mkdir()
    pq.write_table(pa.Table.from_pylist([mirrored]), tmp_path / folder / "train-00000-of-00001.parquet")
    (row,), rejects = plan("docvqa", tmp_path)
    assert not rejects
    assert (row.sample.key, row.sample.answer) == ("1", "$1,204.50")
    assert paths(row) == (f"{folder}/train-00000-of-00001.parquet#0/image",)


def test_a_mirror_without_pictures_is_no_mirror(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    pq.write_table(
        pa.table({"questionId": [1], "question": ["?"], "answers": [["x"]]}), tmp_path / "data/train-0.parquet"
    )
    with pytest.raises(SourceError, match="no column 'image'"):
        plan("docvqa", tmp_path)
