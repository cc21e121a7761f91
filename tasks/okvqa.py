"""OK-VQA: questions about COCO photos that need outside knowledge.

Marino et al., CVPR 2019. Each question has ten answers: five people's, each written twice. They are counted by the
authors' normalised `answer`, as their metric does, so that "smiles" and "smiling" are one, and the target is what most
of the winner's people typed (`raw_answer`): normalised answers are stemmed ("racing" -> "race", in v1.0 "pony tail" ->
"poni tail") and no text for people. Ties go by file order. Both lists are in meta, and `agreement` is the number of
people behind the target, 1 to 5, as the file's own `confidence`.

Table 7 counts all questions; the benchmark's test set is val2014, which is validation here.

VQA v1 has annotation files of the same names, without what people typed: they are refused. Of the mirrors, one has the
answers in both forms, so its rows are those of the official files; lmms-lab's has val2014 and one form, and votes count
that one.
"""

import math
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Any

from m3it_build.core.errors import SourceError
from m3it_build.core.fields import fields
from m3it_build.core.sample import Fields, Picture, Rows
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task, Translated
from m3it_build.sources.joined import join_rows
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import parquet_rows, with_fields

from ._coco import COCO, coco_origin, coco_picture
from ._votes import TEN, Vote, vote, whole

TIMES = 2
"""Each person's answer stands so often among the ten."""
LOOKED_AT = 100
"""Annotations by which a file of VQA v1 is known."""
ONE_FORM = (
    "a mirror with each answer in one form, where the official files have it as typed and normalised: votes, and so "
    "targets, may differ"
)


def rows(_: SourceFolder, questions: FoundFile, annotations: FoundFile, *, subset: str) -> Rows:
    """One COCO subset, joined by question_id.

    Raises:
        SourceError: the files are those of VQA v1, which have the same names.
    """
    asked, answered = read_array(questions, "questions"), read_array(annotations, "annotations")
    if is_vqa(islice(answered, LOOKED_AT)):
        raise SourceError(
            f"{annotations.path}: this is VQA v1, not OK-VQA, whose files have the same names but hold a 'raw_answer' "
            "beside each answer. Put OK-VQA's in its place. See: m3it sources okvqa"
        )
    return join_rows(asked, answered, "question_id", subset=subset)


def is_vqa(annotations: Iterable[Any]) -> bool:
    """Whether people's answers are there, and what they typed is not, in any of the annotations."""
    lists = (each.get("answers") for each in annotations if isinstance(each, dict))
    answers = [each for some in lists if isinstance(some, list) for each in some if isinstance(each, dict)]
    return bool(answers) and not any("raw_answer" in each for each in answers)


def mirror_rows(_: SourceFolder, files: Sequence[FoundFile], *, column: str) -> Rows:
    """A mirror's Parquet files, in which photos are cells; `column` has the answers, normalised ones or as typed."""
    found = parquet_rows(files, "question_id", "image", columns=("question", column))
    return with_fields(found, lambda record: {"question": record, "annotation": in_full(record, column)})


def in_full(record: Fields, column: str) -> Fields:
    """A mirror's row as an annotation of the official file; a bare answer stands for both of its forms."""
    answers = record[column] or ()
    both = [{"answer": each, "raw_answer": each} if isinstance(each, str) else each for each in answers]
    return {"question_type": record.get("question_type"), "answers": both}


def picture(record: Fields) -> Picture:
    """A mirror's cell, or the COCO photo."""
    if "picture" in record:
        return Picture((record["picture"],), origin=coco_origin(record["question"].get("id_image")))
    return coco_picture(record["question"]["image_id"], record["subset"])


def layouts(subset: str, mirrored: str) -> tuple[Layout, ...]:
    """The official files of a COCO subset; a mirror with all that they have; one that has the answers in one form."""
    files = (f"OpenEnded_mscoco_{subset}_questions.json", f"mscoco_{subset}_annotations.json")
    return (
        Layout(files, partial(rows, subset=subset)),
        Layout((f"data/{mirrored}-*.parquet",), partial(mirror_rows, column="answers_original")),
        Layout((f"data/{subset}-*.parquet",), partial(mirror_rows, column="answers"), note=ONE_FORM),
    )


def votes(record: Fields) -> Vote | None:
    """The answer of most people, as most of them typed it."""
    answers = record["annotation"]["answers"]
    people = whole(answers, TEN) if answers != [] else []
    return vote((each["answer"].strip(), each["raw_answer"].strip()) for each in people)


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
    image=picture,
    meta={
        "question_id": "question.question_id",
        "image_id": lambda record: record["question"].get("image_id", record["question"].get("id_image")),
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
not. The Parquet files of Multimodal-Fatima/OK-VQA_train and _test and lmms-lab/OK-VQA, photos included, are read too.
""",
    tree="""
OpenEnded_mscoco_train2014_questions.json
mscoco_train2014_annotations.json
OpenEnded_mscoco_val2014_questions.json
mscoco_val2014_annotations.json
train2014/COCO_train2014_000000051606.jpg ...
val2014/COCO_val2014_000000297147.jpg ...
""",
    splits={Split.TRAIN: layouts("train2014", "train"), Split.VALIDATION: layouts("val2014", "test")},
    errata="""
v1.0, with the same questions, stems the normalised answers more roughly than v1.1 ("poni tail").
""",
    convert=convert,
    collections=COCO,
    paraphrased=True,
    translated=Translated.SAMPLE,
)
