"""What stands twice is told: one picture under many names, the same picture with the same text in two splits."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.sample import Reason
from m3it_build.store.twins import Names, Shared, added, packed, row_digest, several, shared, told
from tests.corpus import edit_json, jpeg, m3it, reject_lines, rows, write_okvqa

TWICE = "the same pictures with the same question and answer"


def story(number: int, photos: Iterable[int]) -> list[list[dict[str, Any]]]:
    return [
        [
            {
                "story_id": str(number),
                "photo_flickr_id": str(photo),
                "worker_arranged_photo_order": place,
                "original_text": f"Part {place} of {number}.",
            }
        ]
        for place, photo in enumerate(photos)
    ]


def write_stories(folder: Path, photos: dict[int, bytes], stories: dict[int, list[int]]) -> Path:
    (folder / "test").mkdir(parents=True)
    parts = [part for number, shown in stories.items() for part in story(number, shown)]
    (folder / "test.story-in-sequence.json").write_text(json.dumps({"annotations": parts}))
    for photo, data in photos.items():
        (folder / f"test/{photo}.jpg").write_bytes(data)
    return folder


def build(task: str, source: Path, out: Path, *flags: object) -> tuple[list[str], list[str]]:
    """What a build tells of what stands twice, and what validation does."""
    built = m3it(
        "build", "--task", task, "--source", source, "--out", out, "--format", "jsonl", "--json", *flags, check=None
    )
    notes = json.loads(built.stdout)["notes"]
    validated = json.loads(m3it("validate", out, "--json").stdout)
    assert validated["problems"] == []
    return [note["why"] for note in notes if note["kind"] == "twice"], [each["what"] for each in validated["notices"]]


def test_a_row_of_one_picture_under_several_names_is_rejected(tmp_path: Path) -> None:
    gone = jpeg(0)
    photos = dict.fromkeys(range(1, 6), gone) | {number: jpeg(number) for number in range(6, 11)}
    stories = {1: [1, 2, 3, 4, 5], 2: [1, 1, 1, 1, 1], 3: [1, 2, 6, 7, 8], 4: [6, 7, 8, 9, 10]}
    source = write_stories(tmp_path / "in", photos, stories)
    told_by_build, told_by_validate = build("vist", source, tmp_path / "out", "--split", "test")
    assert sorted(rows(tmp_path / "out", "vist")) == [f"vist/test/{number}" for number in (2, 3, 4)]
    (lost,) = reject_lines(tmp_path / "out", "vist").values()
    assert (lost["key"], lost["reason"]) == ("1", Reason.ONE_PICTURE)
    assert lost["detail"] == "test/1.jpg is the same picture as test/5.jpg"
    assert told_by_build == told_by_validate == [], "of two names nothing is told"


@pytest.mark.parametrize("per_shard", [1, 2000])
def test_one_picture_under_many_names_is_told(tmp_path: Path, per_shard: int) -> None:
    photos = {number: jpeg(0) for number in range(1, 5)} | {number: jpeg(number) for number in range(5, 20)}
    stories = {number: [number, 5 + number, 10 + number, 14 + number, 15 + number] for number in range(1, 4)}
    stories[4] = [1, 2, 3, 4, 5]
    source = write_stories(tmp_path / "in", photos, stories)
    flags = ("--split", "test", "--rows-per-shard", per_shard)
    first, validated = build("vist", source, tmp_path / "out", *flags)
    again, _ = build("vist", source, tmp_path / "out", *flags)
    assert len(validated) == 1 and validated[0].startswith("one picture under 4 names (test/1.jpg, test/2.jpg, test/3")
    assert first == again == validated
    shown = m3it("validate", tmp_path / "out").stdout
    assert f"vist: {validated[0]}" in shown


def test_rows_that_stand_in_two_splits_are_told(tmp_path: Path) -> None:
    source = write_okvqa(tmp_path)
    for number in (1001, 1002):  # of two photos of both splits, one has the same question
        (source / f"val2014/COCO_val2014_{number:012d}.jpg").write_bytes(jpeg(number - 1000))
    edit_json(
        source / "OpenEnded_mscoco_val2014_questions.json",
        lambda content: content["questions"][0].update(question="What is shape 0 of 1?"),
    )
    first, validated = build("okvqa", source, tmp_path / "out")
    assert first == [f"1 row of validation stands in train, too: {TWICE}"]
    assert validated == [f"1 row of validation (as okvqa/validation/10010) stands in train, too: {TWICE}"]
    alone, _ = build("okvqa", source, tmp_path / "out", "--split", "validation")
    assert alone == first, "what an earlier run built counts, too"


def test_a_digest_is_of_question_answer_and_pictures_alone() -> None:
    def digest(inputs: str, outputs: str, pictures: tuple[str, ...] = ("a",), **meta: Any) -> bytes:
        return row_digest(inputs, outputs, meta, pictures)

    plain = digest("Why?", "So.")
    assert plain == digest("Why?", "So.", variant=3)
    assert plain not in {digest("Why", "So."), digest("Why?", "No."), digest("Why?", "So.", ("b",))}
    assert digest("Who?", "It is a cat.", answer="cat") == digest("Who?", "A cat.", answer="cat")
    options = [("Options:\n(A) cat\n(B) dog", ["cat", "dog"]), ("Options:\n(A) dog\n(B) cow", ["dog", "cow"])]
    of_options = {digest(f"Who?\n{block}", "", options=each, answer="dog") for block, each in options}
    assert len(of_options) == 1
    assert digest("Who?\n" + options[0][0], "", options=options[0][1], answer="cat") not in of_options


def test_digests_of_many_shards_are_compared_split_by_split() -> None:
    one, two, three = (bytes([number]) * 8 for number in (1, 2, 3))
    splits = {"train": [packed([one, two]), packed([two])], "validation": [""], "test": [packed([two, two, three])]}
    assert shared(splits) == [Shared(("train", "test"), 2)]


def test_names_are_added_up_and_the_most_come_first() -> None:
    shards = [several({"x": {"a", "b"}, "y": {"c"}, "z": {"d", "e", "f", "g"}}), several({"x": {"h", "i"}})]
    assert [sorted(each) for each in shards] == [["x", "z"], ["x"]]
    assert added(shards) == [Names(count=4, first=["a", "b", "h"]), Names(count=4, first=["d", "e", "f"])]
    many = [Names(count=9, first=["a", "b", "c"])] * 5
    assert list(told(many, []))[-1] == "2 further pictures under 3 names or more"
