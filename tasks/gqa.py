"""GQA: compositional questions about real scenes.

Hudson and Manning, CVPR 2019. One row a question; the target is `fullAnswer`, which is a sentence already and is not
paraphrased, the short answer stays in meta. Table 7 counts 30,001 / 5,001 / 0 of the 943,000 / 132,062 balanced
questions, which is what is read; `questions = "all"` reads the unbalanced 14.3 and 2.0 million instead, several hundred
a picture. Test is testdev, the part for which answers were published, and built with --preset full only. The scene
graphs are not read: M3IT does not use them.

Open until a full download is read: whether questions1.2.zip has a top folder (files are found with and without one).
"""

from collections.abc import Callable, Iterator

from m3it_build.core.sample import Origin, Picture, Reason, Reject, Row, Sample, reject
from m3it_build.core.task import Category, Group, Layout, License, Split, Task
from m3it_build.sources.folder import Folder
from m3it_build.sources.joined import record_id
from m3it_build.sources.json_files import read_object
from m3it_build.sources.tables import read_parquet


def balanced(split: str) -> tuple[str, ...]:
    """The balanced questions of a split."""
    return tuple(f"{folder}{split}_balanced_questions.json" for folder in ("questions/", ""))


def unbalanced(split: str) -> tuple[str, ...]:
    """All questions of a split: one file, or a folder of ten."""
    names = (f"{split}_all_questions/{split}_all_questions_*.json", f"{split}_all_questions.json")
    return tuple(f"{folder}{name}" for folder in ("questions/", "") for name in names)


def rows(*names: str) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads one split, from a file or the parts of one; only one question at a time is decoded."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        first = folder.need(*names)
        parts = next((found for name in names if "*" in name and (found := folder.glob(name))), [first])
        folder.opened |= {file.name: file for file in parts}
        for file in parts:
            for key, record in read_object(file).items():
                if not key.strip():
                    yield Reject(file.name, "source", Reason.BAD_RECORD, "a question without an id")
                elif not isinstance(record, dict):
                    yield Reject(key, "source", Reason.BAD_RECORD, f"{file.name}: the question is no object")
                else:
                    yield Row(key, {**record, "cell": None}, Origin(file.name, key))

    return read


def mirror(split: str, what: str) -> str:
    """Parquet files of a mirror: questions and pictures lie in folders of their own."""
    return f"{split}_balanced_{what}/*.parquet"


def mirror_rows(split: str) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads a mirror's Parquet files: `imageId` names a row among the pictures."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        cells = {
            picture["id"]: f"{file.name}#{number}/image"
            for file, number, picture in read_parquet(folder, mirror(split, "images"), pictures=("image",))
        }
        for file, number, record in read_parquet(folder, mirror(split, "instructions")):
            key = record_id(record["id"])
            if key is None:
                yield Reject(f"{file.name}#{number}", "source", Reason.BAD_RECORD, f"row {number} has no usable 'id'")
            else:
                yield Row(key, {**record, "cell": cells.get(record["imageId"])}, Origin(file.name, key))

    return read


def picture(image: str) -> Picture:
    """GQA's file, or the same photo in the folders of Visual Genome."""
    genome = [f"{folder}/{image}.jpg" for folder in ("VG_100K", "VG_100K_2")] if image.isdecimal() else []
    return Picture((f"images/{image}.jpg", *genome), origin=origin(image))


def origin(image: str) -> str:
    """The photo's id in Visual Genome; GQA's further photos have none there."""
    return f"vg:{image}" if image.isdecimal() else ""


def convert(row: Row) -> Sample | Reject:
    """One question."""
    record = row.fields
    question, sentence, image = record["question"].strip(), record["fullAnswer"], record["imageId"].strip()
    if not question:
        return reject(row, Reason.NO_QUESTION, "the question is empty")
    if sentence is None or not sentence.strip():
        return reject(row, Reason.NO_ANSWER, "fullAnswer is empty")
    if not image:
        return reject(row, Reason.NO_MEDIA, "imageId is empty")
    return Sample(
        key=row.key,
        images=(Picture((record["cell"],), origin=origin(image)) if record["cell"] else picture(image),),
        inputs=question,
        outputs=sentence,
        meta={
            "question_id": row.key,
            "image_id": image,
            "answer": record.get("answer"),
            "types": record.get("types"),
            "groups": record.get("groups"),
            "is_balanced": record.get("isBalanced"),
        },
    )


def layouts(split: str) -> tuple[Layout, ...]:
    """The official files, balanced or not, or a mirror's."""
    return (
        Layout((balanced(split),), rows(*balanced(split)), when={"questions": "balanced"}),
        Layout((unbalanced(split),), rows(*unbalanced(split)), when={"questions": "all"}),
        Layout(
            (mirror(split, "instructions"), mirror(split, "images")), mirror_rows(split), when={"questions": "balanced"}
        ),
    )


TASK = Task(
    name="gqa",
    title="GQA: compositional questions about scenes",
    group=Group.VQA,
    category=Category.VQA,
    license=License("CC-BY-4.0", note="Questions; the photos keep their Flickr terms."),
    homepage="cs.stanford.edu/people/dorarad/gqa",
    citation="Hudson and Manning. GQA: A New Dataset for Real-World Visual Reasoning and Compositional Question "
    "Answering. CVPR 2019.",
    download="""
From cs.stanford.edu/people/dorarad/gqa/download.html: questions1.2.zip (1.4 GB) and images.zip (20 GB). Both may stay
zipped; the photos may also lie in a shared folder visual-genome/, but for those of testdev, which are not in it.
The Parquet files of lmms-lab/GQA (folders <split>_balanced_instructions and <split>_balanced_images) are read too.
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
    convert=convert,
    collections=("visual-genome",),
    options={"questions": ("balanced", "all")},
)
