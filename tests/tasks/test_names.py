"""Where the pictures and clips of a task are looked for: in its folders, and by name alone where a name says enough."""

import json
from importlib import import_module
from pathlib import Path

import pytest

from m3it_build.core.errors import MissingSource
from m3it_build.core.sample import Clip
from m3it_build.plan.registry import load_registry
from m3it_build.testing import plan

NAMES = import_module("m3it_build.tasks._names")
NAMED_IN_FOLDERS = {
    "chinese-food": "each class numbers its photos from 000000",
    "mmchat": "the photos that are there were listed",
    "mocheg": "the pictures that are there were listed",
    "science-qa": "every picture is called image.png",
    "shapes": "the pictures stand in an array",
}
"""Tasks whose pictures' names alone say nothing, or are not looked for."""
EXPECTED = {
    **{name: {False} for name in NAMED_IN_FOLDERS},
    "shapes": set(),
    "st-vqa": {True, False},  # of its six sources some number their pictures from 1
    "vist": {False},  # the sample's numbers are short
}
COCO_TASKS = (
    "a-okvqa", "coco", "coco-cn", "coco-goi", "coco-itm", "coco-text", "fm-iqa", "okvqa", "st-vqa", "visual-dialog",
    "vqa-v2",
)  # fmt: skip


def test_bare_names_come_last_and_once() -> None:
    assert NAMES.anywhere(["train/a1.jpg", "val/a1.jpg"]) == ("train/a1.jpg", "val/a1.jpg", "a1.jpg")
    assert NAMES.anywhere(["a1.jpg"]) == ("a1.jpg",)


@pytest.mark.parametrize("path", ["VG_100K/1.jpg", "VG_100K/99999.jpg", "images/", "../train.json", "a/../../b.json"])
def test_a_short_number_or_a_path_upwards_gives_no_name(path: str) -> None:
    assert NAMES.anywhere([path]) == (path,)


def test_a_long_number_is_a_name() -> None:
    assert NAMES.anywhere(["VG_100K/2375429.jpg"])[-1] == "2375429.jpg"


def test_re_encoded_copies_are_tried_after_what_the_record_names() -> None:
    assert NAMES.re_encoded(["a/p.x.png", "p"]) == ("a/p.x.png", "p", "a/p.x.jpg", "a/p.x.jpeg")


@pytest.mark.parametrize("name", [entry.task.name for entry in load_registry()])
def test_of_every_task_it_is_decided_whether_a_name_is_enough(name: str) -> None:
    entry = load_registry()[name]
    with_split = next(split for split in entry.task.splits if split not in entry.task.unlabelled)
    rows, _ = plan(name, Path(str(entry.sample)), with_split)
    media = [each for row in rows for each in row.sample.images if isinstance(each, Clip) or not each.data]
    bare = {any("/" not in path for path in each.paths) for each in media}
    assert bare == EXPECTED.get(name, {True})


@pytest.mark.parametrize("name", COCO_TASKS)
def test_every_task_on_coco_looks_into_both_collections(name: str) -> None:
    assert set(load_registry()[name].task.collections) == {"coco2014", "coco2017"}


@pytest.mark.parametrize("name", [name for name in COCO_TASKS if name != "st-vqa"])
def test_every_task_on_coco_knows_a_photo_by_both_its_names(name: str) -> None:
    entry = load_registry()[name]
    rows, _ = plan(name, Path(str(entry.sample)))
    for row in rows:
        (picture, *_) = row.sample.images
        number = f"{int(picture.origin.removeprefix('coco:')):012d}.jpg"
        assert {f"train2017/{number}", f"val2017/{number}", number} <= set(picture.paths)
        assert any(path.endswith(f"2014_{number}") for path in picture.paths)


@pytest.mark.parametrize(
    ("task", "files", "told"),
    [
        ("vqa-v2", ["OpenEnded_mscoco_train2014_questions.json"], "it is of VQA v1 or OK-VQA"),
        ("snli-ve", ["snli_ve_train.jsonl"], "not e-SNLI-VE"),
        ("multi30k", ["train.jsonl"], "does not name the photos"),
        ("coco-goi", ["data/train-00000-of-00001.parquet"], "crowds"),
        ("clevr", ["questions/CLEVR_trainA_questions.json"], "CLEVR-CoGenT"),
        ("mmchat", ["mmchat_hf/dialog_train.jsonl.gz"], "mmchat_hf is another version"),
    ],
)
def test_a_re_release_that_is_not_read_is_named_with_the_reason(
    tmp_path: Path, task: str, files: list[str], told: str
) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps({}))
    with pytest.raises(MissingSource, match=told) as error:
        plan(task, tmp_path)
    assert "is there, but is not read" in str(error.value)


@pytest.mark.parametrize("name", [entry.task.name for entry in load_registry()])
def test_what_is_missing_is_told_in_few_words(tmp_path: Path, name: str) -> None:
    for split in load_registry()[name].task.splits:
        with pytest.raises(MissingSource) as error:
            plan(name, tmp_path, split)
        assert len(str(error.value).replace(str(tmp_path), "")) < 300
