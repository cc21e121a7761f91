"""Frames of clips: exact in every container, quickly where that is safe, and never an exception."""

import io
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m3it_build.core.sample import Clip, Fault, Reason
from m3it_build.media import streams, video
from m3it_build.media.order import look, order_of
from m3it_build.media.video import Frame, jump, sample_frames, scan

WIDTH, HEIGHT, CELL, BITS = 96, 48, 8, 12


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


def write(
    path: Path,
    frames: int,
    codec: str = "libx264",
    *,
    rate: Fraction | int = 25,
    gop: int = 12,
    between: int = 2,
    options: dict[str, str] | None = None,
    times: list[int] | None = None,
    audio: bool = False,
    cover: bool = False,
    muxer: dict[str, str] | None = None,
) -> Path:
    """A clip of `frames` numbered frames; `times` are milliseconds."""
    options = {"preset": "ultrafast", **(options or {})} if codec == "libx264" else dict(options or {})
    if codec.startswith("libvpx"):
        options = {"deadline": "realtime", "cpu-used": "8", "b": "400k", **options}
    with av.open(str(path), "w", options=muxer or {}) as container:
        if cover:
            stream = io.BytesIO()
            PIL.Image.new("RGB", (32, 32), "red").save(stream, "JPEG")
            container.add_attachment("cover.jpg", "image/jpeg", stream.getvalue())
        sound = container.add_stream("aac", rate=16000) if audio else None
        moving: Any = container.add_stream(codec, rate=rate, options=options)
        moving.width, moving.height, moving.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        moving.codec_context.gop_size = gop
        if not codec.startswith("libvpx"):
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
}
"""One of each kind that sources hold, and of the kinds that mislead."""

FORETOLD = {
    *("h264.mp4", "h264-no-b.mp4", "h264-pyramid.mp4", "h264-slices.mp4", "h264-headers.mp4", "h264-one-key.mp4"),
    *("h264-all-keys.mp4", "h264-fragments.mp4", "h264-no-edit-list.mp4", "h264-ntsc.mp4", "h264.mkv"),
    *("h264-sound.mp4", "h264-cover.mkv", "vp8.webm", "vp8-hidden.webm", "vp9.webm", "vp9-hidden.webm", "vp9.mp4"),
    *("h264-open-gop.mp4", "h264-refresh.mp4"),
}
"""Those whose packets leave no doubt."""

LENGTH = 53


@pytest.fixture(scope="module", params=CLIPS)
def clip_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    codec, settings = CLIPS[request.param]
    return write(tmp_path_factory.mktemp("clip") / request.param, LENGTH, codec, **settings)


def test_frames_are_those_of_a_full_decode(clip_file: Path) -> None:
    truth = decoded(clip_file)
    assert truth == list(range(LENGTH))
    for count in (1, 8, 60):
        frames = taken(clip_file, count)
        assert [frame.index for frame in frames] == spread(LENGTH, count)
        assert [number_of(frame.picture) for frame in frames] == spread(LENGTH, count)
        assert all(frame.picture.mode == "RGB" for frame in frames)


def test_the_quick_way_gives_the_same_pixels(clip_file: Path) -> None:
    survey = look(clip_file)
    order = order_of(survey)
    assert (order is not None) == (clip_file.name in FORETOLD)
    if order is None:
        return
    everything = scan(clip_file, range(LENGTH))
    assert order.stamps == everything.stamps and not everything.damage
    for wanted in ([0], [LENGTH - 1], spread(LENGTH, 8), [11, 12, 13, 36], range(LENGTH)):
        pictures = jump(clip_file, survey, order, set(wanted))
        assert pictures is not None and pictures.keys() == set(wanted)
        assert all(pictures[index].tobytes() == everything.pictures[index].tobytes() for index in wanted)


def test_seconds_count_from_the_first_frame(clip_file: Path) -> None:
    rate = Fraction(CLIPS[clip_file.name][1].get("rate", 25))
    for frame in taken(clip_file):
        assert frame.seconds == pytest.approx(float(frame.index / rate), abs=0.0011)


@settings(max_examples=25, deadline=None)
@given(
    total=st.integers(1, 40),
    count=st.integers(1, 12),
    gop=st.integers(1, 20),
    between=st.integers(0, 3),
    suffix=st.sampled_from([".mp4", ".mkv", ".avi"]),
)
def test_any_length_any_count_any_group(
    tmp_path_factory: pytest.TempPathFactory, total: int, count: int, gop: int, between: int, suffix: str
) -> None:
    codec = "mpeg4" if suffix == ".avi" else "libx264"
    path = write(tmp_path_factory.mktemp("any") / f"x{suffix}", total, codec, gop=gop, between=between)
    frames = taken(path, count)
    assert [frame.index for frame in frames] == [number_of(frame.picture) for frame in frames] == spread(total, count)


def test_few_frames_repeat(tmp_path: Path) -> None:
    assert [frame.index for frame in taken(write(tmp_path / "x.mp4", 3))] == [0, 0, 0, 1, 1, 2, 2, 2]
    assert [frame.index for frame in taken(write(tmp_path / "x.webm", 1, "libvpx-vp9"))] == [0] * 8


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "libx264"), (".webm", "libvpx"), (".avi", "mpeg4")])
def test_a_window_counts_only_its_own_frames(tmp_path: Path, suffix: str, codec: str) -> None:
    path = write(tmp_path / f"x{suffix}", 100, codec, rate=10)
    frames = taken(path, 8, 2, 5)
    inside = range(20, 51)  # both ends belong to it
    assert [frame.index for frame in frames] == [inside[place] for place in spread(31, 8)]
    assert [number_of(frame.picture) for frame in frames] == [frame.index for frame in frames]
    assert all(2 <= frame.seconds <= 5 for frame in frames)
    assert [frame.index for frame in taken(path, 2, start=9.5)] == [96, 98]
    assert [frame.index for frame in taken(path, 2, end=0.3)] == [1, 3]
    assert fault(path, Clip(("x",), 30, 40)).reason is Reason.BAD_VIDEO
    assert fault(path, Clip(("x",), 5, 2)).reason is Reason.BAD_VIDEO
    assert fault(path, Clip(("x",), float("nan"))).reason is Reason.BAD_VIDEO


def test_time_need_not_run_evenly(tmp_path: Path) -> None:
    times = [0, 40, 80, 500, 510, 520, 2000, 2040, 2080, 2120, 4000, 4001]
    for name, codec in (("x.webm", "libvpx-vp9"), ("x.mkv", "libx264")):
        path = write(tmp_path / name, 12, codec, times=times)
        frames = taken(path, 3, 0.5, 2.1)
        assert [number_of(frame.picture) for frame in frames] == [4, 6, 8] == [frame.index for frame in frames]
        assert [frame.seconds for frame in frames] == [0.51, 2.0, 2.08]


def test_seconds_start_at_the_first_frame_wherever_the_stream_starts(tmp_path: Path) -> None:
    path = write(tmp_path / "x.mkv", 6, times=[700 + 100 * number for number in range(6)])
    assert [frame.seconds for frame in taken(path, 2)] == [0.1, 0.4]


def test_an_edit_list_cuts_frames(tmp_path: Path) -> None:
    source = write(tmp_path / "x.mp4", 60, gop=20)

    def earlier(_: int, packet: Any) -> Any:
        packet.pts -= 27 * 512
        packet.dts -= 27 * 512
        return packet

    path = remux(source, tmp_path / "cut.mp4", earlier, {"avoid_negative_ts": "disabled"})
    with av.open(str(path)) as container:
        assert any(packet.is_discard for packet in container.demux(video=0))
    truth = decoded(path)
    assert truth == list(range(27, 60))
    assert order_of(look(path)) is None
    assert [number_of(frame.picture) for frame in taken(path)] == [truth[place] for place in spread(33, 8)]


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


def test_a_packed_bitstream(tmp_path: Path) -> None:
    source = write(tmp_path / "x.avi", 41, "mpeg4", between=1, options={"b_strategy": "0"})
    path = packed(source, tmp_path / "packed.avi")
    truth = decoded(path)
    assert truth == list(range(41))
    assert [number_of(frame.picture) for frame in taken(path)] == spread(41, 8)


def test_no_frame_count_is_believed(tmp_path: Path) -> None:
    data = bytearray(write(tmp_path / "x.avi", 41, "mpeg4").read_bytes())
    main, stream = data.index(b"avih"), data.index(b"strh")
    assert struct.unpack_from("<I", data, main + 24) == struct.unpack_from("<I", data, stream + 40) == (41,)
    for told in (0, 7, 4000):
        struct.pack_into("<I", data, main + 24, told)
        struct.pack_into("<I", data, stream + 40, told)
        path = tmp_path / f"{told}.avi"
        path.write_bytes(data)
        assert [number_of(frame.picture) for frame in taken(path)] == spread(41, 8)


TURNS: dict[tuple[int, int, int, int], PIL.Image.Transpose | None] = {
    (1, 0, 0, 1): None,
    (0, 1, -1, 0): PIL.Image.Transpose.ROTATE_270,
    (-1, 0, 0, -1): PIL.Image.Transpose.ROTATE_180,
    (0, -1, 1, 0): PIL.Image.Transpose.ROTATE_90,
    (-1, 0, 0, 1): PIL.Image.Transpose.FLIP_LEFT_RIGHT,
}


@pytest.mark.parametrize("matrix", TURNS)
def test_frames_are_turned_upright(tmp_path: Path, matrix: tuple[int, int, int, int]) -> None:
    path = write(tmp_path / "x.mp4", 9)
    plain = taken(path)
    data = bytearray(path.read_bytes())
    a, b, c, d = (65536 * value for value in matrix)
    struct.pack_into(">9i", data, data.index(b"tkhd") + 4 + 40, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    turn = TURNS[matrix]
    for frame, flat in zip(taken(path), plain, strict=True):
        upright = flat.picture if turn is None else flat.picture.transpose(turn)
        assert frame.picture.size == upright.size and frame.picture.tobytes() == upright.tobytes()


def test_bytes_in_memory_are_read_like_files(clip_file: Path) -> None:
    stream = io.BytesIO(b"")
    stream.write(clip_file.read_bytes())
    frames = sample_frames(stream, WHOLE)
    assert isinstance(frames, list) and not stream.closed
    assert [frame.picture.tobytes() for frame in frames] == [frame.picture.tobytes() for frame in taken(clip_file)]


def test_only_wanted_frames_become_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def count(frame: av.VideoFrame) -> PIL.Image.Image:
        made.append(frame.pts)
        return streams.picture_of(frame)

    monkeypatch.setattr(video, "picture_of", count)
    for name, codec in (("x.mp4", "libx264"), ("x.avi", "mpeg4")):
        made.clear()
        taken(write(tmp_path / name, 200, codec))
        assert len(made) == 8


@pytest.mark.parametrize("name", ["h264.mp4", "h264-pyramid.mp4", "vp9-hidden.webm"])
def test_whatever_is_not_as_foretold_leads_to_a_full_decode(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, LENGTH, CLIPS[name][0], **CLIPS[name][1])
    survey = look(path)
    order = order_of(survey)
    assert order
    assert jump(path, survey, type(order)([stamp + 1 for stamp in order.stamps], order.starts), {20}) is None
    late = [start + 1 for start in order.starts]
    assert jump(path, survey, type(order)(order.stamps, late), {20}) is None
    other = write(tmp_path / f"other-{name}", LENGTH + 9, CLIPS[name][0], rate=12)
    assert jump(other, survey, order, {20}) is None


def test_lost_key_frames_are_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "x.mp4", 60, gop=20, options={"x264-params": "scenecut=0"})
    headless = remux(path, tmp_path / "y.mp4", lambda number, packet: packet if number else None)
    assert order_of(look(headless)) is None
    truth = decoded(headless)
    assert [number_of(frame.picture) for frame in taken(headless)] == [truth[place] for place in spread(len(truth), 8)]


def fault_or_frames(data: bytes) -> Fault | list[int]:
    found = sample_frames(io.BytesIO(data), WHOLE)
    if isinstance(found, Fault):
        assert found.reason is Reason.BAD_VIDEO and found.detail
        return found
    assert len(found) == 8
    return [number_of(frame.picture) for frame in found]


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"not a video", b"\x1a\x45\xdf\xa3", b"RIFF\x10\0\0\0AVI ", b"\0\0\0\x18ftypisom" + bytes(16)]
)
def test_what_is_no_video_is_a_fault(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes(data)
    assert fault(path).reason is fault(io.BytesIO(data)).reason is Reason.BAD_VIDEO
    assert str(tmp_path) not in fault(path).detail


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert fault(tmp_path / "gone.mp4") == Fault(Reason.BAD_VIDEO, "No such file or directory")
    assert fault(tmp_path).reason is Reason.BAD_VIDEO


def test_sound_alone_is_a_fault(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "x.mp4"), "w") as container:
        sound = container.add_stream("aac", rate=16000)
        for part in range(9):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            frame.sample_rate, frame.pts = 16000, part * 1024
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    assert fault(tmp_path / "x.mp4") == Fault(Reason.BAD_VIDEO, "no video stream")


@pytest.mark.parametrize("name", ["h264.mkv", "h264-fragments.mp4", "mpeg4.avi", "vp8.webm", "vp9.webm", "h264.ts"])
def test_cut_off_files_give_frames_or_a_fault(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, LENGTH, CLIPS[name][0], **CLIPS[name][1])
    data = path.read_bytes()
    found = [fault_or_frames(data[: len(data) * part // 20]) for part in range(1, 20)]
    assert isinstance(found[0], Fault)
    for numbers in found:
        # A transport stream does not say how long it is.
        if isinstance(numbers, list) and path.suffix != ".ts":
            assert numbers == sorted(set(numbers)), "what is left of a longer clip must not be repeated"


def test_a_movie_cut_off_behind_its_index(tmp_path: Path) -> None:
    path = write(tmp_path / "x.mp4", 60, muxer={"movflags": "faststart"})
    data = path.read_bytes()
    begin = data.index(b"mdat")
    assert isinstance(fault_or_frames(data[: begin + (len(data) - begin) // 10]), Fault)
    numbers = fault_or_frames(data[: begin + (len(data) - begin) * 3 // 4])
    assert isinstance(numbers, list) and numbers == sorted(set(numbers)) and numbers[-1] < 50


def garbled(path: Path) -> Iterator[bytes]:
    """The file, broken at a place that moves."""
    data = path.read_bytes()
    for part in range(1, 24):
        broken = bytearray(data)
        place = len(data) * part // 24
        for step in range(40):
            broken[place + step : place + step + 1] = bytes([(part * 37 + step * 101) % 256])
        yield bytes(broken)


def test_broken_files_give_frames_or_a_fault(clip_file: Path) -> None:
    for data in garbled(clip_file):
        found = sample_frames(io.BytesIO(data), WHOLE)
        assert isinstance(found, Fault) or len(found) == 8


def test_a_hole_in_the_middle_is_not_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "x.mkv", 60, gop=10, between=0, options={"x264-params": "scenecut=0"})

    def destroy(number: int, packet: Any) -> Any:
        if number not in range(20, 30):
            return packet
        noise = av.Packet(b"\xff" * packet.size)
        noise.pts, noise.dts, noise.time_base = packet.pts, packet.dts, packet.time_base
        return noise

    broken = remux(path, tmp_path / "y.mkv", destroy)
    found = scan(broken, range(60))
    assert found.damage and len(found.stamps) == 50
    assert [number_of(frame.picture) for frame in taken(broken, 5)] == [5, 15, 35, 45, 55]
    assert "3 frames are left" in fault(broken, Clip(("x",), 0.88, 1.28)).detail


def test_more_pixels_than_allowed_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "x.mp4", 3)
    monkeypatch.setattr(streams, "MAX_PIXELS", WIDTH * HEIGHT - 1)
    assert fault(path).reason is Reason.IMAGE_TOO_LARGE


def test_a_playlist_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "other.mp4", 9)
    path = tmp_path / "x.mp4"
    path.write_text("ffconcat version 1.0\nfile other.mp4\n", "utf-8")
    assert fault(path).reason is Reason.BAD_VIDEO


def test_a_name_is_never_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("-x.mp4", "concat:x.mp4", "_ü %d 视频.mp4"):
        write(tmp_path / "plain.mp4", 9).rename(tmp_path / name)
        assert len(taken(Path(name))) == 8
