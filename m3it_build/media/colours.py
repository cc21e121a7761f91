"""Pixels brought to eight bits and to colours that JPEG, PNG and WebP hold, unclipped and with their transparency."""

import io
import math

import PIL.Image

PLAIN = frozenset(["1", "L", "LA", "P", "RGB", "RGBA"])
"""Modes that a PNG holds and every reader shows alike."""

FULL_16_BIT = 65535.0

_PROFILES = {b"RGB ": {"P", "RGB", "RGBA"}, b"GRAY": {"1", "L", "LA"}}
"""A profile describes the picture only where its colour space is the picture's."""


def plain(picture: PIL.Image.Image) -> PIL.Image.Image:
    """The picture in one of the `PLAIN` modes."""
    if picture.mode in PLAIN:
        return picture
    if picture.mode == "F" or picture.mode.startswith("I"):
        return _grey(picture)
    if picture.mode == "CMYK":
        return _from_cmyk(picture)
    return picture.convert({"La": "LA", "PA": "RGBA", "RGBa": "RGBA"}.get(picture.mode, "RGB"))


def coloured(picture: PIL.Image.Image) -> PIL.Image.Image:
    """The picture as RGB, or as RGBA where parts of it are transparent: a canvas for lines of any colour."""
    picture = plain(picture)
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def profile_of(source: PIL.Image.Image, picture: PIL.Image.Image) -> bytes | None:
    """The ICC profile of `source`, if it still describes what became of it."""
    profile = source.info.get("icc_profile") or b""
    return profile if picture.mode in _PROFILES.get(profile[16:20], ()) else None


def _grey(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Grey of 16 or 32 bits or of floats, scaled; Pillow's own conversion clips it at 255."""
    if picture.mode.startswith("I;16"):
        picture, low, high = picture.convert("I"), 0.0, FULL_16_BIT
    else:
        low, high = _span(picture)
    scale = 255 / (high - low) if high > low else 0.0
    grey = picture.point(lambda value: value * scale + (0.5 - low * scale)).convert("L")
    # The one transparent grey among 65,536 has no counterpart among 256.
    grey.info.pop("transparency", None)
    return grey


def _span(picture: PIL.Image.Image) -> tuple[float, float]:
    """What is black and what is white: the usual range if it holds the values, else the values' own."""
    low, high = (float(value) for value in picture.getextrema() if not isinstance(value, tuple))
    if not math.isfinite(low) or not math.isfinite(high):
        msg = "the pixels are not finite numbers"
        raise ValueError(msg)
    usual = (1.0, 255.0, FULL_16_BIT) if picture.mode == "F" else (FULL_16_BIT,)
    return next(((0.0, full) for full in usual if low >= 0 and high <= full), (low, high))


def _from_cmyk(picture: PIL.Image.Image) -> PIL.Image.Image:
    """By the profile in the file, as a browser does; by inverting the inks where there is none or a broken one."""
    profile = picture.info.get("icc_profile") or b""
    if profile[16:20] == b"CMYK":
        from PIL import ImageCms

        try:
            shown = ImageCms.profileToProfile(
                picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except ImageCms.PyCMSError:
            shown = None
        if shown is not None:
            return shown
    return picture.convert("RGB")
