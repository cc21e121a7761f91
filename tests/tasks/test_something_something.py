"""Something-Something V2: the class is the template without brackets."""

import json
import zipfile
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Clip, Reason
from m3it_build.testing import plan

OPTIONS = import_module("m3it_build.tasks._options")
LISTS = import_module("m3it_build.tasks._something_classes")
CLASSES = {f"Doing something number {number}": str(number) for number in range(20)} | {"Holding something": "20"}


def write(folder: Path, rows: list[Any], split: str = "train", answers: str | None = None) -> None:
    (folder / "labels").mkdir(exist_ok=True)
    (folder / "labels/labels.json").write_text(json.dumps(CLASSES))
    (folder / f"labels/{split}.json").write_text(json.dumps(rows))
    if answers is not None:
        (folder / "labels/test-answers.csv").write_text(answers, encoding="utf-8")


def test_the_answer_is_one_of_ten_classes_not_the_filled_in_label(tmp_path: Path) -> None:
    write(tmp_path, [{"id": "7", "label": "holding cup", "template": "Holding [something]", "placeholders": ["cup"]}])
    (row,), rejects = plan("something-something", tmp_path)
    assert not rejects
    assert row.sample.outputs.endswith(") Holding something.")
    assert len(row.sample.meta["options"]) == 10
    assert row.sample.meta["class_id"] == "20"


def test_no_option_is_right_as_well() -> None:
    groups = (
        ("Holding something", "Holding something over something", "Holding something next to something"),
        ("Pouring something into something", "Pouring something into something until it overflows"),
        ("Twisting something", "Twisting (wringing) something wet until water comes out"),
    )
    names = [name for group in groups for name in group]
    classes = {name: str(number) for number, name in enumerate([*names, *(f"Doing {word}" for word in "abcdefghi")])}
    records = [{"id": str(number), "template": names[number % len(names)]} for number in range(5000)]
    rows, rejects = plan("something-something", {"labels/labels.json": classes, "labels/train.json": records})
    assert len(rows) == 5000 and not rejects
    options = [frozenset(row.sample.meta["options"]) for row in rows]
    assert {len(shown) for shown in options} == {10}
    for row, shown in zip(rows, options, strict=True):
        answer = row.sample.meta["answer"]
        (wide, *narrow) = next(group for group in groups if answer in group)
        assert not shown & ({*narrow} if answer == wide else {wide})
    assert any({names[1], names[2]} <= shown for shown in options)


def test_test_answers_join_by_id_and_clips_without_one_are_rejected(tmp_path: Path) -> None:
    write(tmp_path, [{"id": "1"}, {"id": "2"}], "test", "2;Holding something\r\n9;Holding something\n")
    rows, rejects = plan("something-something", tmp_path, "test")
    assert [row.sample.key for row in rows] == ["2"]
    assert {reject.key: reject.reason for reject in rejects} == {"1": Reason.NO_LABEL, "9": Reason.NO_QUESTION}


def test_faults_of_single_records(tmp_path: Path) -> None:
    records = [
        {"id": "1", "template": "Flying [something]"},
        {"id": "2"},
        {"id": "3", "template": None},
        {"id": None},
        5,
    ]
    write(tmp_path, records)
    rows, rejects = plan("something-something", tmp_path)
    assert not rows
    assert [reject.reason for reject in rejects] == [Reason.BAD_LABEL, *[Reason.BAD_RECORD] * 4]


def test_older_releases_name_the_files_otherwise(tmp_path: Path) -> None:
    for part, content in (("labels", CLASSES), ("train", [{"id": "7", "template": "Holding [something]"}])):
        (tmp_path / f"something-something-v2-{part}.json").write_text(json.dumps(content))
    assert len(plan("ss", tmp_path)[0]) == 1


def test_a_clip_with_two_answers_has_none_and_quotes_do_not_matter(tmp_path: Path) -> None:
    table = '1;"Holding something"\n2;Holding something\n2;Doing something number 3\n1;Holding something\n'
    write(tmp_path, [{"id": "1"}, {"id": "2"}], "test", table)
    (row,), (reject,) = plan("something-something", tmp_path, "test")
    assert (row.sample.key, row.sample.meta["template"]) == ("1", "Holding something")
    assert (reject.key, reject.reason) == ("2", Reason.BAD_LABEL)


def test_folders_of_frames_stand_for_clips_unless_one_is_missing(tmp_path: Path) -> None:
    write(tmp_path, [{"id": name, "template": "Holding [something]"} for name in ("1", "2", "3")])
    for name, numbers in (("1", range(1, 41)), ("2", [1, 2, 4]), ("3", range(1, 9))):
        folder = tmp_path / "20bn-something-something-v2" / name
        folder.mkdir(parents=True)
        for number in numbers:
            (folder / f"{number:06d}.jpg").touch()
            (folder / f"._{number:06d}.jpg").touch()
    (tmp_path / "20bn-something-something-v2/3.webm").touch()
    (first, third), (reject,) = plan("something-something", tmp_path)
    names = [each.paths[0].rpartition("/")[2] for each in first.sample.images]
    assert names == [f"{number:06d}.jpg" for number in (3, 8, 13, 18, 23, 28, 33, 38)]
    assert (reject.key, reject.reason) == ("2", Reason.MISSING_MEDIA)
    assert [type(each) for each in third.sample.images] == [Clip]


def test_folders_of_frames_may_stay_packed(tmp_path: Path) -> None:
    write(tmp_path, [{"id": "1", "template": "Holding [something]"}])
    with zipfile.ZipFile(tmp_path / "frames.zip", "w") as archive:
        for number in range(1, 9):
            archive.writestr(f"frames/1/{number:06d}.jpg", b"x")
    (row,), _ = plan("something-something", tmp_path)
    assert [each.paths[0] for each in row.sample.images] == [f"frames/1/{number:06d}.jpg" for number in range(1, 9)]


def both(name: str, other: str) -> bool:
    """Whether two classes may stand together."""
    return other in OPTIONS.apart(name, (name, other), OPTIONS.begins, LISTS.pairs((name, other)))


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Putting something on a surface", "Putting something onto something"),
        ("Putting something on a surface", "Putting something behind something"),
        ("Pretending to put something on a surface", "Pretending to put something onto something"),
        ("Pretending to take something from somewhere", "Pretending to take something out of something"),
        ("Taking something out of something", "Digging something out of something"),
        ("Pouring something into something", "Pouring something out of something"),
        ("Picking something up", "Lifting something up completely without letting it drop down"),
        ("Showing something to the camera", "Showing a photo of something to the camera"),
        ("Moving something away from something", "Moving something away from the camera"),
        ("Something being deflected from something", "Something colliding with something and both are being deflected"),
        ("Stacking number of something", "Piling something up"),
        ("Dropping something behind something", "Something falling like a rock"),
        ("Pushing something with something", "Pushing something from right to left"),
    ],
)
def test_what_is_right_where_another_is_never_stands_beside_it(name: str, other: str) -> None:
    assert not both(name, other) and not both(other, name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Pushing something from left to right", "Pushing something from right to left"),
        ("Putting something behind something", "Putting something in front of something"),
        ("Putting something into something", "Putting something onto something"),
        ("Picking something up", "Pretending to pick something up"),
        ("Something falling like a feather or paper", "Something falling like a rock"),
        ("Tearing something into two pieces", "Tearing something just a little bit"),
        ("Turning the camera left while filming something", "Turning the camera right while filming something"),
    ],
)
def test_contraries_may_stand_together(name: str, other: str) -> None:
    assert both(name, other) and both(other, name)


def test_each_name_of_the_list_is_a_class(shared: Path) -> None:
    classes = json.loads((shared / "sources/something-something/labels/labels.json").read_text())
    patterns = {pattern for line in LISTS.LINES for pattern in line}
    assert {pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in classes)} == set()
    together = LISTS.pairs(classes)
    assert min(len(OPTIONS.apart(name, classes, OPTIONS.begins, together)) for name in classes) > 130


def test_clips_that_are_counted_from_0_are_refused(tmp_path: Path) -> None:
    write(tmp_path, [{"id": "1", "template": "Holding [something]"}])
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos/0.webm").touch()
    with pytest.raises(SourceError, match=r"0\.webm: official clips are numbered from 1 to 220847"):
        plan("something-something", tmp_path)
