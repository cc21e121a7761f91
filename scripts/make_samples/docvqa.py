"""DocVQA in its older packaging: a folder a split, pages as PNG of any mode, recognised text beside them.

In it: several spellings of an answer, several questions a page, a blank before "?" and a question without one, pages in
modes L, 1, P and RGBA, OCR files for train only, and a test split whose records have no `answers` at all.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples.draw import Scene

SIZE = (230, 280)


class Page(NamedTuple):
    """A page: its UCSF-like name, Pillow's mode, lines from top to bottom, and questions with their answers."""

    name: str
    mode: str
    lines: tuple[str, ...]
    asked: tuple[tuple[str, tuple[str, ...]], ...]


PAGES = {
    "train": (
        Page(
            "smpa0001_1", "L",
            ("HILLSIDE PAPER MILL", "INVOICE No. 4471", "Date: March 3, 1988", "", "40 reams white     $120.00",
             "12 reams blue       $48.50", "Delivery                 $9.00", "TOTAL               $177.50", "",
             "Please pay within 30 days."),
            (("What is the invoice number?", ("4471", "No. 4471")),
             ("what is the total amount ?", ("$177.50", "177.50")),
             ("How many reams of blue paper were sold", ("12", "12 reams"))),
        ),
        Page(
            "smpa0002_4", "1",
            ("MEMO", "To:      R. Okafor", "From:  L. Brandt", "Subject: Boiler inspection", "",
             "The boiler in Hall 2 will be", "inspected on Tuesday at 9 a.m.", "Keep the gate open.", "", "L. Brandt"),
            (("Who wrote the memo?", ("L. Brandt", "Brandt")),
             ("What is the subject of the memo?", ("Boiler inspection",)),
             ("In which hall is the boiler?", ("Hall 2", "2"))),
        ),
        Page(
            "smpa0003_2", "P",
            ("STAFF BY DEPARTMENT", "", "                  1971   1972", "Sales           14       17",
             "Research     22       25", "Printing         31       29", "Office             8         8", "",
             "- 2 -"),
            (("What is the number of staff in Research for 1972?", ("25",)),
             ("Which department had 31 people in 1971?", ("Printing", "printing")),
             ("What is the page number?", ("2", "- 2 -"))),
        ),
    ),
    "val": (
        Page(
            "smpb0001_1", "L",
            ("Lakeview Seed Company", "Catalogue order form", "", "Name: Mrs. E. Tanaka", "Town: Arden",
             "Beans        3 packets", "Carrots      5 packets", "Onions      2 packets", "",
             "Thank you for your order!"),
            (("What is the name of the company?", ("Lakeview Seed Company", "LAKEVIEW SEED COMPANY")),
             ("How many packets of carrots are ordered?", ("5", "5 packets")),
             ("Which town is given on the form?", ("Arden",))),
        ),
        Page(
            "smpb0002_7", "RGBA",
            ("WATER LEVEL, 1964", "", "April          2.1 m", "May           1.8 m", "June           1.4 m",
             "July            0.9 m", "", "Lowest level: July 28"),
            (("What was the water level in May?", ("1.8 m", "1.8")),
             ("when was the level lowest ?", ("July 28",)),
             ("What year is the table for?", ("1964",))),
        ),
        Page(
            "smpb0003_1", "L",
            ("Dear Dr. Silva,", "", "your talk on bees is on", "October 12 in Room 204.", "Tea is served at four.", "",
             "Yours sincerely,", "Hanna Weiss", "Secretary"),
            (("To whom is the letter addressed?", ("Dr. Silva", "Dr Silva")),
             ("In which room is the talk?", ("Room 204", "204")),
             ("Who signed the letter?", ("Hanna Weiss", "hanna weiss"))),
        ),
    ),
    "test": (
        Page(
            "smpc0001_1", "L",
            ("NOTICE", "", "The reading room is closed", "from July 1 to July 14.", "", "The Librarian"),
            (("What is closed?", ()), ("Who wrote the notice?", ())),
        ),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """Three splits, the last without answers."""
    number = 910001
    for split, pages in PAGES.items():
        data: list[dict[str, Any]] = []
        for document, page in enumerate(pages):
            lines = draw(page, folder / split / "documents" / f"{page.name}.png")
            if split == "train":
                write(folder / split / "ocr_results" / f"{page.name}.json", recognised(lines))
            for question, answers in page.asked:
                ucsf, _, place = page.name.rpartition("_")
                record: dict[str, Any] = {
                    "questionId": number,
                    "question": question,
                    "image": f"documents/{page.name}.png",
                    "docId": 91000 + document,
                    "ucsf_document_id": ucsf,
                    "ucsf_document_page_no": place,
                    "answers": list(answers),
                    "data_split": split,
                }
                if split == "test":
                    del record["answers"]
                data.append(record)
                number += 1
        header = {"dataset_name": "docvqa", "dataset_version": "1.0", "dataset_split": split}
        write(folder / split / f"{split}_v1.0.json", {**header, "data": data})


def draw(page: Page, path: Path) -> list[dict[str, Any]]:
    """The page as a picture; returns its lines as the recogniser would give them."""
    scene = Scene("white", SIZE)
    found = []
    for place, line in enumerate(page.lines):
        if line:
            x0, y0, x1, y1 = scene.text(line, (14, 14 + 25 * place), 15 if place == 0 else 13)
            found.append({"boundingBox": [x0, y0, x1, y0, x1, y1, x0, y1], "text": " ".join(line.split())})
    scene.save(path, page.mode)
    return found


def recognised(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer of Microsoft's reader."""
    pages = [{"page": 1, "width": SIZE[0], "height": SIZE[1], "unit": "pixel", "lines": lines}]
    return {"status": "Succeeded", "recognitionResults": pages}


def write(path: Path, content: Any) -> None:
    """JSON, folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
