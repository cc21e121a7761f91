"""COCO-CN: describe a photo in Chinese.

Li et al., T-MM 2019. One row a photo: one of its captions written by hand, drawn by hash (Table 7 counts photos;
which caption M3IT took is not said). Translated captions, tags and the later extension are not part of it. The folder
of a photo is the middle part of its id, not COCO-CN's own split. Version 1805 has the same text under older names;
where both folders are there, the newer one is read.

Lines of other forms in the caption file are counted as rejects of train, which the file is read for first.
"""

import re
from functools import partial

from m3it_build.core.sample import Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.tables import read_lines

from ._coco import COCO, coco_picture
from ._lines import Line, caption_rows, caption_variants, read_captions

FOLDERS = ("coco-cn-version1805v1.1/", "coco-cn-version1805/", "")
"""The newer folder, the older one, and none."""
CAPTIONS = ("imageid.human-written-caption.txt", "imageid.caption.txt")
LINE = re.compile(r"\s*(?P<picture>COCO_\w+2014_\d+)#(?P<number>\d+)\t(?P<text>.*)")
PICTURE = re.compile(r"COCO_(?P<subset>train2014|val2014)_(?P<number>\d{12})")


def rows(_: SourceFolder, names: FoundFile, file: FoundFile, *, split: str) -> Rows:
    """One split: the photos of its list, each with its captions."""
    captions: dict[str, dict[str, str]] = {}
    broken = list(read_captions(file, read_lines(file), parse, captions))
    yield from broken if split == "train" else ()
    yield from caption_rows(names, read_lines(names), captions)


def parse(line: str) -> Line | None:
    """`<image id>#<n>` TAB caption."""
    found = LINE.fullmatch(line)
    return Line(found["picture"], found["number"], found["text"]) if found else None


def convert(row: Row) -> Sample | Reject:
    """One photo with its captions."""
    picture = PICTURE.fullmatch(row.key)
    if picture is None:
        return reject(row, Reason.BAD_RECORD, f"{row.key!r} is no COCO 2014 image id")
    variants = caption_variants(row)
    if not variants:
        return reject(row, Reason.NO_ANNOTATION, "the photo has no caption written by hand")
    return Sample(
        key=row.key,
        images=(coco_picture(int(picture["number"]), picture["subset"]),),
        variants=variants,
        meta={"image_id": row.key},
    )


def layouts(split: str) -> tuple[Layout, ...]:
    """The list of a split and the captions, in one of the folders."""
    files = [(f"{top}coco-cn_{split}.txt", tuple(top + name for name in CAPTIONS)) for top in FOLDERS]
    return tuple(Layout(each, partial(rows, split=split)) for each in files)


TASK = Task(
    name="coco-cn",
    title="COCO-CN: Chinese captions of COCO photos",
    group=Group.CHINESE,
    category=Category.CAPTIONING,
    license=License("LicenseRef-COCO", note="Captions MIT, by their card; the photos keep their Flickr terms."),
    homepage="github.com/li-xirong/coco-cn",
    citation="Li et al. COCO-CN for Cross-Lingual Image Tagging, Captioning and Retrieval. IEEE T-MM 2019. Lin et al. "
    "Microsoft COCO: Common Objects in Context. ECCV 2014.",
    download="""
COCO-CN, from the Hub dataset of the authors' laboratory, and the photos of COCO 2014. All may stay packed.
""",
    tree="""
coco-cn-version1805v1.1/coco-cn_train.txt, coco-cn_val.txt, coco-cn_test.txt
coco-cn-version1805v1.1/imageid.human-written-caption.txt
train2014/COCO_train2014_000000296735.jpg ...
val2014/...
""",
    splits={Split.TRAIN: layouts("train"), Split.VALIDATION: layouts("val"), Split.TEST: layouts("test")},
    convert=convert,
    languages=("zh",),
    collections=COCO,
    held_out=True,
    errata="""
Captions have typing errors, of which data/detected-typos.txt in the repository lists some; they stay.
""",
)
