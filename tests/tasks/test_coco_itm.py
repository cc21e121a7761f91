"""COCO-ITM: balanced, and nothing but the picture gives the answer away."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.sample import Reason
from m3it_build.core.task import Split
from m3it_build.plan.registry import load_registry
from m3it_build.plan.rows import PlannedRow
from m3it_build.testing import plan

THINGS = ["cat", "dog", "bus", "train", "pizza", "kite", "horse", "boat", "clock", "lamp", "chair", "table", "bear"]
PLACES = ["street", "beach", "kitchen", "garden", "forest", "station", "bridge", "roof"]


def entry(number: int, split: str = "train") -> dict[str, Any]:
    thing = f"{THINGS[number % len(THINGS)]}{number // len(THINGS)}"
    captions = [f"A {colour} {thing} at the {PLACES[number % 8]}" for colour in ("red", "blue", "green")]
    return {
        "cocoid": number,
        "split": split,
        "filepath": (folder := "train2014" if split == "train" else "val2014"),
        "filename": f"COCO_{folder}_{number:012d}.jpg",
        "sentences": [
            {"sentid": number * 10 + place, "raw": f" {caption}{end}"}
            for place, (caption, end) in enumerate(zip(captions, (".", "", "\n"), strict=True))
        ],
    }


def write(folder: Path, entries: list[dict[str, Any]]) -> Path:
    (folder / "dataset_coco.json").write_text(json.dumps({"images": entries}))
    return folder


def answers(rows: list[PlannedRow]) -> Counter[str]:
    return Counter(row.sample.outputs for row in rows)


def test_each_picture_has_one_row_and_both_answers_are_equally_frequent(tmp_path: Path) -> None:
    rows, rejects = plan("coco-itm", write(tmp_path, [entry(number) for number in range(200)]))
    assert not rejects
    assert len(rows) == 200
    assert answers(rows) == {"Yes.": 100, "No.": 100}


def test_every_caption_stands_as_often_with_yes_as_with_no(tmp_path: Path) -> None:
    rows, _ = plan("coco-itm", write(tmp_path, [entry(number) for number in range(200)]))
    for text in {row.sample.inputs for row in rows}:
        count = answers([row for row in rows if row.sample.inputs == text])
        assert count["Yes."] == count["No."]


def test_the_answer_is_true_and_no_negative_is_a_true_caption(tmp_path: Path) -> None:
    entries = [entry(number) for number in range(60)]
    own = {str(each["cocoid"]): {" ".join(each_["raw"].split()) for each_ in each["sentences"]} for each in entries}
    rows, _ = plan("coco-itm", write(tmp_path, entries))
    for row in rows:
        caption = row.sample.inputs.removeprefix("Caption: ")
        assert (caption in own[row.sample.key]) == (row.sample.outputs == "Yes.")
        assert (row.sample.meta["caption_image_id"] == row.sample.key) == (row.sample.meta["answer"] == "Yes")


def test_pairs_share_no_content_word_where_that_is_possible(tmp_path: Path) -> None:
    rows, _ = plan("coco-itm", write(tmp_path, [entry(number) for number in range(60)]))
    by_key = {row.sample.key: entry(int(row.sample.key)) for row in rows}
    for row in rows:
        if row.sample.outputs == "No.":
            words = {word for each in by_key[row.sample.key]["sentences"] for word in each["raw"].strip(" .\n").split()}
            shared = set(row.sample.inputs.strip(".").split()) & words
            assert shared <= {"A", "at", "the", "red", "blue", "green"}


def test_pairs_are_the_same_whatever_the_order_of_records(tmp_path: Path) -> None:
    entries = [entry(number) for number in range(41)]
    expected, _ = plan("coco-itm", write(tmp_path, entries))
    random.Random(5).shuffle(entries)
    for each in entries:
        each["sentences"].reverse()
    assert plan("coco-itm", write(tmp_path, entries))[0] == expected


def test_sampling_keeps_pairs(tmp_path: Path) -> None:
    rows, _ = plan("coco-itm", write(tmp_path, [entry(number) for number in range(40)]))
    units = Counter(row.sample.unit for row in rows)
    assert set(units.values()) == {2}


def test_captions_equal_but_for_case_and_punctuation_are_no_negative(tmp_path: Path) -> None:
    one, two = entry(1), entry(2)
    one["sentences"] = [{"sentid": 1, "raw": "A man riding a wave."}]
    two["sentences"] = [{"sentid": 2, "raw": "a man, riding a wave"}]
    rows, rejects = plan("coco-itm", write(tmp_path, [one, two]))
    assert not rows
    assert {reject.reason for reject in rejects} == {Reason.FEW_OPTIONS}


def test_negatives_come_from_the_same_split(tmp_path: Path) -> None:
    entries = [entry(number, "restval" if number % 2 else "test") for number in range(20)]
    for split in ("train", "test"):
        rows, _ = plan("coco-itm", write(tmp_path, entries), split)
        keys = {row.sample.key for row in rows}
        assert len(keys) == 10
        assert {row.sample.meta["caption_image_id"] for row in rows} <= keys


def test_a_single_picture_has_nothing_to_be_confused_with(tmp_path: Path) -> None:
    rows, rejects = plan("coco-itm", write(tmp_path, [entry(1)]))
    assert not rows
    assert [reject.reason for reject in rejects] == [Reason.FEW_OPTIONS]


def test_broken_captions_do_not_count_and_pictures_without_any_are_rejected(tmp_path: Path) -> None:
    entries = [entry(number) for number in range(6)]
    entries[0]["sentences"] = [{"sentid": 1, "raw": None}, {"sentid": 2, "raw": " . "}, "text"]
    entries[1]["sentences"][0]["raw"] = 7
    del entries[2]["filename"]
    entries.append(entry(5))
    rows, rejects = plan("coco-itm", write(tmp_path, entries))
    assert answers(rows) == {"Yes.": 2, "No.": 2}
    assert {reject.key: reject.reason for reject in rejects} == {
        "0": Reason.EMPTY_TEXT,
        "2": Reason.BAD_RECORD,
        "5": Reason.DUPLICATE_ID,
    }


def test_official_captions_will_do(tmp_path: Path) -> None:
    entries = [entry(number) for number in range(10)]
    content = {
        "images": [{"id": each["cocoid"], "file_name": each["filename"]} for each in entries],
        "annotations": [
            {"image_id": each["cocoid"], "id": sentence["sentid"], "caption": sentence["raw"]}
            for each in reversed(entries)
            for sentence in each["sentences"]
        ],
    }
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "captions_val2014.json").write_text(json.dumps(content))
    rows, rejects = plan("coco-itm", tmp_path, "validation")
    assert not rejects
    assert answers(rows) == {"Yes.": 5, "No.": 5}
    task = load_registry()["coco-itm"].task
    assert all("captions" not in str(layout.files) for layout in task.splits[Split.TEST])


@pytest.mark.parametrize("count", [3, 5, 7])
def test_an_odd_split_is_balanced_but_for_one(tmp_path: Path, count: int) -> None:
    rows, _ = plan("coco-itm", write(tmp_path, [entry(number) for number in range(count)]))
    assert abs(answers(rows)["Yes."] - answers(rows)["No."]) == 1


def beside(number: int) -> dict[str, Any]:
    """Pictures by sevens about one scene, each with a rider and an animal of its own."""
    scene, member = divmod(number, 7)
    riders = ["girl", "boy", "woman", "farmer", "soldier", "child", "tourist"]
    animals = ["horse", "donkey", "camel", "pony", "mule", "elephant", "llama"]
    text = f"A {riders[member]} rides the {animals[member]} by lake{scene} under mountain{scene}"
    return {
        **entry(number),
        "sentences": [{"sentid": number * 10, "raw": text}, {"sentid": number * 10 + 1, "raw": f"Some {text} again"}],
    }


def things(*texts: str) -> set[str]:
    """What captions of `beside` speak of."""
    return set(" ".join(texts).lower().split()) - {"a", "some", "the", "by", "under"}


def test_near_negatives_share_words_and_are_still_no_caption_of_the_picture(tmp_path: Path) -> None:
    entries = [beside(number) for number in range(140)]
    texts = {str(each["cocoid"]): [sentence["raw"] for sentence in each["sentences"]] for each in entries}
    rows, rejects = plan("coco-itm", write(tmp_path, entries), negatives="near")
    assert not rejects
    assert answers(rows) == {"Yes.": 70, "No.": 70}
    for row in rows:
        caption, own = row.sample.inputs.removeprefix("Caption: "), texts[row.sample.key]
        if row.sample.outputs == "No.":
            words, theirs = things(caption), things(*own)
            assert row.sample.meta["caption_image_id"] != row.sample.key
            assert len(words - theirs) >= 2
            # "rides", the lake and the mountain; 120 of 140 have a partner in their own seven, as seven is odd.
            assert row.sample.meta["shared_words"] == len(words & theirs) >= 1
        else:
            assert caption in own
    assert sum(row.sample.meta["shared_words"] >= 3 for row in rows) >= 120


def test_near_negatives_leave_texts_balanced_and_pairs_whole(tmp_path: Path) -> None:
    rows, _ = plan("coco-itm", write(tmp_path, [beside(number) for number in range(70)]), negatives="near")
    assert set(Counter(row.sample.unit for row in rows).values()) == {2}
    for text in {row.sample.inputs for row in rows}:
        count = answers([row for row in rows if row.sample.inputs == text])
        assert count["Yes."] == count["No."]


def test_a_text_that_is_true_of_the_other_picture_too_is_no_near_negative(tmp_path: Path) -> None:
    one, two = entry(1), entry(2)
    one["sentences"] = [{"sentid": 1, "raw": "a man riding a wave"}, {"sentid": 2, "raw": "a tall man riding a wave"}]
    two["sentences"] = [{"sentid": 3, "raw": "a man riding a huge wave"}]
    _, rejects = plan("coco-itm", write(tmp_path, [one, two]), negatives="near")
    rows, _ = plan("coco-itm", write(tmp_path, [one, two]))
    # No caption says two things that the other picture lacks, so they are paired as by default.
    assert not rejects
    assert plan("coco-itm", tmp_path, negatives="near").rows[0].sample.inputs == rows[0].sample.inputs


def test_pictures_that_are_near_to_nothing_are_paired_as_by_default(tmp_path: Path) -> None:
    words = ["apple", "barn", "cello", "drum", "eagle", "flute", "goat", "hammer", "iris", "jacket", "kettle", "ladder"]
    entries = [
        entry(number) | {"sentences": [{"sentid": number, "raw": f"{words[2 * number]} {words[2 * number + 1]}"}]}
        for number in range(5)
    ]
    rows, rejects = plan("coco-itm", write(tmp_path, entries), negatives="near")
    assert not rejects
    assert [row.sample.meta["shared_words"] for row in rows] == [0] * 5


def test_near_pairs_are_the_same_whatever_the_order_of_records(tmp_path: Path) -> None:
    entries = [beside(number) for number in range(41)]
    expected, _ = plan("coco-itm", write(tmp_path, entries), negatives="near")
    random.Random(5).shuffle(entries)
    for each in entries:
        each["sentences"].reverse()
    assert plan("coco-itm", write(tmp_path, entries), negatives="near").rows == expected


def test_by_default_no_words_are_counted(tmp_path: Path) -> None:
    rows, _ = plan("coco-itm", write(tmp_path, [beside(number) for number in range(8)]))
    assert not [row for row in rows if row.sample.meta.get("shared_words") is not None]
