"""Several pictures side by side in one, for a person."""

import io
from collections.abc import Sequence

import PIL.Image
import PIL.ImageDraw
import PIL.ImageOps

COLUMNS = 4
SIDE = 256
"""Pixels that the longer side of a picture is scaled to."""
CAPTION = 16
"""Pixels of the line below it."""
GROUND = (32, 32, 32)


def contact_sheet(pictures: Sequence[tuple[str, bytes]]) -> bytes:
    """Pictures in rows of four, each with its caption, as PNG; one that cannot be read is an empty place that says so.

    Args:
        pictures: Caption (of which ASCII is written) and bytes of each, at least one.
    """
    columns = min(COLUMNS, len(pictures))
    lines = -(-len(pictures) // columns)
    sheet = PIL.Image.new("RGB", (columns * SIDE, lines * (SIDE + CAPTION)), GROUND)
    pen = PIL.ImageDraw.Draw(sheet)
    for place, (caption, data) in enumerate(pictures):
        left, top = place % columns * SIDE, place // columns * (SIDE + CAPTION)
        picture = _fitted(data)
        said = caption if picture is not None else f"{caption} (cannot be read)"
        if picture is not None:
            sheet.paste(picture, (left + (SIDE - picture.width) // 2, top + (SIDE - picture.height) // 2))
        pen.text((left + 4, top + SIDE + 2), said.encode("ascii", "replace").decode(), fill=(255, 255, 255))
    stream = io.BytesIO()
    sheet.save(stream, "PNG")
    return stream.getvalue()


def _fitted(data: bytes) -> PIL.Image.Image | None:
    """A picture upright and as large as its place; None where it cannot be read."""
    try:
        with PIL.Image.open(io.BytesIO(data)) as picture:
            upright = PIL.ImageOps.exif_transpose(picture).convert("RGB")
        return PIL.ImageOps.contain(upright, (SIDE, SIDE))
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError):
        return None
