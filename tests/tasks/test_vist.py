"""VIST: five sentences that belong together by their story, and five photos in the order of the story."""

import json
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.testing import plan


def sentence(place: Any, story: Any = "45530", **change: Any) -> list[dict[str, Any]]:
    record = {
        "story_id": story,
        "album_id": "44277",
        "photo_flickr_id": f"17416{place}",
        "worker_arranged_photo_order": place,
        "original_text": f" Anna saw  photo {place}.\n",
        "text": f"[female] saw photo {place} .",
    }
    return [record | change]


def written(folder: Path, *annotations: Any, name: str = "sis/train.story-in-sequence.json") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"images": [], "albums": [], "annotations": annotations}))
    return folder


def test_sentences_are_told_in_their_order_whatever_that_of_the_file(tmp_path: Path) -> None:
    pieces = [sentence(place) for place in (3, 0, 4)] + [sentence(0, "8")] + [sentence(place) for place in (1, 2)]
    rows, rejects = plan("vist", written(tmp_path, *pieces))
    assert [reject.key for reject in rejects] == ["8"]
    assert rows[0].sample.outputs == " ".join(f"Anna saw photo {place}." for place in range(5))
    assert rows[0].sample.inputs == ""
    assert [picture.paths[0] for picture in rows[0].sample.images] == [f"train/17416{place}.jpg" for place in range(5)]


def test_pieces_are_not_glued_and_those_with_a_mark_stay(tmp_path: Path) -> None:
    texts = ["We left", 'He said "no!"', "And then,", "(all of us)", "Great!!"]
    pieces = [sentence(place, original_text=text) for place, text in enumerate(texts)]
    (row,), _ = plan("vist", written(tmp_path, *pieces))
    assert row.sample.outputs == 'We left. He said "no!" And then, (all of us). Great!!'


def test_a_comma_leads_over_to_small_letters_only(tmp_path: Path) -> None:
    texts = [
        "After the parade,",
        "we went home,",
        "Anna and Ben were tired :)",
        'She said "sleep well,"',
        "Then it rained,",
    ]
    pieces = [sentence(place, original_text=text) for place, text in enumerate(texts)]
    (row,), _ = plan("vist", written(tmp_path, *pieces))
    said = 'After the parade, we went home. Anna and Ben were tired :) She said "sleep well," Then it rained.'
    assert row.sample.outputs == said


def test_photos_may_have_another_suffix(tmp_path: Path) -> None:
    (row,), _ = plan("vist", written(tmp_path, *map(sentence, range(5))))
    assert {"train/174160.jpg", "train/174160.png", "train/174160.gif"} <= set(row.sample.images[0].paths)


def test_stories_with_the_same_photos_are_different_rows(tmp_path: Path) -> None:
    pieces = [sentence(place, story) for story in ("1", "2", "3") for place in range(5)]
    rows, rejects = plan("vist", written(tmp_path, *pieces))
    assert (len(rows), rejects) == (3, [])


def test_the_folder_of_the_archive_may_be_left_out(tmp_path: Path) -> None:
    folder = written(tmp_path, *map(sentence, range(5)), name="train.story-in-sequence.json")
    assert len(plan("vist", folder)[0]) == 1


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        ([sentence(place) for place in range(4)], "bad record"),
        ([sentence(place) for place in (0, 1, 2, 3, 3)], "bad record"),
        ([sentence(place) for place in (0, 1, 2, 3, 5)], "bad record"),
        ([*map(sentence, range(4)), sentence(4, worker_arranged_photo_order=None)], "bad record"),
        ([*map(sentence, range(4)), sentence(4, original_text=" \n")], "empty text"),
        ([*map(sentence, range(4)), sentence(4, original_text=None)], "bad record"),
        ([*map(sentence, range(4)), sentence(4, photo_flickr_id=None)], "no media"),
    ],
)
def test_an_incomplete_story_is_rejected(tmp_path: Path, pieces: list[Any], reason: str) -> None:
    rows, (reject,) = plan("vist", written(tmp_path, *pieces))
    assert (len(rows), reject.key, reject.reason) == (0, "45530", reason)


@pytest.mark.parametrize("piece", [sentence(0, None), [], None, [{}, {}], "text"])
def test_an_annotation_of_no_story_costs_only_itself(tmp_path: Path, piece: Any) -> None:
    rows, (reject,) = plan("vist", written(tmp_path, *map(sentence, range(5)), piece))
    assert (len(rows), reject.reason) == (1, "bad record")


def test_a_file_cut_off_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path, *map(sentence, range(5))) / "sis/train.story-in-sequence.json"
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(SourceError, match=r"train\.story-in-sequence\.json: broken JSON at line 1, column"):
        plan("vist", tmp_path)
