"""The row that a card shows: of what was built, or of the tiny source that comes with m3it."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from m3it_build.publish.built import Contents
    from m3it_build.publish.example import Example


def example_of(out: Path, contents: "Contents") -> "Example | None":
    """A row that may be shown to anybody.

    Args:
        out: The output folder.
        contents: What is in it.

    Returns:
        One of `out` where a source lets its rows be published again; else one that is built from the bundled sample of
        the first task that has one; None for tasks without samples.
    """
    from m3it_build.publish.built import read_contents
    from m3it_build.publish.example import find_example, first_row

    if (found := find_example(out, contents)) is not None:
        return found
    for config in contents.tasks:
        with tempfile.TemporaryDirectory() as folder:
            sample = Path(folder)
            if _build_sample(config.task, sample) and (found := first_row(sample, read_contents(sample))) is not None:
                return replace(found, from_sample=True)
    return None


def _build_sample(task: str, out: Path) -> bool:
    """Build it, two rows a split; returns whether there is one."""
    from m3it_build.api import build
    from m3it_build.core.errors import MissingSource, UnknownName
    from m3it_build.plan.settings import BuildSettings

    try:
        build(task, sample=True, out=out, settings=BuildSettings(limit=2, workers=1))
    except (UnknownName, MissingSource):
        return False  # a task of somebody else's
    return True
