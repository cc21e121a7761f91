"""Winoground: two rows a line, and the order of the captions tells nothing."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Picture, Reason
from m3it_build.core.task import Translated
from m3it_build.plan.registry import load_registry
from m3it_build.testing import plan


def pair(number: Any = 0, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "caption_0": f"a dog on a cat {number}",
        "caption_1": f"a cat on a dog {number}",
        "image_0": f"ex_{number}_img_0",
        "image_1": f"ex_{number}_img_1",
        "tag": "Noun",
        "secondary_tag": "",
        "num_main_preds": 1,
        "collapsed_tag": "Object",
    } | changes


def write(folder: Path, *pairs: Any, name: str = "data/examples.jsonl") -> Path:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(json.dumps(pair) for pair in pairs))
    return folder


@pytest.mark.parametrize("name", ["data/examples.jsonl", "examples.jsonl"])
def test_a_line_is_two_rows_with_the_caption_of_their_picture(tmp_path: Path, name: str) -> None:
    rows, rejects = plan("winoground", write(tmp_path, pair(3), name=name), "test")
    assert not rejects
    assert [row.sample.key for row in rows] == ["3-0", "3-1"]
    for row, answer in zip(rows, ("a dog on a cat 3", "a cat on a dog 3"), strict=True):
        assert answer in row.sample.outputs
        assert sorted(row.sample.meta["options"]) == ["a cat on a dog 3", "a dog on a cat 3"]
        assert row.sample.meta["options"][row.sample.meta["answer_index"]] == answer
    for place, row in enumerate(rows):
        (picture,) = row.sample.images
        assert isinstance(picture, Picture)
        assert picture.paths[:2] == (f"images/ex_3_img_{place}.png", f"data/images/ex_3_img_{place}.png")
        assert picture.paths[-3] == f"ex_3_img_{place}.png"


TAGS = {"3": ["Ambiguously Correct", "Unusual Text"], "4": []}


@pytest.mark.parametrize("name", ["new_tag_assignments.json", "data/new_tag_assignments.json"])
def test_published_tags_of_an_item_are_kept_where_their_file_is(tmp_path: Path, name: str) -> None:
    write(tmp_path, pair(3), pair(4), pair(5))
    before, _ = plan("winoground", tmp_path, "test")
    (tmp_path / name).write_text(json.dumps(TAGS))
    rows, _ = plan("winoground", tmp_path, "test")
    assert [row.sample.meta.get("new_tags") for row in before] == [None] * 6
    assert [row.sample.meta.get("new_tags") for row in rows] == [TAGS["3"]] * 2 + [[]] * 2 + [None] * 2
    assert [row.sample.inputs for row in rows] == [row.sample.inputs for row in before]


def test_tags_of_another_form_are_an_error(tmp_path: Path) -> None:
    (write(tmp_path, pair(3)) / "new_tag_assignments.json").write_text('{"3": null}')
    with pytest.raises(SourceError, match=r"new_tag_assignments\.json.*not of the documented form"):
        plan("winoground", tmp_path, "test")


def test_the_place_of_the_answer_tells_nothing(tmp_path: Path) -> None:
    rows, _ = plan("winoground", write(tmp_path, *map(pair, range(200))), "test")
    for place in (0, 1):
        right = [row.sample.meta["answer_index"] for row in rows if row.sample.meta["image_index"] == place]
        assert 70 < sum(right) < 130


def test_captions_of_different_words_are_captions_too(tmp_path: Path) -> None:
    rows, _ = plan("winoground", write(tmp_path, pair(caption_0="a blackbird", caption_1="a black bird")), "test")
    assert len(rows) == 2


def test_held_out_and_translated() -> None:
    task = load_registry()["winoground"].task
    assert (task.held_out, task.translated) == (True, Translated.WHOLE)


@pytest.mark.parametrize(
    ("changes", "reasons", "left"),
    [
        ({"id": None}, [Reason.BAD_RECORD], []),
        ({"id": True}, [Reason.BAD_RECORD], []),
        ({"id": 1}, [Reason.DUPLICATE_ID] * 2, []),
        ({"caption_0": None}, [Reason.BAD_RECORD] * 2, []),
        ({"caption_0": ""}, [Reason.NO_ANSWER, Reason.FEW_OPTIONS], []),
        ({"caption_0": "same", "caption_1": "same "}, [Reason.FEW_OPTIONS] * 2, []),
        ({"image_0": None}, [Reason.BAD_RECORD], ["2-1"]),
    ],
)
def test_a_broken_line_costs_itself_alone(
    tmp_path: Path, changes: dict[str, Any], reasons: list[Reason], left: list[str]
) -> None:
    rows, rejects = plan("winoground", write(tmp_path, pair(1), pair(2) | changes), "test")
    assert [row.sample.key for row in rows] == ["1-0", "1-1", *left]
    assert [reject.reason for reject in rejects] == reasons


def test_the_mirror_names_pictures_by_cell(tmp_path: Path) -> None:
    cells = {f"image_{place}": {"bytes": b"png", "path": None} for place in (0, 1)}
    (tmp_path / "data").mkdir()
    pq.write_table(pa.Table.from_pylist([pair(3) | cells]), tmp_path / "data/test-00000-of-00001.parquet")
    (tmp_path / "new_tag_assignments.json").write_text(json.dumps(TAGS))
    rows, rejects = plan("winoground", tmp_path, "test")
    assert not rejects
    assert [row.sample.meta["new_tags"] for row in rows] == [TAGS["3"]] * 2
    assert [row.sample.images for row in rows] == [
        (Picture((f"data/test-00000-of-00001.parquet#0/image_{place}",)),) for place in (0, 1)
    ]
