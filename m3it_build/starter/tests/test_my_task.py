"""My task: what becomes of its records."""

from pathlib import Path

from m3it_build.core.sample import Reason
from m3it_build.testing import assert_task, plan

TASKS = Path(__file__).parents[1]
RECORD = {"id": 7, "image": "a.png", "question": "What is this?", "answer": "an apple"}


def test_the_task_keeps_the_rules() -> None:
    """On its sample."""
    assert_task("my-task", tasks_dir=TASKS)


def test_a_record_is_a_row() -> None:
    """Under the record's own id."""
    (row,), rejects = plan("my-task", {"train.json": [RECORD]}, tasks_dir=TASKS)
    assert (row.sample.key, row.sample.inputs, row.sample.answer) == ("7", "What is this?", "an apple")
    assert not rejects


def test_a_record_without_an_answer_is_rejected() -> None:
    """And costs no other one."""
    rows, rejects = plan("my-task", {"train.json": [RECORD, RECORD | {"id": 8, "answer": " "}]}, tasks_dir=TASKS)
    assert [row.sample.key for row in rows] == ["7"]
    assert [(reject.key, reject.reason) for reject in rejects] == [("8", Reason.NO_ANSWER)]
