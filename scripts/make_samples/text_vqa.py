"""TextVQA: questions of train and validation, whose photos share one folder, and test questions without answers.

In it: ids with leading zeros and one that looks like a number, ten answers that differ in case or disagree, a tie,
empty answers, a photo with two questions, a grayscale photo, OCR tokens for train only, and an empty list of classes.
Rejected on purpose: one question of train (32003), to which most people found no answer in the photo.
"""

from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples._photos import write_json
from scripts.make_samples.draw import Scene
from scripts.make_samples.textcap import Shot, Sign, save_shot

NOT_READ = "answering does not require reading text in the image"


class Asked(NamedTuple):
    """A question and who gave which answers."""

    id: int
    question: str
    answers: tuple[tuple[str, int], ...] = ()


SHOTS: dict[str, tuple[tuple[Shot, tuple[Asked, ...]], ...]] = {
    "train": (
        (Shot("00a1000000000401", "street", (("bus", "blue", (20, 40, 160, 138)),), (),
              (Sign("12 Zoo", (60, 86), 16, "white"),),
              ("Bus",)),
         (Asked(32001, "what is the number of the bus?", (("12", 8), ("12 zoo", 2))),
          Asked(32002, "where does the bus go?", (("Zoo", 3), ("zoo", 5), ("to the zoo", 2))),
          Asked(32003, "who is driving?", (("unanswerable", 6), (NOT_READ, 2), ("12", 2))))),
        (Shot("00e2000000000402", "sea", (("boat", "green", (25, 10, 155, 135)),), (),
              (Sign("Luna", (70, 106), 16, "white"),),
              ("Boat",)),
         (Asked(32004, "what is the name of the boat?", (("luna", 9), ("lune", 1))),)),
        (Shot("1c05000000000403", "room", (("book", "red", (60, 8, 150, 142)),), (),
              (Sign("WORMS", (80, 46), 15, "white"),), ()),
         (Asked(32005, "what is the title of the book?", (("worms", 6), ("Worms", 4))),
          Asked(32006, "what is the book about", (("worms", 4), ("unanswerable", 4), ("animals", 2))))),
        (Shot("2d06000000000404", "meadow", (("house", "pink", (10, 25, 110, 140)),), (((120, 55, 192, 95), "white"),),
              (Sign("SOLD", (130, 64), 18, "red"),), ("House",)),
         (Asked(32007, "is the house for sale?", (("no", 7), ("sold", 3))),)),
        (Shot("3e07000000000405", "lightgray", (("clock", "black", (15, 20, 120, 125)),), (),
              (Sign("Bern", (132, 60), 20),),
              ("Clock",), (), "L"),
         (Asked(32008, "which city is written beside the clock?", (("bern", 10),)),)),
    ),
    "val": (
        (Shot("4f08000000000501", "street", (("traffic light", "green", (10, 10, 70, 142)),),
              (((85, 45, 185, 95), "navy"),),
              (Sign("Port 3", (92, 56), 24, "white"),), ("Traffic light",)),
         (Asked(34601, "which port does the sign point to?", (("3", 6), ("port 3", 4))),
          Asked(34602, "what word is on the sign?", (("port", 9), ("", 1))))),
        (Shot("5a09000000000502", "room", (("bottle", "green", (70, 5, 140, 145)),), (),
              (Sign("LIME", (88, 88), 14),), ("Bottle",)),
         (Asked(34603, "what does the label say?", (("lime", 10),)),
          Asked(34604, "what flavor is this?", (("lime", 8), ("green", 2))))),
        (Shot("6b10000000000503", "room", (("cup", "blue", (40, 25, 150, 140)),), (),
              (Sign("Tom", (64, 70), 24, "white"),), ("Cup",)),
         (Asked(34605, "whose cup is it?", (("tom", 7), ("tom's", 3))),
          Asked(34606, "how many letters does the name have?", (("3", 5), ("three", 4), ("4", 1))))),
        (Shot("7c11000000000504", "meadow", (("plane", "white", (15, 15, 185, 110)),), (),
              (Sign("KX 20", (96, 52), 14, "navy"),),
              ("Airplane",)),
         (Asked(34607, "what number is on the plane?", (("20", 6), ("kx 20", 4))),
          Asked(34608, "which letters stand before the number?", (("kx", 10),)))),
    ),
    "test": (
        (Shot("8d12000000000601", "beach", (), (((25, 40, 175, 100), "white"),), (Sign("No dogs", (44, 55), 26),),
              ("Sign",)),
         (Asked(39602, "which animals have to stay away?"), Asked(39603, "what is the first word on the sign?"))),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """Three files of questions, the OCR tokens of train, and two folders of photos."""
    for split, shots in SHOTS.items():
        images = "test" if split == "test" else "train"
        for shot, _ in shots:
            save_shot(shot, folder / f"{images}_images" / f"{shot.id}.jpg")
        data = [record(shot, asked, split) for shot, questions in shots for asked in questions]
        content = {"dataset_type": split, "dataset_name": "textvqa", "dataset_version": "0.5.1", "data": data}
        write_json(folder / f"TextVQA_0.5.1_{split}.json", content)
    tokens = [{"image_id": shot.id, **recognised(shot)} for shot, _ in SHOTS["train"]]
    content = {"dataset_type": "train", "dataset_name": "textvqa", "dataset_version": "0.2", "data": tokens}
    write_json(folder / "TextVQA_Rosetta_OCR_v0.2_train.json", content)


def record(shot: Shot, asked: Asked, split: str) -> dict[str, Any]:
    """One question, with its ten answers unless it is of test."""
    facts = {
        "question_id": asked.id,
        "question": asked.question,
        "question_tokens": asked.question.rstrip("?").split(),
        "image_id": shot.id,
        "image_classes": list(shot.classes),
        "flickr_original_url": "",
        "flickr_300k_url": "",
        "image_width": 200,
        "image_height": 150,
        "set_name": split,
    }
    answers = [text for text, count in asked.answers for _ in range(count)]
    return facts | ({"answers": answers} if answers else {})


def recognised(shot: Shot) -> dict[str, Any]:
    """Words and their boxes, as shares of the picture."""
    scene = Scene()
    boxes = [scene.text(*sign) for sign in shot.signs]
    width, height = scene.size
    info = [
        {
            "word": sign.text,
            "bounding_box": {
                "top_left_x": x0 / width,
                "top_left_y": y0 / height,
                "width": (x1 - x0) / width,
                "height": (y1 - y0) / height,
                "rotation": 0,
                "yaw": 0,
                "pitch": 0,
                "roll": 0,
            },
        }
        for sign, (x0, y0, x1, y1) in zip(shot.signs, boxes, strict=True)
    ]
    return {"ocr_tokens": [word for sign in shot.signs for word in sign.text.split()], "ocr_info": info}
