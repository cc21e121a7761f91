"""ScienceQA: one file of all questions, a folder a pictured one.

In it: questions with and without a picture, answer 0, 2 to 5 choices, the three kinds of question, a question and a
hint of several lines, a hint and a lecture of one blank, typographic signs, pictures in modes RGB, RGBA and P, and a
folder with pictured choices that no record names.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples.draw import Scene

Box = tuple[int, int, int, int]


class Problem(NamedTuple):
    """A question: split, pid, text, choices, answer, subject and skill, hint, solution, and what its picture shows."""

    split: str
    pid: str
    question: str
    choices: tuple[str, ...]
    answer: int
    subject: str
    skill: str
    hint: str = ""
    solution: str = ""
    things: tuple[tuple[str, str, Box], ...] = ()
    mode: str = "RGB"
    task: str = "closed choice"


NATURE, SOCIETY, LANGUAGE = "natural science", "social science", "language science"
LEFT, MIDDLE, RIGHT = (15, 45, 75, 135), (80, 45, 130, 135), (135, 45, 190, 135)
PROBLEMS = (
    Problem(
        "train",
        "900001",
        "Which of these animals has feathers?",
        ("the cat", "the bird", "the fish"),
        1,
        NATURE,
        "Sort animals by their covering",
        "The picture shows three animals.",
        "Birds have feathers.",
        (("cat", "gray", LEFT), ("bird", "royalblue", MIDDLE), ("fish", "orange", RIGHT)),
    ),
    Problem(
        "train",
        "900002",
        "Select the better estimate for the length of a pencil.",
        ("18 centimetres", "18 metres"),
        0,
        NATURE,
        "Choose metric units of length",
        " ",
        "Pencils are shorter than a forearm.",
    ),
    Problem(
        "train",
        "900003",
        "What kind of sentence is this?\nWhere did you leave the boat?",
        ("declarative", "interrogative", "exclamatory", "imperative"),
        1,
        LANGUAGE,
        "Name the kind of sentence",
        "",
        "The sentence asks something and ends with a question mark.",
    ),
    Problem(
        "train",
        "900004",
        "Which vehicle in the picture floats on water?",
        ("the car", "the boat"),
        1,
        NATURE,
        "Compare vehicles",
        "",
        "A boat floats.",
        (("car", "red", (10, 70, 90, 130)), ("boat", "navy", (105, 30, 190, 135))),
        "P",
    ),
    Problem(
        "train",
        "900005",
        "Is the following a complete sentence?\nThe red kite over the hill.",
        ("no", "yes"),
        0,
        LANGUAGE,
        "Find fragments",
        "",
        "It has no verb.",
        task="yes or no",
    ),
    Problem(
        "train",
        "900006",
        "What temperature fits the weather in the picture?",
        ("\u221210\u00b0C", "28\u00b0C"),
        1,
        NATURE,
        "Estimate temperatures",
        "Look at the sky.",
        "The sun shines on a beach.",
        (("sun", "gold", (120, 8, 180, 68)), ("umbrella", "crimson", (30, 50, 100, 130))),
    ),
    Problem(
        "train",
        "900007",
        "Which word comes first in a dictionary?",
        ("plum", "peach", "pear"),
        1,
        LANGUAGE,
        "Use alphabetical order",
        "",
        "Compare the third letters of peach and pear.",
    ),
    Problem(
        "train",
        "900008",
        "Based on the table, which town has the most people?",
        ("Arden", "Brook", "Cole", "Dale", "Elm"),
        3,
        SOCIETY,
        "Read a table",
        "Town | People\nArden | 1,200\nBrook | 900\nCole | 2,050\nDale | 4,400\nElm | 300",
        "4,400 is the largest number.",
    ),
    Problem(
        "val",
        "900011",
        "Which shape in the picture has three sides?",
        ("the circle", "the square", "the triangle"),
        2,
        NATURE,
        "Name shapes",
        "",
        "A triangle has three sides.",
        (("circle", "red", LEFT), ("square", "blue", (80, 60, 130, 110)), ("triangle", "green", RIGHT)),
        "P",
    ),
    Problem(
        "val",
        "900012",
        "Which of these is a liquid?",
        ("a stone", "milk", "a spoon"),
        1,
        NATURE,
        "Sort matter",
        "",
        "Milk takes the shape of its glass.",
    ),
    Problem(
        "val",
        "900013",
        "What does the traffic light tell drivers to do?",
        ("stop", "go"),
        0,
        SOCIETY,
        "Read signs",
        "In this picture one light of the traffic light is on.",
        "Red means stop.",
        (("traffic light", "red", (70, 5, 130, 145)),),
    ),
    Problem(
        "val",
        "900014",
        "Which text is written more formally?",
        ("Hi! Can\u2019t come, sorry.", "I regret that I am unable to attend."),
        1,
        LANGUAGE,
        "Compare styles",
        "",
        "The second text has no short forms.",
    ),
    Problem(
        "val",
        "900015",
        "Is the sentence true or false?\nA day has twelve hours.",
        ("true", "false"),
        1,
        NATURE,
        "Convert units of time",
        "",
        "A day has 24 hours.",
        task="true-or false",
    ),
    Problem(
        "val",
        "900016",
        "What time does the clock show?",
        ("ten past ten", "half past six", "noon"),
        0,
        NATURE,
        "Read clocks",
        "",
        "The short hand is near ten.",
        (("clock", "black", (40, 15, 160, 135)),),
        "RGBA",
    ),
    Problem("val", "900017", "Which sum is right?", ("2 + 2 = 4", "2 + 2 = 5"), 0, NATURE, "Add numbers", "", ""),
    Problem(
        "val",
        "900018",
        "Where do most fish live?",
        ("in trees", "in water"),
        1,
        NATURE,
        "Match animals and places",
        "",
        "Fish breathe in water.",
    ),
    Problem(
        "test",
        "900021",
        "Which fruit in the picture is longer?",
        ("the apple", "the banana"),
        1,
        NATURE,
        "Compare lengths",
        "",
        "The banana is longer.",
        (("apple", "red", (15, 50, 75, 115)), ("banana", "gold", (85, 50, 195, 120))),
    ),
    Problem(
        "test",
        "900022",
        "Select the plural of \u201cmouse\u201d.",
        ("mouses", "mice"),
        1,
        LANGUAGE,
        "Form plurals",
        "",
        "Mice is irregular.",
    ),
    Problem(
        "test",
        "900023",
        "Read the passage. Which part of the plant does it describe?",
        ("the root", "the flower", "the leaf"),
        1,
        NATURE,
        "Name parts of plants",
        "Read the passage. Then answer the question.\n\nIt has coloured petals, and bees visit it.\nFigure: a plant.",
        "Petals belong to a flower.",
        (("flower", "magenta", (60, 10, 140, 140)),),
    ),
    Problem(
        "test",
        "900024",
        "How many minutes are in an hour?",
        ("24", "60", "100"),
        1,
        NATURE,
        "Convert units of time",
        "",
        "",
    ),
    Problem(
        "test",
        "900025",
        "Which object in the picture gives light?",
        ("the lamp", "the chair", "the table"),
        0,
        NATURE,
        "Find sources of light",
        "",
        "A lamp gives light.",
        (("lamp", "gold", LEFT), ("chair", "peru", MIDDLE), ("table", "sienna", RIGHT)),
        "RGBA",
    ),
    Problem(
        "test",
        "900026",
        "Which is farther from your home?",
        ("the sun", "the moon"),
        0,
        NATURE,
        "Compare distances",
        "",
        "The sun is far behind the moon.",
    ),
    Problem(
        "test",
        "900027",
        "What does a sentence that ends in \u201c?\u201d do?",
        ("it asks", "it orders", "neither; it tells something"),
        0,
        LANGUAGE,
        "Punctuate sentences",
        "",
        "",
    ),
    Problem(
        "test",
        "900028",
        "Which picture would fit the word \u201cpet\u201d?",
        ("a dog", "a train"),
        0,
        LANGUAGE,
        "Sort words",
        "",
        "People keep dogs at home.",
    ),
)
CAPTIONED = ("900001", "900011")
MINI = {"train": ("900004", "900001"), "val": ("900013",), "test": ("900025", "900022")}


def make(folder: Path) -> None:
    """The file of questions, the lists of splits, machine captions, and the pictures."""
    root = folder / "data" / "scienceqa"
    root.mkdir(parents=True)
    # In the file the splits are mixed.
    problems = {each.pid: record(each) for each in sorted(PROBLEMS, key=lambda each: each.pid[::-1])}
    (root / "problems.json").write_text(json.dumps(problems, indent=1), encoding="utf-8")
    lists = {split: [each.pid for each in PROBLEMS if each.split == split] for split in ("train", "val", "test")}
    lists |= {"trainval": lists["train"] + lists["val"], **{f"mini{name}": list(pids) for name, pids in MINI.items()}}
    (root / "pid_splits.json").write_text(json.dumps(lists), encoding="utf-8")
    captions = {"model": "none", "captions": dict.fromkeys(CAPTIONED, "A drawing of three things.")}
    (folder / "data" / "captions.json").write_text(json.dumps(captions), encoding="utf-8")
    for each in PROBLEMS:
        if each.things:
            scene = Scene("beach" if each.pid == "900006" else "whitesmoke")
            for thing in each.things:
                scene.add(*thing)
            scene.save(root / "images" / each.split / each.pid / "image.png", each.mode)
    for place, name in enumerate(("car", "boat")):
        choice = Scene("whitesmoke", (60, 45))
        choice.add(name, "gray", (8, 6, 52, 40))
        choice.save(root / "images" / "train" / "900004" / f"choice_{place}.png", "P")


def record(problem: Problem) -> dict[str, Any]:
    """One question as the file has it."""
    return {
        "question": problem.question,
        "choices": list(problem.choices),
        "answer": problem.answer,
        "hint": problem.hint,
        "image": "image.png" if problem.things else None,
        "task": problem.task,
        "grade": f"grade{2 + int(problem.pid) % 7}",
        "subject": problem.subject,
        "topic": problem.subject.split()[0],
        "category": problem.skill,
        "skill": problem.skill,
        "lecture": " " if problem.pid.endswith("2") else f"{problem.skill}: read, compare, then decide.",
        "solution": problem.solution,
        "split": problem.split,
    }
