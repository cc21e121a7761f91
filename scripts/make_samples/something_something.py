"""Something-Something V2: a thing is moved, and the class says how.

In it: templates with brackets of several kinds, fillers outside ASCII, class numbers and ids as text, WebM files
without a frame count, a clip of five frames, test answers in another order than the clips.
"""

import json
from collections.abc import Callable
from pathlib import Path

from scripts.make_samples.draw import Scene, write_clip

SIZE = (96, 72)
ACTIONS: dict[str, Callable[[float], tuple[float, float, float]]] = {
    "Moving [something] from left to right": lambda t: (60 * t, 24, 36),
    "Moving [something] from right to left": lambda t: (60 - 60 * t, 24, 36),
    "Moving [something] up": lambda t: (30, 34 - 34 * t, 36),
    "Moving [something] down": lambda t: (30, 34 * t, 36),
    "Moving [something] closer to [something]": lambda t: (40 * t, 24, 30),
    "[Something] growing in the middle": lambda t: (36 - 20 * t, 24 - 14 * t, 24 + 40 * t),
    "Moving [something] towards the camera and back": lambda t: (30 + 8 * t, 20, 36 - 30 * abs(2 * t - 1) + 6),
    "Holding [something]": lambda _: (30, 20, 36),
}
"""Left, top and size of the thing at a time from 0 to 1."""
OTHERS = ("Closing something", "Throwing something", "Pouring something into something", "Folding something")
FILLERS = (
    ("ball", "red"),
    ("cup", "blue"),
    ("apple", "green"),
    ("book", "purple"),
    ("bottle", "orange"),
    ("banana", "yellow"),
)
WORDS = {
    "ball": "ball",
    "cup": "tasse für tee",
    "apple": "apple",
    "book": "book",
    "bottle": "bottle",
    "banana": "banana",
}


def make(folder: Path) -> None:
    """Write eight clips a split, one of each action."""
    labels = folder / "labels"
    labels.mkdir()
    classes = sorted([template.replace("[", "").replace("]", "") for template in ACTIONS] + list(OTHERS))
    write(labels / "labels.json", {name: str(number) for number, name in enumerate(classes)})
    for part, split in enumerate(("train", "validation", "test")):
        rows = []
        for place, template in enumerate(ACTIONS):
            thing, colour = FILLERS[(part + place) % len(FILLERS)]
            key = str(1000 * (part + 1) + 7 * place)
            fillers = [WORDS[thing], "box"][: template.count("[")]
            filled = template.lower()
            for filler in fillers:
                filled = filled.replace("[something]", filler, 1)
            rows.append({"id": key, "label": filled, "template": template, "placeholders": fillers})
            frames = 5 if place == 2 else 14
            path = folder / "20bn-something-something-v2" / f"{key}.webm"
            write_clip(path, [scene(template, thing, colour, number / (frames - 1)) for number in range(frames)], 12)
        if split != "test":
            write(labels / f"{split}.json", rows)
            continue
        write(labels / "test.json", [{"id": row["id"]} for row in rows])
        lines = [f"{row['id']};{str(row['template']).replace('[', '').replace(']', '')}" for row in reversed(rows)]
        (labels / "test-answers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def scene(template: str, thing: str, colour: str, time: float) -> Scene:
    """One frame of an action."""
    left, top, size = ACTIONS[template](time)
    picture = Scene("room", SIZE)
    if template.count("[") == 2:
        picture.block((74, 28, 96, 56), "saddlebrown")
    picture.add(thing, colour, (left, top, left + size, top + size))
    return picture


def write(path: Path, content: object) -> None:
    """A JSON file."""
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
