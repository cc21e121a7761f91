"""COCO-GOI: the instances files of COCO 2014, with a box for every thing drawn.

In it: several boxes a picture, class ids with gaps, an annotation between those of another picture, polygons, a crowd.
Rejected on purpose (train): the crowd, a ball too small to see, a chair and the cat that fills it, as both frames look
alike, and the one thing of a picture that shows no second class.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples.draw import Scene

CLASSES = {
    1: "person", 2: "bicycle", 3: "car", 6: "bus", 9: "boat", 16: "bird", 17: "cat", 18: "dog", 19: "horse",
    28: "umbrella", 37: "sports ball", 38: "kite", 47: "cup", 62: "chair", 67: "dining table",
}  # fmt: skip
NUMBERS = {name: number for number, name in CLASSES.items()}
SAME_THING = {"sports ball": "ball", "dining table": "table"}
"""Classes that the kit draws under another name."""


class Photo(NamedTuple):
    """A picture: number, background, and (class, colour, box) of each thing; the box `crowd` is one of a crowd."""

    number: int
    background: str
    things: tuple[tuple[str, str, tuple[int, int, int, int]], ...]
    crowd: tuple[int, int, int, int] | None = None


PHOTOS = {
    "train2014": (
        Photo(900101, "meadow", (
            ("dog", "brown", (10, 70, 75, 140)), ("person", "red", (90, 25, 140, 140)),
            ("kite", "yellow", (145, 5, 195, 60)),
        )),
        Photo(900102, "street", (
            ("bus", "blue", (90, 55, 195, 130)), ("car", "red", (5, 85, 80, 130)),
            ("person", "green", (60, 45, 95, 138)),
        )),
        Photo(900103, "room", (
            ("dining table", "brown", (20, 75, 130, 140)), ("cup", "blue", (50, 40, 90, 77)),
            # The cat fills the chair: both frames look alike.
            ("chair", "brown", (140, 60, 195, 140)), ("cat", "gray", (142, 62, 193, 139)),
        )),
        # One class only: nothing to choose from.
        Photo(900104, "skyblue", (("bird", "white", (60, 40, 140, 110)),)),
        # A crowd at the back, and a ball too far away.
        Photo(900105, "beach", (
            ("umbrella", "red", (15, 35, 95, 135)), ("person", "blue", (110, 50, 155, 138)),
            ("sports ball", "white", (175, 120, 187, 132)),
        ), (120, 80, 198, 98)),
    ),
    "val2014": (
        Photo(900201, "sea", (("boat", "white", (20, 30, 120, 140)), ("bird", "black", (135, 15, 190, 65)))),
        Photo(900202, "meadow", (
            ("horse", "brown", (10, 40, 100, 138)), ("person", "purple", (115, 40, 160, 138)),
            ("dog", "black", (150, 95, 196, 140)),
        )),
        Photo(900203, "street", (
            ("bicycle", "green", (15, 60, 95, 135)), ("car", "yellow", (105, 75, 195, 130)),
        )),
        Photo(900204, "room", (("chair", "brown", (15, 50, 75, 140)), ("cat", "gray", (95, 65, 180, 140)))),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """Two instances files and their photos."""
    (folder / "annotations").mkdir()
    for subset, photos in PHOTOS.items():
        images, boxes = [], []
        for photo in photos:
            name = f"COCO_{subset}_{photo.number:012d}.jpg"
            scene = Scene(photo.background)
            for each, colour, box in photo.things:
                scene.add(SAME_THING.get(each, each), colour, box)
            scene.save(folder / subset / name)
            width, height = scene.size
            images.append({"license": 1, "file_name": name, "height": height, "width": width, "id": photo.number})
            boxes += [annotation(photo.number, each, place) for each, _, place in photo.things]
            if photo.crowd:
                boxes.append(annotation(photo.number, "person", photo.crowd, crowd=True))
        for number, record in enumerate(boxes, 1):
            record["id"] = number + 1000 * photos[0].number
        boxes.insert(1, boxes.pop())
        facts = {
            "info": {"description": "drawn for the sample"},
            "licenses": [{"id": 1, "name": "CC0"}],
            "images": images,
            "annotations": boxes,
            "categories": [{"supercategory": "thing", "id": id, "name": name} for id, name in CLASSES.items()],
        }
        (folder / "annotations" / f"instances_{subset}.json").write_text(json.dumps(facts), encoding="utf-8")


def annotation(image: int, name: str, box: tuple[int, int, int, int], *, crowd: bool = False) -> dict[str, Any]:
    """One box: a polygon of its corners, or a mask (run lengths) for a crowd."""
    x0, y0, x1, y1 = box
    polygon = [[x0, y0, x1, y0, x1, y1, x0, y1]]
    return {
        "segmentation": {"counts": [x0 * 150, 100, 5], "size": [150, 200]} if crowd else polygon,
        "area": (x1 - x0) * (y1 - y0) * 0.7,
        "iscrowd": int(crowd),
        "image_id": image,
        "bbox": [float(x0), float(y0), float(x1 - x0), float(y1 - y0)],
        "category_id": NUMBERS[name],
    }
