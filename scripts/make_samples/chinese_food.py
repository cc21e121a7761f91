"""ChineseFoodNet: a class table as an Excel sheet, a list of validation photos, and drawn dishes.

In it: a table without a header, with two empty sheets behind it; class numbers that are padded in folders but not in
the list; English names that stand twice; a grayscale photo, one with an EXIF orientation, and one of another size.
"""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from scripts.make_samples._photos import Thing
from scripts.make_samples.draw import SIZE, Scene


class Dish(NamedTuple):
    """A class: its names and what lies on the plate."""

    chinese: str
    english: str
    things: tuple[Thing, ...]


def heap(thing: str, colours: Sequence[str], size: int = 22) -> tuple[Thing, ...]:
    """Nine pieces on a plate, coloured in turn."""
    places = [(100, 75), (76, 60), (100, 50), (124, 60), (130, 82), (110, 98), (86, 98), (68, 82), (92, 70)]
    half = size // 2
    return tuple(
        (thing, colours[number % len(colours)], (x - half, y - half, x + half, y + half))
        for number, (x, y) in enumerate(places)
    )


SOUP = (48, 30, 152, 120)
DISHES = (
    Dish("西红柿炒鸡蛋", "Eggs with tomatoes", heap("circle", ("tomato", "gold"), 26)),
    Dish("红油豆腐", "Tofu in red oil", (("circle", "firebrick", SOUP), *heap("square", ("ivory",), 18))),
    Dish("白米饭", "Rice", heap("circle", ("white",), 40)),
    Dish("清炒豌豆", "Fried peas", heap("circle", ("yellowgreen", "green"), 14)),
    Dish("清炒荷兰豆", "Fried peas", heap("triangle", ("green", "yellowgreen"), 26)),
    Dish("水煮饺子", "Boiled dumplings", heap("triangle", ("cornsilk",), 30)),
    Dish("芝麻汤圆", "Sweet rice balls", (("circle", "burlywood", SOUP), *heap("circle", ("white",), 24))),
    Dish("胡萝卜丁", "Diced carrots", heap("square", ("darkorange",), 16)),
    Dish("红烧整鱼", "Whole fish in brown sauce", (("fish", "brown", (45, 50, 155, 110)),)),
    Dish("香蕉拼盘", "Banana plate", (("banana", "yellow", (55, 40, 150, 80)), ("banana", "gold", (50, 70, 145, 110)))),
    Dish("苹果拼盘", "Apple plate", (("apple", "red", (55, 45, 100, 95)), ("apple", "green", (105, 55, 150, 105)))),
    Dish("奶油蛋糕", "Cream cake", (("cake", "pink", (65, 35, 135, 105)),)),
)  # fmt: skip

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def make(folder: Path) -> None:
    """The table, the list, and a photo of each dish."""
    top = folder / "ChineseFoodNet"
    release = top / "release_data"
    lines = []
    for number, dish in enumerate(DISHES):
        name = f"{number:03d}/{number % 3:06d}.jpg"
        lines.append(f"{name} {number}\n")
        scene = Scene("tan" if number % 2 else "rosybrown", (240, 150) if number == 7 else SIZE)
        scene.add("circle", "steelblue", (28, 15, 172, 140))
        scene.add("circle", "lightsteelblue", (38, 23, 162, 128))
        for thing in dish.things:
            scene.add(*thing)
        mode = "L" if number == 2 else "RGB"
        scene.save(release / "val" / name, mode, orientation=6 if number == 10 else 1)
    (release / "val_list.txt").write_text("".join(lines), encoding="utf-8")
    write_sheet(top / "class_names.xlsx")


def write_sheet(path: Path) -> None:
    """As Excel writes it: strings in a table of their own."""
    strings = [text for dish in DISHES for text in (dish.chinese, dish.english)]
    shared = list(dict.fromkeys(strings))
    rows = "".join(
        f'<row r="{number + 1}"><c r="A{number + 1}"><v>{number}</v></c>'
        + "".join(
            f'<c r="{column}{number + 1}" t="s"><v>{shared.index(text)}</v></c>'
            for column, text in zip("BC", dish[:2], strict=True)
        )
        + "</row>"
        for number, dish in enumerate(DISHES)
    )
    sheets = [f"<sheetData>{rows}</sheetData>", "<sheetData/>", "<sheetData/>"]
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{TYPE}.worksheet+xml"/>'
            for number in numbers
        )
        + f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPE}.sharedStrings+xml"/></Types>',
        "_rels/.rels": relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>'
        + "".join(f'<sheet name="Sheet{number}" sheetId="{number}" r:id="rId{number}"/>' for number in numbers)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(
            [
                *(("worksheet", f"worksheets/sheet{number}.xml") for number in numbers),
                ("sharedStrings", "sharedStrings.xml"),
            ]
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}" count="{len(strings)}" uniqueCount="{len(shared)}">'
        + "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
        + "</sst>",
    }
    for number, sheet in zip(numbers, sheets, strict=True):
        parts[f"xl/worksheets/sheet{number}.xml"] = f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>'
    with zipfile.ZipFile(path, "w") as book:
        for name, part in parts.items():
            text = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{part}'
            book.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)


def relations(targets: Sequence[tuple[str, str]]) -> str:
    """A part that says which other parts belong to it."""
    return (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{number}" Type="{LINKS}/{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate(targets, 1)
        )
        + "</Relationships>"
    )
