"""IQA: a list of distorted pictures with their scores, split by reference.

In it: references whose hash puts them into each of the splits, all five grades, several distortions, scores at both
ends of the scale; a list of another database on another scale (LIVE, where less is better) with bitmaps, one of which
is called in capitals, and a list without scores.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageEnhance, ImageFilter

from scripts.make_samples.draw import Scene, save

SIZE = (120, 90)
LEVELS = 5
SCENES = {
    "I03": ("meadow", (("dog", "brown", (10, 40, 55, 85)), ("tree", "green", (65, 10, 110, 85)))),
    "I07": ("street", (("car", "red", (15, 45, 100, 82)),)),
    "I11": ("sea", (("boat", "white", (25, 15, 95, 85)),)),
    "I19": ("room", (("lamp", "yellow", (10, 15, 40, 80)), ("chair", "brown", (60, 30, 100, 85)))),
}
"""Two for train, one each for validation and test."""


def blur(picture: Image.Image, level: int) -> Image.Image:
    """Ever larger blur."""
    return picture.filter(ImageFilter.GaussianBlur(0.4 * level**1.5))


def blocks(picture: Image.Image, level: int) -> Image.Image:
    """Ever larger pixels."""
    small = (SIZE[0] // (2 * level), SIZE[1] // (2 * level))
    return picture.resize(small, Image.Resampling.BOX).resize(SIZE, Image.Resampling.NEAREST)


def darken(picture: Image.Image, level: int) -> Image.Image:
    """Ever darker."""
    return ImageEnhance.Brightness(picture).enhance(1 - 0.18 * level)


class Distortion(NamedTuple):
    """A way to spoil a picture, and the scores that its five levels get."""

    number: int
    name: str
    apply: Callable[[Image.Image, int], Image.Image]
    scores: tuple[float, float, float, float, float]


DISTORTIONS = (
    Distortion(1, "GBLUR", blur, (4.93, 4.03, 2.77, 1.83, 1.0)),
    Distortion(21, "Pixelate", blocks, (3.9, 3.17, 2.3, 1.47, 1.13)),
    Distortion(17, "Darken", darken, (4.43, 4.13, 3.33, 2.67, 1.9)),
)


def make(folder: Path) -> None:
    """Three lists and the pictures of two."""
    lists = folder / "csv"
    lists.mkdir()
    lines = ["dis_img_path,dis_type,ref_img_path,score"]
    for name, (background, things) in SCENES.items():
        scene = Scene(background, SIZE)
        for thing in things:
            scene.add(*thing)
        for kind in DISTORTIONS[: 2 if name == "I07" else 3]:
            for level in range(1, LEVELS + 1):
                path = f"KADID-10k/images/{name}_{kind.number:02d}_{level:02d}.png"
                spoilt = kind.apply(scene.image(), level).quantize(48).convert("RGB")
                save(spoilt, folder / "data" / path, "RGB")
                lines.append(f"{path},{kind.name},KADID-10k/images/{name}.png,{kind.scores[level - 1]}")
    (lists / "KADID-10k.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    other(folder)
    (lists / "Waterloo_Exploration.txt").write_text(
        "dis_img_path,dis_type,ref_img_path\nWaterloo_Exploration/distorted_images/1.bmp,JPEG2000,"
        "Waterloo_Exploration/pristine_images/1.bmp\n",
        encoding="utf-8",
    )


def other(folder: Path) -> None:
    """Two pictures of another database."""
    scene = Scene("beach", (48, 36))
    scene.add("umbrella", "red", (8, 4, 40, 34))
    lines = ["dis_img_path,dis_type,ref_img_path,score"]
    for name, level, score in (("img1.bmp", 1, 12.5), ("IMG2.BMP", 4, 88.25)):
        save(blur(scene.image(), level), folder / "data" / "LIVE" / "gblur" / name, "P")
        lines.append(f"LIVE/gblur/{name.lower()},gblur,LIVE/refimgs/umbrella.bmp,{score}")
    (folder / "csv" / "LIVE.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
