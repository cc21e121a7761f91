"""COCO-Text: can the text in the red box be read?

Veit et al., 2016. One row an annotated box, drawn in red; options (A) True, (B) False as in the release, always in this
order. The label is `legibility`: the paper does not name it, the release's options do. Table 7 has 118,312 and 27,550,
the boxes of V1 (118,309 and 27,550; the other three stay unexplained), so V1 (COCO_Text.json) is preferred; V2 is read
where V1 is not there, never both: ids and outlines differ. V1.0 to V1.3 hold 27,730 boxes of the test set as well,
V1.4 of 2017 holds none; `set` is the split, whatever the photo's COCO folder says (all photos lie in train2014), so
either is read alike and test is not built. A box without area inside the picture is rejected; one that sticks out is
cut. Annotations of no known picture or set are reported with train. The stated sizes are those of COCO's photos: one of
another size is rejected, as ST-VQA's copies, which are scaled to 256 x 256.

What the label tests is size to a good part. Of the 201,126 boxes of V2 59.8 % are illegible; the median of their
shorter side is 7.7 pixels, of legible ones 13.4, and "illegible if under 12 pixels" alone is right in 68.8 %. Such
boxes are what is asked about, and stay; `min_side = "8"` or `"12"` leaves out boxes (filtered, as too small to see)
whose shorter side is below so many pixels, for an exercise in which the picture has to be looked at.
"""

import math
from functools import partial
from typing import Any

from m3it_build.core.sample import Options, Origin, Picture, Reason, Region, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_object
from m3it_build.sources.rows import record_id

from ._captions import entry_picture
from ._coco import COCO
from ._size import stated_size

TRUE, FALSE = "True", "False"
LEGIBLE = {"legible": TRUE, "illegible": FALSE}


def rows(folder: SourceFolder, file: FoundFile, *, split: str) -> Rows:
    """The boxes of one set; keys of both objects are texts, ids inside are numbers."""
    min_side = int(folder.options["min_side"])
    pictures = dict(read_object(file, "imgs"))
    for key, box in read_object(file, "anns").items():
        image = pictures.get(record_id(box.get("image_id")) or "") if isinstance(box, dict) else None
        set_name = image.get("set") if isinstance(image, dict) else None
        if set_name == split:
            yield Row(key, {"box": box, "image": image, "min_side": min_side}, Origin(file.name, key))
        elif split == "train" and set_name not in ("val", "test"):
            yield Reject(key, "source", Reason.BAD_RECORD, "its picture is not among 'imgs', or is of no known set")


def convert(row: Row) -> Sample | Reject:
    """One box: readable or not."""
    box, image = row.fields["box"], row.fields["image"]
    if record_id(box.get("id", row.key)) != row.key:
        return reject(row, Reason.BAD_RECORD, f"stands under {row.key}, but its id is {box['id']!r}")
    answer = LEGIBLE.get(box["legibility"])
    if answer is None:
        return reject(row, Reason.BAD_LABEL, f"legibility {box['legibility']!r}")
    corners = inside(box["bbox"], image["width"], image["height"])
    if corners is None:
        return reject(row, Reason.BAD_BOX, f"{box['bbox']} has no area in {image['width']} x {image['height']}")
    side, wanted = min(corners[2] - corners[0], corners[3] - corners[1]), row.fields["min_side"]
    if side < wanted:
        return reject(row, Reason.UNCLEAR_REGION, f"its shorter side has {side:g} of {wanted} px")
    photo = entry_picture({"filepath": "train2014", "filename": image["file_name"], "cocoid": box["image_id"]})
    return Sample(
        key=row.key,
        images=(Picture(photo.paths, origin=photo.origin, size=stated_size(image["width"], image["height"])),),
        options=Options(answer, (TRUE, FALSE), ordered=True),
        regions=(Region(corners, "text"),),
        meta={
            "annotation_id": int(row.key),
            "image_id": box["image_id"],
            "bbox_xywh": box["bbox"],
            "source_answer": box["legibility"],
            "text_class": box.get("class"),
            "text_language": box.get("language"),
            "utf8_string": box.get("utf8_string"),
        },
    )


def inside(box: Any, width: int, height: int) -> tuple[float, float, float, float] | None:
    """The corners of an xywh box, cut at the picture's edges; None for what is no box or leaves nothing."""
    if len(box) != 4 or any(type(number) not in (int, float) or not math.isfinite(number) for number in box):
        return None
    x, y, wide, high = map(float, box)
    right, bottom = round(x + wide, 3), round(y + high, 3)
    corners = (max(x, 0.0), max(y, 0.0), min(right, float(width)), min(bottom, float(height)))
    return corners if corners[0] < corners[2] and corners[1] < corners[3] else None


def layouts(split: str) -> tuple[Layout, ...]:
    """V1, or else V2."""
    return tuple(Layout((name,), partial(rows, split=split)) for name in ("COCO_Text.json", "cocotext.v2.json"))


TASK = Task(
    name="coco-text",
    title="COCO-Text: is the text in the box legible?",
    group=Group.CLASSIFICATION,
    category=Category.CLASSIFICATION,
    license=License("LicenseRef-COCO", note="Annotations CC-BY-4.0; the photos keep their Flickr terms."),
    homepage="bgshih.github.io/cocotext",
    citation="Veit et al. COCO-Text: Dataset and Benchmark for Text Detection and Recognition in Natural Images. "
    "arXiv 1601.07140, 2016. Lin et al. Microsoft COCO: Common Objects in Context. ECCV 2014.",
    errata="""
118,309 training boxes are in V1, and 118,312 in the paper's table.
V1.0 to V1.3 hold boxes of the test set, V1.4 none: the download of today is V1.4.
""",
    download="""
V1 (COCO_Text.json) gives the paper's counts, V2 (cocotext.v2.json) will do; and the photos of COCO 2014. All may stay
zipped.
""",
    tree="""
COCO_Text.json              or cocotext.v2.json
train2014/COCO_train2014_000000229378.jpg ...
""",
    splits={Split.TRAIN: layouts("train"), Split.VALIDATION: layouts("val")},
    unreadable={
        "data/*.parquet": "the mirror (howard-hou/COCO-Text) drops what is asked here, whether a text is legible"
    },
    unlabelled={Split.TEST: "annotations of the test set are withheld (V1.4 and V2), and the paper uses none"},
    convert=convert,
    collections=COCO,
    options={"min_side": ("0", "8", "12")},
)
