"""ActivityNet-QA: questions and answers joined by id, one a video, found anywhere."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from m3it_build.core.sample import Reason
from m3it_build.sources.files import File
from m3it_build.sources.folder import Folder
from m3it_build.testing import plan
from tests.lookup import locate


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


def test_a_video_is_found_in_any_folder_with_and_without_prefix(tmp_path: Path) -> None:
    write(tmp_path, [asked("-a", 1), asked("b_c", 1), asked("d", 1)], [told("-a", 1), told("b_c", 1), told("d", 1)])
    for name in ("deep/er/v_-a.mkv", "b_c.webm", "deep/._d.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    folder = Folder("activitynet-qa", (tmp_path,))
    found = [locate(folder, row.sample.images[0]) for row in plan("activitynet-qa", tmp_path)[0]]
    assert [file.path.name if isinstance(file, File) else file.reason for file in found] == [
        "v_-a.mkv",
        "b_c.webm",
        Reason.MISSING_MEDIA,
    ]


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


def test_of_two_files_of_a_video_that_of_the_first_official_folder_is_taken(tmp_path: Path) -> None:
    write(tmp_path, [asked("a", 1)], [told("a", 1)])
    for name in ("v1-3/test/v_a.mp4", "v1-2/val/v_a.mp4", "my/v_a.mp4"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    (row,), _ = plan("activitynet-qa", tmp_path)
    found = locate(Folder("activitynet-qa", (tmp_path,)), row.sample.images[0])
    assert isinstance(found, File)
    assert found.path == tmp_path / "v1-2/val/v_a.mp4"
