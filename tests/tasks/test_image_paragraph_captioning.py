"""Image paragraphs: joined by id with the official lists, one paragraph an id."""

import json
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.sample import Picture, Reason
from m3it_build.testing import plan


def entry(
    number: Any = 7, text: Any = "A dog sits.  It is brown.\nThe grass is green. ", **changes: Any
) -> dict[str, Any]:
    return {
        "url": f"https://example.org/people/x/VG_100K_2/{number}.jpg",
        "image_id": number,
        "paragraph": text,
    } | changes


def write(folder: Path, ids: list[Any], *entries: Any, split: str = "train") -> Path:
    (folder / f"{split}_split.json").write_text(json.dumps(ids))
    (folder / "paragraphs_v1.json").write_text(json.dumps(entries))
    return folder


def test_blanks_are_single_and_lines_stay(tmp_path: Path) -> None:
    (row,), rejects = plan("image-paragraph-captioning", write(tmp_path, [7], entry()))
    assert not rejects
    assert row.sample.inputs == ""
    assert row.sample.outputs == "A dog sits. It is brown.\nThe grass is green."
    assert row.sample.meta["original"] == {"outputs": entry()["paragraph"].strip()}


def test_the_lists_decide_the_split(tmp_path: Path) -> None:
    write(tmp_path, [7], entry(8), entry(7), entry(9))
    write(tmp_path, [9, 8], entry(8), entry(7), entry(9), split="val")
    assert [row.sample.key for row in plan("image-paragraph-captioning", tmp_path)[0]] == ["7"]
    assert [row.sample.key for row in plan("image-paragraph-captioning", tmp_path, "validation")[0]] == ["8", "9"]


def test_the_url_names_the_folder_and_the_other_one_is_tried(tmp_path: Path) -> None:
    (row,), _ = plan("image-paragraph-captioning", write(tmp_path, [7], entry()))
    assert row.sample.images == (Picture(("VG_100K_2/7.jpg", "VG_100K/7.jpg"), origin="vg:7"),)


def test_of_two_paragraphs_the_first_is_kept_and_the_other_reported(tmp_path: Path) -> None:
    write(tmp_path, [8, 7], entry(7, "First."), entry(8), entry(7, "Second."))
    rows, rejects = plan("image-paragraph-captioning", tmp_path)
    assert {row.sample.key: row.sample.outputs for row in rows}["7"] == "First."
    assert [(reject.key, reject.reason) for reject in rejects] == [("7#1", Reason.FURTHER_TEXT)]


@pytest.mark.parametrize("empty", ["", None, 5])
def test_an_empty_paragraph_does_not_take_the_place_of_a_written_one(tmp_path: Path, empty: Any) -> None:
    rows, rejects = plan("image-paragraph-captioning", write(tmp_path, [7], entry(7, empty), entry(7, "Written.")))
    assert [row.sample.outputs for row in rows] == ["Written."]
    assert [reject.reason for reject in rejects] == [Reason.FURTHER_TEXT]


@pytest.mark.parametrize(("listed", "number"), [(7, "7"), ("7", 7), ("7", "7")])
def test_ids_match_as_numbers_and_as_text(tmp_path: Path, listed: Any, number: Any) -> None:
    assert len(plan("image-paragraph-captioning", write(tmp_path, [listed], entry(number)))[0]) == 1


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        (99, Reason.NO_ANNOTATION),
        (None, Reason.BAD_RECORD),
        (8.5, Reason.BAD_RECORD),
        (True, Reason.BAD_RECORD),
        ({}, Reason.BAD_RECORD),
        (7, Reason.DUPLICATE_ID),
    ],
)
def test_a_broken_item_of_a_list_costs_itself_alone(tmp_path: Path, listed: Any, reason: Reason) -> None:
    rows, rejects = plan("image-paragraph-captioning", write(tmp_path, [7, listed], entry()))
    assert [row.sample.key for row in rows] == ["7"]
    assert [reject.reason for reject in rejects] == [reason]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"paragraph": " \n"}, Reason.EMPTY_TEXT),
        ({"paragraph": None}, Reason.BAD_RECORD),
        ({"paragraph": ["A dog."]}, Reason.BAD_RECORD),
        ({"url": None}, Reason.NO_MEDIA),
        ({"url": 5}, Reason.BAD_RECORD),
        ({"url": "https://example.org/VG_100K/7.jpg"}, Reason.BAD_RECORD),
        ({"image_id": None}, Reason.NO_ANNOTATION),
    ],
)
def test_a_broken_record_costs_itself_alone(tmp_path: Path, changes: dict[str, Any], reason: Reason) -> None:
    write(tmp_path, [7, 8], entry(7), entry(8) | changes, "no object")
    rows, rejects = plan("image-paragraph-captioning", tmp_path)
    assert [row.sample.key for row in rows] == ["7"]
    assert [(reject.key, reject.reason) for reject in rejects] == [("8", reason)]
