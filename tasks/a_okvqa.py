"""A-OKVQA: questions that need common sense or outside knowledge, with reasons.

Schwenk et al., ECCV 2022. Inputs are the question and its four choices, lettered in the source's order, since some
rationales name a choice by its letter. The output is one of the three rationales, drawn by hash, and the right choice:
"... So the answer is (D) cab.", the form of the first release. Later the authors let ChatGPT rewrite both, which left
prompt artefacts in the data; a rationale is a sentence already, so nothing is paraphrased here. A rationale that speaks
of "answer a" is used only where there is no other. All questions are built (17,056 and 1,145, as in Table 7), those too
difficult for direct answers too: with choices they are as good as the rest. `agreement` in meta is how many of the ten
direct answers mean what the right choice means: none, where people had other words for it.

Open until the full download was seen: that the right choice stands equally often at each of the four places.
"""

import ast
import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from m3it_build.core.sample import Fields, Options, Picture, Reason, Reject, Row, Rows, Sample, Variant, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import json_rows, parquet_rows

from ._coco import coco_files, coco_number, coco_origin
from ._votes import TEN, agreement, whole

CHOICES = 4
NAMES_A_LETTER = re.compile(r"\b(?:answer|option|choice)s?\s+\(?[a-d]\b", re.IGNORECASE)
"""As "the definition of answer a"; that "the answer a child would give" counts too is no loss, there are three."""


def rows(_: SourceFolder, file: FoundFile, *, subset: str) -> Rows:
    """One official file."""
    return json_rows(file, read_array(file), "question_id", subset=subset)


def mirror_rows(_: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """A mirror's Parquet files: no image_id, and the direct answers are a Python list written as text."""
    return parquet_rows(files, "question_id", "image")


def convert(row: Row) -> Sample | Reject:
    """One question with its choices and reasons."""
    record = row.fields
    question, choices, right = record["question"].strip(), record["choices"], record["correct_choice_idx"]
    if not question:
        return reject(row, Reason.NO_QUESTION, "the question is empty")
    if not isinstance(choices, list) or len(choices) != CHOICES or not all(choice.strip() for choice in choices):
        return reject(row, Reason.BAD_RECORD, f"choices {choices} are not {CHOICES} texts")
    if type(right) is not int or not 0 <= right < len(choices):
        return reject(row, Reason.BAD_RECORD, f"correct_choice_idx {right!r} is no place in {choices}")
    if not isinstance(record["rationales"], list):
        return reject(row, Reason.BAD_RECORD, "the rationales are no list")
    reasons = [reason.strip() for reason in record["rationales"] if reason.strip()]
    said = whole(direct_answers(record["direct_answers"]), TEN)
    plain = [reason for reason in reasons if not NAMES_A_LETTER.search(reason)]
    return Sample(
        key=row.key,
        images=(picture(record),),
        inputs=question,
        options=Options(choices[right], tuple(choices), ordered=True),
        variants=tuple(Variant(outputs=reason) for reason in plain or reasons),
        meta={
            "question_id": record["question_id"],
            "image_id": record.get("image_id"),
            "answers": said,
            "agreement": agreement(said, choices[right]),
            "difficult_direct_answer": record.get("difficult_direct_answer"),
            "rationales": reasons,
        },
    )


def direct_answers(value: Any) -> list[str]:
    """The ten answers; a mirror has them as the text of a Python list."""
    try:
        return list(ast.literal_eval(value) if isinstance(value, str) else value)
    except (SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError(f"direct_answers is no list: {error}") from error


def picture(record: Fields) -> Picture:
    """A mirror's cell, the 2017 photo, or the same under one of its 2014 names."""
    if "picture" in record:
        return Picture((record["picture"],), origin=coco_origin(record.get("image_id")))
    number = coco_number(record["image_id"])
    paths = (f"{record['subset']}2017/{number:012d}.jpg", *coco_files(number, "train2014", "val2014"))
    return Picture(tuple(dict.fromkeys(paths)), origin=coco_origin(number))


def layouts(subset: str, pattern: str) -> tuple[Layout, ...]:
    """The official file, or a mirror's Parquet files."""
    name = f"aokvqa_v1p0_{subset}.json"
    official = Layout(((name, f"aokvqa_v1p0/{name}"),), partial(rows, subset=subset))
    return (official, Layout((pattern,), mirror_rows))


TASK = Task(
    name="a-okvqa",
    title="A-OKVQA: questions that need knowledge, with rationales",
    group=Group.KVQA,
    category=Category.KVQA,
    license=License(
        "LicenseRef-COCO",
        note="The authors' repository Apache-2.0, none stated for the data; the photos keep their Flickr terms. "
        "The paper says Unknown.",
    ),
    homepage="a-okvqa.allenai.org",
    citation="Schwenk et al. A-OKVQA: A Benchmark for Visual Question Answering using World Knowledge. ECCV 2022. "
    "Lin et al. Microsoft COCO: Common Objects in Context. ECCV 2014.",
    download="""
The annotations may stay packed. Photos of COCO 2017, or of 2014 where those are there already, unpacked or not.
The Parquet files of HuggingFaceM4/A-OKVQA, photos included, are read too.
""",
    tree="""
aokvqa_v1p0_train.json
aokvqa_v1p0_val.json
train2017/000000299207.jpg ...      or train2014/, val2014/ with 2014 names
val2017/000000461751.jpg ...
""",
    splits={
        Split.TRAIN: layouts("train", "data/train-*.parquet"),
        Split.VALIDATION: layouts("val", "data/val*-*.parquet"),
    },
    unlabelled={Split.TEST: "the answers of the test set are kept by the leaderboard's server"},
    convert=convert,
    collections=("coco2017", "coco2014"),
)
