"""OK-VQA v1.1: questions that a drawing and some knowledge answer.

In it: five people's answers, each written twice; ties; a winner that is spelled in two ways, each no more often than
the next answer (pilot, gills); `answer` in a shortened form that nobody would say; a photo with
two questions; annotations in another order than the questions; a spelling mistake; a grayscale photo.
"""

from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples._photos import Photo, name_2014, save_photo, write_json

TOPICS = {
    "one": "Vehicles and Transportation", "two": "Brands, Companies and Products",
    "three": "Objects, Material and Clothing",
    "four": "Sports and Recreation", "five": "Cooking and Food", "six": "Geography, History, Language and Culture",
    "seven": "People and Everyday life", "eight": "Plants and Animals", "nine": "Science and Technology",
    "ten": "Weather and Climate", "other": "Other",
}  # fmt: skip


class Asked(NamedTuple):
    """A question, its topic, and what five people answered."""

    question: str
    topic: str
    said: tuple[str, str, str, str, str]


MIDDLE = (50, 30, 150, 140)
QUESTIONS: dict[str, tuple[tuple[Photo, tuple[Asked, ...]], ...]] = {
    "train2014": (
        (Photo(900601, "meadow", (("bicycle", "red", (30, 40, 165, 140)),)), (
            Asked("What do you call a person who rides this?", "four",
                  ("cyclist", "cyclist", "rider", "cyclist", "biker")),
            Asked("What moves this vehicle?", "one", ("pedaling", "pedaling", "legs", "the rider", "legs")))),
        (Photo(900602, "white", (("banana", "yellow", (15, 50, 105, 110)), ("apple", "red", (115, 50, 185, 120)))), (
            Asked("Which mineral is the yellow fruit known for?", "five", ("potassium",) * 5),)),
        (Photo(900603, "room", (("cat", "gray", MIDDLE),)), (
            Asked("What are the young of this animal called?", "eight",
                  ("kittens", "kitten", "kittens", "kitten", "kiten")),)),
        (Photo(900604, "lightgray", (("horse", "black", MIDDLE),), "L"), (
            Asked("Where do people keep this animal at night?", "eight",
                  ("stable", "barn", "stable", "stable", "barn")),)),
        (Photo(900605, "sea", (("boat", "red", MIDDLE),)), (
            Asked("What drives this boat forward?", "one", ("wind", "wind", "the wind", "wind", "sails")),)),
        (Photo(900606, "beach", (("umbrella", "orange", MIDDLE),)), (
            Asked("What does this protect people from on a clear day?", "ten",
                  ("sun", "sun", "sunburn", "sun", "heat")),)),
        (Photo(900607, "skyblue", (("plane", "white", (20, 30, 180, 120)),)), (
            Asked("Whose job is it to fly this?", "seven", ("captain", "pilots", "captain", "pilot", "pilot")),)),
    ),
    "val2014": (
        (Photo(900701, "meadow", (("dog", "brown", MIDDLE),)), (
            Asked("From which wild animal does this one descend?", "eight",
                  ("wolf", "wolf", "wolves", "wolf", "fox")),)),
        (Photo(900702, "street", (("bus", "blue", (20, 40, 180, 138)),)), (
            Asked("What do passengers buy to ride in this?", "one",
                  ("ticket", "ticket", "tickets", "a ticket", "ticket")),)),
        (Photo(900703, "room", (("cake", "pink", MIDDLE),)), (
            Asked("What event is this usually baked for?", "five", ("birthday",) * 4 + ("party",)),
            Asked("What do people do with the small flames before they eat?", "seven",
                  ("blowing them out", "blow", "blowing them out", "blow out", "blow out")))),
        (Photo(900704, "street", (("traffic light", "red", (60, 10, 140, 142)),)), (
            Asked("What must drivers do when they see this light?", "one", ("stop",) * 5),)),
        (Photo(900705, "sea", (("fish", "orange", (30, 50, 170, 125)),)), (
            Asked("What does this animal breathe with?", "nine", ("water", "gill", "water", "gills", "gills")),)),
        (Photo(900706, "room", (("pizza", "yellow", (55, 30, 150, 125)),)), (
            Asked("Which country does this dish come from?", "six", ("italy", "italy", "italy", "naples", "italy")),)),
        (Photo(900707, "beach", (("kite", "purple", MIDDLE),)), (
            Asked("Which weather does one need to fly this?", "ten", ("windy", "wind", "windy", "wind", "breezy")),)),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """Questions and annotations of two subsets, and their photos."""
    for subset, photos in QUESTIONS.items():
        questions, annotations = [], []
        for photo, asked in photos:
            save_photo(photo, folder / subset / name_2014(subset, photo.number))
            for place, each in enumerate(asked):
                key = {"image_id": photo.number, "question_id": 10 * photo.number + 5 + place}
                questions.append({**key, "question": each.question})
                annotations.append({**key, **annotation(each)})
        facts = {
            "info": {"description": "drawn for the sample", "version": "1.1"},
            "license": {"name": "CC0", "url": ""},
            "data_type": "mscoco",
            "data_subtype": subset,
        }
        asked_file = {**facts, "task_type": "Open-Ended", "questions": questions}
        answered_file = {"annotations": annotations[::-1], "question_types": TOPICS, **facts}
        write_json(folder / f"OpenEnded_mscoco_{subset}_questions.json", asked_file)
        write_json(folder / f"mscoco_{subset}_annotations.json", answered_file)


def annotation(asked: Asked) -> dict[str, Any]:
    """Ten answers, the most frequent one counted in people."""
    return {
        "question_type": asked.topic,
        "answer_type": "other",
        "confidence": max(map(asked.said.count, asked.said)),
        "answers": [
            {"answer_id": place, "raw_answer": text, "answer": shortened(text), "answer_confidence": "yes"}
            for place, text in enumerate((text for text in asked.said for _ in range(2)), 1)
        ],
    }


def shortened(text: str) -> str:
    """The stem, as the normalised answers have it."""
    words = (word.removesuffix("s").removesuffix("ing") if len(word) > 3 else word for word in text.split())
    return " ".join(words)
