"""COCO captions: Karpathy's file and photos of train2014 and val2014.

In it: a restval entry, val and test photos that lie in val2014, five captions a photo but once six, captions with
stray blanks, an inner line break, a lower-case start, a typo and no full stop, and a grayscale photo.
"""

from pathlib import Path

from scripts.make_samples._karpathy import Captioned, write_karpathy
from scripts.make_samples._photos import Photo

PICTURES = (
    Captioned(
        Photo(900301, "meadow", (("dog", "brown", (15, 65, 95, 140)), ("ball", "red", (120, 100, 155, 135)))),
        "train",
        (
            "A brown dog looks at a red ball on the grass.",
            "a dog is about to play with a ball",
            "A dog and a ball in a green meadow ",
            "The red ball lies in front of the brwon dog.",
            "On a sunny day, a dog waits for somebody to throw the ball.",
        ),
    ),
    Captioned(
        Photo(900302, "street", (("bus", "yellow", (15, 40, 120, 130)), ("person", "blue", (140, 45, 185, 140)))),
        "train",
        (
            "A person in a blue shirt stands beside a yellow bus.",
            "Someone is waiting next to a bus.",
            "A yellow bus has stopped\nat the side of a street.",
            " Yellow bus, blue shirt, gray street.",
            "A bus stands on the road with its door side to the viewer",
            "The person has just got off the yellow bus.",
        ),
    ),
    Captioned(
        Photo(900303, "room", (("table", "brown", (20, 75, 130, 142)), ("cake", "pink", (50, 25, 105, 86)))),
        "restval",
        (
            "A pink cake with three candles stands on a wooden table.",
            "There is a birthday cake on the table.",
            "three candles are burning on a cake",
            "A table with a cake on it, and nobody to eat it.",
            "The cake on the brown table is pink and white.\n",
        ),
    ),
    Captioned(
        Photo(900304, "sea", (("boat", "red", (25, 25, 130, 140)), ("sun", "gold", (150, 8, 190, 48)))),
        "val",
        (
            "A red sailing boat on a calm sea.",
            "The sun shines on a boat with white sails.",
            "a boat out on the water",
            "A small boat sails past under a bright sun ",
            "Sails up, a red boat crosses the bay.",
        ),
    ),
    Captioned(
        Photo(900305, "room", (("cat", "gray", (20, 55, 100, 140)), ("sofa", "green", (110, 60, 195, 140)))),
        "val",
        (
            "A gray cat sits beside a green sofa.",
            "The cat has left the sofa to somebody else.",
            "cat next to a couch in a living room",
            "A cat on the floor and an empty sofa.",
            "A gray cat with pointed ears looks into the room.",
        ),
    ),
    Captioned(
        Photo(900306, "lightgray", (("horse", "black", (20, 40, 110, 140)), ("tree", "gray", (125, 15, 190, 140))),
              "L"),
        "test",
        (
            "A black and white photo of a horse near a tree.",
            "a horse stands by a tree",
            "The horse beside the tree is dark.",
            "A dark horse looks away from a tree",
            "An old picture with a horse and a tree in it.",
        ),
    ),
    Captioned(
        Photo(900307, "beach", (("umbrella", "orange", (20, 30, 110, 140)), ("bird", "white", (135, 80, 185, 138)))),
        "test",
        (
            "An orange umbrella and a white bird on the beach.",
            "A gull walks past a parasol.",
            "a bird next to an umbrella in the sand",
            "The parasol on the beach is open, but only a bird is there.",
            "A white bird on yellow sand ",
        ),
    ),
)  # fmt: skip


def make(folder: Path) -> None:
    """One file of captions and seven photos."""
    write_karpathy(folder, PICTURES)
