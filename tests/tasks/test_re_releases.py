"""Files that people have beside the official ones: copies of other form, other years, other versions."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Picture, Reason
from m3it_build.core.task import Split
from m3it_build.plan.layouts import Incomplete, choose_layout, need_layout
from m3it_build.plan.registry import load_registry
from m3it_build.sources.folder import Folder
from m3it_build.testing import plan
from tests.corpus import jpeg, m3it

CELL = {"bytes": jpeg(1), "path": "a.jpg"}


def table(path: Path, *records: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(records)), path)


def note(task: str, folder: Path, split: Split = Split.TRAIN) -> str:
    chosen = load_registry()[task].task
    return need_layout(
        chosen, split, Folder(task, (folder,), {key: value[0] for key, value in chosen.options.items()})
    ).note


# OK-VQA


def test_okvqa_of_a_mirror_with_answers_in_both_forms_is_as_the_official_files(tmp_path: Path) -> None:
    answers = [{"answer": "race", "raw_answer": text, "answer_id": 1} for text in ["racing"] * 8 + ["race"] * 2]
    record = {"question_id": 425, "id_image": 42, "question": "What is it?", "image": CELL}
    table(tmp_path / "data/train-0.parquet", record | {"answers_original": answers, "answers": ["racing"] * 10})
    (row,), rejects = plan("okvqa", tmp_path)
    assert not rejects
    assert (row.sample.key, row.sample.answer, row.sample.meta["image_id"]) == ("425", "racing", 42)
    assert row.sample.images == (Picture(("data/train-0.parquet#0/image",), origin="coco:42"),)
    assert note("okvqa", tmp_path) == ""


def test_okvqa_of_a_mirror_with_bare_answers_is_read_and_told(tmp_path: Path) -> None:
    record = {"question_id": "425", "question": "What is it?", "answers": ["race"] * 6 + ["run"] * 4, "image": CELL}
    table(tmp_path / "data/val2014-00000-of-00001.parquet", record)
    (row,), _ = plan("okvqa", tmp_path, "validation")
    assert (row.sample.answer, row.sample.meta["agreement"]) == ("race", 3)
    assert "each answer in one form" in note("okvqa", tmp_path, Split.VALIDATION)


def test_vqa_v1_under_the_names_of_okvqa_is_told_once(tmp_path: Path) -> None:
    questions = [{"image_id": 4, "question": "What?", "question_id": number} for number in (40, 41)]
    annotations = [{"question_id": number, "answers": [{"answer": "a", "answer_id": 1}] * 10} for number in (40, 41)]
    (tmp_path / "OpenEnded_mscoco_train2014_questions.json").write_text(json.dumps({"questions": questions}))
    (tmp_path / "mscoco_train2014_annotations.json").write_text(json.dumps({"annotations": annotations}))
    with pytest.raises(SourceError, match="this is VQA v1, not OK-VQA"):
        plan("okvqa", tmp_path)


# COCO-GOI


def instances(folder: Path, subset: str, name: str) -> None:
    facts = {
        "images": [{"id": 42, "file_name": name, "width": 640, "height": 480}],
        "annotations": [
            {
                "id": number,
                "image_id": 42,
                "category_id": number,
                "bbox": [9 * number, 9, 99, 99 * number],
                "iscrowd": 0,
            }
            for number in (1, 2)
        ],
        "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "dog"}],
    }
    (folder / "annotations").mkdir(exist_ok=True)
    (folder / f"annotations/instances_{subset}.json").write_text(json.dumps(facts))


def test_boxes_of_2017_are_read_where_those_of_2014_are_missing(tmp_path: Path) -> None:
    instances(tmp_path, "train2017", "000000000042.jpg")
    rows, rejects = plan("coco-goi", tmp_path)
    assert (len(rows), rejects) == (2, [])
    (picture,) = rows[0].sample.images
    assert isinstance(picture, Picture)
    assert picture.paths[0] == "train2017/000000000042.jpg"
    assert {"train2014/COCO_train2014_000000000042.jpg", "val2014/COCO_val2014_000000000042.jpg"} <= set(picture.paths)
    assert "instances_train2014.json" in note("coco-goi", tmp_path)
    instances(tmp_path, "train2014", "COCO_train2014_000000000042.jpg")
    assert note("coco-goi", tmp_path) == ""


# IQA


def test_kadids_own_list_gives_the_rows_and_splits_of_the_collected_one(tmp_path: Path) -> None:
    names = [f"I{number:02d}" for number in range(1, 30)]
    (tmp_path / "kadid10k").mkdir()
    lines = [f"{name}_01_01.png,{name}.png,3.8,0.4" for name in names]
    (tmp_path / "kadid10k/dmos.csv").write_text("\n".join(["dist_img,ref_img,dmos,var", *lines]))
    own = {split: [row.sample for row in plan("iqa", tmp_path, split)[0]] for split in Split}
    assert "dmos.csv" in note("iqa", tmp_path)
    (tmp_path / "csv").mkdir()
    lines = [f"KADID-10k/images/{name}_01_01.png,,KADID-10k/images/{name}.png,3.8" for name in names]
    (tmp_path / "csv/KADID-10k.txt").write_text("\n".join(["dis_img_path,dis_type,ref_img_path,score", *lines]))
    assert own == {split: [row.sample for row in plan("iqa", tmp_path, split)[0]] for split in Split}
    assert all(own.values())


def test_tid2013_is_looked_for_under_both_its_spellings(tmp_path: Path) -> None:
    path = "TID2013/distorted_images/i01_01_1.bmp"
    (tmp_path / "TID2013.txt").write_text(
        f"dis_img_path,dis_type,ref_img_path,score\n{path},X,TID2013/reference_images/I01.BMP,5.5\n"
    )
    rows = [row for split in Split for row in plan("iqa", tmp_path, split, database="TID2013")[0]]
    paths = rows[0].sample.images[0].paths
    assert paths[0] == f"data/{path}"
    assert {path, "TID2013/distorted_images/I01_01_1.bmp", "i01_01_1.bmp", "I01_01_1.bmp"} <= set(paths)


@pytest.mark.parametrize("database", ["LIVE", "LIVE_MD", "LIVE_Challenge", "SPAQ", "KonIQ-10k"])
def test_names_that_repeat_or_are_plain_numbers_are_looked_for_in_their_folders_alone(
    tmp_path: Path, database: str
) -> None:
    path = f"{database}/1024x768/10004473376.jpg"
    (tmp_path / f"{database}.txt").write_text(f"dis_img_path,dis_type,ref_img_path,score\n{path},X,r.png,3\n")
    rows = [row for split in Split for row in plan("iqa", tmp_path, split, database=database)[0]]
    paths = rows[0].sample.images[0].paths
    assert paths[-1] == "1024x768/10004473376.jpg"
    assert all("/" in path for path in paths)


# MSR-VTT


def test_the_lists_of_a_re_release_give_the_papers_splits(tmp_path: Path) -> None:
    def write(name: str, *numbers: int, caption: Any) -> None:
        clips = [{"video_id": f"video{number}", "caption": caption, "category": 9} for number in numbers]
        (tmp_path / name).write_text(json.dumps(clips))

    write("msrvtt_train_7k.json", 0, 1, caption=["a car", "a man"])
    write("msrvtt_train_9k.json", 0, 1, 7010, caption=["a car", "a man"])
    write("msrvtt_test_1k.json", 7020, caption="a cake")
    keys = {split: [row.sample.key for row in plan("msrvtt", tmp_path, split)[0]] for split in Split}
    assert keys == {"train": ["video0", "video1"], "validation": ["video7010"], "test": ["video7020"]}
    (row,), _ = plan("msrvtt", tmp_path, "test")
    assert row.sample.outputs == "a cake"
    (tmp_path / "msrvtt_train_7k.json").unlink()
    assert "9,000 clips" in note("msrvtt", tmp_path)


# ScienceQA, GQA


def science(**changes: Any) -> dict[str, Any]:
    return {"question": "Which?", "choices": ["a", "b"], "answer": 1, "hint": "", "image": CELL} | changes


def test_scienceqa_of_the_folders_of_a_mirror(tmp_path: Path) -> None:
    table(tmp_path / "ScienceQA-IMG/test-0.parquet", science())
    assert len(plan("science-qa", tmp_path, "test")[0]) == 1
    assert "with a picture alone" in note("science-qa", tmp_path, Split.TEST)
    table(tmp_path / "ScienceQA-FULL/test-0.parquet", science(), science(image=None))
    assert len(plan("science-qa", tmp_path, "test")[0]) == 2
    assert note("science-qa", tmp_path, Split.TEST) == ""


@pytest.mark.parametrize("kind", ["balanced", "all"])
def test_gqa_of_a_mirror_has_balanced_and_all_questions(tmp_path: Path, kind: str) -> None:
    question = {"id": "1", "imageId": "23", "question": "What?", "answer": "pipe", "fullAnswer": "A pipe."}
    table(tmp_path / f"train_{kind}_instructions/train-0.parquet", question)
    table(tmp_path / f"train_{kind}_images/train-0.parquet", {"id": "23", "image": CELL})
    (row,), _ = plan("gqa", tmp_path, questions=kind)
    assert row.sample.images[0].paths == (f"train_{kind}_images/train-0.parquet#0/image",)


# ImageNet


def picture(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(jpeg(1))


def test_of_sorted_folders_without_the_names_of_classes_only_those_are_missing(tmp_path: Path) -> None:
    task = load_registry()["imagenet"].task
    for split in ("train", "val"):
        picture(tmp_path, f"{split}/n00000070/n00000070_1.JPEG")
    for split in task.splits:
        found = choose_layout(task, split, Folder("imagenet", (tmp_path,), {"form": "options"}))
        assert isinstance(found, Incomplete)
        assert [names[0] for names in found.missing] == ["LOC_synset_mapping.txt"]


def test_of_sorted_folders_of_train_alone_validation_is_missing_and_train_is_built(tmp_path: Path) -> None:
    source = tmp_path / "imagenet"
    for number in range(12):
        picture(source, f"train/n000001{number:02d}/n000001{number:02d}_1.JPEG")
    names = "".join(f"n000001{number:02d} thing {number}\n" for number in range(12))
    (source / "LOC_synset_mapping.txt").write_text(names)
    said = m3it("build", "--task", "imagenet", "--source", tmp_path, "--out", tmp_path / "out")
    assert "imagenet/validation: not built" in said.stdout
    m3it("sources", "imagenet", "--source", tmp_path, "--check", check=1)


def test_a_file_that_all_splits_need_makes_none_of_them_half_there(tmp_path: Path) -> None:
    (tmp_path / "paragraphs_v1.json").write_text("[]")
    (tmp_path / "train_split.json").write_text("[]")
    task = load_registry()["image-paragraph-captioning"].task
    found = choose_layout(task, Split.TEST, Folder(task.name, (tmp_path,)))
    assert isinstance(found, Incomplete)
    assert found.nothing


# MSVD-QA


def test_a_mapping_with_tabs_is_read_and_its_broken_lines_are_told(tmp_path: Path) -> None:
    for split, number in (("train", 7), ("val", 1201)):
        question = {"id": 1, "video_id": number, "question": "what is it?", "answer": "cat"}
        (tmp_path / f"{split}_qa.json").write_text(json.dumps([question]))
    (tmp_path / "youtube_mapping.txt").write_bytes(b"-ab_5_15\tvid7\r\n\r\n-cd_1_2\r\n")
    (row,), (reject,) = plan("msvd-qa", tmp_path)
    assert "YouTubeClips/-ab_5_15.avi" in row.sample.images[0].paths
    assert (reject.key, reject.reason) == ("youtube_mapping.txt#3", Reason.BAD_RECORD)
    assert not plan("msvd-qa", tmp_path, "validation")[1]
