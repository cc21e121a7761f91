"""Pictures keep their bytes, or become what a browser would show; damage and bombs become faults."""

import base64
import io
import math
import random
import resource
import struct
import time
import warnings
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import PIL.Image
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import ImageCms, ImageFile, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from m3it_build.core.sample import Fault, Reason, Region
from m3it_build.media.draw import line_width
from m3it_build.media.images import Image, Limits, encode, encode_frame
from m3it_build.media.jpeg import examine

Box = tuple[float, float, float, float]
Pixels = np.ndarray[Any, np.dtype[np.float64]]

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
ORIENTATION = 0x0112

ARITHMETIC_JPEG = base64.b85decode(
    "|JeWF01!$>Nk#wx0RR9200961|JwjV00smF1_cBL1_cHO2L=cV5DE$j2?`Vr4-60&6c`v66c!d59VH(c8zUSR79cDjBPJ&)Dk&KsEif%8FeNA"
    "{DF534LjeZ|2MP!Z6AB6wC>j<TC@3f>C@3f>C@3f>C@3f>C@3f>C@3f>C@3f>C@3f>C@3f>C@3f>C@3f>C@3f>C@BBQ01*fP5C9kh0U`hb5di}"
    "c0sqVZ3IGrg1pyEd1^?Or3<CiG0ucid06zf#0M6@8kvLDMkHeW!%r#V%$#|;LGzzY+*laza$S$6%$PVn4eaQC5SGs_xn&sT^%xcLT|Je"
)
"""Written by jpegtran -arithmetic; Pillow cannot write one. 24x16, red = 10 x, green = 15 y, blue = 120."""


def photo(width: int = 64, height: int = 48, mode: str = "RGB") -> PIL.Image.Image:
    """Smooth shapes with some noise, as from a camera."""
    noise = np.random.default_rng(7).normal(0, 4, (height, width))
    y, x = np.mgrid[0:height, 0:width]
    bands = [127 + 90 * np.sin(x / 17) + noise, 127 + 90 * np.cos(y / 13), 255 * x * y / (width * height)]
    return PIL.Image.fromarray(np.stack(bands, -1).clip(0, 255).astype(np.uint8)).convert(mode)


def saved(picture: PIL.Image.Image, format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format, **options)
    return stream.getvalue()


def opened(data: bytes) -> PIL.Image.Image:
    picture = PIL.Image.open(io.BytesIO(data))
    picture.load()
    return picture


def stored(data: bytes, *regions: Region) -> Image:
    """What `encode` makes of a good picture; its facts must be those of its bytes."""
    image = encode(data, regions)
    assert isinstance(image, Image), image
    picture = opened(image.data)
    assert (image.width, image.height) == picture.size
    assert image.format == str(picture.format).replace("MPO", "JPEG")
    return image


def fault(data: bytes, *regions: Region, limits: Limits | None = None) -> Fault:
    result = encode(data, regions, limits or Limits())
    assert isinstance(result, Fault), result
    assert result.detail and " at 0x" not in result.detail, "a detail is for people and the same in every run"
    return result


def pixels(picture: PIL.Image.Image) -> Pixels:
    return np.asarray(picture.convert("RGB")).astype(np.float64)


def difference(one: PIL.Image.Image, other: PIL.Image.Image) -> float:
    return float(np.abs(pixels(one) - pixels(other)).mean())


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    """A PNG of a kind that Pillow does not write."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def deep_png() -> bytes:
    row = b"\0" + bytes(range(48))
    return png(8, 4, 16, 2, row * 4)


def translucent(mode: str) -> PIL.Image.Image:
    picture = photo(mode="RGBA")
    picture.putalpha(PIL.Image.linear_gradient("L").resize(picture.size))
    return picture.convert(mode)


def keyed_palette() -> bytes:
    return saved(photo().quantize(16), "PNG", transparency=3)


def frames(format: str, **options: Any) -> bytes:
    return saved(photo(), format, save_all=True, append_images=[photo().rotate(90), photo().rotate(180)], **options)


def turned(format: str, orientation: int, **options: Any) -> bytes:
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = orientation
    return saved(photo(), format, exif=exif, **options)


KEPT: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: saved(photo(), "JPEG"),
    "jpeg 4:4:4": lambda: saved(photo(), "JPEG", subsampling=0, quality=95),
    "jpeg progressive": lambda: saved(photo(), "JPEG", progressive=True),
    "jpeg own huffman tables": lambda: saved(photo(), "JPEG", optimize=True),
    "jpeg restart markers": lambda: saved(photo(), "JPEG", restart_marker_blocks=2),
    "jpeg grey": lambda: saved(photo(mode="L"), "JPEG"),
    "jpeg rgb": lambda: saved(photo(), "JPEG", keep_rgb=True),
    "jpeg with an orientation": lambda: turned("JPEG", 6),
    "jpeg with broken exif": lambda: saved(photo(), "JPEG", exif=b"Exif\0\0nonsense that is no directory"),
    "jpeg with a profile": lambda: saved(photo(), "JPEG", icc_profile=SRGB),
    "jpeg with a tail": lambda: saved(photo(), "JPEG") + bytes(100),
    "mpo": lambda: frames("MPO"),
    "png": lambda: saved(photo(), "PNG"),
    "png 1 bit": lambda: saved(photo(mode="1"), "PNG"),
    "png grey": lambda: saved(photo(mode="L"), "PNG"),
    "png grey and alpha": lambda: saved(translucent("LA"), "PNG"),
    "png palette": lambda: saved(photo().quantize(16), "PNG"),
    "png palette with a transparent colour": keyed_palette,
    "png alpha": lambda: saved(translucent("RGBA"), "PNG"),
    "png with an orientation": lambda: turned("PNG", 6),
    "png 16-bit colour": deep_png,
    "webp": lambda: saved(photo(), "WEBP"),
    "webp lossless": lambda: saved(translucent("RGBA"), "WEBP", lossless=True),
    "gif": lambda: saved(photo(), "GIF"),
}

REWRITTEN: dict[str, Callable[[], bytes]] = {
    "bmp": lambda: saved(photo(), "BMP"),
    "tiff": lambda: saved(photo(), "TIFF"),
    "tiff compressed": lambda: saved(photo(), "TIFF", compression="tiff_lzw"),
    "ppm": lambda: saved(photo(), "PPM"),
    "jpeg 2000": lambda: saved(photo(), "JPEG2000"),
    "animated gif": lambda: frames("GIF"),
    "animated webp": lambda: frames("WEBP", lossless=True),
    "animated png": lambda: frames("PNG"),
    "animated png with a still picture": lambda: frames("PNG", default_image=True),
}

SOURCES = {name: make() for name, make in (KEPT | REWRITTEN).items()} | {
    "avif": saved(photo(), "AVIF"),
    "cmyk": saved(photo(mode="CMYK"), "JPEG"),
    "grey 16": saved(PIL.Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 999), "PNG"),
}


@pytest.mark.parametrize("name", KEPT)
def test_bytes_stay_of_what_every_reader_shows_alike(name: str) -> None:
    data = SOURCES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert stored(data).data == data


def test_bytes_stay_and_the_size_is_that_of_the_stored_pixels() -> None:
    image = stored(turned("JPEG", 6))
    assert (image.width, image.height) == (64, 48)


def test_bytes_stay_and_the_format_is_what_they_are() -> None:
    assert {stored(SOURCES[name]).format for name in KEPT} == {"JPEG", "PNG", "WEBP", "GIF"}
    assert stored(SOURCES["mpo"]).format == "JPEG"


def test_bytes_stay_and_pillow_stays_as_it_was() -> None:
    before = PIL.Image.MAX_IMAGE_PIXELS, list(warnings.filters)
    for data in SOURCES.values():
        encode(data)
        encode(data[:-30])
    assert (PIL.Image.MAX_IMAGE_PIXELS, list(warnings.filters)) == before
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


@pytest.mark.parametrize("name", REWRITTEN)
def test_rewriting_makes_a_png_of_the_same_first_picture(name: str) -> None:
    image = stored(SOURCES[name])
    assert image.format == "PNG"
    assert not getattr(opened(image.data), "is_animated", False)
    assert difference(opened(image.data), opened(SOURCES[name])) == 0


def test_rewriting_is_deterministic_and_carries_pixels_only() -> None:
    data = saved(photo(), "TIFF", description="a comment", dpi=(300, 300))
    image = stored(data)
    assert image == stored(data)
    kinds, position = [], 8
    while position < len(image.data):
        size, kind = struct.unpack_from(">I4s", image.data, position)
        kinds.append(kind)
        position += 12 + size
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}
    commented = saved(photo(), "JPEG", comment=b"a comment")
    assert "comment" not in opened(stored(commented, Region((9, 9, 20, 20))).data).info


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_rewriting_turns_a_picture_upright_once(format: str, orientation: int) -> None:
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = orientation
    data = saved(PIL.Image.merge("CMYK", [photo(mode="L")] * 4), format, exif=exif)
    image = stored(data)
    result = opened(image.data)
    assert image.width == (48 if orientation >= 5 else 64)
    assert result.getexif().get(ORIENTATION) is None
    assert difference(result, ImageOps.exif_transpose(opened(data))) <= (1 if format == "JPEG" else 0)


def test_rewriting_keeps_a_profile_that_still_describes_the_picture() -> None:
    for format in ("JPEG", "PNG", "WEBP"):
        data = saved(photo(), format, icc_profile=SRGB)
        assert opened(stored(data, Region((9, 9, 20, 20))).data).info["icc_profile"] == SRGB
    assert opened(stored(saved(photo(), "TIFF", icc_profile=SRGB)).data).info["icc_profile"] == SRGB
    grey = SRGB[:16] + b"GRAY" + SRGB[20:]
    drawn = stored(saved(photo(mode="L"), "PNG", icc_profile=grey), Region((9, 9, 20, 20)))
    assert "icc_profile" not in opened(drawn.data).info


def test_rewriting_shows_arithmetic_coding_to_readers_that_lack_it() -> None:
    image = stored(ARITHMETIC_JPEG)
    assert image.format == "JPEG" and examine(image.data).sound
    assert difference(opened(image.data), opened(ARITHMETIC_JPEG)) < 1.5


@pytest.mark.parametrize("ink", [(0, 255, 255, 0), (255, 0, 255, 0), (0, 0, 0, 255), (0, 0, 0, 0), (128, 0, 0, 64)])
def test_cmyk_inks_become_the_colours_they_print(ink: tuple[int, int, int, int]) -> None:
    data = saved(PIL.Image.new("CMYK", (16, 16), ink), "JPEG", quality=95)
    image = stored(data)
    cyan, magenta, yellow, black = ink
    wanted = [(255 - part) * (255 - black) / 255 for part in (cyan, magenta, yellow)]
    assert image.format == "JPEG" and opened(image.data).mode == "RGB"
    assert pixels(opened(image.data))[8, 8] == pytest.approx(wanted, abs=4)


def test_cmyk_ycck_is_read_as_pillow_reads_it() -> None:
    data = bytearray(saved(photo(mode="CMYK"), "JPEG", quality=95))
    data[data.index(b"Adobe") + 11] = 2
    assert difference(opened(stored(bytes(data)).data), opened(bytes(data))) < 2


def test_cmyk_a_profile_decides_as_in_a_browser_and_is_not_carried_into_rgb() -> None:
    red = PIL.Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    result = opened(stored(saved(red, "JPEG", quality=95, icc_profile=cmyk_profile())).data)
    assert "icc_profile" not in result.info
    low, high = min(pixels(result)[8, 8]), max(pixels(result)[8, 8])
    assert 100 < low <= high < 140 and high - low < 6, "this profile prints all inks as a middle grey"


def test_cmyk_a_broken_profile_is_ignored() -> None:
    red = PIL.Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    result = opened(stored(saved(red, "JPEG", quality=95, icc_profile=cmyk_profile()[:200])).data)
    assert "icc_profile" not in result.info
    assert pixels(result)[8, 8] == pytest.approx([255, 0, 0], abs=4)


def cmyk_profile() -> bytes:
    """The smallest CMYK profile: two values an ink; without black every mixture of inks prints with lightness 50."""
    ramp = bytes(range(256))
    printed = b"".join(bytes([0 if index & 1 else 128 if index else 255, 128, 128]) for index in range(16))
    table = struct.pack(">4s4xBBBx9i", b"mft1", 4, 3, 2, 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table += ramp * 4 + printed + ramp * 3
    white = struct.pack(">4s4x3i", b"XYZ ", 63190, 65536, 54061)
    header = struct.pack(">I4sI4s4s4s12x4s", 0, b"test", 0x02200000, b"prtr", b"CMYK", b"Lab ", b"acsp")
    header = header.ljust(68, b"\0") + struct.pack(">3i", 63190, 65536, 54061)
    start = 128 + 4 + 2 * 12
    tags = struct.pack(">I4sII4sII", 2, b"A2B0", start, len(table), b"wtpt", start + len(table), len(white))
    body = header.ljust(128, b"\0") + tags + table + white
    return struct.pack(">I", len(body)) + body[4:]


RAMP = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)


def grey_of(data: bytes) -> Pixels:
    result = opened(stored(data).data)
    assert result.format == "PNG" and result.mode == "L"
    return np.asarray(result).astype(np.float64)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_to_eight(format: str) -> None:
    assert np.array_equal(grey_of(saved(PIL.Image.fromarray(RAMP), format)), np.arange(256).reshape(16, 16))


def test_a_dark_picture_stays_dark() -> None:
    assert grey_of(saved(PIL.Image.fromarray(RAMP // 256), "PNG")).max() == 1


def test_big_endian_tiff_and_16_bit_pgm() -> None:
    wide = RAMP.astype(">u2").tobytes()
    assert np.array_equal(grey_of(b"P5 16 16 65535\n" + wide), np.arange(256).reshape(16, 16))
    assert np.array_equal(
        grey_of(saved(PIL.Image.frombytes("I;16B", (16, 16), wide), "TIFF")), np.arange(256).reshape(16, 16)
    )


@pytest.mark.parametrize("scale", [1.0, 3000.0, -1.0])
def test_integers_of_32_bits_are_never_clipped(scale: float) -> None:
    data = saved(PIL.Image.fromarray((RAMP * scale).astype(np.int32)), "TIFF")
    wanted = np.arange(256).reshape(16, 16) if scale > 0 else 255 - np.arange(256).reshape(16, 16)
    assert np.abs(grey_of(data) - wanted).max() <= 1


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 255), (0, 65535), (-3, 9), (0, 1e9)])
def test_floats_fill_the_range_that_holds_them(low: float, high: float) -> None:
    values = np.linspace(low, high, 256).astype(np.float32).reshape(16, 16)
    assert np.abs(grey_of(saved(PIL.Image.fromarray(values), "TIFF")) - np.arange(256).reshape(16, 16)).max() <= 1


def test_floats_that_are_no_numbers_are_a_fault() -> None:
    nothing = np.full((4, 4), np.nan, np.float32)
    assert fault(saved(PIL.Image.fromarray(nothing), "TIFF")).reason is Reason.BAD_IMAGE


def test_a_transparent_grey_leaves_the_other_greys_opaque() -> None:
    data = saved(PIL.Image.fromarray(RAMP), "PNG", transparency=1000)
    assert not opened(stored(data).data).has_transparency_data


def test_a_box_on_deep_grey_is_red() -> None:
    result = stored(saved(PIL.Image.fromarray(RAMP), "PNG"), Region((4, 4, 9, 9)))
    assert tuple(pixels(opened(result.data))[3, 5]) == (255, 0, 0)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
        random.Random(1).randbytes(5000),
        b"GIF89a",
        saved(photo(), "JPEG")[:700] + bytes(3000),
    ],
    ids=["empty", "start marker only", "web page", "noise", "gif header", "unfinished download"],
)
def test_damage_is_a_bad_image(data: bytes) -> None:
    assert fault(data).reason is Reason.BAD_IMAGE


def test_a_picture_that_is_a_program_is_not_even_opened() -> None:
    program = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n%%EOF\n"
    assert opened_as(program) == "EPS"
    assert fault(program).detail.startswith("no picture")


def opened_as(data: bytes) -> str | None:
    with PIL.Image.open(io.BytesIO(data)) as picture:
        return picture.format


@settings(max_examples=250)
@given(st.sampled_from(sorted(SOURCES)), st.floats(0, 1, exclude_max=True))
def test_a_cut_file_is_a_fault_or_still_a_whole_picture(name: str, part: float) -> None:
    cut = SOURCES[name][: int(len(SOURCES[name]) * part)]
    result = encode(cut)
    if isinstance(result, Image):
        opened(result.data)
        assert "mpo" in name or "gif" in name or "tail" in name, "only what follows the picture may be missing"


@settings(max_examples=250)
@given(st.sampled_from(sorted(SOURCES)), st.data())
def test_no_bytes_raise_and_what_is_stored_loads(name: str, data: st.DataObject) -> None:
    damaged = bytearray(SOURCES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(damaged) - 1))
        damaged[start : start + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    regions = [Region((3, 3, 20, 20))] if data.draw(st.booleans()) else []
    result = encode(bytes(damaged), regions, Limits(pixels=1_000_000))
    if isinstance(result, Image):
        opened(result.data)


@settings(max_examples=150)
@given(st.binary(max_size=300), st.sampled_from([data[:24] for data in SOURCES.values()]))
def test_any_bytes_after_any_header_do_not_raise(data: bytes, header: bytes) -> None:
    encode(data)
    encode(header + data, limits=Limits(pixels=1_000_000))


@settings(max_examples=400)
@given(
    st.sampled_from([name for name in SOURCES if name.startswith("jpeg ")]),
    st.integers(0, 10**6),
    st.sampled_from(["cut", "set", "zero", "marker", "lose"]),
)
def test_a_jpeg_found_sound_decodes(name: str, seed: int, kind: str) -> None:
    chance, data = random.Random(seed), bytearray(SOURCES[name])
    place, size = chance.randrange(2, len(data)), chance.choice([1, 2, 20, 200])
    new = {
        "cut": b"\xff\xd9",
        "set": chance.randbytes(1),
        "zero": bytes(size),
        "marker": bytes([0xFF, chance.choice([0xC4, 0xD9, 0xDA, 0xDB, 0xC0, 0xD3, 0xDC])]),
        "lose": b"",
    }[kind]
    end = {"cut": len(data), "lose": place + size}.get(kind, place + len(new))
    data[place:end] = new
    try:
        picture = PIL.Image.open(io.BytesIO(data), formats=["JPEG"])
    except (OSError, ValueError):
        return
    if examine(bytes(data)).sound and math.prod(picture.size) < 1_000_000:
        picture.load()


def broken_jpeg(kind: str) -> bytes:
    """A JPEG at which libjpeg stops."""
    data = bytearray(saved(photo(), "JPEG"))
    table, quantisation, scan = (data.index(marker) + 4 for marker in (b"\xff\xc4", b"\xff\xdb", b"\xff\xda"))
    if kind == "table of nonsense":
        data[table : table + 12] = b"\xff" * 12
    elif kind == "more codes than their length allows":
        data[table + 1], data[table + 3] = 3, data[table + 3] - 3
    elif kind == "number of no table":
        data[quantisation] = 15
    elif kind == "scan without its tables":
        data[scan + 2] = 0x33
    elif kind == "scan of unknown components":
        data[scan + 1] = 99
    else:
        data[2:2] = b"\xff\xf0\0\2"
    return bytes(data)


@pytest.mark.parametrize(
    "kind",
    [
        "table of nonsense",
        "more codes than their length allows",
        "number of no table",
        "scan without its tables",
        "scan of unknown components",
        "unknown marker",
    ],
)
def test_a_jpeg_that_cannot_be_decoded_is_not_found_sound(kind: str) -> None:
    data = broken_jpeg(kind)
    with PIL.Image.open(io.BytesIO(data)) as picture, pytest.raises(OSError, match="broken"):
        picture.load()
    assert not examine(data).sound
    assert fault(data).reason is Reason.BAD_IMAGE


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1)])
def test_a_picture_of_one_row_or_column_shows_nothing(size: tuple[int, int]) -> None:
    assert fault(saved(PIL.Image.new("RGB", size), "GIF")).reason is Reason.BAD_IMAGE


def test_more_bytes_than_allowed() -> None:
    data = SOURCES["png"]
    assert fault(data, limits=Limits(bytes=len(data) - 1)).reason is Reason.IMAGE_TOO_LARGE
    assert isinstance(encode(data, limits=Limits(bytes=len(data))), Image)


def test_more_pixels_than_allowed() -> None:
    for name in ("jpeg", "png", "webp", "gif", "bmp", "tiff"):
        assert fault(SOURCES[name], limits=Limits(pixels=64 * 48 - 1)).reason is Reason.IMAGE_TOO_LARGE
        assert isinstance(encode(SOURCES[name], limits=Limits(pixels=64 * 48)), Image)


@pytest.mark.parametrize("format", ["jpeg", "png", "gif", "bmp", "webp"])
def test_a_bomb_is_refused_from_its_header(format: str) -> None:
    side = 16383 if format == "webp" else 60000
    data = bytearray(SOURCES["webp lossless" if format == "webp" else format])
    if format == "jpeg":
        struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, side, side)
    elif format == "png":
        data = bytearray(png(side, side, 8, 2, bytes(1 << 20)))
    elif format == "gif":
        struct.pack_into("<HH", data, 6, side, side)
    elif format == "bmp":
        struct.pack_into("<ii", data, 18, side, side)
    else:
        data[24:30] = struct.pack("<I", side - 1)[:3] * 2 if data[12:16] == b"VP8X" else data[24:30]
        data[21:25] = struct.pack("<I", (side - 1) | (side - 1) << 14) if data[12:16] == b"VP8L" else data[21:25]
    memory, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fault(bytes(data)).reason is Reason.IMAGE_TOO_LARGE
    assert time.process_time() - start < 0.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 100_000


def test_a_large_picture_within_the_limit_passes_without_a_warning() -> None:
    side = 9500
    assert side * side > (PIL.Image.MAX_IMAGE_PIXELS or 0)
    data = png(side, side, 1, 0, bytes((side + 7) // 8 + 1) * side)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(encode(data), Image)


def test_a_picture_has_the_stated_size_in_the_grid_that_is_drawn_on() -> None:
    lying, box = turned("JPEG", 6), (Region((4, 4, 20, 20)),)
    size = opened(lying).size
    assert size != size[::-1], "the picture is no square"
    for regions in ((), box):
        assert isinstance(encode(lying, regions, size=size), Image)
        other = encode(lying, regions, size=(size[0] + 1, size[1]))
        assert other == Fault(
            Reason.OTHER_SIZE, f"picture is {size[0]}x{size[1]}, annotated at {size[0] + 1}x{size[1]}"
        )
    assert isinstance(encode(lying, size=size[::-1]), Image), "nothing is drawn, and upright it has this size"
    turned_away = encode(lying, box, size=size[::-1])
    assert isinstance(turned_away, Fault) and turned_away.reason is Reason.OTHER_SIZE, "boxes are in another grid"


def off_the_line(picture: PIL.Image.Image, box: Box, margin: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Pixels at least `margin` away from the line around `box`."""
    width, height = picture.size
    line = line_width(width, height)
    y, x = np.mgrid[0:height, 0:width]
    left, top, right, bottom = box
    reach = line + margin
    outside = (x < left - reach) | (x >= right + reach) | (y < top - reach) | (y >= bottom + reach)
    inner = (
        (x >= max(left, line) + margin)
        & (x < min(right, width - line) - margin)
        & (y >= max(top, line) + margin)
        & (y < min(bottom, height - line) - margin)
    )
    return np.asarray(outside | inner)


BOXES = st.tuples(st.floats(-30, 90), st.floats(-30, 70), st.floats(0.01, 120), st.floats(0.01, 120)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)


@settings(max_examples=150)
@given(BOXES, st.sampled_from(["PNG", "WEBP", "JPEG"]))
@example((22.0, 0.0, 23.0, 46.0), "JPEG")
def test_any_box_in_the_picture_is_drawn_inside_it_and_nothing_else_changes(box: Box, format: str) -> None:
    data = SOURCES[{"JPEG": "jpeg 4:4:4", "PNG": "png", "WEBP": "webp"}[format]]
    if box[0] >= 64 or box[1] >= 48 or box[2] <= 0 or box[3] <= 0:
        assert fault(data, Region(box)).reason is Reason.BAD_BOX
        return
    image = stored(data, Region(box))
    source, result = pixels(opened(data)), pixels(opened(image.data))
    assert image.format == format and source.shape == result.shape
    far = off_the_line(opened(data), box, 8 if format == "JPEG" else 1)
    assert np.abs(source - result)[far].max(initial=0) <= (16 if format == "JPEG" else 0)
    red = np.abs(result - (255, 0, 0)).max(-1) <= (32 if format == "JPEG" else 0)
    columns = slice(max(0, math.floor(box[0])), math.ceil(box[2]))
    rows = slice(max(0, math.floor(box[1])), math.ceil(box[3]))
    line = line_width(64, 48)
    top, bottom = max(0, rows.start - line), min(48, rows.stop + line)
    left, right = max(0, columns.start - line), min(64, columns.stop + line)
    for edge in (
        red[top : top + line, columns],
        red[bottom - line : bottom, columns],
        red[rows, left : left + line],
        red[rows, right - line : right],
    ):
        assert edge.size and edge.all(), "each of the four lines is in the picture, whole and red"


@pytest.mark.parametrize(
    "box",
    [
        (70, 5, 80, 9),
        (-9, 5, 0, 9),
        (5, 48, 9, 60),
        (5, -9, 9, 0),
        (10, 10, 10, 20),
        (10, 10, 20, 10),
        (20, 10, 10, 20),
        (math.nan, 1, 9, 9),
        (1, 1, math.inf, 9),
        (-math.inf, 1, 9, 9),
        (1, 1, 10**400, 9),
        (1, 1, 9),
        (1, 1, None, 9),
    ],
    ids=str,
)
def test_a_box_that_cannot_be_shown_is_a_bad_box(box: Any) -> None:
    good = Region((1, 1, 9, 9))
    assert fault(SOURCES["jpeg"], good, Region(box)).reason is Reason.BAD_BOX


def test_an_unknown_colour_is_a_fault() -> None:
    assert "reddish" in fault(SOURCES["jpeg"], Region((1, 1, 9, 9), colour="reddish")).detail


def test_the_line_leaves_the_pixels_of_the_box_visible() -> None:
    source, result = opened(SOURCES["png"]), opened(stored(SOURCES["png"], Region((20, 20, 26, 24))).data)
    assert difference(result.crop((20, 20, 26, 24)), source.crop((20, 20, 26, 24))) == 0
    assert tuple(pixels(result)[19, 19]) == (255, 0, 0)


def test_a_box_as_large_as_the_picture_is_a_frame() -> None:
    result = pixels(opened(stored(SOURCES["png"], Region((0, 0, 64, 48))).data))
    line = line_width(64, 48)
    for edge in (result[:line], result[-line:], result[:, :line], result[:, -line:]):
        assert (edge == (255, 0, 0)).all()
    assert (result[line:-line, line:-line] == pixels(photo())[line:-line, line:-line]).all()


def test_boxes_are_drawn_in_order_each_in_its_colour() -> None:
    regions = Region((5, 5, 30, 30), colour="lime"), Region((5, 5, 20, 40), colour="#0000ff")
    result = pixels(opened(stored(SOURCES["png"], *regions).data))
    assert tuple(result[4, 25]) == (0, 255, 0)
    assert tuple(result[4, 10]) == tuple(result[35, 4]) == (0, 0, 255)


@pytest.mark.parametrize("size", [(640, 480), (1920, 800), (480, 640), (3000, 2000)])
@pytest.mark.parametrize("view", [224, 336])
def test_the_line_is_seen_where_a_model_scales_the_picture_down(size: tuple[int, int], view: int) -> None:
    width, height = size
    data = saved(PIL.Image.new("RGB", size, "grey"), "PNG", compress_level=1)
    drawn = opened(stored(data, Region((width / 4, height / 4, width / 2, height / 2))).data)
    scale = view / max(size)
    small = pixels(drawn.resize((round(width * scale), round(height * scale)), PIL.Image.Resampling.BICUBIC))
    middle = round(height * 3 / 8 * scale)
    assert (small[middle, :, 0] - small[middle, :, 1]).max() > 120


@pytest.mark.parametrize("name", ["jpeg", "jpeg grey", "jpeg progressive", "jpeg rgb", "cmyk", "mpo"])
def test_a_red_line_in_a_jpeg_stays_red(name: str) -> None:
    image = stored(SOURCES[name], Region((16.4, 12, 50, 40)))
    result = opened(image.data)
    assert isinstance(result, JpegImageFile) and image.format == "JPEG"
    assert [layer[1:3] for layer in result.layer] == [(1, 1)] * 3
    line = pixels(result)[11, 20:48]
    assert line.mean(0) == pytest.approx([253, 1, 1], abs=8)
    far = off_the_line(result, (16, 12, 50, 40), 8)
    assert np.abs(pixels(result) - pixels(opened(SOURCES[name])))[far].mean() < 3


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_red_line_stays_red_in_a_jpeg_of_poor_quality(mode: str) -> None:
    data = saved(photo(320, 240, mode), "JPEG", quality=12)
    line = pixels(opened(stored(data, Region((60, 60, 200, 180))).data))[58:60, 70:190].mean((0, 1))
    assert line[0] > 225 and max(line[1:]) < 40


def test_a_drawn_jpeg_has_the_tables_of_its_source() -> None:
    data = saved(photo(), "JPEG", quality=83)
    source, result = opened(data), opened(stored(data, Region((9, 9, 30, 30))).data)
    assert isinstance(source, JpegImageFile) and isinstance(result, JpegImageFile)
    assert [result.quantization[layer[3]] for layer in result.layer] == [
        source.quantization[layer[3]] for layer in source.layer
    ]


@pytest.mark.parametrize(
    "name",
    [
        "png 1 bit",
        "png grey",
        "png grey and alpha",
        "png palette",
        "png palette with a transparent colour",
        "png alpha",
        "png 16-bit colour",
        "webp lossless",
        "gif",
        "bmp",
        "animated gif",
    ],
)
def test_pixels_and_transparency_stay_in_every_mode(name: str) -> None:
    box = (2, 2, 5, 3) if name == "png 16-bit colour" else (20, 12, 50, 40)
    image = stored(SOURCES[name], Region(box))
    source, result = opened(SOURCES[name]).convert("RGBA"), opened(image.data).convert("RGBA")
    assert image.format == ("WEBP" if "webp" in name else "PNG")
    far = off_the_line(result, box, 1)
    wanted, shown = (np.asarray(picture).astype(int)[far] for picture in (source, result))
    visible = wanted[:, 3] > 0
    assert (wanted[:, 3] == shown[:, 3]).all() and (wanted[visible] == shown[visible]).all()
    assert result.getpixel((box[0] + 1, box[1] - 1)) == (255, 0, 0, 255)


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_boxes_count_in_stored_pixels_and_turn_with_the_picture(format: str, orientation: int) -> None:
    box = Region((10, 10, 30, 20))
    options: dict[str, Any] = {"lossless": True} if format == "WEBP" else {"quality": 95, "subsampling": 0}
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = orientation
    drawn = opened(stored(saved(photo(), format, **options), box).data)
    wanted = ImageOps.exif_transpose(opened(saved(drawn, "PNG", exif=exif)))
    image = stored(turned(format, orientation, **options), box)
    assert image.format == format and image.width == (48 if orientation >= 5 else 64)
    assert opened(image.data).getexif().get(ORIENTATION) is None
    assert difference(opened(image.data), wanted) <= (1 if format == "JPEG" else 0)


@pytest.mark.parametrize("size", [(2, 2), (2, 30), (7, 5), (3000, 5)])
def test_tiny_and_narrow_pictures_can_be_drawn_on(size: tuple[int, int]) -> None:
    image = stored(saved(PIL.Image.new("RGB", size, "white"), "PNG"), Region((0, 0, 9999, 9999)))
    assert tuple(pixels(opened(image.data))[0, 0]) == (255, 0, 0)
    if size[0] > 2:
        assert (pixels(opened(image.data)) == 255).all(-1).any(), "the picture is still seen"


def test_frames_are_jpeg_and_the_same_each_time() -> None:
    image = encode_frame(photo())
    assert image == encode_frame(photo())
    assert (image.format, image.width, image.height) == ("JPEG", 64, 48)
    assert stored(image.data).data == image.data
    assert difference(opened(image.data), photo()) < 4


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "YCbCr"])
def test_frames_of_any_mode_become_rgb(mode: str) -> None:
    assert opened(encode_frame(photo(mode=mode)).data).mode == "RGB"


def test_frames_carry_nothing_but_pixels() -> None:
    picture = photo()
    picture.info = {"comment": b"secret", "exif": b"Exif\0\0", "icc_profile": SRGB}
    assert encode_frame(picture) == encode_frame(photo())
