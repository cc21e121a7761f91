"""GQA: compositional questions about real scenes.

Hudson and Manning, CVPR 2019. One row a question; the target is `fullAnswer`, which is a sentence already and is not
paraphrased, the short answer stays in meta. Table 7 counts 30,001 / 5,001 / 0 of the 943,000 / 132,062 balanced
questions, which is what is read; `questions = "all"` reads the unbalanced 14.3 and 2.0 million instead, several hundred
a picture. Test is testdev, the part for which answers were published, and built with --preset full only. The scene
graphs are not read: M3IT does not use them.

Known faults stay: `errata` names two pictures with questions about what is not there. They are read as published, since
whether version 1.2 mended them is not known, and meta has `image_id` for who wants to leave them out.

Open until a full download is read: whether questions1.2.zip has a top folder (files are found with and without one).
"""

from collections.abc import Sequence

from m3it_build.core.fields import fields
from m3it_build.core.sample import Fields, Origin, Picture, Reason, Reject, Row, Rows
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_object
from m3it_build.sources.rows import parquet_rows, with_fields
from m3it_build.sources.tables import read_parquet

from ._names import anywhere


def rows(_: SourceFolder, file: FoundFile) -> Rows:
    """One split; only one question at a time is decoded."""
    for key, record in read_object(file).items():
        if not key.strip():
            yield Reject(file.name, "source", Reason.BAD_RECORD, "a question without an id")
        elif not isinstance(record, dict):
            yield Reject(key, "source", Reason.BAD_RECORD, f"{file.name}: the question is no object")
        else:
            yield Row(key, {**record, "id": key}, Origin(file.name, key))


def parts(folder: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """All questions of a split: one file, or a folder of ten."""
    for file in files:
        yield from rows(folder, file)


def mirror_rows(_: SourceFolder, questions: Sequence[FoundFile], pictures: Sequence[FoundFile]) -> Rows:
    """A mirror's Parquet files: `imageId` names a row among the pictures."""
    cells = {
        picture["id"]: f"{file.name}#{number}/image"
        for file, number, picture in read_parquet(pictures, unread=("image",))
    }
    return with_fields(parquet_rows(questions, "id"), lambda record: {"cell": cells.get(record["imageId"])})


def picture(record: Fields) -> Picture | None:
    """GQA's file, the same photo in the folders of Visual Genome (which has no id for some of them), or a cell."""
    image = record["imageId"].strip()
    genome = [f"{folder}/{image}.jpg" for folder in ("VG_100K", "VG_100K_2")] if image.isdecimal() else []
    paths = (record["cell"],) if record.get("cell") else anywhere((f"images/{image}.jpg", *genome))
    return Picture(paths, origin=f"vg:{image}" if genome else "") if image else None


convert = fields(
    question="question",
    outputs=lambda record: record["fullAnswer"],  # null for some
    image=picture,
    meta={
        "question_id": "id",
        "image_id": lambda record: record["imageId"].strip(),
        "answer": "answer",
        "types": "types",
        "groups": "groups",
        "is_balanced": "isBalanced",
    },
)


def layouts(split: str) -> tuple[Layout, ...]:
    """The official files, balanced or not, or a mirror's, whose questions and pictures lie in folders of their own."""
    balanced, whole = f"{split}_balanced_questions.json", f"{split}_all_questions"
    unbalanced = (f"{whole}/{whole}_*.json", f"{whole}.json")
    tens = dict.fromkeys(within_questions(unbalanced[0]), 10)
    mirrored = {
        kind: tuple(f"{split}_{kind}_{what}/*.parquet" for what in ("instructions", "images"))
        for kind in ("balanced", "all")
    }
    return (
        Layout((within_questions(balanced),), rows, when={"questions": "balanced"}),
        Layout((within_questions(*unbalanced),), parts, when={"questions": "all"}, parts=tens),
        *(Layout(files, mirror_rows, when={"questions": kind}) for kind, files in mirrored.items()),
    )


def within_questions(*names: str) -> tuple[str, ...]:
    """Files in the archive's folder, or without it."""
    return tuple(f"{folder}{name}" for folder in ("questions/", "") for name in names)


TASK = Task(
    name="gqa",
    title="GQA: compositional questions about scenes",
    group=Group.VQA,
    category=Category.VQA,
    license=License(
        "LicenseRef-Visual-Genome", note="Questions CC-BY-4.0; the photos, Visual Genome's, keep their Flickr terms."
    ),
    homepage="cs.stanford.edu/people/dorarad/gqa",
    citation="Hudson and Manning. GQA: A New Dataset for Real-World Visual Reasoning and Compositional Question "
    "Answering. CVPR 2019. Krishna et al. Visual Genome: Connecting Language and Vision Using Crowdsourced Dense Image "
    "Annotations. IJCV 2017.",
    download="""
Both files may stay zipped; the photos may also lie in a shared folder visual-genome/, but for those of testdev, which
are not in it.
The Parquet files of lmms-lab/GQA (folders <split>_<balanced or all>_instructions and _images) are read too.
""",
    tree="""
questions/train_balanced_questions.json
questions/val_balanced_questions.json
questions/testdev_balanced_questions.json                           optional
questions/train_all_questions/train_all_questions_0.json ...        with questions = "all"
questions/val_all_questions.json
images/2375429.jpg ...
""",
    splits={Split.TRAIN: layouts("train"), Split.VALIDATION: layouts("val"), Split.TEST: layouts("testdev")},
    errata="""
Pictures 2359959 (a sandwich, a clock) and 2371593 (a cat) have questions about things that they do not show, by what an
author takes for a bug of the generator (github.com/stanfordnlp/mac-network, issue 24); perhaps not mended in 1.2.
""",
    convert=convert,
    collections=("visual-genome",),
    options={"questions": ("balanced", "all")},
)
