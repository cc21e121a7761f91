"""Winoground: pairs of pictures and captions, one split, the pictures in their archive.

In it: pictures named without a suffix and found in `images.zip`, PNG with an alpha channel, captions that differ by a
compound word and not by order, one or two main predicates, and tags that are joined or empty.
"""

import json
import zipfile
from pathlib import Path
from typing import NamedTuple

from scripts.make_samples.draw import Box, Scene

Thing = tuple[str, str, Box]
BIG_LEFT, BIG_RIGHT = (10, 40, 95, 140), (105, 40, 190, 140)
LEFT = (20, 70, 80, 140)
SMALL_RIGHT = (130, 95, 170, 140)
ABOVE, BELOW = (65, 5, 135, 68), (65, 82, 135, 145)


class Pair(NamedTuple):
    """Two captions, what their pictures show on which background, and the tags."""

    captions: tuple[str, str]
    background: str
    scenes: tuple[tuple[Thing, ...], tuple[Thing, ...]]
    tag: str
    collapsed: str
    secondary: str = ""
    predicates: int = 1


PAIRS = (
    Pair(
        ("a red ball above a blue square", "a blue square above a red ball"),
        "white",
        ((("ball", "red", ABOVE), ("square", "blue", BELOW)), (("square", "blue", ABOVE), ("ball", "red", BELOW))),
        "Noun Phrase",
        "Object",
    ),
    Pair(
        ("a big cat and a small dog", "a big dog and a small cat"),
        "meadow",
        (
            (("cat", "gray", BIG_LEFT), ("dog", "brown", SMALL_RIGHT)),
            (("dog", "brown", BIG_LEFT), ("cat", "gray", SMALL_RIGHT)),
        ),
        "Noun",
        "Object",
    ),
    Pair(
        (
            "the car on the left is red and the car on the right is blue",
            "the car on the left is blue and the car on the right is red",
        ),
        "street",
        (
            (("car", "red", BIG_LEFT), ("car", "blue", BIG_RIGHT)),
            (("car", "blue", BIG_LEFT), ("car", "red", BIG_RIGHT)),
        ),
        "Adjective-Color",
        "Relation",
        predicates=2,
    ),
    Pair(
        ("some apples and one banana", "one apple and some bananas"),
        "white",
        (
            (
                ("apple", "red", (10, 20, 60, 75)),
                ("apple", "red", (70, 20, 120, 75)),
                ("apple", "red", (130, 20, 180, 75)),
                ("banana", "gold", (60, 95, 140, 140)),
            ),
            (
                ("apple", "red", (75, 20, 125, 75)),
                ("banana", "gold", (5, 95, 65, 135)),
                ("banana", "gold", (70, 95, 130, 135)),
                ("banana", "gold", (135, 95, 195, 135)),
            ),
        ),
        "Determiner-Numeral",
        "Object",
        "Morpheme-Level",
    ),
    Pair(
        ("a lamp, not a chair, stands beside the table", "a chair, not a lamp, stands beside the table"),
        "room",
        (
            (("table", "sienna", (20, 80, 110, 140)), ("lamp", "gold", (135, 35, 175, 140))),
            (("table", "sienna", (20, 80, 110, 140)), ("chair", "peru", (125, 50, 180, 140))),
        ),
        "Negation, Scope",
        "Relation",
    ),
    Pair(
        ("a bluebird next to a tree", "a bird next to a blue tree"),
        "meadow",
        (
            (("bird", "royalblue", LEFT), ("tree", "forestgreen", BIG_RIGHT)),
            (("bird", "white", LEFT), ("tree", "blue", BIG_RIGHT)),
        ),
        "Adjective-Color",
        "Both",
        "Morpheme-Level, Series",
    ),
    Pair(
        ("the plane is over the boat", "the boat is over the plane"),
        "skyblue",
        ((("plane", "white", ABOVE), ("boat", "navy", BELOW)), (("boat", "navy", ABOVE), ("plane", "white", BELOW))),
        "Preposition",
        "Relation",
        "Pragmatics",
    ),
    Pair(
        ("a person under an umbrella and a dog", "a dog under an umbrella and a person"),
        "street",
        (
            (
                ("umbrella", "crimson", (5, 5, 105, 105)),
                ("person", "purple", (35, 60, 75, 145)),
                ("dog", "brown", SMALL_RIGHT),
            ),
            (
                ("umbrella", "crimson", (5, 5, 105, 105)),
                ("dog", "brown", (35, 95, 80, 145)),
                ("person", "purple", (130, 50, 175, 145)),
            ),
        ),
        "Scope, Noun",
        "Both",
    ),
)


def make(folder: Path) -> None:
    """One line a pair, one archive of pictures."""
    data = folder / "data"
    data.mkdir()
    lines = []
    with zipfile.ZipFile(data / "images.zip", "w") as archive:
        for number, pair in enumerate(PAIRS):
            for place, things in enumerate(pair.scenes):
                scene = Scene(pair.background)
                for thing in things:
                    scene.add(*thing)
                name = f"ex_{number}_img_{place}"
                path = data / f"{name}.png"
                scene.save(path, "RGBA" if number % 4 == 1 else "RGB")
                # An entry without a clock of its own: the same bytes every time.
                archive.writestr(zipfile.ZipInfo(f"images/{name}.png"), path.read_bytes())
                path.unlink()
            record = {
                "id": number,
                "caption_0": pair.captions[0],
                "caption_1": pair.captions[1],
                "image_0": f"ex_{number}_img_0",
                "image_1": f"ex_{number}_img_1",
                "tag": pair.tag,
                "secondary_tag": pair.secondary,
                "num_main_preds": pair.predicates,
                "collapsed_tag": pair.collapsed,
            }
            lines.append(json.dumps(record) + "\n")
    (data / "examples.jsonl").write_text("".join(lines), encoding="utf-8")
