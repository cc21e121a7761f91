"""TextCaps: captions that use the text in the picture.

Sidorov et al., ECCV 2020. One row a caption (`caption_str`); the five references that each record repeats are left
alone, since they are other rows' captions. Official counts are 109,765 and 15,830; Table 7 has 97,765 and 13,965
without a reason, so the paper preset samples. Photos of validation lie in train_images too; `image_path` names folders
that the archives do not have. Captions are no short answers, hence not paraphrased: the OCR files are not needed.
"""

from collections.abc import Callable, Iterator
from typing import Any

from m3it_build.core.sample import Origin, Reason, Reject, Row, Sample, reject
from m3it_build.core.task import Category, Group, Layout, License, Split, Task
from m3it_build.sources.folder import Folder
from m3it_build.sources.joined import json_rows, record_id
from m3it_build.sources.json_files import read_array
from m3it_build.sources.tables import read_parquet

from ._openimages import openimages_picture


def rows(split: str) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads one official file, a record a caption."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        file = folder.need(file_name(split))
        return json_rows(file, read_array(file, "data"), "caption_id")

    return read


def file_name(split: str) -> str:
    """The captions of a split."""
    return f"TextCaps_0.1_{split}.json"


def mirror_rows(pattern: str) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads a mirror's Parquet files: a row a picture, with lists of captions and their ids."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        for file, number, record in read_parquet(folder, pattern, pictures=("image",)):
            where: dict[str, Any] = {**record, "picture": f"{file.name}#{number}/image"}
            names, texts = record["caption_id"] or [], record["caption_str"] or []
            if not texts or len(names) != len(texts):
                yield Reject(f"{file.name}#{number}", "source", Reason.BAD_RECORD, "captions and ids differ in number")
                continue
            for name, text in zip(names, texts, strict=True):
                key = record_id(name)
                if key is None:
                    yield Reject(f"{file.name}#{number}", "source", Reason.BAD_RECORD, "a caption without id")
                else:
                    yield Row(key, {**where, "caption_id": name, "caption_str": text}, Origin(file.name, key))

    return read


def convert(row: Row) -> Sample | Reject:
    """One caption and its picture."""
    record = row.fields
    caption = record["caption_str"].strip()
    if not caption:
        return reject(row, Reason.EMPTY_TEXT, "the caption is empty")
    name = record["image_id"].strip()
    if not name:
        return reject(row, Reason.NO_MEDIA, "the record names no picture")
    return Sample(
        key=row.key,
        images=(openimages_picture(name, record.get("picture")),),
        outputs=caption,
        meta={
            "image_id": name,
            "caption_id": record["caption_id"],
            "image_classes": record.get("image_classes"),
            "image_url": record.get("flickr_original_url"),
        },
    )


def layouts(split: str, pattern: str) -> tuple[Layout, ...]:
    """The official file, or a mirror's Parquet files."""
    return (Layout((file_name(split),), rows(split)), Layout((pattern,), mirror_rows(pattern)))


TASK = Task(
    name="textcap",
    title="TextCaps: image captioning with reading comprehension",
    group=Group.CAPTIONING,
    category=Category.CAPTIONING,
    license=License("CC-BY-4.0", redistributable=True, note="Captions; photos CC-BY-2.0 (Open Images)."),
    homepage="textvqa.org/textcaps",
    citation="Sidorov et al. TextCaps: a Dataset for Image Captioning with Reading Comprehension. ECCV 2020.",
    download="""
From textvqa.org/textcaps/dataset: TextCaps_0.1_train.json (300 MB) and TextCaps_0.1_val.json, and
train_val_images.zip (6.6 GB, the photos of both; may stay zipped).
The Parquet files of lmms-lab/TextCaps, photos included, are read too.
""",
    tree="""
TextCaps_0.1_train.json
TextCaps_0.1_val.json
train_images/011e7e629fb9ae7b.jpg ...       or train_val_images.zip
""",
    splits={
        Split.TRAIN: layouts("train", "data/train-*.parquet"),
        Split.VALIDATION: layouts("val", "data/val*-*.parquet"),
    },
    unlabelled={Split.TEST: "the captions of the test set were never published"},
    convert=convert,
    collections=("openimages",),
)
