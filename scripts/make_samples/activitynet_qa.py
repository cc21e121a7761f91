"""ActivityNet-QA: questions by hand about web videos.

In it: questions of one video scattered over the file, no question marks, blanks at ends, answers in another order
than the questions, number answers as text, names that begin with a dash, videos in several folders and formats, with
and without the prefix.
"""

import json
from pathlib import Path

from scripts.make_samples._films import FILMS, place_of, write_film

PLACES = ("v1-2/train/v_{}.mp4", "v1-2/val/v_{}.webm", "v1-3/train_val/{}.mp4", "v1-3/test/v_{}.mkv")


def make(folder: Path) -> None:
    """Write eight videos a split, with four questions each."""
    (folder / "dataset").mkdir()
    for part, split in enumerate(("train", "val", "test")):
        questions, answers = [], []
        for turn in range(4):
            for place, film in enumerate(FILMS[8 * part : 8 * part + 8]):
                name = f"{'-_'[place % 2]}smp{part}{place}clip_"
                text, answer, kind = (
                    (f"what does the {film.thing} do in the video", "move to the right", 0),
                    (f"what color is the {film.thing} ", film.colour, 4),
                    (f"how many {film.thing}s are there", "1", 7),
                    (f"is the {film.thing} in the {place_of(film)}", "yes", 3),
                )[turn]
                key = f"v_{name}_{turn + 1}"
                questions.append({"video_name": name, "question": text, "question_id": key})
                answers.append({"answer": answer, "type": kind, "question_id": key})
                if turn == 0:
                    write_film(film, folder / PLACES[(part + place) % 4].format(name))
        questions.sort(key=lambda question: question["question"])
        (folder / f"dataset/{split}_q.json").write_text(json.dumps(questions), encoding="utf-8")
        (folder / f"dataset/{split}_a.json").write_text(json.dumps(answers), encoding="utf-8")
