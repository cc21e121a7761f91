"""Opening a video and reading its packets and frames through PyAV; what is trusted of them is settled here."""

import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import PIL.Image

from m3it_build.core.sample import Fault, Reason

if TYPE_CHECKING:
    from av import Packet, VideoCodecContext, VideoFrame, VideoStream
    from av.container import InputContainer
    from av.sidedata.sidedata import SideData

MAX_PIXELS = 7680 * 4320
"""An 8K frame; eight of them are 800 MB of RGB, and no source comes near."""

_PROBED_PIXELS = 1 << 28
"""What the demuxer may decode to learn a stream's format."""

_THREADS = 1
"""To decode and to convert: workers are processes already, and concealed damage may depend on the number."""

_FORMATS = "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,rm,gif"
"""Demuxers that read the file they are given; playlists (`concat`, `hls`) would read others, under any name."""

_SCALING = 0x2 | 0x2000 | 0x40000 | 0x80000
"""swscale: bilinear, full chroma, accurate and bit-exact: the same bytes from processors with other vector units."""

_TURNS = {
    (0, 1, -1, 0): PIL.Image.Transpose.ROTATE_270,
    (-1, 0, 0, -1): PIL.Image.Transpose.ROTATE_180,
    (0, -1, 1, 0): PIL.Image.Transpose.ROTATE_90,
    (-1, 0, 0, 1): PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    (1, 0, 0, -1): PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    (0, 1, 1, 0): PIL.Image.Transpose.TRANSPOSE,
    (0, -1, -1, 0): PIL.Image.Transpose.TRANSVERSE,
}
"""Signs of a, b, c, d of a display matrix (x' = ax + cy, y' = bx + dy) and Pillow's name; others turn nothing."""


class RefusedError(Exception):
    """Carries the fault out of the depth."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.fault = Fault(reason, detail)


@contextmanager
def opened(source: Path | BinaryIO, *, strict: bool = False) -> Iterator["VideoStream"]:
    """The first moving stream, its decoder ready: to conceal small damage as players do or, if `strict`, to fail."""
    import av
    from av.stream import Disposition

    if not isinstance(source, Path):
        source.seek(0)
    with av.open(
        # The prefix keeps a name such as `http:x.mp4` from being read as an address.
        f"file:{source}" if isinstance(source, Path) else source,
        options={"max_pixels": str(_PROBED_PIXELS)},
        container_options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"},
        metadata_errors="replace",
    ) as container:
        moving = (stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic)
        stream = next(moving, None)
        if stream is None:
            raise RefusedError(Reason.BAD_VIDEO, "no video stream")
        context = cast("VideoCodecContext | None", stream.codec_context)
        if context is None:
            raise RefusedError(Reason.BAD_VIDEO, "no decoder for the video stream")
        if context.width * context.height > MAX_PIXELS:
            size = f"{context.width}x{context.height}"
            raise RefusedError(Reason.IMAGE_TOO_LARGE, f"{size}, more than {MAX_PIXELS:,} pixels")
        context.options = {"max_pixels": str(MAX_PIXELS)} | ({"err_detect": "explode"} if strict else {})
        context.thread_count = _THREADS
        yield stream


def packets_of(stream: "VideoStream", note: Callable[[str], None] | None = None) -> Iterator["Packet[VideoStream]"]:
    """The packets that hold something; reading ends at the first error."""
    import av

    packets = cast("InputContainer", stream.container).demux(stream)
    try:
        # An empty packet would tell the decoder that the video is over.
        yield from (packet for packet in packets if packet.size)
    except av.FFmpegError as error:
        if note is None:
            raise
        note(text_of(error))


def begin_of(stream: "VideoStream") -> Fraction:
    """When the first sound or picture of the file is due, in seconds of its own clock; players call it zero."""
    from av.stream import Disposition

    container = cast("InputContainer", stream.container)
    starts = [
        each.start_time * each.time_base
        for each in (*container.streams.video, *container.streams.audio)
        if each.start_time is not None and each.time_base and not each.disposition & Disposition.attached_pic
    ]
    return min(starts, default=Fraction(0))


def picture_of(frame: "VideoFrame") -> PIL.Image.Image:
    """RGB and upright."""
    picture: PIL.Image.Image = frame.to_image(interpolation=_SCALING, threads=_THREADS)  # type: ignore[no-untyped-call]
    turn = _turn(frame)
    return picture if turn is None else picture.transpose(turn)


def _turn(frame: "VideoFrame") -> PIL.Image.Transpose | None:
    from av.sidedata.sidedata import Type

    by_type = cast("Mapping[Type, SideData]", frame.side_data)
    try:
        a, b, _, c, d, *_ = struct.unpack_from("=9i", by_type[Type.DISPLAYMATRIX])
    except (KeyError, struct.error):
        return None
    return _TURNS.get((_sign(a), _sign(b), _sign(c), _sign(d)))


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def text_of(error: Exception) -> str:
    """Without the path, which `str` puts in; it differs between machines."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
