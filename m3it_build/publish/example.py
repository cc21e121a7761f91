"""One row for the card, with its picture: of what was built, or of the tiny source that comes with m3it."""

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from m3it_build.publish.built import Contents, read_contents
from m3it_build.store.output import OutputFolder
from m3it_build.store.reader import Texts, read_pictures

EXAMPLE = "card/example.jpg"
"""Where the picture lies, beside README.md; the Hub shows pictures that lie in the repository."""
SIDE = 480
"""Pixels of its longer side at most: the card is for looking."""
ROWS = 20
"""So many rows at the start of a config are looked at, for one that is short."""
LONGEST = 2000
"""Characters of a row that a reader still takes in."""


@dataclass(frozen=True, slots=True)
class Example:
    """A row and how its picture looks."""

    texts: Texts
    field: str
    """Of the pictures."""
    jpeg: bytes
    """Its first picture, made smaller."""
    pictures: int
    from_sample: bool = False
    """Not of this build, but of the tiny source that comes with m3it."""

    @property
    def row(self) -> dict[str, Any]:
        """The fields as `datasets` gives them, but for `meta`; pictures are left out."""
        pictures = ["..."] * self.pictures
        texts = self.texts
        return {
            "instruction": texts.instruction,
            "inputs": texts.inputs,
            self.field: pictures,
            "outputs": texts.outputs,
        }


BuildSample = Callable[[str, Path], bool]
"""Builds a task's bundled sample into a folder, a few rows a split; False for a task without one."""


def example_of(out: Path, contents: Contents, build_sample: BuildSample) -> Example | None:
    """A row that may be shown to anybody.

    Args:
        out: The output folder.
        contents: What is in it.
        build_sample: Is called where no source of `out` lets its rows be shown.

    Returns:
        One of `out` where a source lets its rows be published again; else one that is built from the bundled sample of
        the first task that has one; None for tasks without samples.
    """
    if (found := find_example(out, contents)) is not None:
        return found
    for config in contents.tasks:
        with tempfile.TemporaryDirectory() as folder:
            sample = Path(folder)
            if build_sample(config.task, sample) and (found := first_row(sample, read_contents(sample))) is not None:
                return replace(found, from_sample=True)
    return None


def find_example(out: Path, contents: Contents) -> Example | None:
    """The first short row with a picture, of the first task that may be passed on; None where there is none."""
    return first_row(out, Contents(tuple(config for config in contents.tasks if config.summary.redistributable)))


def first_row(out: Path, contents: Contents) -> Example | None:
    """The first short row with a picture; not the very first one, which is marked as such."""
    for config in contents.configs:
        split = config.splits[0]
        for places in (range(1, ROWS), range(1)):
            for texts, pictures in read_pictures(OutputFolder(out).data_file(split.files[0]), places, split.images):
                if pictures and sum(len(str(part)) for part in texts) < LONGEST:
                    return Example(texts, split.picture_field, _shown(pictures[0].data), len(pictures))
    return None


def _shown(data: bytes) -> bytes:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(data)) as picture:
        small = ImageOps.exif_transpose(picture)
        small.thumbnail((SIDE, SIDE))
        stream = io.BytesIO()
        small.convert("RGB").save(stream, "JPEG", quality=80)
    return stream.getvalue()
