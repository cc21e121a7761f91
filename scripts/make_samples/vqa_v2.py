"""VQA v2: questions and answers about drawn photos, and test questions without answers.

In it: annotations in another order than the questions, an image number with two digits, ten answers that disagree, are
empty or a symbol, a `multiple_choice_answer` that is none of the raw ones, a question without "?" and with stray
blanks, two sentences in one question, a grayscale photo, and the captions of train (not of val) for the paraphraser.
"""

from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples._photos import Photo, name_2014, save_photo, write_json


class Asked(NamedTuple):
    """A question, its first words, the kind of answer, the normalised majority, and who gave which answers."""

    question: str
    first: str
    kind: str
    answer: str
    said: tuple[tuple[str, int], ...]


def yes_or_no(question: str, answer: str) -> Asked:
    """A question on which nearly all agree."""
    other = "no" if answer == "yes" else "yes"
    return Asked(question, " ".join(question.lower().split()[:2]), "yes/no", answer, ((answer, 9), (other, 1)))


DOG = Photo(42, "meadow", (("dog", "brown", (15, 65, 95, 140)), ("ball", "red", (120, 100, 155, 135))))
BUS = Photo(900801, "street", (("bus", "yellow", (15, 40, 120, 130)), ("person", "blue", (140, 45, 185, 140))))
CAKE = Photo(900802, "room", (("table", "brown", (20, 75, 130, 142)), ("cake", "pink", (50, 25, 105, 86))))
BOAT = Photo(900811, "sea", (("boat", "red", (25, 25, 130, 140)), ("bird", "white", (145, 10, 190, 50))))
FRUIT = Photo(900812, "white", (("banana", "yellow", (15, 40, 100, 105)), ("apple", "green", (115, 45, 180, 110))))
HORSE = Photo(900813, "lightgray", (("horse", "black", (20, 40, 110, 140)), ("tree", "gray", (125, 15, 190, 140))), "L")
CAR = Photo(900821, "street", (("car", "green", (30, 60, 170, 135)),))
QUESTIONS: dict[str, tuple[tuple[Photo, tuple[Asked, ...]], ...]] = {
    "train2014": (
        (DOG, (
            Asked("What color is the ball?", "what color is the", "other", "red", (("red", 9), ("dark red", 1))),
            yes_or_no("Is there a dog?", "yes"),
            Asked("How many animals are in the picture?", "how many", "number", "1", (("1", 6), ("one", 3), ("", 1))),
        )),
        (BUS, (
            Asked(" What color is the bus", "what color is the", "other", "yellow", (("yellow", 10),)),
            Asked("Who is beside the bus?", "who is", "other", "person",
                  (("a person", 5), ("the person", 3), ("man", 2))),
            yes_or_no("Is it night?", "no"),
        )),
        (CAKE, (
            Asked("How many candles are on the cake?", "how many", "number", "3", (("3", 8), ("three", 2))),
            Asked("Look at the table. What stands on it?", "none of the above", "other", "cake",
                  (("cake", 7), ("a cake", 3))),
            yes_or_no("Are the candles lit?", "yes"),
        )),
    ),
    "val2014": (
        (BOAT, (
            Asked("What color is the boat?", "what color is the", "other", "red", (("red", 10),)),
            Asked("What is above the water?", "what is", "other", "bird", (("bird", 6), ("boat", 3), ("a bird", 1))),
            yes_or_no("Does the boat have sails?", "yes"),
        )),
        (FRUIT, (
            Asked("Which fruit is green?", "which", "other", "apple", (("apple", 9), ("the apple", 1))),
            Asked("How many bananas can you see?", "how many", "number", "1", (("1", 9), ("?", 1))),
            yes_or_no("Is there a knife?", "no"),
        )),
        (HORSE, (
            Asked("What animal is this?", "what animal is", "other", "horse", (("horse", 10),)),
            Asked("What is the horse standing next to?", "what is the", "other", "tree", (("tree", 9), ("a tree", 1))),
            yes_or_no("Is this picture in color?", "no"),
        )),
    ),
    "test2015": ((CAR, (yes_or_no("Is the car green?", "yes"), yes_or_no("Is there a dog?", "no"))),),
}  # fmt: skip
CAPTIONS = {
    DOG: ("A brown dog looks at a red ball.", "A dog and a ball on the grass"),
    BUS: ("A person in blue stands beside a yellow bus. ",),
    CAKE: ("A pink cake with three candles on a table.", "a cake on a wooden table"),
}


def make(folder: Path) -> None:
    """Questions of three subsets, annotations of two, captions of one, and the photos."""
    for subset, photos in QUESTIONS.items():
        questions, annotations = [], []
        for photo, asked in photos:
            save_photo(photo, folder / subset / name_2014(subset, photo.number))
            for place, each in enumerate(asked):
                key = {"image_id": photo.number, "question_id": 1000 * photo.number + place}
                questions.append({**key, "question": each.question})
                annotations.append({**key, **annotation(each)})
        facts = {"info": {"version": "2.0"}, "license": {"name": "CC0", "url": ""}, "data_type": "mscoco"}
        asked_file = {**facts, "data_subtype": subset, "task_type": "Open-Ended", "questions": questions}
        write_json(folder / f"v2_OpenEnded_mscoco_{subset}_questions.json", asked_file)
        if subset != "test2015":
            answered_file = {**facts, "data_subtype": subset, "annotations": annotations[::-1]}
            write_json(folder / f"v2_mscoco_{subset}_annotations.json", answered_file)
    write_json(folder / "annotations" / "captions_train2014.json", captions())


def annotation(asked: Asked) -> dict[str, Any]:
    """Ten answers and their majority."""
    said = [text for text, count in asked.said for _ in range(count)]
    return {
        "question_type": asked.first,
        "answer_type": asked.kind,
        "multiple_choice_answer": asked.answer,
        "answers": [
            {"answer": text, "answer_confidence": "maybe" if text == "" else "yes", "answer_id": place}
            for place, text in enumerate(said, 1)
        ],
    }


def captions() -> dict[str, Any]:
    """The captions of train."""
    texts = [(photo, text) for photo, texts in CAPTIONS.items() for text in texts]
    return {
        "info": {},
        "licenses": [],
        "images": [{"id": photo.number, "file_name": name_2014("train2014", photo.number)} for photo in CAPTIONS],
        "annotations": [
            {"image_id": photo.number, "id": 700 + place, "caption": text} for place, (photo, text) in enumerate(texts)
        ],
    }
