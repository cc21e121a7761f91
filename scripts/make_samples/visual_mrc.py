"""VisualMRC: pages a line, each with its regions, their words, and questions.

In it: several questions a page, one asked twice, region ids as text and (in dev) as numbers in `relevant`, a picture
without words, a text region that the recogniser missed, noisy words, typographic quotes, and `screenshot_filename`,
which names no file here because nobody needs it.
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples.draw import Scene

WIDTH = 230


class Region(NamedTuple):
    """A region: class, lines of text (or a thing and its colour for a picture), and whether its words were found."""

    structure: str
    lines: tuple[str, ...]
    found: bool = True


class Page(NamedTuple):
    """A page: id, address, licence, regions from top to bottom, and (question, answer, places of the regions)."""

    id: str
    url: str
    license: str
    regions: tuple[Region, ...]
    asked: tuple[tuple[str, str, tuple[int, ...]], ...]


PAGES = {
    "train": (
        Page("smp0001", "https://example.org/bread", "CC BY 4.0", (
            Region("Heading/Title", ("Bread in one bowl",)),
            Region("Subtitle/Byline", ("by Mia Koch, May 4",)),
            Region("Paragraph/Body",
                   ("Mix flour, water, salt and", "yeast. Let it rest for two", "hours before you bake it.")),
            Region("List", ("500 g flour", "350 g water", "10 g salt")),
        ), (
            ("How long does the dough rest?", "It rests for two hours.", (2,)),
            ("How much water is needed?", "You need 350 grams of water.", (3,)),
            ("Who wrote the recipe?", "Mia Koch wrote it.", (1,)),
        )),
        Page("smp0002", "https://example.org/zoo/hours", "CC BY-SA 4.0", (
            Region("Heading/Title", ("City zoo",)),
            Region("Picture", ("bird", "royalblue")),
            Region("Caption", ("A bird in the new aviary.",)),
            Region("Data", ("Summer   9 to 19", "Winter    9 to 16")),
            Region("Sub-data", ("Closed on December 24",)),
        ), (
            ("What does the picture show?", "It shows a bird in the new aviary.", (1, 2)),
            ("When does the zoo close in winter?", "In winter the zoo closes at 16.", (3,)),
            ("Is the zoo open on December 24?", "No, it\u2019s closed on that day.", (4,)),
        )),
        Page("smp0003", "https://example.org/bikes", "CC BY 4.0", (
            Region("Heading/Title", ("Three tips for old bikes",)),
            Region("Paragraph/Body", ("Oil the chain once a month.", "Wipe off what drips.")),
            Region("Picture", ("bicycle", "red")),
            Region("Paragraph/Body", ("Check the brakes before", "every long ride."), found=False),
        ), (
            ("How often should the chain be oiled?", "The chain should be oiled once a month.", (1,)),
            ("What should you check before a long ride?", "You should check the brakes.", (3,)),
            ("How often should the chain be oiled?", "You should oil it every month.", (1,)),
        )),
    ),
    "dev": (
        Page("smp0101", "https://example.org/stars", "CC BY 4.0", (
            Region("Heading/Title", ("Our star, the Sun",)),
            Region("Picture", ("sun", "gold")),
            Region("Paragraph/Body", ("Its light needs eight", "minutes to reach us.")),
            Region("Other", ("Read more: \u201cWhy stars shine\u201d",)),
        ), (
            ("How long does sunlight travel to us?", "It travels for eight minutes.", (2,)),
            ("Which star is the page about?", "It is about the Sun.", (0,)),
            ("Which article does the page recommend?", "It recommends \u201cWhy stars shine\u201d.", (3,)),
            ("What can be seen in the picture?", "The Sun with its rays can be seen.", (1,)),
        )),
        Page("smp0102", "https://example.org/ferry", "CC BY 3.0", (
            Region("Heading/Title", ("Ferry to Little Island",)),
            Region("Data", ("Harbour    08:30", "Island         09:10")),
            Region("Sub-data", ("Dogs travel free.",)),
            Region("Picture", ("boat", "navy")),
        ), (
            ("When does the ferry arrive at the island?", "It arrives at 09:10.", (1,)),
            ("Do dogs need a ticket?", "No, dogs travel free.", (2,)),
            ("Where does the ferry go?", "It goes to Little Island.", (0,)),
            ("How long is the crossing?", "The crossing takes forty minutes.", (1,)),
        )),
    ),
    "test": (
        Page("smp0201", "https://example.org/tea", "CC BY 4.0", (
            Region("Heading/Title", ("How to make tea",)),
            Region("List", ("1. Boil the water.", "2. Wait three minutes.", "3. Take out the leaves.")),
            Region("Picture", ("cup", "teal")),
            Region("Caption", ("Tea tastes best from a cup", "that you like.")),
        ), (
            ("What comes first when you make tea?", "First you boil the water.", (1,)),
            ("How long do the leaves stay in?", "They stay in for three minutes.", (1,)),
            ("From which cup does tea taste best?", "It tastes best from a cup that you like.", (3,)),
            ("What colour is the cup?", "The cup is blue-green.", (2,)),
        )),
        Page("smp0202", "https://example.org/caf\u00e9", "CC BY 4.0", (
            Region("Heading/Title", ("Lune\u2019s tearoom: menu",)),
            Region("Data", ("Soup               4.50", "Cake               3.20", "Coffee            2.80")),
            Region("Sub-data", ("Soup only until two o'clock",)),
        ), (
            ("What is the cheapest thing on the menu?", "Coffee is the cheapest.", (1,)),
            ("What does a piece of cake cost?", "A piece of cake costs 3.20.", (1,)),
            ("Until when can you order soup?", "You can order soup until two o\u2019clock.", (2,)),
            ("What is the name of the tearoom?", "It is called Lune\u2019s tearoom.", (0,)),
        )),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """Three files and one folder of pictures."""
    (folder / "data").mkdir()
    for split, pages in PAGES.items():
        lines = [json.dumps(document(page, folder / "images", numbers=split == "dev")) + "\n" for page in pages]
        (folder / "data" / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8")


def document(page: Page, images: Path, *, numbers: bool) -> dict[str, Any]:
    """Draw a page and describe it; `numbers`: region ids are numbers."""
    scene = Scene("white", (WIDTH, 30 + sum(map(height, page.regions))))
    regions = []
    top = 12
    for place, region in enumerate(page.regions):
        words = draw(scene, region, top)
        regions.append(
            {
                "id": place if numbers else f"{page.id}_{place}",
                "structure": region.structure,
                "shape": {"x": 10, "y": top, "width": WIDTH - 20, "height": height(region) - 6},
                "ocr_info": words if region.found else [],
            }
        )
        top += height(region)
    scene.save(images / f"{page.id}_0.png", "P" if numbers else "RGB")
    return {
        "id": page.id,
        "license": page.license,
        "url": page.url,
        "screenshot_filename": f"{page.id}.png",
        "image_filename": f"{page.id}_0.png",
        "bounding_boxes": regions,
        "qa_data": [
            {
                "question": {"text": question},
                "answer": {"text": answer, "relevant": [regions[place]["id"] for place in places]},
            }
            for question, answer, places in page.asked
        ],
    }


def height(region: Region) -> int:
    """Pixels that a region takes."""
    return 74 if region.structure == "Picture" else 12 + 18 * len(region.lines)


def draw(scene: Scene, region: Region, top: int) -> list[dict[str, Any]]:
    """Draw a region; returns its words as a recogniser finds them."""
    if region.structure == "Picture":
        thing, colour = region.lines
        scene.add(thing, colour, (20, top, 100, top + 66))
        return []
    words: list[dict[str, Any]] = []
    size = 15 if region.structure == "Heading/Title" else 12
    for row, line in enumerate(region.lines):
        for column, cell in enumerate(re.split("  +", line)):
            left = 12.0 + 90 * column
            for word in cell.split():
                x0, y0, x1, y1 = scene.text(word, (left, top + 18 * row), size)
                box = {"x": round(x0), "y": round(y0), "width": round(x1 - x0), "height": round(y1 - y0)}
                words.append({"word": word, "confidence": 96 - 7 * (len(words) % 5), "bbox": box})
                left = x1 + 5
    return words
