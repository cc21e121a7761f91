"""ViQuAE: JSON lines of questions about an entity that only the picture shows.

In it: a trivia question (`kilt_id`) that two visual questions share, pictures that several questions share, questions
that begin in lower case, lack "?" or hold doubled blanks and typographic quotes, names of pictures with commas,
apostrophes, parentheses, percent signs and an accent, PNG beside JPEG, and provenance whose first entries are
empty.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples.draw import Scene


class Entity(NamedTuple):
    """What a picture shows: its file, how it is drawn, its article and number."""

    file: str
    background: str
    thing: str
    colour: str
    article: str
    wikidata: str


ENTITIES = {
    "cat": Entity("512px-Cat,_sitting_(2).jpg", "room", "cat", "orange", "Cat", "Q990001"),
    "horse": Entity("512px-Horse_in_'The_Meadow'.jpg", "meadow", "horse", "chocolate", "Horse", "Q990002"),
    "bicycle": Entity("512px-V\u00e9lo_100%.jpg", "street", "bicycle", "red", "Bicycle", "Q990003"),
    "banana": Entity("512px-Banana.svg.png", "white", "banana", "gold", "Banana", "Q990004"),
    "bird": Entity("512px-Bird_hw.jpg", "meadow", "bird", "royalblue", "Bird", "Q990005"),
    "boat": Entity("512px-Sailing_boat,_side.jpg", "sea", "boat", "white", "Sailing boat", "Q990006"),
    "sun": Entity("512px-Sun_(drawing).png", "skyblue", "sun", "gold", "Sun", "Q990007"),
    "clock": Entity("512px-Clock_hw.jpg", "room", "clock", "black", "Clock", "Q990008"),
    "apple": Entity("512px-Apple.tif.jpg", "white", "apple", "red", "Apple", "Q990009"),
}

QUESTIONS: dict[str, tuple[tuple[str, str, str, str, tuple[str, ...]], ...]] = {
    # kilt id, entity, visual question, original question, answers
    "train": (
        (
            "smp_1",
            "cat",
            "What is a young one of this animal called?",
            "What is a young cat called?",
            ("Kitten", "A kitten"),
        ),
        (
            "smp_1",
            "cat",
            "what do we call the  young of this animal",
            "What is a young cat called?",
            ("Kitten", "A kitten"),
        ),
        (
            "smp_2",
            "horse",
            "What is the male parent of a foal of this animal called?",
            "What is the male parent of a foal called?",
            ("Sire", "The sire"),
        ),
        (
            "smp_3",
            "horse",
            "Which word means a female one of this animal?",
            "Which word means a female horse?",
            ("Mare",),
        ),
        (
            "smp_4",
            "bicycle",
            "How many wheels does this vehicle have?",
            "How many wheels does a bicycle have?",
            ("2", "two"),
        ),
        (
            "smp_5",
            "banana",
            "Which colour, \u201cthe colour of this fruit\u201d, mixes with blue to green?",
            "Which colour, that of a ripe banana, mixes with blue to green?",
            ("Yellow",),
        ),
        (
            "smp_6",
            "boat",
            "What is the left side of this vessel called?",
            "What is the left side of a boat called?",
            ("Port", "Port side", "Larboard"),
        ),
        ("smp_7", "sun", "which planet is nearest to this star?", "Which planet is nearest to the Sun?", ("Mercury",)),
    ),
    "validation": (
        (
            "smp_11",
            "bird",
            "What covers the body of this animal?",
            "What covers the body of a bird?",
            ("Feathers", "Plumage"),
        ),
        (
            "smp_12",
            "bird",
            "what do most of these animals build to lay their eggs in",
            "What do most birds build to lay their eggs in?",
            ("Nest", "A nest"),
        ),
        (
            "smp_13",
            "clock",
            "How many hours are on the face of this instrument?",
            "How many hours are on the face of a clock?",
            ("12", "twelve"),
        ),
        (
            "smp_14",
            "clock",
            "Which hand of this  instrument is the slowest?",
            "Which hand of a clock is the slowest?",
            ("Hour hand", "The hour hand"),
        ),
        (
            "smp_15",
            "apple",
            "Which drink is pressed from this fruit and left to ferment?",
            "Which drink is pressed from apples and left to ferment?",
            ("Cider", "Apple wine"),
        ),
        (
            "smp_16",
            "apple",
            "What is a garden of trees that bear this fruit called?",
            "What is a garden of apple trees called?",
            ("Orchard", "An orchard"),
        ),
        (
            "smp_17",
            "sun",
            "In which direction does it set?",
            "In which direction does the Sun set?",
            ("West", "The west"),
        ),
        (
            "smp_18",
            "cat",
            "What sound does this animal make when it is content?",
            "What sound does a cat make when it is content?",
            ("Purr", "Purring"),
        ),
    ),
    "test": (
        (
            "smp_21",
            "boat",
            "What pulls this vessel forward, \u2018wind\u2019 or \u2018steam\u2019?",
            "What pulls a sailing boat forward, wind or steam?",
            ("Wind", "The wind"),
        ),
        (
            "smp_22",
            "boat",
            "What is the right side of it called?",
            "What is the right side of a boat called?",
            ("Starboard", "Starboard side"),
        ),
        (
            "smp_23",
            "bicycle",
            "what carries the force from its pedals to its rear wheel?",
            "What carries the force from the pedals of a bicycle to its rear wheel?",
            ("Chain", "A chain"),
        ),
        (
            "smp_24",
            "horse",
            "What is nailed to the hooves of this animal?",
            "What is nailed to the hooves of a horse?",
            ("Horseshoe", "Horseshoes"),
        ),
        (
            "smp_25",
            "horse",
            "Where does this animal sleep on a farm",
            "Where does a horse sleep on a farm?",
            ("Stable", "In a stable"),
        ),
        (
            "smp_26",
            "banana",
            "What colour is this fruit before it is ripe?",
            "What colour is a banana before it is ripe?",
            ("Green",),
        ),
        (
            "smp_27",
            "apple",
            "According to a saying, one of these a day keeps whom away?",
            "According to a saying, an apple a day keeps whom away?",
            ("The doctor", "Doctor", "Doctors"),
        ),
        (
            "smp_28",
            "sun",
            "How many minutes does its light need to reach us, roughly?",
            "How many minutes does sunlight need to reach the Earth, roughly?",
            ("8", "eight"),
        ),
    ),
}
NOWHERE: dict[str, list[Any]] = {
    "bleu_score": [],
    "end_character": [],
    "end_paragraph_id": [],
    "meta": [],
    "section": [],
    "start_character": [],
    "start_paragraph_id": [],
    "title": [],
    "wikipedia_id": [],
}


def make(folder: Path) -> None:
    """Three splits and one folder of pictures."""
    (folder / "viquae_dataset").mkdir()
    for split, questions in QUESTIONS.items():
        lines = [json.dumps(record(*question), ensure_ascii=False) + "\n" for question in questions]
        (folder / "viquae_dataset" / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8")
    for entity in ENTITIES.values():
        scene = Scene(entity.background, (150, 110))
        scene.add(entity.thing, entity.colour, (25, 15, 125, 100))
        scene.save(folder / "images" / entity.file)


def record(kilt_id: str, entity: str, asked: str, original: str, answers: tuple[str, ...]) -> dict[str, Any]:
    """One line."""
    shown = ENTITIES[entity]
    url = f"http://upload.example/thumb/{shown.file.removeprefix('512px-')}/{shown.file}"
    found = {**NOWHERE, "title": [shown.article], "wikipedia_id": [shown.wikidata.replace("Q", "9")]}
    return {
        "image": shown.file,
        "input": asked,
        "kilt_id": kilt_id,
        "id": hashlib.md5(f"{kilt_id}{shown.wikidata}{asked}{url}".encode()).hexdigest(),
        "meta": {"left_context": "", "mention": "", "right_context": "", "template_questions": []},
        "original_question": original,
        "output": {
            "answer": list(answers),
            "meta": [{"score": -1} for _ in answers],
            "original_answer": answers[0],
            "provenance": [*([NOWHERE] * (len(answers) - 1)), found],
        },
        "url": url,
        "wikidata_id": shown.wikidata,
    }
