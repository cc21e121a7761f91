"""MSRVTT-QA: machine-made questions about the clips of MSR-VTT.

In it: ids as numbers, one question twice with different answers, a misspelt answer, clips of fewer than eight frames,
and (in train) a question without an answer, which is left out of its clip's row.
"""

import json
from itertools import count
from pathlib import Path
from typing import Any

from scripts.make_samples._films import FILMS, place_of, write_film

FIRST = {"train": 0, "val": 6513, "test": 7010}


def make(folder: Path) -> None:
    """Write eight clips a split, with three to five questions each."""
    ids = count()
    for part, (split, first) in enumerate(FIRST.items()):
        records: list[dict[str, Any]] = []
        for place, film in enumerate(FILMS[8 * part : 8 * part + 8]):
            number = first + place
            asked = [
                ("what moves across the picture?", film.thing),
                ("what does the video show?", film.thing),
                (f"what color is the {film.thing}?", film.colour),
                (f"where is the {film.thing}?", place_of(film)),
            ]
            if place == 0:
                asked += [("what does the video show?", place_of(film)), (f"what does the {film.thing} do?", "mooving")]
            if split == "train" and place == 1:
                asked.append(("who watches?", ""))
            records += [
                {
                    "answer": answer,
                    "category_id": (3 * number) % 20,
                    "id": next(ids),
                    "question": question,
                    "video_id": number,
                }
                for question, answer in asked
            ]
            top = "TestVideo" if split == "test" else "TrainValVideo"
            write_film(film, folder / top / f"video{number}.mp4")
        (folder / f"{split}_qa.json").write_text(json.dumps(records), encoding="utf-8")
