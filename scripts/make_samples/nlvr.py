"""NLVR2: a sentence a line, photos named after its pair, left and right.

In it: labels "True" and "False" with capitals, training pairs in numbered folders, validation and test pairs flat,
JPEG content under a .png name, sentences with typos and without a full stop, several sentences a pair, and the last
line without its end.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples.draw import Scene

Things = tuple[tuple[str, str, tuple[int, int, int, int]], ...]
SIZE = (120, 90)
ONE, SMALL, BIG = (35, 25, 85, 82), (45, 45, 75, 80), (15, 10, 105, 85)
LEFT, RIGHT = (8, 30, 54, 82), (66, 30, 112, 82)
THIRDS = ((4, 40, 38, 80), (43, 40, 77, 80), (82, 40, 116, 80))


class Pair(NamedTuple):
    """Two photos and what is said of them."""

    background: str
    left: Things
    right: Things
    said: tuple[tuple[str, bool], ...]


PAIRS = {
    "train": (
        Pair("meadow", (("dog", "brown", LEFT), ("dog", "black", RIGHT)), (("dog", "brown", ONE),), (
            ("There are three dogs in total.", True),
            ("The right image shows more dogs than the left image.", False),
            ("One image contains exactly one dog", True),
        )),
        Pair("street", (("bus", "red", BIG),), (("car", "blue", ONE),), (
            ("The left image shows a red bus.", True),
            ("Both images show a bus.", False),
        )),
        Pair("khaki", (("bottle", "green", LEFT), ("cup", "red", RIGHT)),
             (("bottle", "green", LEFT), ("bottle", "green", RIGHT)), (
            ("Each image contains atleast one bottle.", True),
            ("There is a cup in the right image.", False),
        )),
        Pair("sea", (("boat", "white", BIG),), (("boat", "white", LEFT), ("boat", "red", RIGHT)), (
            ("All boats in both images are white.", False),
            ("A red boat can be seen in the image on the right.", True),
        )),
    ),
    "dev": (
        Pair("room", (("cat", "gray", LEFT), ("chair", "brown", RIGHT)), (("cat", "black", ONE),), (
            ("The left image shows a cat beside a chair.", True),
            ("There are no chairs in either image.", False),
            ("Each image contains one cat.", True),
        )),
        Pair("skyblue", (("bird", "yellow", ONE),), tuple(("bird", "blue", box) for box in THIRDS), (
            ("One image shows a single yellow bird.", True),
            ("the left image contains three birds", False),
        )),
        Pair("beach", (("umbrella", "red", BIG),), (("umbrella", "blue", BIG),), (
            ("The umbrellas in the two images have the same color.", False),
            ("A red umbrella is in the left image and a blue one is in the right image.", True),
            ("There is a person under at least one umbrella.", False),
        )),
    ),
    "test1": (
        Pair("lightgray", (("apple", "red", LEFT), ("banana", "yellow", RIGHT)), (("apple", "green", ONE),), (
            ("There are two apples in total.", True),
            ("The right image contains a banana.", False),
        )),
        Pair("meadow", (("horse", "brown", BIG),), (("horse", "white", BIG),), (
            ("The horse in the left image is brown.", True),
            ("Both horses are white.", False),
        )),
        Pair("white", (("cake", "pink", ONE),), (("cake", "pink", LEFT), ("cup", "blue", RIGHT)), (
            ("Only one of the images shows a cup.", True),
            ("Each image shows exactly two objects.", False),
        )),
        Pair("night", (("house", "white", BIG),), (("tree", "green", BIG),), (
            ("There is a house in one image and a tree in the other.", True),
            ("A house is in the right image.", False),
        )),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """Three files of lines and the photos of each."""
    root = folder / "nlvr2"
    (root / "data").mkdir(parents=True)
    for split, pairs in PAIRS.items():
        lines = []
        for number, pair in enumerate(pairs, 101):
            directory = number % 2
            place = root / "images" / "train" / str(directory) if split == "train" else root / split
            for side, things in enumerate((pair.left, pair.right)):
                shoot(pair.background, things, place / f"{split}-{number}-0-img{side}.png", side)
            for count, (sentence, label) in enumerate(pair.said):
                record = line(f"{split}-{number}-0-{count}", sentence, label=label)
                lines.append(json.dumps(record | ({"directory": directory} if split == "train" else {})))
        (root / "data" / f"{split}.json").write_text("\n".join(lines), encoding="utf-8")


def shoot(background: str, things: Things, path: Path, side: int) -> None:
    """One photo; right ones are JPEG inside."""
    scene = Scene(background, SIZE)
    for thing in things:
        scene.add(*thing)
    if side:
        scene.save(path.with_suffix(".jpg"))
        path.with_suffix(".jpg").rename(path)
    else:
        scene.save(path, "P")


def line(identifier: str, sentence: str, *, label: bool) -> dict[str, Any]:
    """One record; the photos' addresses lead nowhere."""
    return {
        "validation": {"1": str(label)},
        "sentence": sentence,
        "left_url": f"https://example.org/{identifier}-left.jpg",
        "writer": "1",
        "label": str(label),
        "right_url": f"https://example.org/{identifier}-right.jpg",
        "synset": "thing",
        "query": "drawn things",
        "identifier": identifier,
    }
