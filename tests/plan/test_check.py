"""`m3it sources --check`: what of a download is there, pictures and clips too; listings and builds agree with it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import m3it_build as m3it_api
from tests.corpus import jpeg, m3it, write_okvqa
from tests.media.clips import write as write_clip

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"


def write_mirror(path: Path) -> None:
    """A mirror's file of text-vqa with one record."""
    picture = {"bytes": jpeg(1), "path": None}
    record = {"question_id": 1, "question": "What?", "image_id": "ab", "answers": ["stop"] * 10, "image": picture}
    pq.write_table(pa.Table.from_pylist([record]), path)


def check(task: str, source: Path, *, code: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        m3it("sources", task, "--check", "--source", source, "--json", check=code).stdout
    )
    assert found["complete"] is (code == 0)
    return found


def listed(task: str, source: Path) -> list[str]:
    rows = json.loads(m3it("tasks", "--json", "--source", source).stdout)
    return next(row["found"] for row in rows if row["task"] == task)


def test_photos_are_looked_for_and_opened(tmp_path: Path) -> None:
    root = write_okvqa(tmp_path, 30, 1)
    assert (
        "okvqa/train: pictures and clips of 20 records: 20 of 20 found"
        in m3it("sources", "okvqa", "--check", "--source", tmp_path).stdout
    )
    shutil.rmtree(root / "train2014")
    for photo in (root / "val2014").iterdir():
        photo.write_bytes(photo.read_bytes()[:300])
    found = check("okvqa", tmp_path, code=1)
    train, validation = (found["splits"][split]["media"] for split in ("train", "validation"))
    assert (train["records"], train["found"], train["unreadable"]) == (20, 0, [])
    assert train["missing"][0].startswith("train2014/COCO_train2014_")
    assert (validation["found"], validation["missing"]) == (0, [])
    assert "unreadable image: val2014/COCO_val2014_" in validation["unreadable"][0]
    assert found["looked_in"] == [str(root)]
    assert "coco2014" in found["collections_not_there"]
    said = m3it("sources", "okvqa", "--check", "--source", tmp_path, check=1).stdout
    assert f"looked in {root}; there is no folder coco2014" in said


def test_the_records_are_those_that_a_small_build_takes(tmp_path: Path) -> None:
    root = write_okvqa(tmp_path / "source", 60, 1)
    out = tmp_path / "out"
    where = ("--split", "train", "--source", tmp_path / "source", "--out", out)
    m3it("build", "--task", "okvqa", *where, "--limit", 20, "--format", "jsonl")
    kept = {
        each["name"]
        for path in out.glob("data/*/*/*.jsonl")
        for line in path.read_text().splitlines()
        for each in json.loads(line)["meta"]["images"]
    }
    for photo in root.glob("train2014/*"):
        if f"train2014/{photo.name}" not in kept:
            photo.unlink()
    assert check("okvqa", tmp_path / "source", code=0)["splits"]["train"]["media"]["found"] == 20


@pytest.mark.parametrize("whole", [True, False])
def test_clips_are_opened(tmp_path: Path, whole: bool) -> None:
    folder = tmp_path / "msrvtt-qa"
    (folder / "TrainValVideo").mkdir(parents=True)
    records = [{"answer": "ball", "category_id": 1, "id": 1, "question": "what is it?", "video_id": 1}]
    for split in ("train", "val", "test"):
        (folder / f"{split}_qa.json").write_text(json.dumps(records))
    path = folder / "TrainValVideo/video1.mp4"
    write_clip(path, 12)
    if not whole:
        path.write_bytes(b"<!DOCTYPE html>" + b" " * 4000)
    found = m3it("sources", "msrvtt-qa", "--check", "--source", tmp_path, check=None)
    assert ("train: pictures and clips of 1 record: 1 of 1 found" in found.stdout) is whole
    assert ("unreadable video: TrainValVideo/video1.mp4" in found.stdout) is not whole


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("\0" * 5000, "zeros: its download did not finish"),
        ("\n <!DOCTYPE html><html>", "is a web page, not the file itself"),
        ('<?xml version="1.0"?><Error>', "is a server's message, not the file itself"),
        (LFS, "is a Git LFS pointer"),
        ("id,question", "is not JSON"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_told_by_all_commands(
    tmp_path: Path, content: str, words: str
) -> None:
    root = write_okvqa(tmp_path)
    (root / "mscoco_train2014_annotations.json").write_text(content)
    (file,) = (each for each in check("okvqa", tmp_path, code=1)["splits"]["train"]["files"] if each["fault"])
    assert file["found"]
    assert f"mscoco_train2014_annotations.json {words}" in file["fault"].replace("begins with nothing but ", "")
    assert listed("okvqa", tmp_path) == ["validation"]
    built = m3it("build", "--task", "okvqa", "--source", tmp_path, "--out", tmp_path / "out", check=2)
    assert file["fault"] in built.stderr


def test_of_two_complete_layouts_the_readable_one_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "text-vqa"
    (folder / "data").mkdir(parents=True)
    (folder / "TextVQA_0.5.1_train.json").write_text("<html>")
    write_mirror(folder / "data/train-00000-of-00001.parquet")
    assert "train" in listed("text-vqa", tmp_path)
    assert "1 row in" in m3it("build", "--task", "text-vqa", "--source", tmp_path, "--out", tmp_path / "out").stdout


def parts_of_gqa(folder: Path, numbers: range) -> None:
    (folder / "questions/train_all_questions").mkdir(parents=True)
    (folder / "images").mkdir()
    (folder / "images/1.jpg").write_bytes(jpeg(1))
    question: dict[str, Any] = {
        "imageId": "1",
        "question": "What is it?",
        "answer": "disc",
        "fullAnswer": "It is a disc.",
    }
    question |= {"isBalanced": False, "types": {}, "groups": {}}
    for number in numbers:
        path = folder / f"questions/train_all_questions/train_all_questions_{number}.json"
        path.write_text(json.dumps({f"{number}": question}))


def test_numbered_parts_are_counted(tmp_path: Path) -> None:
    parts_of_gqa(tmp_path / "source/gqa", range(7))
    config = tmp_path / "m3it.toml"
    config.write_text('[options.gqa]\nquestions = "all"\n')
    where = ("--source", tmp_path / "source", "--config", config)
    words = "7 of 10 files of train are there; missing: questions/train_all_questions/train_all_questions_7.json and 2"
    assert words in m3it("sources", "gqa", "--check", *where, check=1).stdout
    asked = ("build", "--task", "gqa", *where, "--out", tmp_path / "out")
    assert words in m3it(*asked).stdout
    assert words in m3it(*asked, "-q").stdout
    assert "files of gqa/train are missing" in m3it(*asked, "--strict", check=1).stderr
    rows = json.loads(m3it("tasks", "--json", *where).stdout)
    assert next(row for row in rows if row["task"] == "gqa")["incomplete"] == ["train"]
    assert "train (in part)" in m3it("tasks", *where).stdout


def unfinished_part(folder: Path) -> str:
    left = ".cache/huggingface/download/data/train-00001-of-00002.parquet.0123.incomplete"
    (folder / left).parent.mkdir(parents=True)
    (folder / left).touch()
    return left


def unfinished_file(folder: Path) -> str:
    (folder / "TextVQA_0.5.1_train.json.part").touch()
    return "TextVQA_0.5.1_train.json.part"


@pytest.mark.parametrize(("make", "part"), [(unfinished_part, True), (unfinished_file, False)])
def test_what_an_unfinished_download_left_is_told(tmp_path: Path, make: Callable[[Path], str], part: bool) -> None:
    folder = tmp_path / "text-vqa"
    (folder / "data").mkdir(parents=True)
    left = make(folder)
    if part:
        write_mirror(folder / "data/train-00000-of-00002.parquet")
        said = m3it("build", "--task", "text-vqa", "--source", tmp_path, "--out", tmp_path / "out").stdout
    else:
        said = m3it("sources", "text-vqa", "--source", tmp_path, "--check", check=1).stdout
    assert f"{left} is there: its download did not finish" in said


def test_a_split_of_which_only_shared_files_are_there_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "source/imagenet"
    (folder / "train/n01440764").mkdir(parents=True)
    (folder / "train/n01440764/n01440764_1.JPEG").write_bytes(jpeg(1))
    words = "\n".join(f"n{number:08d} thing {number}" for number in range(1440763, 1440775))
    (folder / "LOC_synset_mapping.txt").write_text(words)
    source = ("--source", tmp_path / "source")
    found = check("imagenet", tmp_path / "source", code=1)["splits"]
    assert (found["train"]["complete"], found["validation"]["complete"]) == (True, False)
    assert listed("imagenet", tmp_path / "source") == ["train"]
    said = m3it("build", "--task", "imagenet", *source, "--out", tmp_path / "out").stdout
    assert "imagenet/validation: not built, and you can mend it: LOC_val_solution.csv not there" in said
    assert "1 row in" in said


def test_all_tasks_that_have_a_folder_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_okvqa(tmp_path / "m3it-sources")
    monkeypatch.chdir(tmp_path)
    said = m3it("sources", "--all", "--check").stdout
    assert "1 task of 40 checked, 0 incomplete" in said
    assert "not in m3it-sources: coco, " in said
    (tmp_path / "m3it-sources/textcap").mkdir()
    assert "textcap/train: missing TextCaps_0.1_train.json" in m3it("sources", "--all", "--check", check=1).stdout
    found = json.loads(m3it("sources", "--all", "--check", "--json", check=1).stdout)
    assert {each["task"] for each in found if each["here"]} == {"okvqa", "textcap"}
    assert len(found) == 40
    m3it("sources", "okvqa", "--check")
    assert "Say which task" in m3it("sources", "--check", check=2).stderr


def test_records_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    root = write_okvqa(tmp_path)
    (root / "mscoco_train2014_annotations.json").write_text('{"annotations": [')
    fault = check("okvqa", tmp_path, code=1)["splits"]["train"]["media"]["fault"]
    assert "mscoco_train2014_annotations.json" in fault


def test_the_function_opens_nothing_if_no_record_is_to_be_looked_at(tmp_path: Path) -> None:
    shutil.rmtree(write_okvqa(tmp_path) / "train2014")
    (found,) = m3it_api.check_sources("okvqa", tmp_path, records=0)
    assert found.complete
    assert not m3it_api.check_sources("okvqa", tmp_path)[0].complete
