"""VQA v2.0: everyday questions about COCO photos.

Goyal et al., CVPR 2017. The target is `multiple_choice_answer`, the most frequent of ten answers after the authors'
normalisation. Table 7 samples 30,000 of 443,757 and 30,000 of 214,354. The paper's appendix B gives the paraphraser
the photo's COCO captions: they are read from captions_{train,val}2014.json (or dataset_coco.json) where one is at
hand, all of a photo's captions, ordered by id. Test has questions only.
"""

from collections.abc import Callable, Iterator
from typing import Any

from m3it_build.core.sample import Picture, Reason, Reject, Row, Sample, reject
from m3it_build.core.task import Category, Group, Layout, License, Split, Task
from m3it_build.sources.folder import Folder
from m3it_build.sources.joined import join_rows, parquet_rows
from m3it_build.sources.json_files import read_array

from ._captions import captions_of
from ._coco import coco_number, coco_origin, coco_picture


def questions(subset: str) -> str:
    """The questions file of a COCO subset."""
    return f"v2_OpenEnded_mscoco_{subset}_questions.json"


def annotations(subset: str) -> str:
    """The annotations file of a COCO subset."""
    return f"v2_mscoco_{subset}_annotations.json"


def rows(subset: str) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads one subset, joined by question_id."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        asked = read_array(folder.need(questions(subset)), "questions")
        answered = read_array(folder.need(annotations(subset)), "annotations")
        captions = captions_of(folder, subset)
        for row in join_rows(asked, answered, "question_id"):
            if isinstance(row, Row):
                image = row.fields["question"].get("image_id")
                caption = captions.get(image) if isinstance(image, int) else None
                yield Row(row.key, {**row.fields, "subset": subset, "caption": caption}, row.origin)
            else:
                yield row

    return read


def mirror_rows(pattern: str, subset: str) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads a mirror's Parquet files: question, annotation and photo in one row."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        captions = captions_of(folder, subset)
        for row in parquet_rows(folder, pattern, "question_id", "image"):
            if isinstance(row, Row):
                record = row.fields
                fields = {"question": record, "annotation": record, "picture": record["picture"]}
                yield Row(row.key, {**fields, "caption": captions.get(record["image_id"])}, row.origin)
            else:
                yield row

    return read


def convert(row: Row) -> Sample | Reject:
    """One question with its ten answers."""
    question, annotation = row.fields["question"], row.fields["annotation"]
    if not question["question"].strip():
        return reject(row, Reason.NO_QUESTION, "the question is empty")
    image = coco_number(question["image_id"])
    if coco_number(annotation["image_id"]) != image:
        return reject(row, Reason.BAD_RECORD, f"asked about image {image}, answered about {annotation['image_id']}")
    answer = annotation["multiple_choice_answer"].strip()
    if not answer:
        return reject(row, Reason.NO_ANSWER)
    caption = row.fields["caption"]
    return Sample(
        key=row.key,
        images=(picture_of(row.fields, image),),
        inputs=question["question"],
        answer=answer,
        context={"caption": caption} if caption else {},
        meta={
            "question_id": question["question_id"],
            "image_id": image,
            "question_type": annotation.get("question_type"),
            "answer_type": annotation.get("answer_type"),
            "answers": [each["answer"] for each in annotation["answers"]],
        },
    )


def picture_of(fields: Any, image: int) -> Picture:
    """A mirror's cell, or the COCO photo."""
    if "picture" in fields:
        return Picture((fields["picture"],), origin=coco_origin(image))
    return coco_picture(fields["subset"], image)


def layouts(subset: str, pattern: str) -> tuple[Layout, ...]:
    """The official files of a subset, or a mirror's Parquet files."""
    return (
        Layout((questions(subset), annotations(subset)), rows(subset)),
        Layout((pattern,), mirror_rows(pattern, subset)),
    )


TASK = Task(
    name="vqa-v2",
    title="VQA v2.0: open questions about photos",
    group=Group.VQA,
    category=Category.VQA,
    license=License("CC-BY-4.0", note="Questions and answers; the photos keep their Flickr terms."),
    homepage="visualqa.org",
    citation="Goyal et al. Making the V in VQA Matter: Elevating the Role of Image Understanding in Visual Question "
    "Answering. CVPR 2017.",
    download="""
From visualqa.org/download: questions and annotations of train and val (four zips, 100 MB), which may stay zipped.
From cocodataset.org: train2014.zip (13 GB), val2014.zip (6 GB), unpacked or not; optional, for paraphrases:
annotations_trainval2014.zip (241 MB; the captions in it). The Parquet files of lmms-lab/VQAv2 are read too.
""",
    tree="""
v2_OpenEnded_mscoco_train2014_questions.json
v2_mscoco_train2014_annotations.json
v2_OpenEnded_mscoco_val2014_questions.json
v2_mscoco_val2014_annotations.json
annotations/captions_train2014.json                     optional
train2014/COCO_train2014_000000458752.jpg ...
val2014/COCO_val2014_000000262148.jpg ...
""",
    splits={
        Split.TRAIN: layouts("train2014", "data/train-*.parquet"),
        Split.VALIDATION: layouts("val2014", "data/val*-*.parquet"),
    },
    unlabelled={Split.TEST: "the answers of test2015 are kept by the challenge's server"},
    convert=convert,
    collections=("coco2014", "coco2017"),
    aliases=("vqav2",),
    paraphrased=True,
    translated=True,
)
