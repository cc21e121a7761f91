"""`m3it_build.testing`: a source is a folder, or its files by name."""

import json
from pathlib import Path

import pytest

from m3it_build.core.errors import MissingSource, UnknownName
from m3it_build.plan.registry import load_registry
from m3it_build.testing import assert_task, plan
from tests.corpus import write_own_task

RECORD = {"id": "q", "input": "Who is this?", "output": {"original_answer": "Ada"}, "image": "a.png"}


def test_files_may_be_values_lines_text_bytes_or_a_folder(tmp_path: Path) -> None:
    line = json.dumps(RECORD | {"input": "Où est-ce ?"}, ensure_ascii=False)
    (tmp_path / "train.jsonl").write_text(line, "utf-8")
    for files in ({"train.jsonl": line}, {"train.jsonl": line.encode()}, tmp_path, str(tmp_path)):
        (row,), rejects = plan("viquae", files)
        assert row.sample.inputs == "Où est-ce ?" and not rejects
    planned = plan("viquae", {"viquae_dataset/test.jsonl": [RECORD, RECORD | {"id": "p"}]}, "test")
    assert [row.sample.key for row in planned.rows] == ["p", "q"]
    own = write_own_task(tmp_path / "mytasks")
    (row,), _ = plan(
        "my-colours", {"train.json": [{"id": 1, **dict.fromkeys(("image", "question", "answer"), "a")}]}, tasks_dir=own
    )
    assert row.origin.file == "train.json"


def test_a_task_can_be_given_itself_and_its_options_chosen() -> None:
    task = load_registry()["nlvr"].task
    other = list(task.options["corpus"])[1]
    with pytest.raises(MissingSource):
        plan(task, {}, corpus=other)


def test_what_cannot_be_planned_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="okvqa"):
        plan("okvqqa", tmp_path)
    with pytest.raises(MissingSource, match=r"train\.jsonl"):
        plan("viquae", {})
    with pytest.raises(ValueError, match="leads out of the folder"):
        plan("viquae", {"../train.jsonl": ""})
    with pytest.raises(ValueError, match="has no sample"):
        assert_task(load_registry()["viquae"].task)


def test_a_task_is_held_to_the_rules_on_files_of_a_test() -> None:
    files = {f"{split}.jsonl": [RECORD] for split in ("train", "validation", "test")}
    assert_task("viquae", files)
    with pytest.raises(AssertionError, match="keys are unique: test, record q: there are two of this key"):
        assert_task("viquae", files | {"test.jsonl": [RECORD, RECORD]})
