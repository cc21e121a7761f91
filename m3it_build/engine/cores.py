"""How much of this machine jobs may use."""

import os

from m3it_build.core.progress import Progress

FOR_EACH_CORE = 4
"""Workers at most: they also wait, for disks and networks; more only take memory."""


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers(asked: int | None, progress: Progress) -> int:
    """How many may work at once: one for each core, or what is asked for, within reason."""
    most = FOR_EACH_CORE * cores()
    if asked is not None and asked > most:
        progress.note(f"workers: {most} instead of {asked:,}, {FOR_EACH_CORE} for each core of this machine")
    return min(asked or cores(), most)
