"""VQA v2.0: everyday questions about COCO photos.

Goyal et al., CVPR 2017. The target is `multiple_choice_answer`, the authors' own choice among ten people's answers, a
most frequent one. As visualqa.org/download says, the files are normalised: questions are spell-corrected and end with
"?", answers have digits for number words and no articles ("2" where people said "two"). Where people disagree, the
target may be one voice of ten ("nobody is wearing hats"): `agreement` in meta tells how many mean what it means, and
all ten answers stand beside it. Table 7 samples 30,000 of 443,757 and 30,000 of 214,354. Test has questions only.

Train and val were published anew on 04/26/17 "with minor changes"; `info.date_created` tells the files apart, and both
are read alike.

The paper's appendix B gives the paraphraser the photo's COCO captions: they are read from captions_{train,val}2014.json
(or dataset_coco.json) where one is at hand, all of a photo's captions, ordered by id.
"""

from collections.abc import Sequence
from functools import partial

from m3it_build.core.sample import Fields, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task, Translated
from m3it_build.sources.joined import join_rows
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import parquet_rows, with_fields

from ._captions import captions_of
from ._coco import COCO, coco_number, coco_origin, coco_picture
from ._votes import TEN, agreement, whole


def rows(folder: SourceFolder, questions: FoundFile, annotations: FoundFile, *, subset: str) -> Rows:
    """One COCO subset, joined by question_id."""
    asked, answered = read_array(questions, "questions"), read_array(annotations, "annotations")
    captions = captions_of(folder, subset)

    def caption(record: Fields) -> Fields:
        image = record["question"].get("image_id")
        return {"caption": captions.get(image) if isinstance(image, int) else None}

    return with_fields(join_rows(asked, answered, "question_id", subset=subset), caption)


def mirror_rows(folder: SourceFolder, files: Sequence[FoundFile], *, subset: str) -> Rows:
    """A mirror's Parquet files: question, annotation and photo in one row."""
    captions = captions_of(folder, subset)
    return with_fields(
        parquet_rows(files, "question_id", "image"),
        lambda record: {"question": record, "annotation": record, "caption": captions.get(record["image_id"])},
    )


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
    answers = whole([each["answer"] for each in annotation["answers"]], TEN)
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
            "answers": answers,
            "agreement": agreement(answers, answer),
        },
    )


def picture_of(fields: Fields, image: int) -> Picture:
    """A mirror's cell, or the COCO photo."""
    if "picture" in fields:
        return Picture((fields["picture"],), origin=coco_origin(image))
    return coco_picture(image, fields["subset"])


def layouts(subset: str, pattern: str) -> tuple[Layout, ...]:
    """The official files of a subset, or a mirror's Parquet files."""
    names = (f"v2_OpenEnded_mscoco_{subset}_questions.json", f"v2_mscoco_{subset}_annotations.json")
    official = Layout(names, partial(rows, subset=subset))
    return (official, Layout((pattern,), partial(mirror_rows, subset=subset)))


TASK = Task(
    name="vqa-v2",
    title="VQA v2.0: open questions about photos",
    group=Group.VQA,
    category=Category.VQA,
    license=License("LicenseRef-COCO", note="Questions and answers CC-BY-4.0; the photos keep their Flickr terms."),
    homepage="visualqa.org",
    citation="Goyal et al. Making the V in VQA Matter: Elevating the Role of Image Understanding in Visual Question "
    "Answering. CVPR 2017. Lin et al. Microsoft COCO: Common Objects in Context. ECCV 2014.",
    download="""
Questions and annotations of train and val, and the photos of COCO 2014; its captions are optional, for paraphrases.
All may stay zipped. The Parquet files of lmms-lab/VQAv2 are read too.
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
    errata="""
Train and val were published anew on 04/26/17 with minor changes; who has older files should download them again.
""",
    unreadable={
        f"OpenEnded_mscoco_{subset}_questions.json": "it is of VQA v1 or OK-VQA, and VQA v2.0's begin with v2_"
        for subset in ("train2014", "val2014")
    },
    unlabelled={Split.TEST: "the answers of test2015 are kept by the challenge's server"},
    convert=convert,
    collections=COCO,
    aliases=("vqav2",),
    paraphrased=True,
    translated=Translated.SAMPLE,
)
