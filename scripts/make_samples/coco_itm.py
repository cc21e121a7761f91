"""COCO-ITM: Karpathy's file once more, with pictures enough to be paired.

In it: restval among train, captions with and without a full stop, with stray blanks and a line break, two photos of the
same split about nearly the same, and an odd number of photos in test (its last one stands alone).
"""

from pathlib import Path

from scripts.make_samples._karpathy import Captioned, write_karpathy
from scripts.make_samples._photos import Photo

BOX = (55, 35, 145, 140)
SEEN = {
    "train": (
        ("dog", "brown", "meadow"), ("bus", "yellow", "street"), ("cake", "pink", "room"), ("boat", "red", "sea"),
        ("umbrella", "blue", "beach"), ("clock", "black", "room"), ("kite", "purple", "beach"),
        ("bicycle", "green", "street"),
    ),
    "restval": (("cat", "gray", "room"), ("dog", "black", "meadow")),
    "val": (
        ("horse", "brown", "meadow"), ("car", "red", "street"), ("sofa", "green", "room"), ("fish", "orange", "sea"),
        ("plane", "white", "meadow"), ("lamp", "yellow", "night"), ("bowl", "blue", "room"), ("person", "red", "beach"),
    ),
    "test": (
        ("bird", "white", "sea"), ("train", "black", "street"), ("pizza", "yellow", "room"),
        ("house", "white", "meadow"),
        ("flower", "pink", "meadow"), ("bottle", "green", "room"), ("chair", "brown", "room"),
        ("tree", "green", "night"),
        ("banana", "yellow", "beach"),
    ),
}  # fmt: skip
"""Thing, colour and background of each photo."""
PLACES = {
    "meadow": "in a field", "street": "beside the road", "room": "inside a house", "sea": "out on the water",
    "beach": "on warm sand", "night": "under a dark sky",
}  # fmt: skip


def captions(thing: str, colour: str, background: str) -> tuple[str, ...]:
    """Five captions, each typed in another way."""
    place = PLACES[background]
    article = "An" if colour[0] in "aeiou" else "A"
    return (
        f"{article} {colour} {thing} {place}.",
        f"There is one {thing} here, {place}",
        f" {thing} {place}, seen from the side",
        f"{article} {colour} {thing}\nand nothing else to be seen.",
        f"The {thing} has been drawn in {colour}. ",
    )


def make(folder: Path) -> None:
    """One file of captions and its photos."""
    pictures = [
        Captioned(Photo(900400 + 50 * place + number, background, ((thing, colour, BOX),)), split,
                  captions(thing, colour, background))
        for place, (split, seen) in enumerate(SEEN.items())
        for number, (thing, colour, background) in enumerate(seen)
    ]  # fmt: skip
    write_karpathy(folder, pictures)
