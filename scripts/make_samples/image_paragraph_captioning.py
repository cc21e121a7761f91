"""Stanford image paragraphs: one file of paragraphs, three lists of ids, and photos in Visual Genome's two folders.

In it: paragraphs in another order than the lists, doubled and trailing blanks, a line break, an accent, a grayscale
photo, a photo that lies in the other folder than its url says, and an id with two paragraphs, of which the second is
rejected as a duplicate (once, in train).
"""

import json
from pathlib import Path
from typing import NamedTuple

from scripts.make_samples.draw import Scene

Box = tuple[int, int, int, int]


class Photo(NamedTuple):
    """A photo: split, id, background, things, and its paragraph."""

    split: str
    id: int
    background: str
    things: tuple[tuple[str, str, Box], ...]
    paragraph: str


LEFT, MIDDLE, RIGHT = (8, 55, 78, 140), (65, 55, 135, 140), (120, 55, 192, 140)
SKY = (150, 8, 190, 48)
PHOTOS = (
    Photo(
        "train",
        2499101,
        "meadow",
        (("dog", "brown", LEFT), ("ball", "red", (110, 105, 145, 140)), ("sun", "gold", SKY)),
        "A brown dog stands on a green meadow.  In front of it lies a red ball with a white band.  The sun shines "
        "in a blue sky.",
    ),
    Photo(
        "train",
        2499102,
        "street",
        (("bus", "orange", (5, 40, 130, 140)), ("person", "purple", (145, 50, 190, 140))),
        "An orange bus is waiting at the side of a gray street. Next to it stands a person in a purple shirt. The "
        "bus has five windows in a row. ",
    ),
    Photo(
        "train",
        2499103,
        "sea",
        (("boat", "white", (20, 20, 120, 120)), ("bird", "gray", (140, 10, 185, 50))),
        "A white sailing boat is out on the blue sea. A gray bird is in the air to the right of it.\nThere are no "
        "clouds in the sky.",
    ),
    Photo(
        "train",
        2499104,
        "room",
        (("sofa", "teal", (10, 50, 120, 130)), ("lamp", "gold", (140, 20, 185, 130))),
        "There is a teal sofa in a bright room. To the right of it a tall lamp with a yellow shade stands on the "
        "wooden floor. Nobody sits on the sofa.",
    ),
    Photo(
        "train",
        2499105,
        "meadow",
        (("house", "linen", LEFT), ("tree", "forestgreen", RIGHT)),
        "A small house with a red roof stands on a meadow. It has a brown door and two windows. A large tree with "
        "a green crown grows beside it.",
    ),
    Photo(
        "train",
        2499106,
        "street",
        (("bicycle", "royalblue", (20, 50, 120, 140)), ("traffic light", "green", (145, 20, 190, 140))),
        "A blue bicycle is parked on a street. Behind it a traffic light shows green. The saddle of the bicycle "
        "is black.",
    ),
    Photo(
        "train",
        2499107,
        "room",
        (
            ("table", "sienna", (30, 80, 170, 145)),
            ("cup", "white", (60, 52, 95, 88)),
            ("apple", "red", (120, 55, 150, 88)),
        ),
        "On a brown table in a room there are a white cup and a red apple. The cup is full of coffee. The apple "
        "has a green leaf.",
    ),
    Photo(
        "train",
        2499108,
        "night",
        (("car", "silver", (20, 60, 150, 140)),),
        "A silver car drives through the night. Its wheels are black. The road is dark, and so is the sky.",
    ),
    Photo(
        "val",
        2499201,
        "beach",
        (("umbrella", "crimson", LEFT), ("ball", "blue", (110, 110, 140, 140)), ("sun", "gold", SKY)),
        "A large red umbrella has been set up on a beach. A blue ball lies in the sand.  It is a sunny day.",
    ),
    Photo(
        "val",
        2499202,
        "meadow",
        (("horse", "chocolate", (20, 35, 120, 140)), ("tree", "green", (135, 20, 195, 130))),
        "A brown horse is standing in a field. Its mane is darker than its body. Behind the horse, on the right, there "
        "is a tree.",
    ),
    Photo(
        "val",
        2499203,
        "room",
        (("cat", "orange", LEFT), ("chair", "saddlebrown", RIGHT)),
        "An orange cat sits in a room with light walls. To the right of the cat stands a brown wooden chair. The "
        "floor is made of wood.",
    ),
    Photo(
        "val",
        2499204,
        "street",
        (("train", "black", (10, 30, 130, 140)), ("clock", "black", (145, 20, 190, 65))),
        "A black locomotive has stopped on a gray ground. Above the platform hangs a round clock. It is ten past ten.",
    ),
    Photo(
        "val",
        2499205,
        "room",
        (("cake", "hotpink", (60, 55, 140, 115)), ("table", "peru", (20, 110, 180, 148))),
        "On a table there is a pink cake with three candles. A white stripe runs around the cake. The wall behind "
        "it is light.",
    ),
    Photo(
        "val",
        2499206,
        "sea",
        (("plane", "white", (40, 8, 160, 70)),),
        "A white plane flies over the sea. It has a row of small windows. The water below it is deep blue.",
    ),
    Photo(
        "val",
        2499207,
        "meadow",
        (("kite", "red", (70, 5, 130, 100)), ("person", "navy", (20, 70, 55, 145))),
        "A person in a dark blue shirt flies a red kite. The kite is high above a green meadow. It has a long tail.",
    ),
    Photo(
        "val",
        2499208,
        "white",
        (("banana", "gold", (20, 50, 110, 110)), ("apple", "green", (125, 50, 175, 110))),
        "A yellow banana lies beside a green apple. The background is all white. The apple has a leaf.",
    ),
    Photo(
        "test",
        2499301,
        "street",
        (("car", "red", (10, 70, 100, 140)), ("car", "blue", (105, 70, 195, 140))),
        "Two cars are parked one behind the other on a street. The car on the left is red. The car on the right "
        "is blue.",
    ),
    Photo(
        "test",
        2499302,
        "room",
        (("bottle", "seagreen", (40, 40, 80, 140)), ("bowl", "steelblue", (100, 90, 180, 140))),
        "A green bottle with a white label stands in a room. Next to it is a blue bowl of soup. The soup is orange.",
    ),
    Photo(
        "test",
        2499303,
        "meadow",
        (("flower", "magenta", LEFT), ("flower", "crimson", MIDDLE), ("flower", "violet", RIGHT)),
        "Three flowers grow in a row on a meadow. Each of them has six petals and a yellow centre. The one in the "
        "middle is red.",
    ),
    Photo(
        "test",
        2499304,
        "beach",
        (("bird", "white", MIDDLE),),
        "A single white bird is standing on the sand. Its beak is orange, and so are its legs. The sky is clear.",
    ),
    Photo(
        "test",
        2499305,
        "room",
        (("pizza", "khaki", (50, 30, 150, 130)),),
        "A whole pizza is seen from above. There are five slices of salami on the cheese. The crust is brown.",
    ),
    Photo(
        "test",
        2499306,
        "night",
        (("house", "gray", (50, 45, 150, 140)), ("tree", "darkgreen", (155, 70, 195, 140))),
        "It is night. A gray house with a red roof stands in the dark, and its windows are bright. A tree grows "
        "to the right of it.",
    ),
    Photo(
        "test",
        2499307,
        "room",
        (("cup", "teal", MIDDLE),),
        "A photo of a caf\u00e9 au lait in a teal cup. The cup has a round handle on the right. It stands on a "
        "wooden floor.",
    ),
    Photo(
        "test",
        2499308,
        "meadow",
        (("dog", "white", LEFT), ("cat", "black", RIGHT)),
        "A white dog and a black cat stand side by side on the grass. The dog has brown ears. Behind them there "
        "is nothing but sky.",
    ),
)
GRAY = 2499108
MOVED = 2499203
TWICE = 2499105


def make(folder: Path) -> None:
    """Paragraphs, lists and photos; odd ids are in the second folder."""
    entries = []
    for photo in sorted(PHOTOS, key=lambda photo: str(photo.id)[::-1]):
        named = "VG_100K_2" if photo.id % 2 else "VG_100K"
        url = f"https://photos.example/people/rak/{named}/{photo.id}.jpg"
        entries.append({"url": url, "image_id": photo.id, "paragraph": photo.paragraph})
        scene = Scene(photo.background)
        for thing in photo.things:
            scene.add(*thing)
        place = "VG_100K" if photo.id == MOVED else named
        scene.save(folder / place / f"{photo.id}.jpg", "L" if photo.id == GRAY else "RGB")
        if photo.id == TWICE:
            entries.append(
                {**entries[-1], "paragraph": "A house and a tree are in this picture. The tree is on the right."}
            )
    (folder / "paragraphs_v1.json").write_text(json.dumps(entries), encoding="utf-8")
    for split in ("train", "val", "test"):
        ids = [photo.id for photo in PHOTOS if photo.split == split]
        (folder / f"{split}_split.json").write_text(json.dumps(ids), encoding="utf-8")
