"""Colours by name, and a pen that draws smooth flat shapes on a square of 100 by 100 units."""

from collections.abc import Sequence

import PIL.Image
import PIL.ImageColor
import PIL.ImageDraw

Point = tuple[float, float]
Colour = tuple[int, int, int]

COLOURS: dict[str, Colour] = {
    "red": (214, 48, 49),
    "orange": (240, 134, 32),
    "yellow": (250, 205, 60),
    "green": (62, 156, 78),
    "blue": (52, 110, 200),
    "purple": (132, 78, 168),
    "pink": (240, 140, 170),
    "brown": (140, 92, 54),
    "black": (38, 38, 42),
    "gray": (140, 146, 152),
    "white": (250, 250, 248),
    "cyan": (40, 178, 190),
    "beige": (232, 212, 178),
    "cream": (250, 240, 214),
    "skin": (240, 196, 160),
}
"""Those that questions name, and a few that pictures need."""

UNIT = 8
"""Pixels per unit: things are drawn large, then made small, which smooths their edges."""


def colour(name: str | Colour) -> Colour:
    """A colour by our names, then by those of CSS."""
    if isinstance(name, tuple):
        return name
    if name in COLOURS:
        return COLOURS[name]
    red, green, blue, *_ = PIL.ImageColor.getrgb(name)
    return red, green, blue


def shade(name: str | Colour, by: float) -> Colour:
    """Darker for `by` below 0, lighter above, -1 is black and 1 is white."""
    target = 255 if by > 0 else 0
    red, green, blue = (round(value + (target - value) * abs(by)) for value in colour(name))
    return red, green, blue


class Pen:
    """Draws in units; y points down."""

    def __init__(self, width: float = 100, height: float = 100) -> None:
        """An empty, transparent sheet."""
        self.sheet = PIL.Image.new("RGBA", (round(width * UNIT), round(height * UNIT)))
        self._draw = PIL.ImageDraw.Draw(self.sheet)

    def ellipse(self, x0: float, y0: float, x1: float, y1: float, fill: str | Colour) -> None:
        """Fills an ellipse inside a box."""
        self._draw.ellipse((x0 * UNIT, y0 * UNIT, x1 * UNIT, y1 * UNIT), colour(fill))

    def circle(self, x: float, y: float, radius: float, fill: str | Colour) -> None:
        """Fills a circle around a point."""
        self.ellipse(x - radius, y - radius, x + radius, y + radius, fill)

    def ring(self, x: float, y: float, radius: float, fill: str | Colour, width: float) -> None:
        """Draws a circle's line, `radius` to its outer edge."""
        box = ((x - radius) * UNIT, (y - radius) * UNIT, (x + radius) * UNIT, (y + radius) * UNIT)
        self._draw.ellipse(box, outline=colour(fill), width=round(width * UNIT))

    def rect(self, x0: float, y0: float, x1: float, y1: float, fill: str | Colour, radius: float = 0) -> None:
        """Fills a rectangle, its corners rounded."""
        box = (x0 * UNIT, y0 * UNIT, x1 * UNIT, y1 * UNIT)
        self._draw.rounded_rectangle(box, radius * UNIT, colour(fill))

    def poly(self, points: Sequence[Point], fill: str | Colour) -> None:
        """Fills a polygon."""
        self._draw.polygon([(x * UNIT, y * UNIT) for x, y in points], colour(fill))

    def blob(self, points: Sequence[Point], fill: str | Colour) -> None:
        """Fills a smooth closed curve through the points."""
        self.poly(_smooth([points[-1], *points, points[0], points[1]]), fill)

    def line(self, points: Sequence[Point], fill: str | Colour, width: float) -> None:
        """Draws straight strokes with round ends and joints."""
        path = [(x * UNIT, y * UNIT) for x, y in points]
        self._draw.line(path, colour(fill), round(width * UNIT), joint="curve")
        for x, y in (points[0], points[-1]):
            self.circle(x, y, width / 2, fill)

    def curve(self, points: Sequence[Point], fill: str | Colour, width: float) -> None:
        """Draws a smooth stroke through the points."""
        path = _smooth([points[0], *points, points[-1]])
        for x, y in path:
            self.circle(x, y, width / 2, fill)
        self.line(path, fill, width)

    def arc(self, box: tuple[float, float, float, float], start: float, end: float, fill: str | Colour, width: float) -> None:
        """Draws a part of an ellipse's line; angles in degrees, clockwise from the right."""
        self._draw.arc([value * UNIT for value in box], start, end, colour(fill), round(width * UNIT))

    def pie(self, box: tuple[float, float, float, float], start: float, end: float, fill: str | Colour) -> None:
        """Fills a slice of an ellipse."""
        self._draw.pieslice([value * UNIT for value in box], start, end, colour(fill))


def _smooth(points: Sequence[Point], steps: int = 12) -> list[Point]:
    """A Catmull-Rom curve through all points but the first and the last, which only give directions."""
    path: list[Point] = []
    for (ax, ay), (bx, by), (cx, cy), (dx, dy) in zip(points, points[1:], points[2:], points[3:], strict=False):
        for step in range(steps):
            t = step / steps
            weights = (
                (-t + 2 * t * t - t**3) / 2,
                (2 - 5 * t * t + 3 * t**3) / 2,
                (t + 4 * t * t - 3 * t**3) / 2,
                (t**3 - t * t) / 2,
            )
            path.append(
                (
                    weights[0] * ax + weights[1] * bx + weights[2] * cx + weights[3] * dx,
                    weights[0] * ay + weights[1] * by + weights[2] * cy + weights[3] * dy,
                )
            )
    return [*path, points[-2]]
