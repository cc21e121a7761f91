"""Which edition of a file is read, so that what is told of it is told of that one."""

import time
from collections.abc import Sequence
from pathlib import Path

from m3it_build.sources.archives import state_of

TICK = 20_000_000
"""Nanoseconds in which the times of files go on at least once: of two changes within a tick the second may not show."""


def edition_of(paths: Sequence[Path]) -> str:
    """What changes with every change of files that comes after this call."""
    state = state_of(paths)
    if any(0 <= time.time_ns() - changed < TICK for changed in map(_changed, paths)):
        time.sleep(TICK / 1e9)  # what is read from now on is this edition, or has another time
    return state


def _changed(path: Path) -> int:
    try:
        return path.stat().st_ctime_ns
    except OSError:
        return 0
