"""What tasks on COCO pictures share."""

from typing import Any

from m3it_build.core.sample import Picture
from m3it_build.sources.rows import record_number


def coco_number(image_id: Any) -> int:
    """A COCO image id; refuses what would name another picture (true, 7.5, -7)."""
    if isinstance(image_id, bool) or not isinstance(image_id, int | str):
        raise TypeError(f"image id {image_id!r} is no number")
    number = int(image_id)
    if number < 0:
        raise ValueError(f"image id {number} is negative")
    return number


def coco_picture(subset: str, image_id: int) -> Picture:
    """A COCO picture by number: under its 2014 name, or where users with the 2017 download have it."""
    number = coco_number(image_id)
    names = [f"{subset}/COCO_{subset}_{number:012d}.jpg"]
    if subset in ("train2014", "val2014"):
        names += [f"{folder}/{number:012d}.jpg" for folder in ("train2017", "val2017")]
    return Picture(tuple(names), origin=coco_origin(number))


def coco_origin(image_id: Any) -> str:
    """A COCO picture's id in the collection; empty for what is none."""
    number = record_number(image_id)
    return f"coco:{int(number)}" if number is not None else ""
