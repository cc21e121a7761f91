"""The drawing kit: pictures and clips of our own, a few kB each, the same bytes every time.

scene = Scene("meadow", (200, 150))
box = scene.add("dog", "brown", (20, 60, 90, 130))     # x0, y0, x1, y1 in pixels; returned as given
scene.text("OPEN", (110, 20), 18)
scene.save(folder / "train2014" / "a.jpg")              # format by suffix; mode="L", orientation=6, ...
clip(folder / "video0.mp4", "car", "red", frames=24)    # codec by suffix: mp4, webm, avi, mkv
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw, ImageFont

from scripts.make_samples.things import THINGS, Pen

Box = tuple[float, float, float, float]
SIZE = (200, 150)
FINE = 3
"""Scenes are drawn this many times larger and reduced, so that edges are smooth."""

BACKGROUNDS = {
    "meadow": ("skyblue", "yellowgreen", 0.55),
    "street": ("lightsteelblue", "gray", 0.6),
    "room": ("antiquewhite", "burlywood", 0.72),
    "sea": ("lightskyblue", "royalblue", 0.5),
    "beach": ("lightskyblue", "khaki", 0.6),
    "night": ("midnightblue", "darkslategray", 0.6),
}
"""Colour above, colour below, and where one ends and the other begins."""

CODECS = {
    "mp4": ("libx264", {"crf": "30", "preset": "veryslow", "threads": "1"}),
    "mkv": ("libx264", {"crf": "30", "preset": "veryslow", "threads": "1"}),
    "webm": ("libvpx", {"crf": "40", "b": "60k", "threads": "1"}),
    "avi": ("mpeg4", {"qscale": "8", "threads": "1"}),
}


class Scene:
    """A picture of things in front of a background."""

    def __init__(self, background: str = "meadow", size: tuple[int, int] = SIZE) -> None:
        """Use a background of `BACKGROUNDS`, or a plain colour by name."""
        self.size = size
        above, below, horizon = BACKGROUNDS.get(background, (background, background, 1.0))
        self.picture = Image.new("RGB", (FINE * size[0], FINE * size[1]), above)
        self.canvas = ImageDraw.Draw(self.picture)
        self.canvas.rectangle((0, FINE * size[1] * horizon, FINE * size[0], FINE * size[1]), fill=below)

    def add(self, thing: str, colour: str, box: Box) -> Box:
        """Draw a thing of `THINGS` so that it fills a box; returns the box."""
        x0, y0, x1, y1 = (FINE * value for value in box)
        THINGS[thing](Pen(self.canvas, (x0, y0, x1, y1)), colour)
        return box

    def block(self, box: Box, colour: str) -> Box:
        """Draw a filled rectangle: a sign, a page, a cover."""
        self.canvas.rectangle([FINE * value for value in box], fill=colour)
        return box

    def text(self, text: str, at: tuple[float, float], size: int = 14, colour: str = "black") -> Box:
        """Write text with its top left corner at a point; returns the box that it takes."""
        font = ImageFont.load_default(FINE * size)
        place = (FINE * at[0], FINE * at[1])
        self.canvas.text(place, text, fill=colour, font=font)
        x0, y0, x1, y1 = self.canvas.textbbox(place, text, font=font)
        return (round(x0 / FINE, 1), round(y0 / FINE, 1), round(x1 / FINE, 1), round(y1 / FINE, 1))

    def image(self) -> Image.Image:
        """The finished picture."""
        return self.picture.resize(self.size, Image.Resampling.BOX)

    def save(self, path: Path, mode: str = "RGB", *, orientation: int = 1, quality: int = 70) -> None:
        """Write the picture; see `save`."""
        save(self.image(), path, mode, orientation=orientation, quality=quality)


def save(picture: Image.Image, path: Path, mode: str = "RGB", *, orientation: int = 1, quality: int = 70) -> None:
    """Write a picture in the format of the path's suffix (folders are made).

    Args:
        picture: RGB.
        path: `.jpg`, `.png`, `.gif`, `.webp`, `.bmp`; others are written as JPEG.
        mode: Pillow's mode in which it is stored: `L`, `P`, `1`, `RGBA`, `CMYK`, ...
        orientation: An EXIF orientation: the stored pixels are turned so that a reader who heeds it sees them upright.
        quality: Of JPEG and WebP.
    """
    turns = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    path.parent.mkdir(parents=True, exist_ok=True)
    format = {".png": "PNG", ".gif": "GIF", ".webp": "WEBP", ".bmp": "BMP"}.get(path.suffix.lower(), "JPEG")
    options: dict[str, Any] = {"quality": quality} if format in ("JPEG", "WEBP") else {}
    if orientation != 1:
        picture = picture.transpose(turns[orientation])
        exif = Image.Exif()
        exif[0x0112] = orientation
        options["exif"] = exif
    stored = picture.quantize(32) if mode == "P" or (format == "GIF" and mode == "RGB") else picture.convert(mode)
    if format == "PNG" and mode == "RGB":
        stored = picture.quantize(64).convert("RGB")  # few colours: a flat illustration stays small
    stored.save(path, format, **options)


def clip(
    path: Path,
    thing: str,
    colour: str,
    *,
    frames: int = 24,
    fps: int = 8,
    size: tuple[int, int] = (128, 96),
    background: str = "meadow",
) -> None:
    """Write a clip in which a thing crosses the picture from left to right."""
    scenes = []
    for number in range(frames):
        scene = Scene(background, size)
        left = (size[0] - size[1] / 2) * number / max(1, frames - 1)
        scene.add(thing, colour, (left, size[1] * 0.42, left + size[1] / 2, size[1] * 0.92))
        scenes.append(scene)
    write_clip(path, scenes, fps)


def write_clip(path: Path, scenes: Sequence[Scene], fps: int = 8) -> None:
    """Write scenes of one size as the frames of a clip; the codec follows from the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    codec, options = CODECS[path.suffix.removeprefix(".")]
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream: Any = container.add_stream(codec, rate=fps, options={**options, "flags": "+bitexact"})
        stream.width, stream.height, stream.pix_fmt = *scenes[0].size, "yuv420p"
        stream.time_base = Fraction(1, fps)
        for number, scene in enumerate(scenes):
            frame: Any = av.VideoFrame.from_image(scene.image())  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
