"""ST-VQA task 3: training pictures in the six folders of their sources, test questions without answers.

In it: `.jpg`, `.JPEG` and `.png`, COCO-Text pictures squeezed to a square whatever their shape, a grayscale picture, a
question in capitals and one without "?", two answers that say the same, answers as spelled on the sign, and records
without the optional sizes and tokens.
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from scripts.make_samples.draw import Scene, save

SQUARE = (128, 128)
"""The original squeezes to 256 x 256; half of that keeps the sample small."""


class Photo(NamedTuple):
    """A picture: its path, background, things, signs (text, box, colour, text colour), and questions with answers."""

    path: str
    background: str
    things: tuple[tuple[str, str, tuple[int, int, int, int]], ...]
    signs: tuple[tuple[str, tuple[int, int, int, int], str, str], ...]
    asked: tuple[tuple[str, tuple[str, ...]], ...]


TRAIN = (
    Photo(
        "coco-text/COCO_train2014_000000990001.jpg", "street", (("bus", "gold", (25, 45, 150, 140)),),
        (("42 Park", (100, 58, 148, 74), "black", "white"),),
        (("What is the number of the bus?", ("42",)), ("WHERE DOES THE BUS GO", ("Park", "Park (42)"))),
    ),
    Photo(
        "coco-text/COCO_train2014_000000990002.jpg", "meadow", (("house", "linen", (20, 30, 120, 140)),),
        (("BAKERY", (126, 60, 190, 82), "saddlebrown", "white"),),
        (("What does the sign beside the house say?", ("BAKERY", "bakery")),),
    ),
    Photo(
        "VisualGenome/2499001.jpg", "sea", (("boat", "navy", (60, 20, 170, 120)),),
        (("Lotta", (90, 102, 138, 118), "navy", "white"),),
        (("What is the name of the boat?", ("Lotta",)),),
    ),
    Photo(
        "VisualGenome/2499002.jpg", "street", (("traffic light", "red", (150, 10, 190, 130)),),
        (("STOP", (30, 40, 90, 66), "firebrick", "white"), ("here", (30, 70, 90, 92), "white", "black")),
        (("What is written in white on red?", ("STOP",)), ("What is the last word on the signs.", ("here",))),
    ),
    Photo(
        "vizwiz/VizWiz_train_000000099901.jpg", "room", (("bottle", "seagreen", (60, 8, 140, 142)),),
        (("MINT", (78, 86, 122, 106), "white", "black"),),
        (("what flavour is this", ("MINT", "mint")),),
    ),
    Photo(
        "icdar/img_901.jpg", "night", (("car", "silver", (20, 60, 150, 140)),),
        (("TAXI", (70, 44, 112, 62), "yellow", "black"),),
        (("What kind of car is it according to the sign on its roof?", ("TAXI",)),),
    ),
    Photo(
        "imageNet/n09900001_7.JPEG", "room", (("book", "maroon", (60, 20, 140, 140)),),
        (("Atlas", (82, 50, 126, 70), "maroon", "white"),),
        (("What is the title of the book?", ("Atlas",)),),
    ),
    Photo(
        "IIIT_text/img_009901.png", "meadow", (("plane", "white", (15, 15, 185, 110)),),
        (("Polar Air", (86, 54, 150, 70), "white", "navy"),),
        (("What airline is on the plane?", ("Polar Air",)), ("Is there text on the plane?", ("yes", "Yes, it has"))),
    ),
)  # fmt: skip
TEST = (
    Photo(
        "VisualGenome/2499901.jpg", "street", (("train", "green", (20, 30, 150, 140)),),
        (("17", (130, 84, 156, 104), "white", "black"),),
        (("What is the number of the train?", ()), ("What colour is the number?", ())),
    ),
)  # fmt: skip


def make(folder: Path) -> None:
    """Train with answers, test without."""
    number = 99001
    for split, photos in (("train", TRAIN), ("test", TEST)):
        data: list[dict[str, Any]] = []
        for photo in photos:
            picture = draw(photo, folder / split / photo.path)
            dataset, _, name = photo.path.partition("/")
            for question, answers in photo.asked:
                record: dict[str, Any] = {
                    "question": question,
                    "image_width": picture.width,
                    "image_height": picture.height,
                    "file_name": name,
                    "file_path": photo.path,
                    "dataset": dataset,
                    "question_id": number,
                    "question_tokens": re.findall(r"[a-z0-9']+", question.lower()),
                    "set_name": split,
                }
                if answers:
                    record["answers"] = list(answers)
                if number % 4 == 0:
                    for optional in ("image_width", "image_height", "question_tokens"):
                        del record[optional]
                data.append(record)
                number += 1
        header = {"dataset_name": "st-vqa", "dataset_version": "1.0", "task_name": "task 3 - Open Dictionary"}
        path = folder / f"{split}_task_3.json"
        path.write_text(json.dumps({**header, "set_name": split, "data": data}), encoding="utf-8")


def draw(photo: Photo, path: Path) -> Image.Image:
    """The scene with its signs, squeezed where it comes from COCO-Text."""
    scene = Scene(photo.background)
    for thing, colour, box in photo.things:
        scene.add(thing, colour, box)
    for text, box, colour, ink in photo.signs:
        scene.block(box, colour)
        scene.text(text, (box[0] + 3, box[1] + 1), min(16, box[3] - box[1] - 3), ink)
    picture = scene.image()
    if photo.path.startswith("coco-text"):
        picture = picture.resize(SQUARE)
    save(picture, path, "L" if photo.path.startswith("vizwiz") else "RGB")
    return picture
