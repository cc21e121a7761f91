"""ST-VQA: questions about text in scenes.

Biten et al., ICCV 2019, task 3 (no dictionary of answers). One row a question; the first of one or two answers is the
target, spelled as on the sign, since the benchmark counts edit distance; two are spellings that both count, and no
votes. Questions stay as typed. There is no validation split, and the answers of test are kept by the evaluation server:
the 4,070 test rows of Table 7 can only have empty outputs, so test is not built. No recognised text comes with the
data, so the paraphraser gets none.

Pictures of COCO-Text come scaled to 256 x 256 pixels; a user who put COCO's own in their place gets those, so the sizes
that some records state are not held against the pictures. Open until a full download is read: the name of the folder
that people unpack to (all that are known are tried).
"""

import hashlib
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from m3it_build.core.fields import fields
from m3it_build.core.sample import Fields, Origin, Picture, Row, Rows
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_records
from m3it_build.sources.rows import bad_record, json_rows
from m3it_build.sources.tables import read_parquet

from ._answers import accepted, target
from ._coco import COCO, coco_files, coco_origin
from ._names import anywhere

ROOTS = ("train/", "train_imgs/", "", "ST-VQA/")
"""The archive has no top folder: users unpack it to one of these."""
COCO_NAME = re.compile(r"COCO_(?P<subset>(?:train|val)2014)_(?P<number>\d{12})(\.jpg)?")
OWN_NAME = re.compile(r"COCO_|VizWiz_|n\d{8}_")
"""Of the six sources, those that number all their pictures in a way of their own; the others have an img_7.jpg each."""


def rows(_: SourceFolder, file: FoundFile) -> Rows:
    """The training questions."""
    return json_rows(file, read_records(file, "data"), "question_id")


def mirror_rows(_: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """A mirror's Parquet files, which have no ids: a row is named by its picture and question."""
    needed = ("image", "path", "question", "answer")
    for file, number, cells in read_parquet(files, ("image", "dictionary"), needed):
        if not isinstance(cells["path"], str) or not isinstance(cells["question"], str):
            yield bad_record(file, number, f"row {number} has no path or question")
            continue
        key = hashlib.sha256(f"{cells['path']}\n{cells['question']}".encode()).hexdigest()[:16]
        answers = [cells["answer"]] if isinstance(cells["answer"], str) else cells["answer"]
        further = {"file_path": cells["path"], "answers": answers, "picture": f"{file.name}#{number}/image"}
        yield Row(key, {**cells, **further}, Origin(file.name, str(number)))


def picture(record: Fields) -> Picture | None:
    """A mirror's cell, or a picture below any of the roots, COCO's own where that of COCO-Text is not there."""
    if "picture" in record:
        return Picture((record["picture"],), origin=origin(record))
    path = (record.get("file_path") or "").strip()
    name, dataset = (record.get("file_name") or "").strip(), (record.get("dataset") or "").strip()
    names = dict.fromkeys(each for each in (path, f"{dataset}/{name}" if dataset and name else "") if each)
    base = name or path.rpartition("/")[2]
    paths = [f"{root}{each}" for each in names for root in ROOTS]
    if found := COCO_NAME.fullmatch(base):
        paths += (f"train/train2014/{base}", *coco_files(int(found["number"]), found["subset"]))
    return Picture(anywhere(paths) if OWN_NAME.match(base) else tuple(paths), origin=origin(record)) if paths else None


def origin(record: Fields) -> str:
    """The id that a picture has where it was taken from, as far as its name tells it."""
    stem = PurePosixPath(record.get("file_path") or record.get("file_name") or "").stem
    if found := COCO_NAME.match(stem):
        return coco_origin(found["number"])
    if re.fullmatch(r"n\d{8}_\d+", stem):
        return f"imagenet:{stem}"
    genome = record.get("dataset") == "VisualGenome" or "VisualGenome/" in (record.get("file_path") or "")
    return f"vg:{stem}" if genome and stem.isdecimal() else ""


convert = fields(
    question="question",
    answer=target,
    image=picture,
    meta={"question_id": "question_id", "image_file": "file_path", "dataset": "dataset", "answers": accepted},
)


TASK = Task(
    name="st-vqa",
    title="ST-VQA: questions about text in scenes",
    group=Group.VQA,
    category=Category.VQA,
    license=License(
        "LicenseRef-ST-VQA", note="Terms of the RRC portal; the pictures keep those of their seven sources."
    ),
    homepage="rrc.cvc.uab.es/?ch=11",
    citation="Biten et al. Scene Text Visual Question Answering. ICCV 2019.",
    download="""
26,074 questions and about 19,000 pictures of task 3, which may stay packed. The Parquet files of
danjacobellis/stvqa_task1, pictures included, are read too (fetched with --mirrors, without a login).
""",
    tree="""
train_task_3.json
train/coco-text/COCO_train2014_000000138859.jpg ...     or train_imgs/, or the six folders side by side
train/VisualGenome/...  train/vizwiz/...  train/icdar/...  train/imageNet/...  train/IIIT_text/...
""",
    splits={Split.TRAIN: (Layout(("train_task_3.json",), rows), Layout(("data/train-*.parquet",), mirror_rows))},
    unreadable={
        "data/test-*.parquet": "it has questions of test alone (lmms-lab/ST-VQA), whose answers the server keeps",
        "st_vqa/train-*.parquet": "The Cauldron has conversations made of the questions, without their ids",
    },
    unlabelled={
        Split.VALIDATION: "the source has no validation split",
        Split.TEST: "the evaluation server keeps the answers of test",
    },
    convert=convert,
    collections=COCO,
    paraphrased=True,
)
