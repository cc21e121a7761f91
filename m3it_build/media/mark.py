"""What a packet of compressed video tells of its frame."""

from collections.abc import Callable
from typing import NamedTuple


class Mark(NamedTuple):
    """What one packet does."""

    shown: bool
    """It gives a frame; otherwise a picture that others refer to, without one of its own."""
    restart: bool
    """Decoding can begin here: nothing before it matters to it or to what follows."""


Inspect = Callable[[memoryview], Mark | None]
