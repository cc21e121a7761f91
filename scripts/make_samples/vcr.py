"""VCR: questions with references to objects, a picture and its boxes side by side.

In it: groups ([0, 1]), one unsorted, a possessive, an object other than a person after an article, persons by the dozen
of whom only some are mentioned, label 0, words that refer to all ("everyone"), a question without any reference, a
grayscale picture, an empty segmentation, and test without its labels.
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples.draw import Scene

SIZE = (240, 135)
Token = str | list[int]


class Asked(NamedTuple):
    """A question: its text with references as in `_orig` (from 1, in braces), four answers, place of the right one."""

    question: str
    answers: tuple[str, str, str, str]
    label: int
    reason: str


class Still(NamedTuple):
    """A picture: name, background, things (class, drawn as, colour, box), questions, mode."""

    name: str
    background: str
    things: tuple[tuple[str, str, str, tuple[int, int, int, int]], ...]
    asked: tuple[Asked, ...]
    mode: str = "RGB"


STILLS = {
    "train": (
        Still("movieclips_Sample_Garden/shot1@0", "meadow", (
            ("person", "person", "red", (15, 30, 65, 130)), ("person", "person", "blue", (80, 30, 130, 130)),
            ("dog", "dog", "brown", (150, 75, 215, 130)),
        ), (
            Asked("Why is {1} looking at {2} ?", (
                "{1} wants to know what {2} thinks .", "{1} is asleep .", "{2} is cooking .", "{1} is reading a map .",
            ), 0, "{1} faces {2} ."),
            Asked("What are {1,2} doing ?", (
                "They are swimming .", "They are standing in a garden with the {3} .", "{2} is driving a car .",
                "They are painting .",
            ), 1, "{1} and {2} stand on grass ."),
            Asked("Is the {3} {2} ' s ?", (
                "No , it is a cat .", "Yes , and {1} is its vet .", "Yes , it stays close to {2} .", "Maybe .",
            ), 2, "The {3} is next to {2} ."),
        )),
        Still("movieclips_Sample_Street/shot7@12", "street", (
            ("person", "person", "green", (10, 50, 50, 130)), ("car", "car", "red", (70, 70, 165, 125)),
            ("person", "person", "yellow", (180, 50, 220, 130)), ("trafficlight", "traffic light", "red",
             (225, 10, 239, 60)),
        ), (
            Asked("Why did the {2} stop ?", (
                "It is on fire .", "The {4} is red .", "{1} is driving it too fast .", "It is parked in a garage .",
            ), 1, "Cars stop at red lights ."),
            Asked("What will {3,1} do next ?", (
                "They will cross the street .", "They will fly .", "Everyone will go to bed .", "{3} eats the {2} .",
            ), 0, "They stand at the roadside ."),
            Asked("How does {1} feel about {4} ?", (
                "{1} does not care .", "{1} is afraid .", "{1} is the {2} .", "{1} is singing .",
            ), 0, "{1} looks away from the {4} ."),
        )),
        Still("lsmdc_9901_SAMPLE_NIGHT/9901_SAMPLE_NIGHT_00.01.02.300-00.01.04.000@0", "lightgray", (
            ("person", "person", "black", (30, 25, 85, 132)), ("chair", "chair", "gray", (110, 60, 160, 132)),
        ), (
            Asked("What is it like outside ?", (
                "It is too dark to tell .", "It is raining on {1} .", "There is a parade .", "Someone is shouting .",
            ), 0, "No window can be seen ."),
            Asked("Will {1} sit down on the {2} ?", (
                "No , {1} is a bird .", "Yes , the {2} is free .", "No , the {2} is too hot .", "Yes , on the roof .",
            ), 1, "Nobody sits on the {2} ."),
        ), "L"),
    ),
    "val": (
        Still("movieclips_Sample_Room/shot3@5", "room", (
            ("person", "person", "purple", (10, 30, 60, 130)), ("diningtable", "table", "brown", (75, 80, 170, 132)),
            ("cake", "cake", "pink", (100, 45, 145, 82)), ("person", "person", "green", (185, 30, 235, 130)),
        ), (
            Asked("Why is there a {3} on the {2} ?", (
                "Somebody has a birthday .", "{1} lost a shoe .", "The {2} is broken .", "{4} is a dentist .",
            ), 0, "A {3} is for parties ."),
            Asked("What is {4} about to do ?", (
                "{4} is about to dive .", "{4} will sell the {2} .", "{4} will cut the {3} .", "{4} will sleep .",
            ), 2, "{4} stands near the {3} ."),
            Asked("Are {1,4} guests ?", (
                "Yes , they came for the {3} .", "No , they are horses .", "Yes , of {1} ' s doctor .", "No idea .",
            ), 0, "They stand at both ends of the {2} ."),
            Asked("What is between {1} and {4} ?", ("A river .", "A wall .", "Nothing .", "A {2} with a {3} on it ."),
                  3, "The {2} stands in the middle ."),
        )),
        Still("movieclips_Sample_Ranch/shot4@1", "meadow", (
            ("person", "person", "orange", (20, 35, 70, 132)), ("horse", "horse", "brown", (90, 30, 190, 132)),
        ), (
            Asked("Can {1} ride the {2} ?", (
                "No , the {2} is a toy .", "Yes , the {2} is calm .", "No , {1} is swimming .", "Later , by train .",
            ), 1, "The {2} stands still ."),
            Asked("Where are {1} and the {2} ?", ("At sea .", "In a shop .", "On a meadow .", "On a bus ."), 2,
                  "There is grass around the {2} ."),
            Asked("What does {1} do for a living ?", (
                "{1} is a pilot .", "{1} is a diver .", "{1} sells cars .", "{1} looks after the {2} .",
            ), 3, "{1} stays with the {2} ."),
            Asked("Who is the {2} waiting for ?", ("For {1} .", "For a bus .", "For rain .", "For {1} ' s tailor ."),
                  0, "Only {1} is there ."),
        )),
    ),
    "test": (
        Still("movieclips_Sample_Beach/shot2@8", "beach", (
            ("person", "person", "red", (30, 40, 75, 130)), ("umbrella", "umbrella", "blue", (100, 30, 200, 130)),
        ), (
            Asked("Why is {1} here ?", (
                "{1} is on holiday .", "{1} is at work .", "{1} is lost in a cave .", "{1} is skiing .",
            ), 0, "It is a beach ."),
        )),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """Three files of lines; pictures and boxes a folder a film."""
    for split, stills in STILLS.items():
        lines: list[str] = []
        for still in stills:
            scene = Scene(still.background, SIZE)
            boxes = [[*map(float, scene.add(thing, colour, box)), 0.99] for _, thing, colour, box in still.things]
            path = folder / "vcr1images" / f"{still.name}.jpg"
            scene.save(path, still.mode)
            names = [name for name, *_ in still.things]
            segments = [[[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]] for x0, y0, x1, y1, _ in boxes[:-1]]
            facts = {"boxes": boxes, "segms": [*segments, []], "names": names, "width": SIZE[0], "height": SIZE[1]}
            path.with_name(path.name.removesuffix(".jpg") + ".json").write_text(json.dumps(facts), encoding="utf-8")
            for number, asked in enumerate(still.asked):
                key = f"{split}-{9000 + len(lines)}"
                lines.append(json.dumps(record(key, split, still, names, number, asked)) + "\n")
        (folder / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8")


def tokens(text: str) -> list[Token]:
    """A token list: references count from 0 there."""
    return [
        [int(number) - 1 for number in word[1:-1].split(",")] if word.startswith("{") else word for word in text.split()
    ]


def typed(text: str) -> str:
    """The text as the annotator typed it: references count from 1, as in the braces."""
    plain = re.sub(r"\{([\d,]+)\}", lambda match: match[1].replace(",", " and "), text)
    return re.sub(r" ([.?,])", r"\1", plain.replace(" ' ", "'"))


def record(key: str, split: str, still: Still, names: list[str], number: int, asked: Asked) -> dict[str, Any]:
    """One line; test lacks the labels and what gives them away."""
    reasons = [asked.reason, "It is noon .", "People like that .", "The sky is green ."]
    shown = {
        "movie": still.name.partition("/")[0],
        "objects": names,
        "img_fn": f"{still.name}.jpg",
        "metadata_fn": f"{still.name}.json",
        "question": tokens(asked.question),
        "answer_choices": [tokens(answer) for answer in asked.answers],
        "rationale_choices": [tokens(reason) for reason in reasons],
        "img_id": f"{split}-{still.name[-5:]}",
        "question_number": number,
        "annot_id": key,
    }
    if split == "test":
        return shown
    return shown | {
        "answer_orig": typed(asked.answers[asked.label]),
        "question_orig": typed(asked.question),
        "rationale_orig": typed(asked.reason),
        "answer_label": asked.label,
        "rationale_label": 0,
        "answer_likelihood": "likely",
        "interesting_scores": [1],
        "match_fold": f"{split}-0",
    }
