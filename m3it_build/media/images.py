"""Pictures as they are stored: checked, drawn on, and turned into a format that Pillow and browsers show alike.

| source | stored |
|---|---|
| JPEG (also MPO) of 8 bits, grey or colour; PNG; WebP; GIF | the source's bytes, EXIF orientation included |
| CMYK, arithmetic-coded and other JPEG that browsers do not know | JPEG, RGB |
| PNG of 16 bits of grey | PNG of 8 bits |
| several frames (GIF, WebP, PNG) | the first one (of an animated PNG the still picture that Pillow shows), as PNG |
| any other format of `READ` | PNG |
| with boxes | upright, RGB in its own format (GIF: PNG) |

A JPEG written here has the source's quantisation tables and full colour resolution (4:4:4): a red line of 3 pixels
stays 253,1,1 and the rest of the picture as it was (49 dB), for a fifth more bytes; with 4:2:0 the line would become
213,18,16. WebP is written lossless, as its lossy form knows only 4:2:0. An ICC profile stays, other metadata does
not.
"""

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import PIL.Image
from PIL import (  # noqa: F401 - the readers of READ; one that Pillow cannot load later is passed over in silence
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Jpeg2KImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.ExifTags import Base
from PIL.JpegImagePlugin import JpegImageFile

from m3it_build.core.limits import PICTURE_BYTES
from m3it_build.core.machine import SPARE, memory_is_short
from m3it_build.core.sample import Fault, Reason, Region
from m3it_build.media import colours, jpeg
from m3it_build.media.draw import Outline, draw, outlines

READ = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "JPEG2000", "AVIF", "PPM")
"""Formats recognised by their first bytes and read without starting a program (EPS) or reading other files."""

FRAME_QUALITY = 90
PIXEL_BYTES = 12
"""Of three pictures at a time of four bytes a pixel: as decoded, converted, and drawn on."""

_TURNS = {
    2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    3: PIL.Image.Transpose.ROTATE_180,
    4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    5: PIL.Image.Transpose.TRANSPOSE,
    6: PIL.Image.Transpose.ROTATE_270,
    7: PIL.Image.Transpose.TRANSVERSE,
    8: PIL.Image.Transpose.ROTATE_90,
}
"""What makes a picture of each EXIF orientation upright."""

_PNG_END = b"IEND\xae\x42\x60\x82"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture ready to be stored."""

    data: bytes
    width: int
    height: int
    format: str
    """`JPEG`, `PNG`, `WEBP` or `GIF`: what the bytes are, whatever the source's file is called."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a source picture may be: less shows nothing, more is a mistake or an attack."""

    side: int = 2
    """Pixels at least: a picture of one pixel is what some servers send for one that is gone."""
    pixels: int = 178_956_970
    """Where Pillow, too, refuses to go on: 0.7 GB once decoded."""
    bytes: int = PICTURE_BYTES


def encode(
    data: bytes, regions: Sequence[Region] = (), limits: Limits = Limits(), size: tuple[int, int] | None = None
) -> Image | Fault:
    """Check a picture and return it as it will be stored, the boxes of `regions` drawn on it in order.

    Boxes are in pixels of the stored grid, as COCO's annotations are; an EXIF orientation is applied after drawing. (Of
    TIFF alone Pillow gives only the upright grid.) `size`, where the annotation states one, is that of the same grid:
    a picture that has it only when turned upright is refused, as its boxes are in a grid that is not drawn on. With no
    box to draw, either is right.

    Raises:
        MemoryError: the machine has too little memory for this picture.
    """
    if len(data) > limits.bytes:
        return Fault(Reason.IMAGE_TOO_LARGE, f"more than {limits.bytes:,} bytes")
    if not regions and (photo := _photo(data, limits)):
        return _of_size((photo.width, photo.height), size, drawn=False) or photo
    try:
        # Pillow warns of large and of odd files; what matters of it becomes a fault.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _encode(data, regions, limits, size)
    except PIL.UnidentifiedImageError:
        return Fault(Reason.BAD_IMAGE, f"no picture: {f'begins with {data[:12]!r}' if data else 'an empty file'}")
    except ImportError:
        raise
    except Exception as error:  # Pillow's readers raise whatever a broken file leads them to
        if memory_is_short(_needed(data, limits)):
            raise MemoryError from error
        if isinstance(error, PIL.Image.DecompressionBombError | MemoryError):
            return Fault(Reason.IMAGE_TOO_LARGE, str(error) or "does not fit into memory")
        return Fault(Reason.BAD_IMAGE, f"cannot be read: {str(error) or type(error).__name__}")


def _needed(data: bytes, limits: Limits) -> int:
    """Bytes of memory that a picture within the limits may take, with the copies that converting it makes."""
    try:
        with warnings.catch_warnings(action="ignore"), PIL.Image.open(io.BytesIO(data), formats=READ) as picture:
            width, height = picture.size
    except Exception:  # noqa: BLE001 - see `encode`
        return SPARE
    return max(SPARE, PIXEL_BYTES * min(width * height, limits.pixels))


def encode_frame(picture: PIL.Image.Image) -> Image:
    """A frame of a video as JPEG. Half the colour resolution, which is all that a video has."""
    return _write(picture.convert("RGB"), "JPEG", None, {"quality": FRAME_QUALITY, "subsampling": 2})


def _photo(data: bytes, limits: Limits) -> Image | None:
    """An everyday JPEG, as nearly all pictures are, without opening it: that alone would double its cost."""
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    seen = jpeg.examine(data)
    if not (seen.sound and seen.common and seen.simple) or min(seen.width, seen.height) < limits.side:
        return None
    return Image(data, seen.width, seen.height, "JPEG") if seen.width * seen.height <= limits.pixels else None


def _of_size(found: tuple[int, int], stated: tuple[int, int] | None, *, drawn: bool) -> Fault | None:
    if stated in (None, found) or (stated == found[::-1] and not drawn):
        return None
    return Fault(Reason.OTHER_SIZE, "picture is {}x{}, annotated at {}x{}".format(*found, *stated))


def _encode(data: bytes, regions: Sequence[Region], limits: Limits, size: tuple[int, int] | None) -> Image | Fault:
    with PIL.Image.open(io.BytesIO(data), formats=READ) as picture:
        width, height = picture.size
        if min(width, height) < limits.side:
            return Fault(Reason.BAD_IMAGE, f"{width}x{height}: nothing to see in it")
        if width * height > limits.pixels:
            return Fault(Reason.IMAGE_TOO_LARGE, f"{width}x{height}, more than {limits.pixels:,} pixels")
        if other := _of_size((width, height), size, drawn=bool(regions)):
            return other
        placed = outlines(regions, width, height)
        if isinstance(placed, Fault):
            return placed
        kept = _check(picture, data)
        if isinstance(kept, Fault):
            return kept
        if kept and not placed:  # an EXIF orientation stays with its bytes: original bytes stay (README)
            return Image(data, width, height, _own_format(picture))
        return _rewrite(picture, placed)


def _check(picture: PIL.Image.Image, data: bytes) -> bool | Fault:
    """Find damage, and tell whether bytes of this kind can be stored as they are."""
    if isinstance(picture, JpegImageFile):
        facts = jpeg.examine(data)
        if not facts.ended:
            return Fault(Reason.BAD_IMAGE, "the file is cut off: no end marker")
        if not facts.sound:
            picture.load()
        return facts.common and picture.mode in {"L", "RGB"}
    picture.load()
    if picture.format == "PNG" and _PNG_END not in data:
        return Fault(Reason.BAD_IMAGE, "the file is cut off: no end chunk")
    return picture.format in {"PNG", "WEBP", "GIF"} and picture.mode in colours.PLAIN and not _moves(picture)


def _rewrite(source: PIL.Image.Image, placed: Sequence[Outline]) -> Image:
    """Draw, turn upright, and encode once."""
    source.load()
    picture = colours.coloured(source) if placed else colours.plain(source)
    if placed:
        draw(picture, placed)
    turn = _turn(source)
    if turn is not None:
        picture = picture.transpose(turn)
    profile = colours.profile_of(source, picture)
    format = _own_format(source)
    if isinstance(source, JpegImageFile) and source.quantization:
        tables = [source.quantization[layer[3]] for layer in source.layer[: len(picture.getbands())]]
        return _write(picture, format, profile, {"qtables": tables, "subsampling": 0})
    if format == "WEBP" and not _moves(source):
        return _write(picture, format, profile, {"lossless": True})
    return _write(picture, "PNG", profile, {})


def _write(picture: PIL.Image.Image, format: str, profile: bytes | None, options: dict[str, Any]) -> Image:
    # Pillow carries comments and more over from `info`; only the transparent colour belongs to the pixels.
    picture.info = {key: picture.info[key] for key in ("transparency",) if key in picture.info}
    stream = io.BytesIO()
    picture.save(stream, format, icc_profile=profile, **options)
    return Image(stream.getvalue(), picture.width, picture.height, format)


def _turn(picture: PIL.Image.Image) -> PIL.Image.Transpose | None:
    """What makes it upright; unreadable EXIF is ignored, as everywhere."""
    try:
        return _TURNS.get(picture.getexif().get(Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - see `encode`
        return None


def _own_format(picture: PIL.Image.Image) -> str:
    """MPO is a JPEG followed by further ones."""
    return "JPEG" if isinstance(picture, JpegImageFile) else str(picture.format)


def _moves(picture: PIL.Image.Image) -> bool:
    return bool(getattr(picture, "is_animated", False))
