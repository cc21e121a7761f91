"""MSR-VTT: captions of clips, in the challenge's files and the list of test clips.

In it: captions of all clips mixed, exact repeats within a clip, a clip of fewer than eight frames, keys with a blank,
and test clips that the list leaves out, which make validation.
"""

import json
from pathlib import Path
from typing import Any

from scripts.make_samples._films import FILMS, Film, place_of, write_film

CLIPS = {
    "train": tuple(range(8)),
    "validate": tuple(range(6513, 6521)),
    "test": tuple(range(7010, 7018)),
}


def captions(film: Film) -> list[str]:
    """Sorted and padded with a repeat, as in the source."""
    different = {
        f"a {film.colour} {film.thing} moves from left to right",
        f"a {film.thing} crosses the {place_of(film)}",
        f"the {film.thing} is {film.colour}",
    }
    return [*sorted(different), min(different)]


def make(folder: Path) -> None:
    """Write eight clips a split."""
    films = dict(zip((number for numbers in CLIPS.values() for number in numbers), FILMS, strict=True))
    for name, splits in (("train_val", ("train", "validate")), ("test", ("test",))):
        numbers = [number for split in splits for number in CLIPS[split]]
        videos: list[dict[str, Any]] = []
        for split in splits:
            for number in CLIPS[split]:
                video = {"category": number % 20, "url": "", "video_id": f"video{number}", "start time": 0.0}
                videos.append({**video, "end time": 2.0, "split": split, "id": number})
                write_film(
                    films[number], folder / ("TestVideo" if split == "test" else "TrainValVideo") / f"video{number}.mp4"
                )
        told = [
            (number, caption) for turn in range(4) for number in numbers for caption in [captions(films[number])[turn]]
        ]
        sentences = [
            {"caption": caption, "video_id": f"video{number}", "sen_id": place}
            for place, (number, caption) in enumerate(told)
        ]
        content = {"info": {"version": "1.0"}, "videos": videos, "sentences": sentences}
        (folder / f"{name}_videodatainfo.json").write_text(json.dumps(content), encoding="utf-8")
    lines = [
        f"ret{place},msr{number},video{number},{captions(films[number])[1]}"
        for place, number in enumerate(CLIPS["test"][:5])
    ]
    text = "\n".join(["key,vid_key,video_id,sentence", *lines]) + "\n"
    (folder / "MSRVTT_JSFUSION_test.csv").write_text(text, encoding="utf-8")
