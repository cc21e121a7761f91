"""Frames of clips: exact in every container, and quickly where that is safe."""

import io
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m3it_build.core.sample import Clip, Reason
from m3it_build.media import streams, video
from m3it_build.media.order import look, order_of
from m3it_build.media.video import jump, sample_frames, scan
from tests.media.clips import (
    CLIPS,
    FORETOLD,
    HEIGHT,
    LENGTH,
    WHOLE,
    WIDTH,
    decoded,
    delayed,
    fault,
    number_of,
    packed,
    remux,
    resized,
    spread,
    taken,
    write,
)


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


@settings(max_examples=25)
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
    inside = range(20, 50)  # the frame at the end belongs to the next one
    assert [frame.index for frame in frames] == [inside[place] for place in spread(30, 8)]
    assert [number_of(frame.picture) for frame in frames] == [frame.index for frame in frames]
    assert all(2 <= frame.seconds < 5 for frame in frames)
    assert [frame.index for frame in taken(path, 2, start=9.5)] == [96, 98]
    assert [frame.index for frame in taken(path, 2, end=0.4)] == [1, 3]
    assert fault(path, Clip(("x",), 5, 5)).reason is Reason.BAD_VIDEO
    assert fault(path, Clip(("x",), 30, 60)).reason is Reason.BAD_VIDEO
    assert fault(path, Clip(("x",), 5, 2)).reason is Reason.BAD_VIDEO
    assert fault(path, Clip(("x",), float("nan"))).reason is Reason.BAD_VIDEO


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "libx264"), (".webm", "libvpx"), (".avi", "mpeg4")])
@pytest.mark.parametrize(
    ("start", "end", "first"),
    [
        (40, 50, 0),  # as long as the file: it was cut already
        (5, 14, 0),  # cut at the key frame before
        (30, 41.5, 0),  # a second is lacking at its end
        (0, 10, 0),  # the whole video or the clip: the same frames
        (0, 11, 0),
        (2, 11, 20),  # nearer to a video that ends before its last second than to a clip that is a second too long
        (1, 10, 10),  # it fits
    ],
)
def test_a_file_that_holds_just_the_window_is_the_clip(
    tmp_path: Path, suffix: str, codec: str, start: float, end: float, first: int
) -> None:
    path = write(tmp_path / f"x{suffix}", 100, codec, rate=10)
    assert [frame.index for frame in taken(path, 8, start, end)] == [first + place for place in spread(100 - first, 8)]


@pytest.mark.parametrize(("start", "end"), [(5, 30), (60, 63), (30, 43)])
def test_a_file_that_is_neither_clip_nor_video_is_refused(tmp_path: Path, start: float, end: float) -> None:
    path = write(tmp_path / "x.mp4", 100, rate=10)
    refused = fault(path, Clip(("x",), start, end))
    assert refused.reason is Reason.BAD_VIDEO and "10.0 s" in refused.detail


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


@pytest.mark.parametrize("name", ["x.mp4", "x.mkv"])
def test_a_window_counts_from_where_the_file_begins(tmp_path: Path, name: str) -> None:
    source = write(tmp_path / f"even-{name}", 100, rate=10, between=0, audio=True)
    path = delayed(source, tmp_path / name, 3)
    with av.open(str(path)) as container:
        moving = container.streams.video[0]
        start = float((moving.start_time or 0) * (moving.time_base or 0))
        assert start - (container.start_time or 0) / 1e6 == pytest.approx(3, abs=0.03)
    frames = taken(path, 8, 5, 8)
    assert [frame.index for frame in frames] == [20 + place for place in spread(30, 8)]
    assert [frame.seconds for frame in frames] == pytest.approx([frame.index / 10 for frame in frames], abs=0.001)
    assert [frame.index for frame in taken(path, 2, end=4)] == [2, 7]
    assert fault(path, Clip(("x",), 0, 3)).reason is Reason.BAD_VIDEO


@pytest.mark.parametrize(("suffix", "codec"), [(".ts", "libx264"), (".webm", "libvpx")])
def test_frames_of_a_row_have_one_size(tmp_path: Path, suffix: str, codec: str) -> None:
    path = resized(tmp_path / f"x{suffix}", codec, 40)
    with av.open(str(path)) as container:
        assert len({frame.width for frame in container.decode(video=0)}) == 2
    frames = taken(path)
    assert {frame.picture.size for frame in frames} == {(WIDTH, HEIGHT)}
    assert [number_of(frame.picture) for frame in frames] == [frame.index for frame in frames] == spread(40, 8)


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


@pytest.mark.parametrize("name", ["h264.mp4", "h264-pyramid.mp4", "vp9-hidden.webm", "av1-hidden.mkv", "hevc.mp4"])
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
