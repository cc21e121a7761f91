"""COCO-GOI: name the object in a red box, out of the classes in the picture.

Lin et al., ECCV 2014 (COCO instances). Paper, 3.2 and figure 2: the box is drawn, the classes of all instances are
the options, the answer is lettered. One row a box. The paper samples 30,000 / 2,000 boxes without saying how.
Rejected here: crowd regions; boxes smaller than COCO's own "small" (32 x 32 px) or thinner than 16 px, in which
nobody sees an object; boxes that nearly coincide with one of another class (the frame would have two answers);
pictures with one class only. Boxes are in pixels of the photos as COCO hands them out, 2014 and 2017 alike, whose sizes
the file states: a photo of another size (a scaled copy) is rejected.

The options are classes that were annotated in this picture, and COCO's 80 classes exclude each other by definition:
none is another's synonym. Two names end in another one ("teddy bear", "hot dog"), but such a picture shows both things,
each in boxes of its own.

People mostly have COCO 2017: the same photos and boxes, cut otherwise. Its annotations are read where those of 2014 are
not there, and a build says that the splits are not the paper's.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from m3it_build.core.sample import Fields, Options, Picture, Reason, Region, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import json_rows, record_id

from ._coco import COCO, coco_files, coco_number, coco_origin
from ._release import REPHRASED
from ._size import stated_size

MIN_AREA = 32 * 32
MIN_SIDE = 16
OF_2017 = (
    "the split of 2017 (118,287 / 5,000 pictures), not the paper's of 2014, which needs instances_{0}2014.json; splits "
    "of two years have pictures in common"
)
HALVES = dict.fromkeys(("train2017", "val2017"), ("train2014", "val2014"))
"""Where the pictures of a subset of 2017 lie in the download of 2014."""
SAME_FRAME = 0.7
"""Intersection over union from which two frames look like one."""


def rows(_: SourceFolder, file: FoundFile, *, subset: str) -> Rows:
    """The boxes of one COCO subset; segmentations, most of the file, are never decoded."""
    categories = by_id(read_array(file, "categories").pick("id", "name"))
    pictures = by_id(read_array(file, "images").pick("id", "file_name", "width", "height"))
    boxes = [
        {**box, "category": class_name(categories.get(record_id(box.get("category_id")), {}))}
        for box in read_array(file, "annotations").pick("id", "image_id", "category_id", "bbox", "iscrowd")
    ]
    of_picture: dict[str | None, list[Fields]] = {}
    for box in boxes:
        of_picture.setdefault(record_id(box.get("image_id")), []).append(box)
    for row in json_rows(file, boxes, "id"):
        if isinstance(row, Row):
            name = record_id(row.fields.get("image_id"))
            fields = {"box": row.fields, "image": pictures.get(name), "all": of_picture[name], "subset": subset}
            yield Row(row.key, fields, row.origin)
        else:
            yield row


def by_id(entries: Iterable[Fields]) -> dict[str | None, Fields]:
    """Entries by their id; one without is reported with the boxes that miss it."""
    return {name: entry for entry in entries if (name := record_id(entry.get("id"))) is not None}


def class_name(category: Fields) -> str | None:
    """What a class is called; None for none."""
    name = category.get("name")
    return name.strip() or None if isinstance(name, str) else None


def corners(box: list[float]) -> tuple[float, float, float, float]:
    """From x, y, width, height to two corners."""
    x, y, width, height = box
    return (float(x), float(y), float(x + width), float(y + height))


def is_box(box: Any) -> bool:
    """Whether it has four numbers; a broken box is rejected itself, but spoils no others of its picture."""
    return isinstance(box, list) and len(box) == 4 and all(type(value) in {int, float} for value in box)


def overlap(a: list[float], b: list[float]) -> float:
    """Intersection over union of two xywh boxes."""
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = corners(a), corners(b)
    common = max(0.0, min(ax1, bx1) - max(ax0, bx0)) * max(0.0, min(ay1, by1) - max(ay0, by0))
    union = a[2] * a[3] + b[2] * b[3] - common
    return common / union if union > 0 else 0.0


def convert(row: Row) -> Sample | Reject:
    """One box and the classes around it."""
    box, image = row.fields["box"], row.fields["image"]
    if image is None:
        return reject(row, Reason.BAD_RECORD, f"image_id {box['image_id']!r} is not among the images")
    if box["category"] is None:
        return reject(row, Reason.BAD_LABEL, f"category_id {box['category_id']!r} is not among the categories")
    if type(box["iscrowd"]) is not int or box["iscrowd"] not in {0, 1}:
        return reject(row, Reason.BAD_RECORD, f"iscrowd is {box['iscrowd']!r}")
    if box["iscrowd"]:
        return reject(row, Reason.UNCLEAR_REGION, "a crowd")
    if not is_box(box["bbox"]):
        return reject(row, Reason.BAD_RECORD, f"bbox {box['bbox']!r} is not four numbers")
    _, _, width, height = box["bbox"]
    if not (width >= 0 and height >= 0):
        return reject(row, Reason.BAD_BOX, f"{box['bbox']} has no area")
    if width * height < MIN_AREA or min(width, height) < MIN_SIDE:
        return reject(row, Reason.UNCLEAR_REGION, f"{width:g} x {height:g} px is too small to see")
    others = [other for other in row.fields["all"] if other["category"] not in (None, box["category"])]
    clear = [other["bbox"] for other in others if not other["iscrowd"] and is_box(other["bbox"])]
    if any(overlap(box["bbox"], other) >= SAME_FRAME for other in clear):
        return reject(row, Reason.UNCLEAR_REGION, "an object of another class fills the same frame")
    name = (image["file_name"] or "").strip()
    if not name:
        return reject(row, Reason.NO_MEDIA, f"image {box['image_id']} has no file_name")
    subset = row.fields["subset"]
    number = coco_number(box["image_id"])
    paths = dict.fromkeys((f"{subset}/{name}", *coco_files(number, *HALVES.get(subset, (subset,)))))
    size = stated_size(image["width"], image["height"])
    return Sample(
        key=row.key,
        images=(Picture(tuple(paths), origin=coco_origin(number), size=size),),
        options=Options(box["category"], tuple(sorted({other["category"] for other in others}))),
        regions=(Region(corners(box["bbox"]), box["category"]),),
        meta={
            "image_id": box["image_id"],
            "annotation_id": box["id"],
            "category_id": box["category_id"],
            "bbox_xywh": box["bbox"],
        },
    )


def layouts(name: str) -> tuple[Layout, ...]:
    """The instances file of 2014, or else of 2017, with or without its folder."""
    return tuple(
        Layout(
            ((f"annotations/instances_{subset}.json", f"instances_{subset}.json"),),
            partial(rows, subset=subset),
            note=note.format(name),
        )
        for subset, note in ((f"{name}2014", ""), (f"{name}2017", OF_2017))
    )


TASK = Task(
    name="coco-goi",
    title="COCO-GOI: identify the object in a box",
    group=Group.CLASSIFICATION,
    category=Category.CLASSIFICATION,
    license=License("LicenseRef-COCO", note="Annotations CC-BY-4.0; the photos keep their Flickr terms."),
    homepage="cocodataset.org",
    citation="Lin et al. Microsoft COCO: Common Objects in Context. ECCV 2014.",
    errata="Some objects have no box, others a poor one: Sama-COCO (2022) and COCO-ReM (Singh et al., ECCV 2024) "
    "annotated the same photos anew.",
    download="""
Annotations and photos of COCO 2014. All may stay zipped. The annotations of 2017 are read where those of 2014 are not
there, and the pictures under the names of either year.
""",
    tree="""
annotations/instances_train2014.json
annotations/instances_val2014.json
train2014/COCO_train2014_000000294914.jpg ...
val2014/COCO_val2014_000000262148.jpg ...
""",
    splits={Split.TRAIN: layouts("train"), Split.VALIDATION: layouts("val")},
    unreadable={
        "data/*.parquet": "no mirror tells crowds from single objects, as the iscrowd of the official file does"
    },
    convert=convert,
    collections=COCO,
    refused_names={"coco-goi-rephrased": REPHRASED},
)
