"""Broken, cut off and hostile files: frames or a fault, never an exception."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from m3it_build.core.sample import Clip, Fault, Reason
from m3it_build.media import streams
from m3it_build.media.video import sample_frames, scan
from tests.media.clips import (
    CLIPS,
    HEIGHT,
    LENGTH,
    WHOLE,
    WIDTH,
    fault,
    fault_or_frames,
    number_of,
    remux,
    spread,
    taken,
    write,
)


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


@pytest.mark.parametrize(
    "name", ["h264.mkv", "h264-fragments.mp4", "mpeg4.avi", "vp8.webm", "vp9.webm", "av1.webm", "hevc.mkv", "h264.ts"]
)
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


def test_a_cut_behind_a_window_takes_nothing_from_it(tmp_path: Path) -> None:
    path = write(tmp_path / "x.mkv", 100)
    data = path.read_bytes()
    cut = io.BytesIO(data[: len(data) * 3 // 4])
    left = len(scan(cut, ()).stamps)
    assert left > 50
    found = sample_frames(cut, Clip(("x",), 1, 1.2))
    assert isinstance(found, list)
    assert [number_of(frame.picture) for frame in found] == [25 + place for place in spread(5, 8)]
    for start in (left / 25 - 0.2, left / 25 - 0.4):  # whether frames of these windows are lost is not known
        assert "cut off" in fault(cut, Clip(("x",), start, start + 0.2)).detail


def garbled(path: Path) -> Iterator[bytes]:
    """The file, broken at a place that moves."""
    data = path.read_bytes()
    for part in range(1, 10):
        broken = bytearray(data)
        place = len(data) * part // 10
        for step in range(40):
            broken[place + step : place + step + 1] = bytes([(part * 37 + step * 101) % 256])
        yield bytes(broken)


@pytest.mark.parametrize("name", CLIPS)
def test_broken_files_give_frames_or_a_fault(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, LENGTH, CLIPS[name][0], **CLIPS[name][1])
    for data in garbled(path):
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
    assert "3 frames are left" in fault(broken, Clip(("x",), 0.88, 1.32)).detail


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
