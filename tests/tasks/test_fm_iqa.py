"""FM-IQA: one file of two lists, ids as text, keys with capitals."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.testing import plan

RECORD = {"question_id": "17", "image_id": "296735", "Question": "床单是什么颜色？？", "Answer": "白色。"}


def written(folder: Path, *changes: dict[str, Any], file: str = "FM-IQA.json") -> Path:
    content = {"train": [{**RECORD, **change} for change in changes], "val": [RECORD]}
    data = json.dumps(content).encode()
    (folder / file).write_bytes(gzip.compress(data) if file.endswith(".gz") else data)
    return folder


def test_question_and_answer_stay_as_typed(tmp_path: Path) -> None:
    (row,), rejects = plan("fm-iqa", written(tmp_path, {}))
    assert not rejects
    assert (row.sample.inputs, row.sample.answer) == ("床单是什么颜色？？", "白色。")


@pytest.mark.parametrize(("split", "folder"), [("train", "train2014"), ("validation", "val2014")])
def test_the_list_says_where_the_photo_is(tmp_path: Path, split: str, folder: str) -> None:
    (row,), _ = plan("fm-iqa", written(tmp_path, {}), split)
    assert row.sample.images[0].paths[0] == f"{folder}/COCO_{folder}_000000296735.jpg"


def test_the_same_question_on_two_photos_is_two_rows(tmp_path: Path) -> None:
    rows, _ = plan("fm-iqa", written(tmp_path, {}, {"question_id": "18", "image_id": "9"}))
    assert len(rows) == 2


@pytest.mark.parametrize("file", ["FM-IQA.json.gz", "FM-IQA.gz", "5ac9e10bdd572.gz"])
def test_the_download_may_keep_its_name_and_its_compression(tmp_path: Path, file: str) -> None:
    rows, _ = plan("fm-iqa", written(tmp_path, {}, file=file))
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Question": " "}, "no question"),
        ({"Question": None}, "bad record"),
        ({"Answer": ""}, "no answer"),
        ({"Answer": "。"}, "no answer"),
        ({"Answer": float("nan")}, "bad record"),
        ({"Answer": 3}, "bad record"),
        ({"image_id": "abc"}, "bad record"),
        ({"image_id": 12.5}, "bad record"),
        ({"image_id": True}, "bad record"),
        ({"question_id": None}, "bad record"),
    ],
)
def test_a_broken_record_is_rejected(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    rows, (reject,) = plan("fm-iqa", written(tmp_path, change))
    assert (len(rows), reject.reason) == (0, reason)


def test_a_file_of_another_form_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "FM-IQA.json").write_text('{"train": [')
    with pytest.raises(SourceError, match=r"FM-IQA\.json: broken JSON at line 1, column"):
        plan("fm-iqa", tmp_path)
    (tmp_path / "FM-IQA.json").write_bytes('{"train": [{"Question": "床"}]}'.encode("gb18030"))
    with pytest.raises(SourceError, match="is not UTF-8"):
        plan("fm-iqa", tmp_path)
