"""CLEVR: questions about computer-drawn scenes of cubes, spheres and cylinders.

Johnson et al., CVPR 2017. One row a question; the answer is a word, a digit or yes/no and becomes a sentence, as in the
authors' re-issue `clevr-rephrased` (paper, 3.2). Table 7 counts 30,000 / 2,000 / 0 of 699,989 / 149,991 questions; test
has no answers. Programs and scenes are not read. Pictures keep their alpha channel.
"""

from functools import partial

from m3it_build.core.sample import Origin, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import record_number, without_id

from ._names import anywhere, re_encoded

TOP = ("CLEVR_v1.0/", "")
"""The folder in the archive, and none."""
ANSWERS = frozenset({
    "yes", "no", *map(str, range(11)), "small", "large", "rubber", "metal", "cube", "sphere", "cylinder",
    "gray", "red", "blue", "green", "brown", "purple", "cyan", "yellow",
})  # fmt: skip
"""All 28 of them."""
FIELDS = ("question_index", "question", "answer", "image_filename", "image_index", "question_family_index")


def rows(_: SourceFolder, file: FoundFile, *, split: str) -> Rows:
    """One split; programs, most of the file, are never decoded."""
    for place, record in enumerate(read_array(file, "questions").pick(*FIELDS)):
        key = record_number(record.get("question_index"))
        if key is None:
            yield without_id(file, place, "question_index")
        else:
            yield Row(key, {**record, "split": split}, Origin(file.name, key))


def convert(row: Row) -> Sample | Reject:
    """One question."""
    record = row.fields
    if not (record["question"] or "").strip():
        return reject(row, Reason.NO_QUESTION, "the question is empty")
    answer = (record["answer"] or "").strip()
    if answer not in ANSWERS:
        return reject(row, Reason.BAD_LABEL if answer else Reason.NO_ANSWER, f"answer {answer!r} is none of CLEVR's")
    name = (record["image_filename"] or "").strip()
    if not name:
        return reject(row, Reason.NO_MEDIA, "the record names no picture")
    return Sample(
        key=row.key,
        images=(Picture(anywhere(re_encoded(f"{top}images/{record['split']}/{name}" for top in TOP))),),
        inputs=record["question"],
        answer=answer,
        meta={
            "question_id": record["question_index"],
            "question_family_index": record["question_family_index"],
            "image_id": record["image_index"],
            "image_file": name,
        },
    )


def layout(split: str) -> Layout:
    """The questions of a split."""
    return Layout((tuple(f"{top}questions/CLEVR_{split}_questions.json" for top in TOP),), partial(rows, split=split))


TASK = Task(
    name="clevr",
    title="CLEVR: reasoning about simple solids",
    group=Group.REASONING,
    category=Category.REASONING,
    license=License("CC-BY-4.0", redistributable=True),
    homepage="cs.stanford.edu/people/jcjohns/clevr",
    citation="Johnson et al. CLEVR: A Diagnostic Dataset for Compositional Language and Elementary Visual Reasoning. "
    "CVPR 2017.",
    download="""
CLEVR v1.0 (cs.stanford.edu/people/jcjohns/clevr), which may stay zipped. Not CLEVR-CoGenT.
""",
    tree="""
CLEVR_v1.0/questions/CLEVR_train_questions.json         or CLEVR_v1.0.zip
CLEVR_v1.0/questions/CLEVR_val_questions.json
CLEVR_v1.0/images/train/CLEVR_train_000000.png ...
CLEVR_v1.0/images/val/CLEVR_val_000000.png ...
""",
    splits={Split.TRAIN: (layout("train"),), Split.VALIDATION: (layout("val"),)},
    unreadable={
        "questions/CLEVR_trainA_questions.json": "it is CLEVR-CoGenT, other pictures and questions than CLEVR v1.0"
    },
    unlabelled={Split.TEST: "the questions of the test set have no answers"},
    convert=convert,
    aliases=("clevr-rephrased",),
    paraphrased=True,
)
