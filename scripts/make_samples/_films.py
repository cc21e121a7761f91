"""Drawn clips that the samples on videos share: what crosses the picture, in which colour, and where."""

from pathlib import Path
from typing import NamedTuple

from scripts.make_samples.draw import clip


class Film(NamedTuple):
    """One clip."""

    thing: str
    colour: str
    place: str
    frames: int = 16


FILMS = (
    Film("car", "red", "street"),
    Film("dog", "brown", "meadow"),
    Film("boat", "blue", "sea"),
    Film("bus", "yellow", "street"),
    Film("cat", "black", "room"),
    Film("horse", "brown", "meadow"),
    Film("person", "green", "beach"),
    Film("plane", "white", "sea", 5),
    Film("train", "orange", "meadow"),
    Film("bicycle", "blue", "street"),
    Film("ball", "red", "beach"),
    Film("bird", "yellow", "meadow"),
    Film("fish", "orange", "aquamarine"),
    Film("kite", "purple", "beach"),
    Film("umbrella", "red", "street"),
    Film("cat", "orange", "meadow", 3),
    Film("dog", "black", "street"),
    Film("car", "green", "night"),
    Film("person", "blue", "room"),
    Film("bus", "red", "night"),
    Film("boat", "white", "sea"),
    Film("horse", "black", "beach"),
    Film("ball", "yellow", "room", 12),
    Film("train", "blue", "night"),
)
"""Some have fewer frames than the eight that are sampled."""

PLACES = {"aquamarine": "water"}
"""How a background is called where its name is no place."""


def place_of(film: Film) -> str:
    """Where a film plays."""
    return PLACES.get(film.place, film.place)


def write_film(film: Film, path: Path) -> None:
    """Write a film as a small file."""
    clip(path, film.thing, film.colour, frames=film.frames, size=(96, 72), background=film.place)
