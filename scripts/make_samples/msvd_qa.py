"""MSVD-QA: machine-made questions about short AVI clips.

In it: ids that run over all splits, clips of the mapping without a question, a clip under its YouTube name, names with
leading and inner underscores, stray marks in questions, a question twice on one clip, clips of fewer than eight frames.
"""

import json
from itertools import count
from pathlib import Path
from typing import Any

from scripts.make_samples._films import FILMS, place_of
from scripts.make_samples.draw import clip

FIRST = {"train": 1, "val": 1201, "test": 1451}


def make(folder: Path) -> None:
    """Write eight clips a split, and a mapping of these and of one more."""
    ids = count()
    mapping = []
    for part, (split, first) in enumerate(FIRST.items()):
        records: list[dict[str, Any]] = []
        for place, film in enumerate(FILMS[8 * part : 8 * part + 8]):
            number = first + place
            name = f"{'-_'[place % 2]}sample_{number:04d}_{place}_{place + 4}"
            mapping.append(f"{name} vid{number}")
            asked = [
                ("what is moving?", film.thing),
                (f"where is a {film.thing}?", place_of(film)),
                ("what is moving?", "figure"),
            ]
            if place == 2:
                asked.append((f"what is a {film.thing}=l doing?", "move"))
            records += [
                {"answer": answer, "id": next(ids), "question": question, "video_id": number}
                for question, answer in asked
            ]
            path = folder / "YouTubeClips" / f"{name}.avi" if place == 3 else folder / "video" / f"vid{number}.avi"
            clip(path, film.thing, film.colour, frames=min(film.frames, 8), size=(64, 48), background=film.place)
        (folder / f"{split}_qa.json").write_text(json.dumps(records), encoding="utf-8")
    mapping.append("no_question__1_5 vid59")
    (folder / "youtube_mapping.txt").write_text("\n".join(mapping), encoding="utf-8")
