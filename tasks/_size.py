"""Sizes of pictures as annotations state them."""

from typing import Any


def stated_size(width: Any, height: Any) -> tuple[int, int] | None:
    """Width and height in pixels; None where the record does not give both as whole numbers above 0."""
    return (width, height) if all(type(side) is int and side > 0 for side in (width, height)) else None
