"""COCO-Text V1: boxes around drawn text, large or too small to be read, on photos of train2014 only.

In it: dictionary keys that are texts and ids that are numbers, photos of the sets train and val in one folder,
illegible text without `utf8_string`, legible text without one, handwriting, a word that is not English, a slanted
polygon, a box that sticks out of the photo, and photos without text or of the set test.
"""

from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples._photos import Thing, name_2014, write_json
from scripts.make_samples.draw import Scene

READABLE = 13
"""Letters at least so high are legible; the others are `TINY`."""
TINY = 4


class Word(NamedTuple):
    """Written text: what, where, how large, in which colour; its class and language."""

    text: str
    at: tuple[int, int]
    size: int
    colour: str = "white"
    kind: str = "machine printed"
    language: str = "english"


class View(NamedTuple):
    """A photo: number, set, background, things, blocks behind text, words."""

    number: int
    set: str
    background: str
    things: tuple[Thing, ...]
    blocks: tuple[tuple[tuple[int, int, int, int], str], ...]
    words: tuple[Word, ...]


VIEWS = (
    View(900501, "train", "street", (("bus", "blue", (15, 45, 150, 138)),), (((155, 60, 196, 90), "white"),), (
        Word("City", (34, 88), 17), Word("24", (96, 88), 17), Word("pick up here until nine", (157, 70), TINY, "gray"),
    )),
    View(900502, "train", "room", (("book", "blue", (50, 8, 150, 142)),), (), (
        Word("Stars", (80, 36), 18), Word("the sky at night", (84, 74), TINY, "lightsteelblue"),
        Word("second edition", (84, 112), TINY, "lightsteelblue"),
    )),
    View(900503, "train", "meadow", (("house", "white", (10, 30, 110, 140)),), (((122, 50, 192, 100), "navy"),), (
        Word("Kaffee", (130, 56), 16, language="not english"), Word("open", (140, 78), 15, kind="handwritten"),
    )),
    View(900504, "train", "sea", (("boat", "green", (25, 10, 155, 135)),), (), (
        Word("Nora", (70, 106), 16), Word("harbour master's mark", (64, 126), TINY, "yellowgreen"),
    )),
    # No text at all.
    View(900505, "train", "meadow", (("dog", "brown", (60, 50, 140, 140)),), (), ()),
    View(900511, "val", "street", (("traffic light", "red", (10, 10, 70, 142)),),
         (((85, 40, 185, 100), "navy"),), (
        Word("STOP", (98, 54), 28), Word("except buses and bicycles", (100, 90), TINY, "slateblue"),
    )),
    View(900512, "val", "room", (("cup", "blue", (30, 25, 140, 140)), ("bottle", "green", (150, 20, 195, 140))), (), (
        Word("Ida", (54, 66), 24, kind="handwritten"), Word("shake well before use", (156, 96), TINY, "gray"),
        Word("best before May", (157, 104), TINY, "gray"),
    )),
    View(900513, "val", "night", (("car", "yellow", (20, 60, 175, 140)),), (), (
        Word("TAXI", (76, 42), 16), Word("Taxi rank", (150, 8), 15), Word("no parking", (8, 30), TINY, "slategray"),
    )),
    # Of the test set, whose boxes are not given.
    View(900521, "test", "beach", (), (((25, 40, 175, 100), "white"),), ()),
)  # fmt: skip
UNTRANSCRIBED = "Taxi rank"
"""Legible, but nobody typed it; it also runs out of the picture."""


def make(folder: Path) -> None:
    """One file and one folder of photos."""
    images: dict[str, Any] = {}
    boxes: dict[str, Any] = {}
    listed: dict[str, list[int]] = {}
    for view in VIEWS:
        scene = Scene(view.background)
        for thing in view.things:
            scene.add(*thing)
        for box, colour in view.blocks:
            scene.block(box, colour)
        name = name_2014("train2014", view.number)
        found = [annotation(word, scene.text(word.text, word.at, word.size, word.colour)) for word in view.words]
        scene.save(folder / "train2014" / name)
        width, height = scene.size
        for record in found:
            record |= {"id": 500_000 + len(boxes), "image_id": view.number}
            boxes[str(record["id"])] = record
        listed[str(view.number)] = [record["id"] for record in found]
        images[str(view.number)] = {
            "id": view.number, "set": view.set, "width": width, "height": height, "file_name": name,
        }  # fmt: skip
    content = {"cats": {}, "anns": boxes, "imgs": images, "imgToAnns": listed, "info": {"version": "1.4"}}
    write_json(folder / "COCO_Text.json", content)


def annotation(word: Word, box: tuple[float, float, float, float]) -> dict[str, Any]:
    """One box; `utf8_string` is there only for what was read."""
    x0, y0, x1, y1 = (box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1)
    legible = word.size >= READABLE
    record = {
        "polygon": [x0, y0 + 1, x1, y0, x1, y1 - 1, x0, y1],
        "language": word.language if legible else "na",
        "area": round((x1 - x0) * (y1 - y0), 2),
        "bbox": [round(value, 1) for value in (x0, y0, x1 - x0, y1 - y0)],
        "legibility": "legible" if legible else "illegible",
        "class": word.kind,
    }
    return record | ({"utf8_string": word.text} if legible and word.text != UNTRANSCRIBED else {})
