"""OK-VQA: questions about COCO photos that need outside knowledge.

Marino et al., CVPR 2019. Each question has ten answers: five people's, each written twice. They are counted by the
authors' normalised `answer`, as their metric does, so that "smiles" and "smiling" are one, and the target is what most
of the winner's people typed (`raw_answer`): normalised answers are stemmed ("racing" -> "race", in v1.0 "pony tail" ->
"poni tail") and no text for people. Ties go by file order. Both lists are in meta, and `agreement` is the number of
people behind the target, 1 to 5, as the file's own `confidence`.

Table 7 counts all questions; the benchmark's test set is val2014, which is validation here.
"""

import math
from functools import partial

from m3it_build.core.fields import fields
from m3it_build.core.sample import Fields, Rows
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task, Translated
from m3it_build.sources.joined import join_rows
from m3it_build.sources.json_files import read_array

from ._coco import coco_picture
from ._votes import Vote, vote

TIMES = 2
"""Each person's answer stands so often among the ten."""


def rows(_: SourceFolder, questions: FoundFile, annotations: FoundFile, *, subset: str) -> Rows:
    """One COCO subset, joined by question_id."""
    asked, answered = read_array(questions, "questions"), read_array(annotations, "annotations")
    return join_rows(asked, answered, "question_id", subset=subset)


def layout(subset: str) -> Layout:
    """The official files of a COCO subset."""
    files = (f"OpenEnded_mscoco_{subset}_questions.json", f"mscoco_{subset}_annotations.json")
    return Layout(files, partial(rows, subset=subset))


def votes(record: Fields) -> Vote | None:
    """The answer of most people, as most of them typed it."""
    answers = record["annotation"]["answers"]
    return vote((each["answer"].strip(), each["raw_answer"].strip()) for each in answers)


def target(record: Fields) -> str | None:
    """Its text."""
    winner = votes(record)
    return winner.text if winner else None


def people(record: Fields) -> int | None:
    """How many gave it."""
    winner = votes(record)
    return math.ceil(winner.answers / TIMES) if winner else None


convert = fields(
    question="question.question",
    answer=target,
    image=lambda record: coco_picture(record["subset"], record["question"]["image_id"]),
    meta={
        "question_id": "question.question_id",
        "image_id": "question.image_id",
        "question_type": "annotation.question_type",
        "answers": lambda record: [each["raw_answer"] for each in record["annotation"]["answers"]],
        "normalised_answers": lambda record: [each["answer"] for each in record["annotation"]["answers"]],
        "agreement": people,
    },
)


TASK = Task(
    name="okvqa",
    title="OK-VQA: visual questions that need outside knowledge",
    group=Group.KVQA,
    category=Category.KVQA,
    license=License(
        "LicenseRef-COCO",
        note="Annotations CC-BY-4.0; the photos keep their Flickr terms. The paper says Unknown.",
    ),
    homepage="okvqa.allenai.org",
    citation="Marino et al. OK-VQA: A Visual Question Answering Benchmark Requiring External Knowledge. CVPR 2019. "
    "Lin et al. Microsoft COCO: Common Objects in Context. ECCV 2014.",
    download="""
Four JSON files (v1.1; 9,009 and 5,046 questions), which may stay zipped, and the photos of COCO 2014, unpacked or
not.
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
    errata="""
v1.0, with the same questions, stems the normalised answers more roughly than v1.1 ("poni tail").
""",
    convert=convert,
    collections=("coco2014",),
    paraphrased=True,
    translated=Translated.SAMPLE,
)
