"""MSRVTT-QA: what differs from MSVD-QA, with which its other promises are tested."""

import json
from pathlib import Path

from m3it_build.core.sample import Clip, Reason
from m3it_build.testing import plan


def test_clips_lie_in_any_of_the_usual_folders_and_categories_are_words(tmp_path: Path) -> None:
    record = {"answer": "cat", "id": 1, "question": "what?", "video_id": 6513, "category_id": 13}
    (tmp_path / "val_qa.json").write_text(json.dumps([record, {**record, "video_id": "x"}]))
    (row,), rejects = plan("msrvtt-qa", tmp_path, "validation")
    (clip,) = row.sample.images
    assert isinstance(clip, Clip)
    assert {"TrainValVideo/video6513.mp4", "videos/all/video6513.mp4"} <= set(clip.paths)
    assert row.sample.meta["category"] == "animals"
    assert [reject.reason for reject in rejects] == [Reason.BAD_RECORD]
