"""TextCaps: captions that use the text in the picture.

Sidorov et al., ECCV 2020. One row a caption (`caption_str`); the five references that each record repeats are left
alone, since they are other rows' captions. Official counts are 109,765 and 15,830, five captions of each of 21,953 and
3,166 photos; Table 7 has 97,765 and 13,965, five of each of 19,553 and 2,793. So 2,400 and 373 whole photos were left
out, why is not said, and the paper preset samples whole photos: those that it takes keep all their references. Photos
of validation lie in train_images too; `image_path` names folders that the archives do not have. Captions are no short
answers, hence not paraphrased: the OCR files are not needed.
"""

from collections.abc import Sequence

from m3it_build.core.fields import fields
from m3it_build.core.sample import Fields, Origin, Picture, Row, Rows
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import bad_record, json_rows, record_id
from m3it_build.sources.tables import read_parquet

from ._openimages import openimages_picture


def rows(_: SourceFolder, file: FoundFile) -> Rows:
    """One official file, a record a caption."""
    return json_rows(file, read_array(file, "data"), "caption_id")


def mirror_rows(_: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """A mirror's Parquet files: a row a picture, with lists of captions and their ids."""
    for file, number, record in read_parquet(files, ("image",), ("image_id", "caption_id", "caption_str")):
        names, texts = record["caption_id"] or [], record["caption_str"] or []
        if not texts or len(names) != len(texts):
            yield bad_record(file, number, "captions and ids differ in number")
            continue
        for name, text in zip(names, texts, strict=True):
            key = record_id(name)
            if key is None:
                yield bad_record(file, number, "a caption without id")
            else:
                caption = {"caption_id": name, "caption_str": text, "picture": f"{file.name}#{number}/image"}
                yield Row(key, {**record, **caption}, Origin(file.name, key))


def photo(record: Fields) -> str:
    """The photo's id."""
    return str(record["image_id"].strip())


def picture(record: Fields) -> Picture | None:
    """The photo, if the record names one."""
    name = photo(record)
    return openimages_picture(name, record) if name else None


convert = fields(
    outputs="caption_str",
    image=picture,
    meta={
        "image_id": photo,
        "caption_id": "caption_id",
        "image_classes": "image_classes",
        "image_url": "flickr_original_url",
    },
    unit=photo,
)


def layouts(split: str, pattern: str) -> tuple[Layout, ...]:
    """The official file, or a mirror's Parquet files."""
    return (Layout((f"TextCaps_0.1_{split}.json",), rows), Layout((pattern,), mirror_rows))


TASK = Task(
    name="textcap",
    title="TextCaps: image captioning with reading comprehension",
    group=Group.CAPTIONING,
    category=Category.CAPTIONING,
    license=License("CC-BY-4.0", redistributable=True, note="Captions; photos CC-BY-2.0 (Open Images)."),
    homepage="textvqa.org/textcaps",
    citation="Sidorov et al. TextCaps: a Dataset for Image Captioning with Reading Comprehension. ECCV 2020.",
    download="""
The photos, those of TextVQA, may stay zipped.
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
