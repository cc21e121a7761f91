"""Things as flat illustrations: each fills a box of its own, given in coordinates from 0 to 1."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PIL import ImageDraw

Point = tuple[float, float]

SHADES = {"brown": "sienna", "green": "forestgreen", "yellow": "gold", "pink": "hotpink", "purple": "mediumpurple"}
"""What people call these colours; CSS means others (its brown is red)."""


def shade(colour: str) -> str:
    """A colour by the name that people give it, or else by CSS's."""
    return SHADES.get(colour, colour)


class Pen(NamedTuple):
    """Draws in the unit square of one thing."""

    canvas: ImageDraw.ImageDraw
    box: tuple[float, float, float, float]

    def at(self, x: float, y: float) -> Point:
        """A point of the unit square on the canvas."""
        x0, y0, x1, y1 = self.box
        return (x0 + x * (x1 - x0), y0 + y * (y1 - y0))

    def oval(self, x0: float, y0: float, x1: float, y1: float, fill: str) -> None:
        """An ellipse in a rectangle."""
        self.canvas.ellipse([*self.at(x0, y0), *self.at(x1, y1)], fill=shade(fill))

    def block(self, x0: float, y0: float, x1: float, y1: float, fill: str, radius: float = 0.0) -> None:
        """A rectangle, its corners rounded by a share of the box's width."""
        corners = [*self.at(x0, y0), *self.at(x1, y1)]
        self.canvas.rounded_rectangle(corners, radius * (self.box[2] - self.box[0]), fill=shade(fill))

    def shape(self, points: Sequence[Point], fill: str) -> None:
        """A polygon."""
        self.canvas.polygon([self.at(*point) for point in points], fill=shade(fill))

    def line(self, points: Sequence[Point], fill: str, width: float = 0.05) -> None:
        """A line, its width a share of the box's width."""
        thick = max(1, round(width * (self.box[2] - self.box[0])))
        self.canvas.line([self.at(*point) for point in points], fill=shade(fill), width=thick, joint="curve")

    def bow(
        self, x0: float, y0: float, x1: float, y1: float, start: float, end: float, fill: str, width: float
    ) -> None:
        """An arc, angles in degrees."""
        thick = max(1, round(width * (self.box[2] - self.box[0])))
        self.canvas.arc([*self.at(x0, y0), *self.at(x1, y1)], start, end, fill=shade(fill), width=thick)


def _animal(pen: Pen, colour: str, ears: str, tail: Sequence[Point]) -> None:
    pen.line(tail, colour, 0.07)
    for x in (0.24, 0.38, 0.62, 0.74):
        pen.block(x, 0.68, x + 0.09, 1.0, colour, 0.03)
    pen.oval(0.16, 0.4, 0.84, 0.82, colour)
    if ears == "pointed":
        pen.shape([(0.62, 0.3), (0.64, 0.04), (0.78, 0.18)], colour)
        pen.shape([(0.82, 0.18), (0.97, 0.04), (0.98, 0.32)], colour)
    pen.oval(0.6, 0.12, 1.0, 0.52, colour)
    if ears == "hanging":
        pen.oval(0.57, 0.14, 0.7, 0.5, "saddlebrown")
        pen.oval(0.86, 0.32, 1.0, 0.48, colour)
    pen.oval(0.7, 0.25, 0.76, 0.31, "black")
    pen.oval(0.85, 0.25, 0.91, 0.31, "black")
    pen.oval(0.78, 0.36, 0.85, 0.41, "black")


def cat(pen: Pen, colour: str) -> None:
    """A cat with pointed ears and whiskers."""
    _animal(pen, colour, "pointed", [(0.2, 0.55), (0.04, 0.42), (0.06, 0.14)])
    for y in (0.38, 0.43):
        pen.line([(0.6, y + 0.03), (0.76, y), (0.6, y - 0.02)], "dimgray", 0.012)
        pen.line([(1.0, y + 0.03), (0.87, y), (1.0, y - 0.02)], "dimgray", 0.012)


def dog(pen: Pen, colour: str) -> None:
    """A dog with hanging ears."""
    _animal(pen, colour, "hanging", [(0.2, 0.52), (0.05, 0.3)])


def horse(pen: Pen, colour: str) -> None:
    """A horse with a mane."""
    pen.line([(0.14, 0.42), (0.03, 0.7)], "saddlebrown", 0.08)
    for x in (0.18, 0.3, 0.55, 0.66):
        pen.block(x, 0.6, x + 0.08, 1.0, colour)
    pen.oval(0.1, 0.34, 0.78, 0.7, colour)
    pen.shape([(0.56, 0.5), (0.74, 0.08), (0.9, 0.12), (0.78, 0.56)], colour)
    pen.oval(0.72, 0.04, 1.0, 0.26, colour)
    pen.line([(0.72, 0.06), (0.58, 0.4)], "saddlebrown", 0.08)
    pen.oval(0.82, 0.1, 0.86, 0.14, "black")


def bird(pen: Pen, colour: str) -> None:
    """A bird with a beak."""
    pen.shape([(0.3, 0.5), (0.0, 0.36), (0.08, 0.7)], colour)
    pen.oval(0.18, 0.3, 0.82, 0.85, colour)
    pen.oval(0.58, 0.1, 0.9, 0.5, colour)
    pen.shape([(0.86, 0.22), (1.0, 0.32), (0.86, 0.4)], "orange")
    pen.oval(0.72, 0.22, 0.79, 0.3, "black")
    pen.line([(0.44, 0.84), (0.44, 1.0)], "orange", 0.04)
    pen.line([(0.58, 0.84), (0.58, 1.0)], "orange", 0.04)


def fish(pen: Pen, colour: str) -> None:
    """A fish with a tail."""
    pen.shape([(0.24, 0.5), (0.0, 0.18), (0.0, 0.82)], colour)
    pen.oval(0.15, 0.2, 1.0, 0.8, colour)
    pen.oval(0.78, 0.36, 0.88, 0.5, "white")
    pen.oval(0.81, 0.4, 0.86, 0.47, "black")


def person(pen: Pen, colour: str) -> None:
    """A person in a shirt of the colour."""
    pen.block(0.34, 0.62, 0.48, 1.0, "darkslateblue")
    pen.block(0.52, 0.62, 0.66, 1.0, "darkslateblue")
    pen.line([(0.34, 0.36), (0.12, 0.62)], "peachpuff", 0.12)
    pen.line([(0.66, 0.36), (0.88, 0.62)], "peachpuff", 0.12)
    pen.block(0.28, 0.28, 0.72, 0.68, colour, 0.1)
    pen.oval(0.33, 0.0, 0.67, 0.28, "saddlebrown")
    pen.oval(0.36, 0.05, 0.64, 0.29, "peachpuff")
    pen.oval(0.42, 0.14, 0.47, 0.17, "black")
    pen.oval(0.53, 0.14, 0.58, 0.17, "black")


def car(pen: Pen, colour: str) -> None:
    """A car from the side."""
    pen.shape([(0.2, 0.45), (0.34, 0.12), (0.7, 0.12), (0.84, 0.45)], colour)
    pen.shape([(0.28, 0.42), (0.38, 0.2), (0.5, 0.2), (0.5, 0.42)], "lightcyan")
    pen.shape([(0.54, 0.42), (0.54, 0.2), (0.67, 0.2), (0.76, 0.42)], "lightcyan")
    pen.block(0.02, 0.42, 0.98, 0.78, colour, 0.08)
    _wheels(pen, (0.25, 0.75), 0.64, 0.14)


def bus(pen: Pen, colour: str) -> None:
    """A bus with a row of windows."""
    pen.block(0.02, 0.08, 0.98, 0.82, colour, 0.06)
    for place in range(5):
        pen.block(0.07 + 0.18 * place, 0.18, 0.2 + 0.18 * place, 0.44, "lightcyan")
    _wheels(pen, (0.24, 0.76), 0.7, 0.11)


def _wheels(pen: Pen, places: Sequence[float], y: float, radius: float) -> None:
    for x in places:
        pen.oval(x - radius, y, x + radius, 1.0, "black")
        pen.oval(x - radius / 2, y + (1 - y) / 4, x + radius / 2, 1 - (1 - y) / 4, "silver")


def bicycle(pen: Pen, colour: str) -> None:
    """A bicycle."""
    for x in (0.0, 0.58):
        pen.bow(x, 0.4, x + 0.42, 1.0, 0, 360, "black", 0.04)
    pen.line([(0.21, 0.7), (0.4, 0.32), (0.7, 0.32), (0.48, 0.7), (0.21, 0.7)], colour, 0.05)
    pen.line([(0.48, 0.7), (0.38, 0.24)], colour, 0.05)
    pen.line([(0.79, 0.7), (0.68, 0.14), (0.82, 0.12)], colour, 0.05)
    pen.block(0.3, 0.2, 0.46, 0.26, "black")


def boat(pen: Pen, colour: str) -> None:
    """A sailing boat."""
    pen.line([(0.5, 0.02), (0.5, 0.72)], "saddlebrown", 0.03)
    pen.shape([(0.54, 0.06), (0.54, 0.62), (0.94, 0.62)], "white")
    pen.shape([(0.46, 0.16), (0.46, 0.62), (0.14, 0.62)], "gainsboro")
    pen.shape([(0.02, 0.7), (0.98, 0.7), (0.8, 1.0), (0.2, 1.0)], colour)


def plane(pen: Pen, colour: str) -> None:
    """A plane from the side."""
    pen.shape([(0.06, 0.16), (0.18, 0.16), (0.3, 0.46), (0.1, 0.46)], colour)
    pen.oval(0.04, 0.36, 1.0, 0.68, colour)
    pen.shape([(0.42, 0.54), (0.62, 0.54), (0.4, 0.98), (0.28, 0.98)], "slategray")
    for place in range(4):
        pen.oval(0.4 + 0.12 * place, 0.44, 0.46 + 0.12 * place, 0.54, "lightcyan")


def train(pen: Pen, colour: str) -> None:
    """A locomotive."""
    pen.block(0.55, 0.1, 0.95, 0.8, colour, 0.03)
    pen.block(0.63, 0.2, 0.87, 0.42, "lightcyan")
    pen.block(0.05, 0.38, 0.6, 0.8, colour, 0.05)
    pen.block(0.14, 0.12, 0.26, 0.4, "dimgray")
    _wheels(pen, (0.2, 0.45, 0.75), 0.72, 0.1)


def tree(pen: Pen, colour: str) -> None:
    """A tree with a round crown."""
    pen.block(0.43, 0.55, 0.57, 1.0, "saddlebrown")
    for x, y in ((0.02, 0.22), (0.4, 0.22), (0.2, 0.0), (0.2, 0.28)):
        pen.oval(x, y, x + 0.58, y + 0.42, colour)


def house(pen: Pen, colour: str) -> None:
    """A house with a door and two windows."""
    pen.block(0.1, 0.42, 0.9, 1.0, colour)
    pen.shape([(0.0, 0.44), (0.5, 0.02), (1.0, 0.44)], "firebrick")
    pen.block(0.42, 0.64, 0.6, 1.0, "saddlebrown")
    pen.block(0.18, 0.54, 0.34, 0.72, "lightcyan")
    pen.block(0.68, 0.54, 0.84, 0.72, "lightcyan")


def clock(pen: Pen, colour: str) -> None:
    """A round clock at ten past ten."""
    pen.oval(0.0, 0.0, 1.0, 1.0, colour)
    pen.oval(0.08, 0.08, 0.92, 0.92, "white")
    for hour in range(12):
        angle = math.radians(30 * hour)
        x, y = 0.5 + 0.36 * math.sin(angle), 0.5 - 0.36 * math.cos(angle)
        pen.oval(x - 0.02, y - 0.02, x + 0.02, y + 0.02, "black")
    pen.line([(0.5, 0.5), (0.29, 0.38)], "black", 0.05)
    pen.line([(0.5, 0.5), (0.78, 0.34)], "black", 0.03)


def ball(pen: Pen, colour: str) -> None:
    """A ball with a band."""
    pen.oval(0.0, 0.0, 1.0, 1.0, colour)
    pen.bow(0.25, -0.1, 1.25, 1.1, 130, 230, "white", 0.07)


def apple(pen: Pen, colour: str) -> None:
    """An apple with a leaf."""
    pen.oval(0.04, 0.22, 0.62, 1.0, colour)
    pen.oval(0.38, 0.22, 0.96, 1.0, colour)
    pen.line([(0.5, 0.34), (0.54, 0.04)], "saddlebrown", 0.06)
    pen.oval(0.54, 0.02, 0.84, 0.18, "forestgreen")


def banana(pen: Pen, colour: str) -> None:
    """A banana."""
    outer = [(0.0, 0.3), (0.1, 0.62), (0.28, 0.88), (0.52, 0.98), (0.78, 0.86), (0.93, 0.56), (0.98, 0.2)]
    inner = [(0.88, 0.2), (0.8, 0.42), (0.64, 0.6), (0.44, 0.64), (0.24, 0.5), (0.08, 0.26)]
    pen.shape([*outer, *inner], colour)
    pen.shape([(0.98, 0.22), (0.88, 0.22), (0.9, 0.02), (0.99, 0.02)], "saddlebrown")
    pen.shape([(0.0, 0.3), (0.02, 0.38), (0.11, 0.32), (0.08, 0.26)], "saddlebrown")
    pen.line([(0.1, 0.42), (0.28, 0.68), (0.5, 0.78), (0.72, 0.68), (0.88, 0.42)], "saddlebrown", 0.012)


def cup(pen: Pen, colour: str) -> None:
    """A cup with a handle."""
    pen.bow(0.5, 0.3, 1.0, 0.8, 270, 90, colour, 0.1)
    pen.shape([(0.06, 0.1), (0.78, 0.1), (0.68, 1.0), (0.16, 1.0)], colour)
    pen.oval(0.06, 0.02, 0.78, 0.2, "saddlebrown")


def bottle(pen: Pen, colour: str) -> None:
    """A bottle with a label."""
    pen.block(0.38, 0.0, 0.62, 0.4, colour)
    pen.block(0.2, 0.3, 0.8, 1.0, colour, 0.2)
    pen.block(0.2, 0.52, 0.8, 0.8, "white")


def bowl(pen: Pen, colour: str) -> None:
    """A bowl of soup."""
    pen.canvas.pieslice([*pen.at(0.0, -0.5), *pen.at(1.0, 1.0)], 0, 180, fill=shade(colour))
    pen.oval(0.0, 0.1, 1.0, 0.42, "orange")


def cake(pen: Pen, colour: str) -> None:
    """A cake with three candles."""
    for x in (0.25, 0.5, 0.75):
        pen.block(x - 0.03, 0.14, x + 0.03, 0.42, "hotpink")
        pen.oval(x - 0.04, 0.0, x + 0.04, 0.16, "orange")
    pen.block(0.05, 0.4, 0.95, 1.0, colour, 0.06)
    pen.block(0.05, 0.62, 0.95, 0.72, "white")


def pizza(pen: Pen, colour: str) -> None:
    """A pizza with salami."""
    pen.oval(0.0, 0.0, 1.0, 1.0, "peru")
    pen.oval(0.08, 0.08, 0.92, 0.92, colour)
    for x, y in ((0.3, 0.3), (0.62, 0.26), (0.46, 0.54), (0.24, 0.62), (0.7, 0.62)):
        pen.oval(x - 0.09, y - 0.09, x + 0.09, y + 0.09, "firebrick")


def flower(pen: Pen, colour: str) -> None:
    """A flower on its stem."""
    pen.line([(0.5, 0.4), (0.5, 1.0)], "green", 0.07)
    pen.oval(0.5, 0.66, 0.86, 0.8, "green")
    for petal in range(6):
        angle = math.radians(60 * petal)
        x, y = 0.5 + 0.24 * math.sin(angle), 0.3 - 0.2 * math.cos(angle)
        pen.oval(x - 0.18, y - 0.13, x + 0.18, y + 0.13, colour)
    pen.oval(0.36, 0.2, 0.64, 0.4, "gold")


def chair(pen: Pen, colour: str) -> None:
    """A chair from the side."""
    pen.block(0.14, 0.0, 0.28, 1.0, colour)
    pen.block(0.14, 0.5, 0.88, 0.62, colour)
    pen.block(0.76, 0.5, 0.88, 1.0, colour)


def table(pen: Pen, colour: str) -> None:
    """A table."""
    pen.block(0.0, 0.2, 1.0, 0.36, colour)
    pen.block(0.08, 0.3, 0.18, 1.0, colour)
    pen.block(0.82, 0.3, 0.92, 1.0, colour)


def sofa(pen: Pen, colour: str) -> None:
    """A sofa."""
    pen.block(0.08, 0.1, 0.92, 0.7, colour, 0.08)
    pen.block(0.0, 0.35, 0.16, 0.9, colour, 0.06)
    pen.block(0.84, 0.35, 1.0, 0.9, colour, 0.06)
    pen.line([(0.16, 0.6), (0.84, 0.6)], "dimgray", 0.015)
    pen.block(0.12, 0.62, 0.88, 0.88, colour, 0.04)
    pen.line([(0.5, 0.16), (0.5, 0.86)], "dimgray", 0.015)
    for x in (0.06, 0.88):
        pen.block(x, 0.88, x + 0.06, 1.0, "saddlebrown")


def lamp(pen: Pen, colour: str) -> None:
    """A standing lamp."""
    pen.shape([(0.28, 0.0), (0.72, 0.0), (0.98, 0.36), (0.02, 0.36)], colour)
    pen.block(0.46, 0.36, 0.54, 0.94, "dimgray")
    pen.oval(0.2, 0.88, 0.8, 1.0, "dimgray")


def umbrella(pen: Pen, colour: str) -> None:
    """An open umbrella."""
    pen.line([(0.5, 0.1), (0.5, 0.88)], "saddlebrown", 0.05)
    pen.bow(0.5, 0.8, 0.7, 1.0, 0, 180, "saddlebrown", 0.05)
    pen.canvas.pieslice([*pen.at(0.0, 0.0), *pen.at(1.0, 1.0)], 180, 360, fill=shade(colour))


def book(pen: Pen, colour: str) -> None:
    """A closed book."""
    pen.block(0.1, 0.02, 0.9, 0.98, "white")
    pen.block(0.04, 0.0, 0.86, 0.94, colour, 0.03)
    pen.block(0.14, 0.02, 0.18, 0.92, "white")


def kite(pen: Pen, colour: str) -> None:
    """A kite with a tail."""
    pen.line([(0.5, 0.66), (0.34, 0.8), (0.56, 0.9), (0.4, 1.0)], "dimgray", 0.03)
    pen.shape([(0.5, 0.0), (0.86, 0.28), (0.5, 0.7), (0.14, 0.28)], colour)
    pen.line([(0.5, 0.0), (0.5, 0.7)], "white", 0.03)
    pen.line([(0.14, 0.28), (0.86, 0.28)], "white", 0.03)


def sun(pen: Pen, colour: str) -> None:
    """The sun with rays."""
    for ray in range(12):
        angle = math.radians(30 * ray)
        pen.line([(0.5, 0.5), (0.5 + 0.5 * math.sin(angle), 0.5 - 0.5 * math.cos(angle))], colour, 0.05)
    pen.oval(0.18, 0.18, 0.82, 0.82, colour)


def traffic_light(pen: Pen, colour: str) -> None:
    """A traffic light that shows red, yellow or green."""
    pen.block(0.44, 0.6, 0.56, 1.0, "dimgray")
    pen.block(0.26, 0.0, 0.74, 0.68, "black", 0.1)
    for place, light in enumerate(("red", "yellow", "green")):
        y = 0.04 + 0.21 * place
        pen.oval(0.36, y, 0.64, y + 0.19, light if light == colour else "dimgray")


def circle(pen: Pen, colour: str) -> None:
    """A disc."""
    pen.oval(0.0, 0.0, 1.0, 1.0, colour)


def square(pen: Pen, colour: str) -> None:
    """A square."""
    pen.block(0.0, 0.0, 1.0, 1.0, colour)


def triangle(pen: Pen, colour: str) -> None:
    """A triangle."""
    pen.shape([(0.5, 0.0), (1.0, 1.0), (0.0, 1.0)], colour)


THINGS: dict[str, Callable[[Pen, str], None]] = {
    thing.__name__.replace("_", " "): thing
    for thing in (
        apple, ball, banana, bicycle, bird, boat, book, bottle, bowl, bus, cake, car, cat, chair, circle, clock, cup,
        dog, fish, flower, horse, house, kite, lamp, person, pizza, plane, sofa, square, sun, table, traffic_light,
        train, tree, triangle, umbrella,
    )
}  # fmt: skip
"""Everything that can be drawn, by name."""
