"""iVQA: five people's answers to one question about a clip.

In it: clear majorities, two equally frequent answers, five different ones, the answers "none" and "null", a quoted
comma, ids that begin with a dash or an underscore, columns in another order in one split, and a whole video of which
only the seconds from start to end count.
"""

import csv
import io
from pathlib import Path

from scripts.make_samples._films import FILMS, write_film
from scripts.make_samples.draw import Scene, write_clip

INSIDE = ["indoors", "inside", "in a room", "room", "home"]
OUTSIDE = ["outdoors", "outside", "in the open", "open air", "not indoors"]
COLUMNS = ["video_id", "start", "end", "question", "answer1", "answer2", "answer3", "answer4", "answer5", "type"]


def make(folder: Path) -> None:
    """Write eight clips a split."""
    for part, split in enumerate(("train", "val", "test")):
        stream = io.StringIO(newline="")
        columns = COLUMNS if split != "val" else [*COLUMNS[3:], *COLUMNS[:3]]
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        for place, film in enumerate(FILMS[8 * part : 8 * part + 8]):
            name = f"{('-', '_', 'x')[place % 3]}sample{part}{place}_a"
            start, end = 10 * place + 4, 10 * place + 12
            question, answers = (
                ("What moves through the picture?", [film.thing] * 4 + ["something"]),
                (
                    f"What color is the {film.thing}?",
                    [film.colour, film.colour, f"all {film.colour}", f"all {film.colour}", "one color"],
                ),
                ("Is this indoors or outdoors?", INSIDE if film.place == "room" else OUTSIDE),
                (f"What is on top of the {film.thing}?", ["none", "none", "nothing", "none", "null"]),
            )[place % 4]
            row = {"video_id": name, "start": start, "end": end, "question": question, "type": 0}
            writer.writerow({**row, **{f"answer{number + 1}": answer for number, answer in enumerate(answers)}})
            if place == 5:
                write_whole(folder / "video" / f"{name}.mp4", film.thing, film.colour, start, end)
            else:
                write_film(film, folder / "video" / f"{name}_{start}_{end}.{('mp4', 'webm')[place % 2]}")
        (folder / f"{split}.csv").write_text(stream.getvalue(), encoding="utf-8")


def write_whole(path: Path, thing: str, colour: str, start: int, end: int) -> None:
    """A longer video, one frame a second, that shows the thing only from start to end."""
    scenes = []
    for second in range(end + 6):
        scene = Scene("meadow", (96, 72))
        if start <= second <= end:
            scene.add(thing, colour, (6 * (second - start), 24, 6 * (second - start) + 36, 64))
        scenes.append(scene)
    write_clip(path, scenes, 1)
