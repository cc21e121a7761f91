"""MSVD-QA and MSRVTT-QA: one question a clip."""

import json
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Clip, Reason
from m3it_build.testing import plan

FIRST = {"msvd-qa": {"train": 1, "val": 1201, "test": 1451}, "msrvtt-qa": {"train": 0, "val": 6513, "test": 7010}}
"""The first clip of each split."""
NEXT = {"msvd-qa": 1971, "msrvtt-qa": 10000}
NAME = {"msvd-qa": "vid", "msrvtt-qa": "video"}


def write(folder: Path, records: list[Any]) -> None:
    (folder / "train_qa.json").write_text(json.dumps(records))


def question(number: int, clip: Any, answer: Any = "cat", text: Any = "what is it?") -> dict[str, Any]:
    return {"answer": answer, "id": number, "question": text, "video_id": clip}


@pytest.mark.parametrize("task", ["msvd-qa", "msrvtt-qa"])
def test_one_question_a_clip_whatever_their_order(tmp_path: Path, task: str) -> None:
    records = [question(number, 1 + number % 3, f"answer {number}") for number in range(30)]
    write(tmp_path, records)
    rows, rejects = plan(task, tmp_path)
    assert [row.sample.key for row in rows] == ["1", "2", "3"]
    assert not rejects
    write(tmp_path, records[::-1])
    assert [row.sample for row in plan(task, tmp_path)[0]] == [row.sample for row in rows]


@pytest.mark.parametrize("task", ["msvd-qa", "msrvtt-qa"])
def test_questions_without_answer_are_left_out_and_a_clip_without_any_is_rejected(tmp_path: Path, task: str) -> None:
    write(
        tmp_path,
        [question(1, 1, ""), question(2, 1), question(3, 2, None), question(4, 2, "x", " "), question(5, None), 7],
    )
    (row,), rejects = plan(task, tmp_path)
    assert row.sample.meta["question_id"] == 2
    assert row.sample.meta["questions_left_out"] == 1
    assert sorted(reject.reason for reject in rejects) == [Reason.BAD_RECORD, Reason.BAD_RECORD, Reason.NO_ANSWER]


@pytest.mark.parametrize("task", FIRST)
def test_a_split_has_its_official_clips_whatever_its_file_holds(tmp_path: Path, task: str) -> None:
    clips = FIRST[task].values()
    records = [
        question(number, number) for number in (*clips, *(clip - 1 for clip in clips if clip > 1), NEXT[task] - 1)
    ]
    for name, split in (("train", "train"), ("val", "validation"), ("test", "test")):
        (tmp_path / f"{name}_qa.json").write_text(json.dumps(records))
        rows, rejects = plan(task, tmp_path, split)
        following = min([each for each in clips if each > FIRST[task][name]], default=NEXT[task])
        assert {int(row.sample.key) for row in rows} == {FIRST[task][name], following - 1}
        assert {reject.reason for reject in rejects} == {Reason.OTHER_SPLIT}


@pytest.mark.parametrize("task", FIRST)
def test_numbers_that_are_off_by_one_are_refused(tmp_path: Path, task: str) -> None:
    write(tmp_path, [question(1, 1), question(2, NEXT[task] + 7)])
    _, (far,) = plan(task, tmp_path)
    assert far.reason is Reason.BAD_RECORD
    for outside in {FIRST[task]["train"] - 1, NEXT[task]} - {-1}:
        write(tmp_path, [question(1, 1), question(2, outside)])
        with pytest.raises(SourceError, match="are numbered from"):
            plan(task, tmp_path)
        write(tmp_path, [question(1, 1)])
        beside = tmp_path / f"video/{NAME[task]}{outside}.mp4"
        beside.parent.mkdir(exist_ok=True)
        beside.touch()
        with pytest.raises(SourceError, match=rf"{beside.name}.* are numbered from"):
            plan(task, tmp_path)
        beside.unlink()


def test_clips_are_found_by_number_or_by_their_youtube_name(tmp_path: Path) -> None:
    write(tmp_path, [question(1, 7)])
    (tmp_path / "youtube_mapping.txt").write_text("-a_b c_5_15 vid7\n_x_1_2 vid8")
    (clip,) = plan("msvd-qa", tmp_path)[0][0].sample.images
    assert isinstance(clip, Clip)
    assert {"video/vid7.avi", "YouTubeClips/-a_b c_5_15.avi"} <= set(clip.paths)


def test_a_broken_file_names_its_place(tmp_path: Path) -> None:
    write(tmp_path, [question(1, 7)])
    (tmp_path / "train_qa.json").write_text('[{"answer": "a", ')
    with pytest.raises(SourceError, match=r"train_qa\.json.*character"):
        plan("msvd-qa", tmp_path)


def test_a_number_with_two_youtube_names_has_none(tmp_path: Path) -> None:
    (tmp_path / "train_qa.json").write_text(json.dumps([{"id": 0, "video_id": 1, "question": "who?", "answer": "man"}]))
    (tmp_path / "youtube_mapping.txt").write_text("-a_1_2 vid1\n_b_3_4 vid1")
    (row,), _ = plan("msvd-qa", tmp_path)
    assert row.sample.meta["youtube_name"] is None


def test_the_order_of_two_questions_with_one_id_does_not_matter(tmp_path: Path) -> None:
    records = [{"id": 5, "video_id": 1, "question": text, "answer": "man"} for text in ("who sings?", "who runs?")]
    found = []
    for order in (records, records[::-1]):
        (tmp_path / "train_qa.json").write_text(json.dumps(order))
        found += [row.sample.inputs for row in plan("msvd-qa", tmp_path)[0]]
    assert found == ["who runs?"] * 2
