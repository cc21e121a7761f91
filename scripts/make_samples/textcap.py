"""TextCaps: captions of train and validation, whose photos share one folder, and test records without captions.

In it: each record with all references of its photo, records of one photo apart from each other, ids with leading
zeros and one that looks like a number, `image_path` that names a folder which is not there, a quote, a curly
apostrophe, a typo, and a grayscale photo. The OCR file is left out: this task does not read it.
"""

from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples._photos import Thing, write_json
from scripts.make_samples.draw import Scene


class Sign(NamedTuple):
    """Written text: what, where, how large, in which colour."""

    text: str
    at: tuple[int, int]
    size: int = 16
    colour: str = "black"


class Shot(NamedTuple):
    """A photo with signs: id, background, things, blocks behind text, signs, classes, captions, mode."""

    id: str
    background: str
    things: tuple[Thing, ...]
    blocks: tuple[tuple[tuple[int, int, int, int], str], ...]
    signs: tuple[Sign, ...]
    classes: tuple[str, ...]
    captions: tuple[str, ...] = ()
    mode: str = "RGB"


SHOTS = {
    "train": (
        Shot("00ab000000000101", "street", (("bus", "red", (15, 45, 150, 138)),), (),
             (Sign("71 Mill", (46, 89), 15, "white"),),
             ("Bus", "Vehicle"), (
                 "A red bus with Mill written on its side.",
                 "Bus number 71 goes to \"Mill\".",
                 "The side of the red bus says 71 Mill.",
             )),
        Shot("00e1000000000102", "room", (("book", "blue", (60, 10, 150, 142)),), (),
             (Sign("TIDES", (82, 50), 17, "white"),),
             ("Book",), (
                 "A blue book with the title Tides.",
                 "the book’s title is TIDES",
                 "A book that is called Tides stands in front of a wall.",
             )),
        Shot("0f3c000000000103", "meadow", (("house", "white", (10, 25, 110, 140)),), (((120, 60, 192, 92), "brown"),),
             (Sign("Cafe", (138, 66), 17, "white"),), ("House",), (
                 "A white house with a brown sign that says Cafe.",
                 "The sign beside the house shows that it is a cafe.",
             )),
        Shot("7b21000000000104", "lightgray", (("bottle", "gray", (70, 5, 140, 145)),), (),
             (Sign("OLIVE", (86, 88), 13),),
             ("Bottle",), ("A bottle with a lable that reads OLIVE.", "A bottle of olive oil, as its label says."),
             "L"),
    ),
    "val": (
        Shot("0c44000000000201", "sea", (("boat", "navy", (20, 10, 150, 135)),), (),
             (Sign("Wilma", (62, 106), 16, "white"),),
             ("Boat",), (
                 "A boat named Wilma on the sea.",
                 "The dark blue boat is called Wilma.",
                 "Wilma is painted on the side of a sailing boat.",
             )),
        Shot("5d05000000000202", "street", (("traffic light", "red", (10, 10, 70, 142)),),
             (((85, 45, 185, 95), "firebrick"),),
             (Sign("STOP", (100, 55), 26, "white"),), ("Traffic light", "Stop sign"), (
                 "A red sign that says STOP next to a traffic light.",
                 "Both the traffic light and the sign tell drivers to stop.",
                 "The word stop in white on red",
             )),
        Shot("9e30000000000203", "room", (("cup", "green", (40, 25, 150, 140)),), (),
             (Sign("Mia", (66, 70), 24, "white"),),
             ("Coffee cup",), ("A green cup with the name Mia on it.", "This cup belongs to Mia.")),
    ),
    "test": (
        Shot("a1b2000000000301", "meadow", (), (((30, 45, 170, 105), "white"),), (Sign("Exit 4", (58, 60), 26),),
             ("Sign",)),
        Shot("a1b2000000000302", "night", (("car", "yellow", (25, 60, 175, 140)),), (),
             (Sign("TAXI", (80, 40), 18, "white"),),
             ("Taxi",)),
    ),
}  # fmt: skip


def save_shot(shot: Shot, path: Path) -> None:
    """Draw a photo with its signs."""
    scene = Scene(shot.background)
    for thing in shot.things:
        scene.add(*thing)
    for box, colour in shot.blocks:
        scene.block(box, colour)
    for sign in shot.signs:
        scene.text(*sign)
    scene.save(path, shot.mode)


def make(folder: Path) -> None:
    """Three files of captions and two folders of photos."""
    for number, (split, shots) in enumerate(SHOTS.items(), 1):
        images = "test" if split == "test" else "train"
        for shot in shots:
            save_shot(shot, folder / f"{images}_images" / f"{shot.id}.jpg")
        turns = max(1, *(len(shot.captions) for shot in shots))
        data = [
            record(shot, split, turn) for turn in range(turns) for shot in shots if turn < max(1, len(shot.captions))
        ]
        if split != "test":
            for place, each in enumerate(data):
                each["caption_id"] = number * 100_000_000 + place
        content = {"dataset_type": split, "dataset_name": "textcaps", "dataset_version": 0.1, "data": data}
        write_json(folder / f"TextCaps_0.1_{split}.json", content)


def record(shot: Shot, split: str, turn: int) -> dict[str, Any]:
    """One caption with the references of its photo; test records have neither."""
    images = "test" if split == "test" else "train"
    facts = {
        "image_id": shot.id,
        "image_name": shot.id,
        "image_path": f"{images}/{shot.id}.jpg",
        "image_classes": list(shot.classes),
        "flickr_original_url": "",
        "flickr_300k_url": "",
        "image_width": 200,
        "image_height": 150,
        "set_name": split,
    }
    if not shot.captions:
        return facts
    tokens = [["<s>", *caption.lower().split(), "</s>"] for caption in shot.captions]
    return facts | {
        "caption_str": shot.captions[turn],
        "caption_tokens": tokens[turn],
        "reference_strs": list(shot.captions),
        "reference_tokens": tokens,
    }
