"""Boxes drawn on a picture (paper, 3.2: regions are shown, not described)."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import PIL.Image
import PIL.ImageColor
import PIL.ImageDraw

from m3it_build.core.sample import Fault, Reason, Region

SMALLEST_VIEW = 224
"""The size to which the smallest vision encoders scale a picture: a line of one pixel must be left there."""


class Outline(NamedTuple):
    """A rectangle on the grid of pixels, and the colour of its line."""

    corners: tuple[int, int, int, int]
    """Left, top, right, bottom; the last column and row included."""
    colour: tuple[int, ...]


def outlines(regions: Sequence[Region], width: int, height: int) -> list[Outline] | Fault:
    """Where the lines of `regions` go on a picture of this size; the first region that cannot be shown is the fault."""
    placed = []
    for region in regions:
        outline = _outline(region, width, height)
        if isinstance(outline, Fault):
            return outline
        placed.append(outline)
    return placed


def draw(picture: PIL.Image.Image, placed: Sequence[Outline]) -> None:
    """Draw the lines in order on an RGB or RGBA picture."""
    pen = PIL.ImageDraw.Draw(picture)
    for outline in placed:
        pen.rectangle(outline.corners, outline=outline.colour, width=line_width(*picture.size))


def line_width(width: int, height: int) -> int:
    """Thick enough to be seen after scaling down, thin enough to leave a small or narrow picture visible."""
    wanted = max(2, math.ceil(max(width, height) / SMALLEST_VIEW))
    return max(1, min(wanted, min(width, height) // 8))


def _outline(region: Region, width: int, height: int) -> Outline | Fault:
    """The line runs around the box, so that it hides nothing of it; at the border of the picture it moves inwards."""
    try:
        left, top, right, bottom = map(float, region.box)
        colour = PIL.ImageColor.getrgb(region.colour)[:3]
    except (TypeError, ValueError, OverflowError) as error:
        return Fault(Reason.BAD_BOX, f"{region.box} in {region.colour}: {error}")
    if not all(map(math.isfinite, (left, top, right, bottom))):
        return Fault(Reason.BAD_BOX, f"{region.box} is not made of finite numbers")
    if left >= right or top >= bottom:
        return Fault(Reason.BAD_BOX, f"{region.box} has no area")
    if left >= width or top >= height or right <= 0 or bottom <= 0:
        return Fault(Reason.BAD_BOX, f"{region.box} lies outside the picture of {width}x{height}")
    line = line_width(width, height)
    corners = (
        max(0, math.floor(left) - line),
        max(0, math.floor(top) - line),
        min(width, math.ceil(right) + line) - 1,
        min(height, math.ceil(bottom) + line) - 1,
    )
    return Outline(corners, colour)
