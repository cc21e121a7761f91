"""Visual Dialog v1.0: ten rounds about each picture, put together from what is drawn on it.

In it: pools of texts that dialogues point into; a `gt_index` of 0; test dialogues cut at a round without an answer.
Rejected on purpose (test): the dialogue of one round, whose only answer is withheld.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples._photos import Photo, name_2014, save_photo

ROUNDS = 10
OPTIONS = 100
OUTSIDE = {"meadow": "grass", "street": "a street", "sea": "the sea", "beach": "sand", "night": "a dark sky"}
LEFT, RIGHT = (15, 45, 90, 140), (110, 40, 185, 140)

PHOTOS = {
    "train": (
        Photo(909101, "meadow", (("dog", "brown", LEFT), ("ball", "red", (120, 100, 155, 135)))),
        Photo(909102, "street", (("bus", "yellow", (10, 40, 110, 135)), ("person", "blue", (140, 45, 185, 140)))),
        Photo(909103, "room", (("cat", "gray", LEFT), ("sofa", "green", RIGHT))),
        Photo(909104, "beach", (("umbrella", "orange", LEFT), ("bird", "white", (130, 80, 180, 138)))),
        Photo(909105, "sea", (("boat", "red", LEFT), ("sun", "yellow", (145, 8, 190, 50)))),
        Photo(909106, "night", (("house", "white", LEFT), ("lamp", "yellow", RIGHT))),
        Photo(909107, "room", (("table", "brown", (10, 80, 100, 140)), ("flower", "pink", RIGHT))),
        Photo(909108, "street", (("bicycle", "red", (15, 60, 110, 138)), ("tree", "green", RIGHT))),
    ),
    "val": (
        Photo(909201, "meadow", (("horse", "black", LEFT), ("tree", "green", RIGHT))),
        Photo(909202, "room", (("chair", "brown", LEFT), ("clock", "gray", (120, 15, 175, 70)))),
        Photo(909203, "street", (("car", "red", (10, 70, 100, 135)), ("house", "white", RIGHT))),
        Photo(909204, "beach", (("kite", "purple", LEFT), ("person", "green", RIGHT))),
        Photo(909205, "room", (("bottle", "green", (30, 30, 70, 138)), ("apple", "red", (120, 80, 170, 130)))),
        Photo(909206, "meadow", (("train", "green", (10, 50, 110, 135)), ("sun", "yellow", (145, 8, 190, 50)))),
        Photo(909207, "sea", (("boat", "blue", LEFT), ("bird", "white", (130, 20, 180, 70)))),
        Photo(909208, "room", (("lamp", "yellow", LEFT), ("book", "blue", (120, 80, 175, 130)))),
    ),
    "test": (
        Photo(909301, "meadow", (("dog", "black", LEFT), ("kite", "red", RIGHT))),
        Photo(909302, "street", (("bus", "blue", (10, 40, 110, 135)), ("bicycle", "red", (120, 85, 190, 138)))),
        Photo(909303, "room", (("cake", "pink", LEFT), ("bottle", "green", (140, 30, 180, 138)))),
        Photo(909304, "beach", (("ball", "yellow", (20, 90, 70, 138)), ("umbrella", "red", RIGHT))),
        Photo(909305, "room", (("cup", "white", (25, 70, 85, 130)), ("pizza", "yellow", (110, 60, 180, 130)))),
        Photo(909306, "street", (("car", "blue", (10, 75, 100, 135)), ("person", "red", RIGHT))),
        Photo(909307, "night", (("tree", "green", LEFT), ("house", "white", RIGHT))),
        Photo(909308, "meadow", (("horse", "brown", LEFT), ("house", "red", RIGHT))),
    ),
}
KNOWN = {909301: 9, 909302: 1, 909303: 4, 909304: 2, 909305: 6, 909306: 0, 909307: 3, 909308: 7}
"""Rounds of a test dialogue with an answer; one more follows without."""


class Pool:
    """Texts, each once, that are named by their place."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts

    def place(self, text: str) -> int:
        """Where a text stands; it is added if it is new."""
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text)


class Turn(NamedTuple):
    """A question and its answer."""

    question: str
    answer: str


def make(folder: Path) -> None:
    """Three files and the pictures."""
    for split, photos in PHOTOS.items():
        questions, answers = Pool([]), Pool([str(number) for number in range(10, 10 + OPTIONS)])
        dialogs = []
        for number, photo in enumerate(photos):
            save_photo(photo, folder / where(split, number, photo.number))
            turns = conversation(photo, number)
            known = KNOWN.get(photo.number, ROUNDS)
            rounds = [entry(turn, questions, answers, place) for place, turn in enumerate(turns[: known + 1])]
            if split == "test":
                for each in rounds[:-1]:
                    del each["answer_options"], each["gt_index"]
                del rounds[-1]["answer"], rounds[-1]["gt_index"]
            dialogs.append({"dialog": rounds, "image_id": photo.number, "caption": caption(photo)})
        data = {"questions": questions.texts, "answers": answers.texts, "dialogs": dialogs}
        content = {"version": "1.0", "split": split if split == "train" else f"{split}2018", "data": data}
        text = json.dumps(content, separators=(",", ":"))
        (folder / f"visdial_1.0_{split}.json").write_text(text, encoding="utf-8")


def where(split: str, number: int, image: int) -> str:
    """Where a picture lies: those of train in both halves of COCO 2014."""
    if split == "train":
        half = ("train2014", "val2014")[number % 2]
        return f"{half}/{name_2014(half, image)}"
    return f"VisualDialog_{split}2018/VisualDialog_{split}2018_{image:012d}.jpg"


def caption(photo: Photo) -> str:
    """Lower case, no full stop."""
    (first, colour, _), (second, other, _) = photo.things
    return f"{article(colour)} {colour} {first} and {named(second, other)}"


def conversation(photo: Photo, number: int) -> list[Turn]:
    """Ten rounds, the beginning another for each picture; typed without stops and capitals."""
    (first, colour, _), (second, other, _) = photo.things
    things = {first, second}
    ground = OUTSIDE.get(photo.background)
    turns = [
        Turn(f"what color is the {first}", colour),
        Turn("are there any people", "yes, 1" if "person" in things else "no"),
        Turn("is this a photo", "no, a drawing"),
        Turn(f"what is next to the {first}", named(second, other)),
        Turn("is it outside", f"yes, i can see {ground}" if ground else "no, it's a room"),
        Turn("can you see the sun", "yes" if "sun" in things else "no"),
        Turn(f"how many {second}s are there", "1"),
        Turn(f"is the {second} on the left", "no, on the right"),
        Turn("do you see any animals", "yes" if things & {"dog", "cat", "bird", "horse"} else "no animals"),
        Turn("is it day or night", "night" if photo.background == "night" else "day, i think"),
    ]
    return turns[number:] + turns[:number]


def named(thing: str, colour: str) -> str:
    """A thing by its colour, a person by that of the shirt."""
    return f"a person in {colour}" if thing == "person" else f"{article(colour)} {colour} {thing}"


def article(word: str) -> str:
    """Before a colour."""
    return "an" if word[0] in "aeiou" else "a"


def entry(turn: Turn, questions: Pool, answers: Pool, place: int) -> dict[str, Any]:
    """A round: places in the pools, and a hundred answers to choose from."""
    right = answers.place(turn.answer)
    options = [each for each in range(OPTIONS) if each != right][: OPTIONS - 1]
    at = 11 * place
    return {
        "answer": right,
        "gt_index": at,
        "answer_options": [*options[:at], right, *options[at:]],
        "question": questions.place(turn.question),
    }
