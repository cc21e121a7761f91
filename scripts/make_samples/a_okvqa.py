"""A-OKVQA: questions with four choices and three reasons, and test questions without answers.

In it: right choices at each place, the first included; choices that no direct answer repeats; a reason that speaks of
"answer a"; a question set aside as too difficult for direct answers; two ids that differ in case only; a photo with two
questions; a grayscale photo.
"""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples._photos import Photo, save_photo, write_json

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Asked(NamedTuple):
    """A question, its choices, the place of the right one, ten direct answers as (text, count), and three reasons."""

    question: str
    choices: tuple[str, str, str, str]
    right: int = 0
    said: tuple[tuple[str, int], ...] = ()
    reasons: tuple[str, ...] = ()
    difficult: bool = False


MIDDLE = (50, 30, 150, 140)
QUESTIONS: dict[str, tuple[tuple[Photo, tuple[Asked, ...]], ...]] = {
    "train": (
        (Photo(900901, "beach", (("umbrella", "red", (15, 30, 105, 140)), ("sun", "gold", (150, 8, 190, 48)))), (
            Asked("Why was the umbrella put up?", ("for shade", "for rain", "for wind", "for sale"), 0,
                  (("shade", 6), ("sun", 4)),
                  ("The sun is shining, so people on a beach want shade.", "There is no rain here; the sun is out.",
                   "By the weather, answer a fits best.")),
            Asked("What might people wear here?", ("skis", "swimsuits", "coats", "suits"), 1,
                  (("swimsuit", 6), ("bikini", 4)), ("People swim and lie in the sun at a beach.", "It looks warm.",
                   "Sand and sun mean a day of bathing"))),
        ),
        (Photo(900902, "street", (("bus", "yellow", (15, 40, 130, 135)), ("person", "blue", (145, 45, 190, 140)))), (
            Asked("What is the person probably waiting for?", ("plane", "boat", "pizza", "ride"), 3,
                  (("bus", 8), ("to get on", 2)),
                  ("The person stands next to a bus at the side of the road.", "Passengers wait where buses stop.",
                   "A bus has just arrived.")),
        )),
        (Photo(900903, "room", (("cake", "pink", MIDDLE),)), (
            Asked("How old does the person become?", ("three", "seven", "twenty", "fifty"), 0,
                  (("3", 7), ("three", 3)),
                  ("There is one candle on the cake for each year.", "Three candles burn on the cake.",
                   "People count the years with candles.")),
        )),
        (Photo(900904, "lightgray", (("horse", "black", MIDDLE),), "L"), (
            Asked("What does this animal eat most of the time?", ("meat", "fish", "grass", "bread"), 2,
                  (("hay", 6), ("grass", 4)), ("Horses are herbivores that graze.", "A horse lives on grass and hay.",
                   "Its teeth are made to grind plants.")),
            Asked("What would one put on its back to ride it?", ("helmet", "saddle", "tent", "wheel"), 1,
                  (("saddle", 10),), ("Riders sit in a saddle.", "A saddle is strapped to the back of a horse.",
                   "It makes riding safer and softer."), True),
        )),
        (Photo(900905, "night", (("lamp", "yellow", (20, 30, 80, 140)), ("house", "white", (100, 40, 190, 140)))), (
            Asked("Why would the lamp be on?", ("it is dark", "it is hot", "it is noon", "it is wet"), 0,
                  (("night", 5), ("dark", 5)), ("The sky is dark, so it is night.", "Lamps give light after sunset.",
                   "Without it nobody would see the way.")),
        )),
        (Photo(900906, "white", (("apple", "red", (20, 45, 95, 120)), ("banana", "yellow", (105, 50, 190, 115)))), (
            Asked("Which of these has to be peeled?", ("the bowl", "the apple", "neither", "the banana"), 3,
                  (("banana", 10),), ("The skin of a banana is not eaten.", "An apple may be eaten with its skin.",
                   "One peels the yellow fruit by hand.")),
        )),
    ),
    "val": (
        (Photo(900911, "sea", (("boat", "green", (25, 25, 130, 140)),)), (
            Asked("What does this boat need to move?", ("coal", "wind", "horses", "rails"), 1, (("wind", 10),),
                  ("The boat has sails.", "Sails catch the wind.", "No engine can be seen.")),
            Asked("What would sink if it were thrown in here?", ("a stone", "a cork", "a leaf", "a feather"), 0,
                  (("rock", 6), ("stone", 4)), ("A stone is heavier than water.", "Cork, leaves and feathers float.",
                   "Only heavy things go down in water."), True)),
        ),
        (Photo(900912, "street", (("traffic light", "green", (60, 10, 140, 142)),)), (
            Asked("What may drivers do now?", ("park", "stop", "go", "sleep"), 2, (("go", 8), ("drive", 2)),
                  ("The light is green.", "Green means that the road is free.", "Option c is what green stands for.")),
        )),
        (Photo(900913, "room", (("cat", "gray", (15, 55, 95, 140)), ("chair", "brown", (115, 40, 175, 140)))), (
            Asked("Which sound does the animal make?", ("woof", "moo", "tweet", "meow"), 3, (("meow", 9), ("purr", 1)),
                  ("It is a cat.", "Cats meow.", "With pointed ears and whiskers it must be a cat.")),
            Asked("What is the piece of furniture made for?", ("sitting", "cooking", "swimming", "flying"), 0,
                  (("sitting", 6), ("sit", 4)), ("It is a chair.", "People sit on chairs.", "A seat and a back rest")),
        )),
        (Photo(900914, "skyblue", (("plane", "white", (20, 30, 180, 120)),)), (
            Asked("Who steers this?", ("a pilot", "a baker", "a diver", "a nurse"), 0, (("pilot", 10),),
                  ("Pilots fly planes.", "It is a plane.", "The pilot sits in the cockpit.")),
        )),
        (Photo(900915, "meadow", (("kite", "purple", MIDDLE),)), (
            Asked("What does it need to stay up?", ("wind", "fuel", "water", "wires"), 0, (("wind", 10),),
                  ("A kite flies on the wind.", "It has no engine.", "Moving air lifts the kite.")),
            Asked("Who would most likely hold its line?", ("a fish", "a judge", "a child", "a cook"), 2,
                  (("kid", 6), ("child", 4)), ("Children like to fly kites.", "Kites are toys.",
                   "A kite is flown by somebody at play.")),
        )),
    ),
    "test": (
        (Photo(900921, "meadow", (("tree", "green", MIDDLE),)), (
            Asked("When will it lose its leaves?", ("spring", "summer", "autumn", "never")),
            Asked("What gives it its colour?", ("sugar", "chlorophyll", "rust", "paint")),
        )),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """Three lists of questions and the photos of 2017."""
    for split, photos in QUESTIONS.items():
        records: list[dict[str, Any]] = []
        for photo, asked in photos:
            save_photo(photo, folder / f"{split}2017" / f"{photo.number:012d}.jpg")
            records += [record(split, photo, each) for each in asked]
        records[1]["question_id"] = records[0]["question_id"].swapcase()
        write_json(folder / f"aokvqa_v1p0_{split}.json", records)


def record(split: str, photo: Photo, asked: Asked) -> dict[str, Any]:
    """One question; in test the keys of the answers are missing."""
    facts: dict[str, Any] = {
        "split": split,
        "image_id": photo.number,
        "question_id": short_id(asked.question),
        "question": asked.question,
        "choices": list(asked.choices),
    }
    if split != "test":
        facts |= {
            "correct_choice_idx": asked.right,
            "direct_answers": [text for text, count in asked.said for _ in range(count)],
        }
    facts["difficult_direct_answer"] = asked.difficult
    return facts | ({"rationales": list(asked.reasons)} if split != "test" else {})


def short_id(text: str) -> str:
    """22 letters and digits."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(22))
