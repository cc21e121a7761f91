"""Which edition of a file is read, so that what is told of it is told of that one."""

import time
from collections.abc import Sequence
from pathlib import Path

from m3it_build.sources.archives import state_of
from m3it_build.store.regular_file import is_there

TICK = 20_000_000
COARSE_TICK = 1_000_000_000
"""Nanoseconds in which the times of files go on at least once, where they have parts of a second and where not: of two
changes within a tick the second may not show."""


def edition_of(paths: Sequence[Path]) -> str:
    """What changes with every change of files that comes after this call."""
    state = state_of(paths)
    now = time.time_ns()
    for found in filter(None, map(is_there, paths)):
        tick = TICK if found.st_ctime_ns % COARSE_TICK else COARSE_TICK
        if 0 <= now - found.st_ctime_ns < tick:
            time.sleep(tick / 1e9)  # what is read from now on is this edition, or has another time
            break
    return state
