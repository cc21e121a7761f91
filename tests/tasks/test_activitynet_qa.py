"""ActivityNet-QA: questions and answers joined by id, one a video, found anywhere."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from m3it_build.core.sample import Clip, Reason
from m3it_build.testing import plan

SUFFIXES = ("mp4", "webm", "avi", "mkv")


def write(folder: Path, questions: list[Any], answers: list[Any]) -> None:
    (folder / "dataset").mkdir(exist_ok=True)
    for split in ("train", "val", "test"):
        (folder / f"dataset/{split}_q.json").write_text(json.dumps(questions))
        (folder / f"dataset/{split}_a.json").write_text(json.dumps(answers))


def asked(video: str, number: int, text: str = "what is it ") -> dict[str, Any]:
    return {"video_name": video, "question": text, "question_id": f"v_{video}_{number}"}


def told(video: str, number: int, answer: Any = "cat") -> dict[str, Any]:
    return {"answer": answer, "type": 3, "question_id": f"v_{video}_{number}"}


def test_scattered_questions_join_their_answers_and_lose_only_blanks(tmp_path: Path) -> None:
    write(
        tmp_path,
        [asked("-a", 1), asked("_b", 1), asked("-a", 2)],
        [told("_b", 1), told("-a", 2, "2"), told("-a", 1, "1")],
    )
    rows, rejects = plan("activitynet-qa", tmp_path)
    assert not rejects
    first = rows[0].sample
    assert first.inputs == "what is it"
    assert first.answer == str(first.meta["question_id"])[-1]
    assert first.meta["question_type"] == "yes/no"


def test_a_video_is_looked_for_in_its_folders_and_in_any_with_and_without_prefix(tmp_path: Path) -> None:
    write(tmp_path, [asked("-a", 1)], [told("-a", 1)])
    (row,), _ = plan("activitynet-qa", tmp_path)
    (clip,) = row.sample.images
    assert isinstance(clip, Clip)
    assert clip.paths[0] == "v1-2/train/v_-a.mp4"
    assert clip.paths[-8:] == tuple(f"{stem}.{suffix}" for stem in ("v_-a", "-a") for suffix in SUFFIXES)


def test_of_a_mirror_question_and_answer_are_one_row(tmp_path: Path) -> None:
    question = {"video_name": "a", "question": "who runs", "question_id": "v_a_1", "answer": "a dog", "type": "3"}
    (tmp_path / "data").mkdir()
    pq.write_table(
        pa.Table.from_pylist([question, question | {"question_id": "v_a_2"}]), tmp_path / "data/test-0.parquet"
    )
    (row,), rejects = plan("activitynet-qa", tmp_path, "test")
    assert not rejects
    assert (row.sample.inputs, row.sample.answer) == ("who runs", "a dog")
    assert row.sample.meta["question_type"] == "yes/no"


def test_answers_without_question_and_videos_without_answer_are_rejected(tmp_path: Path) -> None:
    write(tmp_path, [asked("a", 1), asked("a", 2), asked("b", 1)], [told("a", 1), told("c", 1), {"answer": "x"}])
    (row,), rejects = plan("activitynet-qa", tmp_path)
    assert row.sample.meta["questions_left_out"] == 1
    assert sorted(reject.reason for reject in rejects) == [Reason.BAD_RECORD, Reason.NO_ANSWER, Reason.NO_QUESTION]


def test_what_is_rejected_stands_in_the_same_order_each_time(tmp_path: Path) -> None:
    write(tmp_path, [asked("a", 1)], [told("a", 1), *(told(name, 1) for name in "zyxwv")])
    _, rejects = plan("activitynet-qa", tmp_path)
    assert [reject.key for reject in rejects] == [f"v_{name}_1" for name in "vwxyz"]
