"""`dataset_coco.json` from captioned photos, for the two tasks that read it."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from scripts.make_samples._photos import Photo, name_2014, save_photo, write_json


class Captioned(NamedTuple):
    """A photo, its split, and its captions as typed."""

    photo: Photo
    split: str
    captions: tuple[str, ...]


def write_karpathy(folder: Path, pictures: Sequence[Captioned]) -> None:
    """The file and its photos; only the split `train` lies in train2014."""
    images = []
    for imgid, (photo, split, captions) in enumerate(pictures):
        subset = "train2014" if split == "train" else "val2014"
        name = name_2014(subset, photo.number)
        save_photo(photo, folder / subset / name)
        sentids = [10 * photo.number + place for place in range(len(captions))]
        images.append(
            {
                "filepath": subset,
                "sentids": sentids,
                "filename": name,
                "imgid": imgid,
                "split": split,
                "sentences": [
                    {"tokens": re.findall(r"\w+", caption.lower()), "raw": caption, "imgid": imgid, "sentid": sentid}
                    for caption, sentid in zip(captions, sentids, strict=True)
                ],
                "cocoid": photo.number,
            }
        )
    write_json(folder / "dataset_coco.json", {"images": images, "dataset": "coco"})
