"""iVQA: an answer of the majority, and frames from the right seconds."""

from pathlib import Path

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Clip, Reason
from m3it_build.media.video import sample_frames
from m3it_build.testing import plan
from tests.media.clips import write as write_clip

HEADER = "video_id,start,end,question,answer1,answer2,answer3,answer4,answer5,type\n"


def write(folder: Path, lines: str) -> None:
    for split in ("train", "val", "test"):
        (folder / f"{split}.csv").write_text(HEADER + lines, encoding="utf-8")


def answers(folder: Path) -> list[str | None]:
    return [row.sample.answer for row in plan("ivqa", folder)[0]]


def test_the_majority_answers_and_words_that_look_missing_are_text(tmp_path: Path) -> None:
    write(tmp_path, "-a_b,1,9,What?,cup,mug,cup,mug,x,0\nc,1,9,What?,none,none,none,null,nan,0\n")
    first, second = answers(tmp_path)
    assert first in ("cup", "mug")
    assert second == "none"
    assert [row.sample.meta["agreement"] for row in plan("ivqa", tmp_path)[0]] == [2, 3]


def test_a_cut_clip_is_taken_whole_and_a_whole_video_between_start_and_end(tmp_path: Path) -> None:
    write(tmp_path, "-a_b,1,9,What?,cup,cup,cup,mug,x,0\nc_,2,8,What?,cup,cup,cup,mug,x,0\n")
    (tmp_path / "video").mkdir()
    for name in ("-a_b_1_9.webm", "c_.mp4", "-a_b.mp4"):
        (tmp_path / "video" / name).write_bytes(b"x")
    clips = [row.sample.images[0] for row in plan("ivqa", tmp_path)[0]]
    assert [(clip.start, clip.end) for clip in clips if isinstance(clip, Clip)] == [(None, None), (2.0, 9.0)]


def test_a_whole_video_and_its_cut_show_the_same_seconds(tmp_path: Path) -> None:
    (whole,) = _clips(tmp_path / "whole", "AbCdEfGhIjK.mp4")
    (cut,) = _clips(tmp_path / "cut", "AbCdEfGhIjK_12_21.mp4")
    film = write_clip(tmp_path / "whole/video/AbCdEfGhIjK.mp4", 400, rate=10)
    part = write_clip(tmp_path / "cut/video/AbCdEfGhIjK_12_21.mp4", 100, rate=10)
    of_film, of_part = sample_frames(film, whole), sample_frames(part, cut)
    assert isinstance(of_film, list) and isinstance(of_part, list)
    assert [frame.index for frame in of_film] == [120 + frame.index for frame in of_part]


def _clips(folder: Path, name: str) -> list[Clip]:
    (folder / "video").mkdir(parents=True)
    (folder / "video" / name).touch()
    write(folder, "AbCdEfGhIjK,12,21,What?,cup,cup,cup,mug,x,0\n")
    return [image for row in plan("ivqa", folder)[0] for image in row.sample.images if isinstance(image, Clip)]


@pytest.mark.parametrize("name", ["AbCdEfGhIjK.mp4", "AbCdEfGhIjK_12_21.mp4"])
def test_a_cut_clip_may_have_either_name(tmp_path: Path, name: str) -> None:
    (clip,) = _clips(tmp_path, name)
    frames = sample_frames(write_clip(tmp_path / "video" / name, 100, rate=10), clip)
    assert isinstance(frames, list)
    assert [frame.index for frame in frames] == [6, 18, 31, 43, 56, 68, 81, 93]


def test_each_fault_has_its_reason(tmp_path: Path) -> None:
    lines = (
        "a,x,9,What?,c,c,c,c,c,0",
        "b,9,1,What?,c,c,c,c,c,0",
        "d,1,9,,c,c,c,c,c,0",
        "e,1,9,What?,,,,,,0",
        "f,1,9,What?,,,,,bowl,0",
        "g,1,9,What?,c,c,c,c,,0",
        ",1,9,Q?,c,c,c,c,c,0",
    )
    write(tmp_path, "\n".join(lines))
    rows, rejects = plan("ivqa", tmp_path)
    assert not rows
    assert [reject.reason for reject in rejects] == [
        Reason.BAD_RECORD, Reason.BAD_RECORD, Reason.NO_QUESTION, *[Reason.NO_ANSWER] * 3, Reason.BAD_RECORD,
    ]  # fmt: skip


def test_a_file_that_is_cut_off_names_its_line(tmp_path: Path) -> None:
    write(tmp_path, "a,1,9,What?,c,c,c,c,c,0\nb,1,9,Wh")
    with pytest.raises(SourceError, match="line 3"):
        plan("ivqa", tmp_path)


def test_seconds_that_pandas_wrote_name_the_same_clip(tmp_path: Path) -> None:
    write(tmp_path, "-a_b,1.0,9.0,What?,cup,cup,cup,mug,x,0\n")
    (row,), _ = plan("ivqa", tmp_path)
    assert (row.sample.key, row.sample.images[0].paths[0]) == ("-a_b_1_9", "video/-a_b_1_9.mp4")
