"""What tasks on COCO pictures share."""

from typing import Any

from m3it_build.core.sample import Picture
from m3it_build.sources.rows import record_number

from ._names import anywhere

COCO = ("coco2014", "coco2017")
"""The collections in which its photos lie, each under names of its own."""


def coco_number(image_id: Any) -> int:
    """A COCO image id; refuses what would name another picture (true, 7.5, -7)."""
    if isinstance(image_id, bool) or not isinstance(image_id, int | str):
        raise TypeError(f"image id {image_id!r} is no number")
    number = int(image_id)
    if number < 0:
        raise ValueError(f"image id {number} is negative")
    return number


def coco_files(number: int, *subsets: str) -> tuple[str, ...]:
    """Where a COCO picture lies: under its name in a 2014 subset, under that of the 2017 download, or so anywhere."""
    old = (f"{subset}/COCO_{subset}_{number:012d}.jpg" for subset in subsets)
    new = (f"{folder}/{number:012d}.jpg" for folder in ("train2017", "val2017"))
    return anywhere((*old, *new))


def coco_picture(image_id: int, *subsets: str) -> Picture:
    """A COCO picture by number, of one of these 2014 subsets."""
    number = coco_number(image_id)
    return Picture(coco_files(number, *subsets), origin=coco_origin(number))


def coco_origin(image_id: Any) -> str:
    """A COCO picture's id in the collection; empty for what is none."""
    number = record_number(image_id)
    return f"coco:{int(number)}" if number is not None else ""
