"""Flickr8k-CN: describe a photo in Chinese.

Li et al., ICMR 2016. One row a photo: one of the five captions written by natives (`zhc`), drawn by hash (Table 7
counts photos; which caption M3IT took is not said). Captions can be two characters long and stay. Machine
translations, the translated test captions and the English originals are not part of it. 91 captioned photos are in no
split; they are no records of any.

Lines of other forms in the caption file are counted as rejects of train, which the file is read for first.
"""

import re
from functools import partial

from m3it_build.core.sample import Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.tables import read_lines

from ._flickr30k import flickr_origin
from ._lines import Line, caption_rows, caption_variants, read_captions
from ._names import anywhere

FOLDERS = ("Flicker8k_Dataset/", "Flickr8k_Dataset/", "Images/", "images/")
"""The archive's folder, spelled with "er", and those of re-hosts."""
LINE = re.compile(r"\s*(?P<picture>\S+?)(?:\.jpg)?#zhc#(?P<number>\d+)\s(?P<text>.*)")


def rows(_: SourceFolder, names: FoundFile, file: FoundFile, *, split: str) -> Rows:
    """One split: the photos of its list, each with its captions."""
    captions: dict[str, dict[str, str]] = {}
    broken = list(read_captions(file, read_lines(file), parse, captions))
    yield from broken if split == "train" else ()
    stems = (line.strip().removesuffix(".jpg") for line in read_lines(names))
    yield from caption_rows(names, stems, captions)


def parse(line: str) -> Line | None:
    """`<photo id>.jpg#zhc#<n>` blank caption; some lines have two blanks."""
    found = LINE.fullmatch(line)
    return Line(found["picture"], found["number"], found["text"]) if found else None


def convert(row: Row) -> Sample | Reject:
    """One photo with its five captions."""
    variants = caption_variants(row)
    if not variants:
        return reject(row, Reason.NO_ANNOTATION, "the photo has no Chinese caption")
    return Sample(
        key=row.key,
        images=(Picture(anywhere(f"{folder}{row.key}.jpg" for folder in FOLDERS), origin=flickr_origin(row.key)),),
        variants=variants,
        meta={"image_id": row.key},
    )


def layouts(split: str) -> tuple[Layout, ...]:
    """The list of a split and the captions, with or without their folder."""
    files = [(f"{top}flickr8k{split}.txt", f"{top}flickr8kzhc.caption.txt") for top in ("data/", "")]
    return tuple(Layout(each, partial(rows, split=split)) for each in files)


TASK = Task(
    name="flickr8k-cn",
    title="Flickr8k-CN: Chinese captions of Flickr photos",
    group=Group.CHINESE,
    category=Category.CAPTIONING,
    license=License(
        "LicenseRef-Flickr8k-CN",
        note="None stated for the captions (the paper: CC BY 3.0); photos for non-commercial research, on request.",
    ),
    homepage="github.com/li-xirong/flickr8kcn",
    citation="Li et al. Adding Chinese Captions to Images. ICMR 2016. Hodosh, Young and Hockenmaier. Framing Image "
    "Description as a Ranking Task: Data, Models and Evaluation Metrics. JAIR 2013.",
    download="""
The folder data/ of github.com/li-xirong/flickr8kcn, and the photos of Flickr8k, which may stay zipped.
""",
    tree="""
data/flickr8ktrain.txt, flickr8kval.txt, flickr8ktest.txt
data/flickr8kzhc.caption.txt
Flicker8k_Dataset/1258913059_07c613f7ff.jpg ...
""",
    splits={Split.TRAIN: layouts("train"), Split.VALIDATION: layouts("val"), Split.TEST: layouts("test")},
    convert=convert,
    languages=("zh",),
    collections=("flickr8k",),
    held_out=True,
)
