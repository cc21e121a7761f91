"""OK-VQA: questions about COCO photos that need outside knowledge.

Marino et al., CVPR 2019. Each question has ten answers (five people, each written twice); the most frequent answer as
typed (`raw_answer`) is the target, ties by file order: the normalised `answer` is stemmed ("racing" -> "race") and no
text for people. Table 7 counts all questions; the benchmark's test set is val2014, which is validation here.
"""

from collections.abc import Callable, Iterator

from m3it_build.core.sample import Reason, Reject, Row, Sample, reject
from m3it_build.core.task import Category, Group, Layout, License, Split, Task
from m3it_build.sources.folder import Folder
from m3it_build.sources.joined import join_rows
from m3it_build.sources.json_files import read_array

from ._coco import coco_picture, majority


def questions(subset: str) -> str:
    """The questions file of a COCO subset."""
    return f"OpenEnded_mscoco_{subset}_questions.json"


def annotations(subset: str) -> str:
    """The annotations file of a COCO subset."""
    return f"mscoco_{subset}_annotations.json"


def rows(subset: str) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads one subset, joined by question_id."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        asked = read_array(folder.need(questions(subset)), "questions")
        answered = read_array(folder.need(annotations(subset)), "annotations")
        for row in join_rows(asked, answered, "question_id"):
            yield Row(row.key, {**row.fields, "subset": subset}, row.origin) if isinstance(row, Row) else row

    return read


def convert(row: Row) -> Sample | Reject:
    """One question with its ten answers."""
    question, annotation = row.fields["question"], row.fields["annotation"]
    if not question["question"].strip():
        return reject(row, Reason.NO_QUESTION, "the question is empty")
    answer = majority(annotation["answers"], "raw_answer")
    if answer is None:
        return reject(row, Reason.NO_ANSWER)
    return Sample(
        key=row.key,
        images=(coco_picture(row.fields["subset"], question["image_id"]),),
        inputs=question["question"],
        answer=answer,
        meta={
            "question_id": question["question_id"],
            "image_id": question["image_id"],
            "question_type": annotation.get("question_type"),
            "answers": [each["raw_answer"] for each in annotation["answers"]],
        },
    )


def layout(subset: str) -> Layout:
    """The official files of a subset."""
    return Layout((questions(subset), annotations(subset)), rows(subset))


TASK = Task(
    name="okvqa",
    title="OK-VQA: visual questions that need outside knowledge",
    group=Group.KVQA,
    category=Category.KVQA,
    license=License("CC-BY-4.0", note="Annotations; the photos keep their Flickr terms. The paper says Unknown."),
    homepage="okvqa.allenai.org",
    citation="Marino et al. OK-VQA: A Visual Question Answering Benchmark Requiring External Knowledge. CVPR 2019.",
    download="""
From okvqa.allenai.org, tab Download: four zipped JSON files (v1.1; 9,009 and 5,046 questions, a few MB).
They may stay zipped.
From cocodataset.org: train2014.zip (13 GB) and val2014.zip (6 GB), unpacked or not.
""",
    tree="""
OpenEnded_mscoco_train2014_questions.json
mscoco_train2014_annotations.json
OpenEnded_mscoco_val2014_questions.json
mscoco_val2014_annotations.json
train2014/COCO_train2014_000000051606.jpg ...
val2014/COCO_val2014_000000297147.jpg ...
""",
    splits={Split.TRAIN: (layout("train2014"),), Split.VALIDATION: (layout("val2014"),)},
    convert=convert,
    collections=("coco2014",),
    paraphrased=True,
    translated=True,
)
