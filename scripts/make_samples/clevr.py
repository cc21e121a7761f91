"""CLEVR: scenes of solids, and questions whose answers are found by running their programs.

In it: several words for one attribute (big/large, ball/sphere, block/cube, matte/rubber, shiny/metal), counts as text,
PNG files with an alpha channel, test questions without answer and program, and a file of scenes that nobody needs.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import ImageDraw

from scripts.make_samples.draw import Scene, save

INFO = {"license": "Creative Commons Attribution (CC BY 4.0)", "version": "1.0", "date": "2/14/2017"}
SIZE = (480, 320)
WIDTHS = {"large": 90, "small": 45}
TONES = {
    "gray": ("gray", "darkgray", "dimgray"),
    "red": ("firebrick", "indianred", "darkred"),
    "blue": ("royalblue", "cornflowerblue", "mediumblue"),
    "green": ("forestgreen", "limegreen", "darkgreen"),
    "brown": ("saddlebrown", "peru", "#5a2d0c"),
    "purple": ("purple", "mediumorchid", "indigo"),
    "cyan": ("darkcyan", "turquoise", "teal"),
    "yellow": ("goldenrod", "gold", "darkgoldenrod"),
}
"""Of each colour the middle, the lit and the shaded side."""


class Solid(NamedTuple):
    """An object: size, colour, material, shape, and where its middle is."""

    size: str
    color: str
    material: str
    shape: str
    x: int
    y: int


class Asked(NamedTuple):
    """A question and its program: steps, each on the outcome of the one before, `and`-ed branches not needed."""

    question: str
    program: str
    family: int


SCENES: dict[str, tuple[tuple[tuple[Solid, ...], tuple[Asked, ...]], ...]] = {
    "train": (
        ((Solid("large", "red", "rubber", "cube", 110, 170), Solid("small", "blue", "metal", "sphere", 250, 230),
          Solid("small", "red", "metal", "cylinder", 370, 190)), (
            Asked("How many red things are there?", "filter_color red, count", 83),
            Asked("What is the shape of the big matte object?",
                  "filter_size large, filter_material rubber, unique, query_shape", 87),
            Asked("Are there any shiny cylinders?", "filter_material metal, filter_shape cylinder, exist", 82),
            Asked("What color is the tiny ball?", "filter_size small, filter_shape sphere, unique, query_color", 86),
        )),
        ((Solid("large", "green", "metal", "sphere", 140, 160),
          Solid("large", "yellow", "rubber", "cylinder", 330, 160),
          Solid("small", "green", "rubber", "cube", 240, 250), Solid("small", "gray", "rubber", "cube", 420, 250)), (
            Asked("How many blocks are to the right of the yellow cylinder?",
                  "filter_color yellow, filter_shape cylinder, unique, relate right, filter_shape cube, count", 3),
            Asked("What material is the green thing that is in front of the large green ball?",
                  "filter_size large, filter_color green, filter_shape sphere, unique, relate front, "
                  "filter_color green, unique, query_material", 26),
            Asked("Is there a purple object?", "filter_color purple, exist", 82),
            Asked("How many other things are of the same size as the gray cube?",
                  "filter_color gray, filter_shape cube, unique, same_size, count", 60),
        )),
    ),
    "val": (
        ((Solid("large", "cyan", "metal", "cube", 130, 150), Solid("small", "purple", "rubber", "sphere", 230, 250),
          Solid("small", "cyan", "rubber", "sphere", 330, 240)), (
            Asked("How many objects are there?", "count", 83),
            Asked("What is the color of the sphere left of the cyan ball?",
                  "filter_color cyan, filter_shape sphere, unique, relate left, filter_shape sphere, unique, "
                  "query_color", 1),
            Asked("Is there another thing of the same color as the metal block?",
                  "filter_material metal, filter_shape cube, unique, same_color, exist", 62),
            Asked("What size is the shiny thing?", "filter_material metal, unique, query_size", 84),
        )),
        ((Solid("large", "brown", "rubber", "cylinder", 240, 160), Solid("small", "yellow", "metal", "cube", 90, 230),
          Solid("small", "blue", "metal", "cube", 390, 230)), (
            Asked("How many tiny metallic cubes are there?",
                  "filter_size small, filter_material metal, filter_shape cube, count", 83),
            Asked("Are there any balls?", "filter_shape sphere, exist", 82),
            Asked("What color is the block to the left of the brown cylinder?",
                  "filter_color brown, filter_shape cylinder, unique, relate left, filter_shape cube, unique, "
                  "query_color", 1),
            Asked("What is the big thing made of?", "filter_size large, unique, query_material", 85),
        )),
    ),
    "test": (
        ((Solid("large", "purple", "metal", "sphere", 200, 160), Solid("small", "gray", "rubber", "cube", 350, 240)), (
            Asked("Is the ball the same size as the cube?", "", 0),
            Asked("How many gray things are there?", "", 0),
        )),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """Questions, scenes and pictures of the three splits."""
    top = folder / "CLEVR_v1.0"
    for name in ("questions", "scenes"):
        (top / name).mkdir(parents=True)
    for split, scenes in SCENES.items():
        questions: list[dict[str, Any]] = []
        for number, (solids, asked) in enumerate(scenes):
            name = f"CLEVR_{split}_{number:06d}.png"
            draw(solids, top / "images" / split / name)
            for each in asked:
                record: dict[str, Any] = {"image_index": number, "question_index": len(questions), "split": split}
                record |= {"image_filename": name, "question": each.question}
                if each.program:
                    steps = nodes(each.program)
                    record |= {"program": steps, "question_family_index": each.family, "answer": run(steps, solids)}
                questions.append(record)
        write(top / "questions" / f"CLEVR_{split}_questions.json", {"split": split, **INFO}, "questions", questions)
        if split != "test":
            graphs = [graph(split, number, solids) for number, (solids, _) in enumerate(scenes)]
            write(top / "scenes" / f"CLEVR_{split}_scenes.json", {"split": split, **INFO}, "scenes", graphs)


def write(path: Path, info: dict[str, str], name: str, records: list[dict[str, Any]]) -> None:
    """One object with a header, as the official files are."""
    path.write_text(json.dumps({"info": info, name: records}), encoding="utf-8")


def nodes(program: str) -> list[dict[str, Any]]:
    """The steps of a program, beginning with the whole scene."""
    steps: list[dict[str, Any]] = [{"inputs": [], "function": "scene", "value_inputs": []}]
    for step in program.split(", "):
        function, *values = step.split()
        steps.append({"inputs": [len(steps) - 1], "function": function, "value_inputs": values})
    return steps


def run(steps: Sequence[dict[str, Any]], solids: Sequence[Solid]) -> str:
    """The answer of a program: always text."""
    held: list[Solid] = list(solids)
    for step in steps[1:]:
        function, _, attribute = step["function"].partition("_")
        if function == "filter":
            held = [solid for solid in held if getattr(solid, attribute) == step["value_inputs"][0]]
        elif function == "unique":
            if len(held) != 1:
                raise ValueError(f"{held} is not one solid")
        elif function == "relate":
            held = [solid for solid in solids if solid != held[0] and related(solid, held[0], step["value_inputs"][0])]
        elif function == "same":
            held = [
                solid
                for solid in solids
                if solid != held[0] and getattr(solid, attribute) == getattr(held[0], attribute)
            ]
        elif function == "query":
            return str(getattr(held[0], attribute))
        elif function == "count":
            return str(len(held))
        elif function == "exist":
            return "yes" if held else "no"
    raise ValueError("a program without an answer")


def related(solid: Solid, to: Solid, relation: str) -> bool:
    """Whether a solid stands left, right, in front or behind of another."""
    return {"left": solid.x < to.x, "right": solid.x > to.x, "front": solid.y > to.y, "behind": solid.y < to.y}[
        relation
    ]


def graph(split: str, number: int, solids: Sequence[Solid]) -> dict[str, Any]:
    """A scene as the scenes file has it, shortened."""
    objects = [
        {
            **{name: getattr(solid, name) for name in ("color", "size", "material", "shape")},
            "3d_coords": [0.0, 0.0, 0.35],
            "rotation": 0.0,
            "pixel_coords": [solid.x, solid.y, 10.0],
        }
        for solid in solids
    ]
    return {
        "image_index": number,
        "image_filename": f"CLEVR_{split}_{number:06d}.png",
        "split": split,
        "objects": objects,
    }


def draw(solids: Sequence[Solid], path: Path) -> None:
    """A grey stage with the solids on it, those behind first; shiny ones have a bright spot."""
    picture = Scene("gainsboro", SIZE).image()
    canvas = ImageDraw.Draw(picture)
    for solid in sorted(solids, key=lambda each: each.y):
        middle, lit, shaded = TONES[solid.color]
        half = WIDTHS[solid.size] / 2
        x, y = solid.x, solid.y
        canvas.ellipse((x - half, y + 0.6 * half, x + 1.3 * half, y + 1.2 * half), fill="silver")
        if solid.shape == "sphere":
            canvas.ellipse((x - half, y - half, x + half, y + half), fill=middle)
        elif solid.shape == "cube":
            rear = 0.5 * half
            top = [(x - half, y - half), (x - half + rear, y - half - rear), (x + half + rear, y - half - rear)]
            canvas.polygon([*top, (x + half, y - half)], fill=lit)
            right = [(x + half, y - half), (x + half + rear, y - half - rear), (x + half + rear, y + half - rear)]
            canvas.polygon([*right, (x + half, y + half)], fill=shaded)
            canvas.rectangle((x - half, y - half, x + half, y + half), fill=middle)
        else:
            canvas.ellipse((x - half, y + 0.6 * half, x + half, y + 1.2 * half), fill=middle)
            canvas.rectangle((x - half, y - 0.8 * half, x + half, y + 0.9 * half), fill=middle)
            canvas.ellipse((x - half, y - 1.1 * half, x + half, y - 0.5 * half), fill=lit)
        if solid.material == "metal":
            canvas.ellipse((x - 0.5 * half, y - 0.4 * half, x - 0.2 * half, y - 0.1 * half), fill="white")
    save(picture, path, "RGBA")
