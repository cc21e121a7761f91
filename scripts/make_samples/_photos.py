"""Drawn stand-ins for COCO photos, as the samples on COCO pictures share them."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples.draw import Scene

Thing = tuple[str, str, tuple[int, int, int, int]]
"""What, its colour, and the box that it fills."""


class Photo(NamedTuple):
    """A picture: number, background, things, and Pillow's mode in which it is stored."""

    number: int
    background: str
    things: tuple[Thing, ...]
    mode: str = "RGB"


def save_photo(photo: Photo, path: Path) -> None:
    """Draw a picture."""
    scene = Scene(photo.background)
    for thing in photo.things:
        scene.add(*thing)
    scene.save(path, photo.mode)


def name_2014(subset: str, number: int) -> str:
    """The file name of a picture in a COCO 2014 or 2015 subset."""
    return f"COCO_{subset}_{number:012d}.jpg"


def write_json(path: Path, content: Any) -> None:
    """A JSON file on one line, as the official ones are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
