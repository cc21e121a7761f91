"""Real clips for tests: numbered frames in every container that sources hold, and the ways in which they mislead."""

import io
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import PIL.Image

from m3it_build.core.sample import Clip, Fault, Reason
from m3it_build.media.video import Frame, sample_frames

WIDTH, HEIGHT, CELL, BITS = 96, 48, 8, 12
LENGTH = 53


def numbered(number: int) -> av.VideoFrame:
    """A moving square, and the frame's number in a strip of black and white cells."""
    pixels = np.full((HEIGHT, WIDTH, 3), (40, 90, 160), np.uint8)
    left = number * 5 % (WIDTH - 16)
    pixels[4:20, left : left + 16] = (220, 180, 30)
    for bit in range(BITS):
        pixels[HEIGHT - 16 :, bit * CELL : (bit + 1) * CELL] = 255 * (number >> (BITS - 1 - bit) & 1)
    return av.VideoFrame.from_ndarray(pixels, "rgb24")


def number_of(picture: PIL.Image.Image) -> int:
    grey = np.asarray(picture.convert("L"))
    return int("".join(str(int(grey[HEIGHT - 8, bit * CELL + 4] > 127)) for bit in range(BITS)), 2)


DEFAULTS = {
    "libx264": {"preset": "ultrafast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none:open-gop=0"},
    "libsvtav1": {"preset": "8", "crf": "15"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8", "b": "400k"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "b": "400k"},
}


def write(
    path: Path,
    frames: int,
    codec: str = "libx264",
    *,
    rate: Fraction | int = 25,
    gop: int = 12,
    between: int = 2,
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
    times: list[int] | None = None,
    audio: bool = False,
    cover: bool = False,
    muxer: dict[str, str] | None = None,
) -> Path:
    """A clip of `frames` numbered frames; `times` are milliseconds."""
    options = {**DEFAULTS.get(codec, {}), **(options or {})}
    with av.open(str(path), "w", options=muxer or {}) as container:
        if cover:
            stream = io.BytesIO()
            PIL.Image.new("RGB", (32, 32), "red").save(stream, "JPEG")
            container.add_attachment("cover.jpg", "image/jpeg", stream.getvalue())
        sound = container.add_stream("aac", rate=16000) if audio else None
        moving: Any = container.add_stream(codec, rate=rate, options=options)
        moving.width, moving.height, moving.pix_fmt = WIDTH, HEIGHT, pixels
        moving.codec_context.gop_size = gop
        moving.codec_context.thread_count = 1  # threads of two VP8 encoders at once wait for each other without sleep
        if not codec.startswith(("libvpx", "libsvt")):
            moving.codec_context.max_b_frames = between
        if times:
            moving.codec_context.time_base = Fraction(1, 1000)
        for number in range(frames):
            frame = numbered(number)
            frame.pts = times[number] if times else number
            frame.time_base = Fraction(1, 1000) if times else 1 / Fraction(rate)
            container.mux(moving.encode(frame))
        container.mux(moving.encode(None))
        if sound:
            for part in range(frames * 16000 // 25 // 1024 + 1):
                noise = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
                noise.sample_rate, noise.pts = 16000, part * 1024
                container.mux(sound.encode(noise))
            container.mux(sound.encode(None))
    return path


def decoded(path: Path) -> list[int]:
    """The truth: numbers of all frames of a plain decode."""
    with av.open(str(path)) as container:
        return [number_of(frame.to_image()) for frame in container.decode(video=0)]  # type: ignore[no-untyped-call]


def spread(total: int, count: int) -> list[int]:
    return [int((i + 0.5) * total / count) for i in range(count)]


def taken(path: Path, count: int = 8, start: float | None = None, end: float | None = None) -> list[Frame]:
    frames = sample_frames(path, Clip((path.name,), start, end, count))
    assert isinstance(frames, list), frames
    return frames


WHOLE = Clip(("x",))


def fault(source: Path | io.BytesIO, clip: Clip = WHOLE) -> Fault:
    found = sample_frames(source, clip)
    assert isinstance(found, Fault)
    return found


def fault_or_frames(data: bytes) -> Fault | list[int]:
    found = sample_frames(io.BytesIO(data), WHOLE)
    if isinstance(found, Fault):
        assert found.reason is Reason.BAD_VIDEO and found.detail
        return found
    assert len(found) == 8
    return [number_of(frame.picture) for frame in found]


def remux(source: Path, target: Path, change: Callable[[int, Any], Any], muxer: dict[str, str] | None = None) -> Path:
    """Copy packets as `change` returns them; None leaves one out."""
    with av.open(str(source)) as old, av.open(str(target), "w", options=muxer or {}) as new:
        stream = old.streams.video[0]
        copy = new.add_stream_from_template(stream)
        for number, packet in enumerate(old.demux(stream)):
            if packet.size and (changed := change(number, packet)):
                changed.stream = copy
                new.mux(changed)
    return target


def delayed(source: Path, target: Path, seconds: int) -> Path:
    """The same file with a picture that starts so much later than the sound."""
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        copies = {stream.index: new.add_stream_from_template(stream) for stream in old.streams}
        for packet in old.demux():
            if packet.size and packet.pts is not None and packet.dts is not None and packet.time_base:
                if packet.stream.type == "video":
                    packet.pts += int(seconds / packet.time_base)
                    packet.dts += int(seconds / packet.time_base)
                packet.stream = copies[packet.stream.index]
                new.mux(packet)
    return target


def resized(target: Path, codec: str, frames: int) -> Path:
    """Numbered frames, from the middle on of twice the size: packets of two clips in one stream."""
    with av.open(str(target), "w") as new:
        copy: Any = None
        for part, scale in enumerate((1, 2)):
            coder: Any = av.CodecContext.create(codec, "w")
            coder.width, coder.height, coder.pix_fmt = WIDTH * scale, HEIGHT * scale, "yuv420p"
            coder.time_base, coder.framerate, coder.max_b_frames = Fraction(1, 25), Fraction(25), 0
            coder.thread_count = 1
            coder.options = {"deadline": "realtime"} if codec.startswith("libvpx") else {"preset": "ultrafast"}
            if copy is None:
                copy = new.add_stream(codec, rate=25)
                copy.width, copy.height, copy.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            for number in range(part * frames // 2, (part + 1) * frames // 2):
                frame = numbered(number).reformat(WIDTH * scale, HEIGHT * scale)
                frame.pts, frame.time_base = number, Fraction(1, 25)
                send(new, copy, coder.encode(frame))
            send(new, copy, coder.encode(None))
    return target


def send(container: Any, stream: Any, packets: Iterable[Any]) -> None:
    """Packets of another coder as those of this stream."""
    for packet in packets:
        packet.stream, packet.time_base = stream, Fraction(1, 25)
        container.mux(packet)


def packed(source: Path, target: Path) -> Path:
    """DivX's packed bitstream: a P frame and the B frame before it in one chunk, then a chunk without a picture."""
    with av.open(str(source)) as old:
        stream = old.streams.video[0]
        header = bytes(stream.codec_context.extradata or b"")
        chunks = [bytes(packet) for packet in old.demux(stream) if packet.size]
        kinds = [chunk[chunk.index(b"\0\0\1\xb6") + 4] >> 6 for chunk in chunks]
    divx = header.split(b"\0\0\1\xb2", maxsplit=1)[0] + b"\0\0\1\xb2DivX503b1393p"
    with av.open(str(target), "w", format="avi") as new:
        copy: Any = new.add_stream("mpeg4", rate=25)
        copy.width, copy.height, copy.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        copy.codec_context.extradata = divx
        place = number = 0
        while place < len(chunks):
            pair = place + 1 < len(chunks) and kinds[place + 1] == 2
            data = chunks[place] + chunks[place + 1] if pair else chunks[place]
            # A VOP of type P with vop_coded = 0: "nothing new".
            for part in [data, b"\0\0\1\xb6\x51\x00\x3f"] if pair else [data]:
                packet = av.Packet(part)
                packet.stream, packet.time_base = copy, Fraction(1, 25)
                packet.pts = packet.dts = number
                packet.is_keyframe = kinds[place] == 0
                new.mux(packet)
                number += 1
            place += 2 if pair else 1
    return target


CLIPS: dict[str, tuple[str, dict[str, Any]]] = {
    "h264.mp4": ("libx264", {}),
    "h264-no-b.mp4": ("libx264", {"between": 0}),
    "h264-pyramid.mp4": ("libx264", {"between": 5, "options": {"x264-params": "b-pyramid=normal:b-adapt=0:ref=4"}}),
    "h264-slices.mp4": ("libx264", {"options": {"x264-params": "slices=3"}}),
    "h264-open-gop.mp4": ("libx264", {"options": {"x264-params": "open-gop=1:b-adapt=0"}}),
    "h264-refresh.mp4": ("libx264", {"between": 0, "options": {"x264-params": "intra-refresh=1"}}),
    "h264-interlaced.mp4": ("libx264", {"options": {"x264-params": "interlaced=1"}}),
    "h264-headers.mp4": ("libx264", {"options": {"x264-params": "repeat-headers=1"}}),
    "h264-one-key.mp4": ("libx264", {"gop": 1000}),
    "h264-all-keys.mp4": ("libx264", {"gop": 1}),
    "h264-fragments.mp4": ("libx264", {"muxer": {"movflags": "frag_keyframe+empty_moov"}}),
    "h264-no-edit-list.mp4": ("libx264", {"muxer": {"use_editlist": "0"}}),
    "h264-ntsc.mp4": ("libx264", {"rate": Fraction(30000, 1001)}),
    "h264-same-times.mkv": ("libx264", {"rate": 3000}),
    "h264.mkv": ("libx264", {}),
    "h264.avi": ("libx264", {}),
    "h264-sound.mp4": ("libx264", {"audio": True}),
    "h264-cover.mkv": ("libx264", {"cover": True}),
    "h264.ts": ("libx264", {}),
    "mpeg4.avi": ("mpeg4", {}),
    "mpeg4-no-b.avi": ("mpeg4", {"between": 0}),
    "mpeg4.mp4": ("mpeg4", {}),
    "mjpeg.avi": ("mjpeg", {"between": 0, "options": {"color_range": "pc", "strict": "unofficial"}}),
    "vp8.webm": ("libvpx", {}),
    "vp8-hidden.webm": ("libvpx", {"options": {"auto-alt-ref": "1", "lag-in-frames": "16", "deadline": "good"}}),
    "vp9.webm": ("libvpx-vp9", {}),
    "vp9-hidden.webm": ("libvpx-vp9", {"options": {"auto-alt-ref": "1", "lag-in-frames": "16", "deadline": "good"}}),
    "vp9.mp4": ("libvpx-vp9", {}),
    "av1.mp4": ("libsvtav1", {}),
    "av1.webm": ("libsvtav1", {}),
    "av1-hidden.mkv": ("libsvtav1", {"gop": 32, "options": {"preset": "5"}}),
    "av1-10-bit.mp4": ("libsvtav1", {"pixels": "yuv420p10le"}),
    "av1-grain.webm": ("libsvtav1", {"options": {"svtav1-params": "film-grain=10"}}),
    "av1-fragments.mp4": ("libsvtav1", {"muxer": {"movflags": "frag_keyframe+empty_moov"}}),
    "hevc.mp4": ("libx265", {}),
    "hevc.mkv": ("libx265", {}),
    "hevc-pyramid.mp4": ("libx265", {"between": 6, "gop": 20, "options": {"preset": "fast"}}),
    "hevc-10-bit.mp4": ("libx265", {"pixels": "yuv420p10le"}),
    "hevc-headers.mp4": ("libx265", {"options": {"x265-params": "log-level=none:open-gop=0:repeat-headers=1"}}),
    "hevc-fragments.mp4": ("libx265", {"muxer": {"movflags": "frag_keyframe+empty_moov"}}),
    "hevc-open-gop.mp4": ("libx265", {"options": {"x265-params": "log-level=none:open-gop=1"}}),
    "hevc.ts": ("libx265", {}),
}
"""One of each kind that sources hold, and of the kinds that mislead."""

FORETOLD = {
    *("h264.mp4", "h264-no-b.mp4", "h264-pyramid.mp4", "h264-slices.mp4", "h264-headers.mp4", "h264-one-key.mp4"),
    *("h264-all-keys.mp4", "h264-fragments.mp4", "h264-no-edit-list.mp4", "h264-ntsc.mp4", "h264.mkv"),
    *("h264-sound.mp4", "h264-cover.mkv", "vp8.webm", "vp8-hidden.webm", "vp9.webm", "vp9-hidden.webm", "vp9.mp4"),
    *("h264-open-gop.mp4", "h264-refresh.mp4"),
    *("av1.mp4", "av1.webm", "av1-hidden.mkv", "av1-10-bit.mp4", "av1-grain.webm", "av1-fragments.mp4"),
    *("hevc.mp4", "hevc.mkv", "hevc-pyramid.mp4", "hevc-10-bit.mp4", "hevc-headers.mp4", "hevc-fragments.mp4"),
}
"""Those whose packets leave no doubt."""
