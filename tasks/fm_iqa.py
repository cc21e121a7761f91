"""FM-IQA: Chinese questions about COCO photos, answered in free style.

Gao et al., NeurIPS 2015. One row a question; all of train and val, as Table 7 counts (164,735 / 75,206); the test part
was never released. Answers run from one word to a sentence and nearly always end with a full stop, which is kept; the
paper paraphrases them (the release has both forms), so they are short answers here. Question texts repeat by the
thousand on different photos and are no duplicates.
"""

from functools import partial

from m3it_build.core.sample import Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import json_rows

from ._coco import COCO, coco_picture

FILE = ("FM-IQA.json", "FM-IQA", "5ac9e10bdd572", "5ac9e10bdd572.json")
"""As users rename it, or as it was downloaded; each may be gzipped."""


def rows(_: SourceFolder, file: FoundFile, *, split: str) -> Rows:
    """One of the two lists of the file."""
    return json_rows(file, read_array(file, split), "question_id", split=split)


def convert(row: Row) -> Sample | Reject:
    """One question."""
    record = row.fields
    question, answer = record["Question"].strip(), record["Answer"].strip()
    if not question:
        return reject(row, Reason.NO_QUESTION, "the question is empty")
    if not answer.strip("。.！!？?，, "):
        return reject(row, Reason.NO_ANSWER, f"the answer is {answer!r}")
    return Sample(
        key=row.key,
        images=(coco_picture(record["image_id"], f"{record['split']}2014"),),
        inputs=question,
        answer=answer,
        meta={"question_id": row.key, "image_id": record["image_id"]},
    )


def layout(split: str) -> Layout:
    """The one file, of which a split is a list."""
    return Layout((FILE,), partial(rows, split=split))


TASK = Task(
    name="fm-iqa",
    title="FM-IQA: Chinese free-style questions about pictures",
    group=Group.CHINESE,
    category=Category.VQA,
    license=License("LicenseRef-COCO", note="None stated for the questions; the photos keep their Flickr terms."),
    homepage="idl.baidu.com/FM-IQA.html",
    citation="Gao et al. Are You Talking to a Machine? Dataset and Methods for Multilingual Image Question Answering. "
    "NeurIPS 2015. Lin et al. Microsoft COCO: Common Objects in Context. ECCV 2014.",
    download="""
One gzipped JSON file of 240,000 questions, whose page is gone; copies go round as FM-IQA.json. Gzipped or not, under
either name. And the photos of COCO 2014, unpacked or not.
""",
    tree="""
FM-IQA.json                 or FM-IQA.json.gz, FM-IQA.gz, 5ac9e10bdd572.gz
train2014/COCO_train2014_000000296735.jpg ...
val2014/COCO_val2014_000000400845.jpg ...
""",
    splits={Split.TRAIN: (layout("train"),), Split.VALIDATION: (layout("val"),)},
    convert=convert,
    languages=("zh",),
    collections=COCO,
    paraphrased=True,
    errata="""
Questions have doubled marks ("？？"), none, or typing errors, and stay so.
""",
    held_out=True,
)
