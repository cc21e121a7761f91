"""GQA: questions by id, with programs and answer sentences; no scene graphs, which nobody needs.

In it: ids with leading zeros, several questions a picture, group fields that are null or empty, a sentence that answers
"no" by saying what is so instead, a grayscale photo, test pictures named with `n`, and test questions without answers.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples.draw import Scene

LEFT, RIGHT = (12, 60, 82, 135), (118, 60, 188, 135)


class Asked(NamedTuple):
    """A question: text, answer, sentence, structural and semantic type, program as steps, global answer group."""

    question: str
    answer: str
    sentence: str
    structural: str
    semantic: str
    program: tuple[str, ...]
    group: str | None = None


class Photo(NamedTuple):
    """A picture: id, background, things, questions, mode."""

    id: str
    background: str
    things: tuple[tuple[str, str, tuple[int, int, int, int]], ...]
    asked: tuple[Asked, ...]
    mode: str = "RGB"


def colour(thing: str, answer: str) -> Asked:
    """A question for the colour of a thing."""
    steps = (f"select: {thing}", "query: color")
    return Asked(f"What color is the {thing}?", answer, f"The {thing} is {answer}.", "query", "attr", steps, "color")


def exists(thing: str, *, there: bool) -> Asked:
    """A question whether a thing is there."""
    sentence = f"Yes, there is a {thing}." if there else f"No, there is no {thing}."
    steps = (f"select: {thing}", "exist: ?")
    return Asked(
        f"Is there a {thing} in the picture?", "yes" if there else "no", sentence, "verify", "obj", steps, None
    )


PHOTOS = {
    "train": (
        Photo("2390001", "meadow", (("dog", "brown", LEFT), ("tree", "green", (125, 15, 190, 135))), (
            Asked("Which animal is to the left of the tree?", "dog", "The dog is to the left of the tree.", "query",
                  "rel", ("select: tree", "relate: animal,to the left of", "query: name"), "animal"),
            colour("dog", "brown"),
            exists("cat", there=False),
        )),
        Photo("2390002", "street", (("car", "red", (8, 85, 88, 130)), ("bus", "blue", (98, 60, 195, 130))), (
            Asked("Is the bus to the right of the car?", "yes", "Yes, the bus is to the right of the car.", "verify",
                  "rel", ("select: car", "verify rel: bus,to the right of"), ""),
            Asked("Which vehicle is red, the bus or the car?", "car", "The car is red.", "choose", "attr",
                  ("select: vehicle", "filter color: red", "choose name: bus|car"), "vehicle"),
            colour("bus", "blue"),
        )),
        Photo("2390003", "room", (("table", "brown", (15, 75, 105, 140)), ("cup", "red", (45, 45, 80, 76)),
                                  ("lamp", "yellow", (140, 30, 180, 140))), (
            Asked("What is on the table?", "cup", "The cup is on the table.", "query", "rel",
                  ("select: table", "relate: _,on", "query: name"), ""),
            Asked("Is the lamp to the left of the table?", "no", "No, the lamp is to the right of the table.", "verify",
                  "rel", ("select: table", "verify rel: lamp,to the left of")),
        )),
        Photo("2390004", "lightgray", (("house", "white", (15, 30, 105, 135)), ("tree", "green", (120, 20, 185, 135))),
              (Asked("What is the tree next to?", "house", "The tree is next to the house.", "query", "rel",
                     ("select: tree", "relate: _,next to", "query: name")), exists("person", there=False)), "L"),
    ),
    "val": (
        Photo("2391001", "sea", (("boat", "white", (20, 40, 110, 135)), ("bird", "black", (140, 10, 185, 50))), (
            Asked("Is the bird above the boat?", "yes", "Yes, the bird is above the boat.", "verify", "rel",
                  ("select: boat", "verify rel: bird,above")),
            colour("boat", "white"),
        )),
        Photo("2391002", "beach", (("umbrella", "red", (10, 30, 100, 135)), ("ball", "blue", (130, 90, 175, 135))), (
            Asked("Which toy is to the right of the umbrella?", "ball", "The ball is to the right of the umbrella.",
                  "query", "rel", ("select: umbrella", "relate: toy,to the right of", "query: name"), "toy"),
            colour("umbrella", "red"),
            exists("boat", there=False),
        )),
        Photo("2391003", "room", (("cat", "gray", LEFT), ("chair", "brown", RIGHT)), (
            colour("cat", "gray"),
            exists("chair", there=True),
            Asked("What animal is to the left of the chair?", "cat", "The cat is to the left of the chair.", "query",
                  "rel", ("select: chair", "relate: animal,to the left of", "query: name"), "animal"),
        )),
    ),
    "testdev": (
        Photo("n590001", "white", (("apple", "red", LEFT), ("banana", "yellow", (110, 70, 190, 125))), (
            colour("apple", "red"),
            colour("banana", "yellow"),
            exists("bowl", there=False),
            Asked("Which fruit is to the right of the apple?", "banana", "The banana is to the right of the apple.",
                  "query", "rel", ("select: apple", "relate: fruit,to the right of", "query: name"), "food"),
        )),
        Photo("n590002", "meadow", (("horse", "black", (15, 50, 100, 138)), ("person", "green", (130, 50, 180, 138))), (
            colour("horse", "black"),
            exists("dog", there=False),
            Asked("Who is next to the horse?", "person", "The person is next to the horse.", "query", "rel",
                  ("select: horse", "relate: person,next to", "query: name"), "person"),
            Asked("Is the person to the left of the horse?", "no", "No, the person is to the right of the horse.",
                  "verify", "rel", ("select: horse", "verify rel: person,to the left of")),
        )),
    ),
}  # fmt: skip
UNANSWERED = {"n590002": ("Is there a tree in the picture?", "What color is the horse?")}


def make(folder: Path) -> None:
    """Four files of questions and a folder of pictures."""
    questions = folder / "questions"
    questions.mkdir()
    for number, (split, photos) in enumerate(PHOTOS.items()):
        records: dict[str, Any] = {}
        for photo in photos:
            scene = Scene(photo.background)
            for thing in photo.things:
                scene.add(*thing)
            scene.save(folder / "images" / f"{photo.id}.jpg", photo.mode)
            for asked in photo.asked:
                key = f"{number:02d}9{len(records):05d}"
                records[key] = record(key, photo, asked)
        write(questions / f"{split}_balanced_questions.json", records)
    tests = {
        f"0390000{place}": {"imageId": image, "question": question, "isBalanced": True}
        for image, asked_here in UNANSWERED.items()
        for place, question in enumerate(asked_here)
    }
    write(questions / "test_balanced_questions.json", tests)


def write(path: Path, records: dict[str, Any]) -> None:
    """One object, as the official files are."""
    path.write_text(json.dumps(records), encoding="utf-8")


def record(key: str, photo: Photo, asked: Asked) -> dict[str, Any]:
    """One question as the files have it."""
    steps = [step.split(": ") for step in asked.program]
    return {
        "semantic": [
            {"operation": operation, "dependencies": [place - 1] if place else [], "argument": argument}
            for place, (operation, argument) in enumerate(steps)
        ],
        "entailed": [],
        "equivalent": [key],
        "question": asked.question,
        "imageId": photo.id,
        "isBalanced": True,
        "groups": {"global": asked.group, "local": f"10-{asked.structural}"},
        "answer": asked.answer,
        "semanticStr": "->".join(asked.program),
        "annotations": {"answer": {}, "question": {}, "fullAnswer": {}},
        "types": {"detailed": asked.structural, "semantic": asked.semantic, "structural": asked.structural},
        "fullAnswer": asked.sentence,
    }
