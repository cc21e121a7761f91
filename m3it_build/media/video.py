"""Frames of a clip, exact: those that a full decode in display order gives, found without one where that is safe.

Of n frames, `count` are taken: those with index floor((i + 0.5) * n / count). Containers are not believed about n: it
may be missing (WebM), wrong, or count what is never shown. First all packets are read without decoding. Where they
leave no doubt about which frames there are (`order_of`), only the groups of pictures that hold a wanted frame are
decoded (`jump`), and each decoded frame must have the time that was foretold. Everything else is decoded from the
beginning and counted (`scan`): other codecs than H.264, HEVC, AV1, VP8 and VP9 and other containers than MP4 and
Matroska, HEVC with open groups of pictures, interlaced H.264, odd or missing times, edit lists that cut, anything
damaged.

A window of seconds that does not fit into a file is that of the whole video, where the file holds just the window: a
clip that was cut already is taken from its beginning to its end (`of_file`).

Rules of damage: frames that decode are the clip's frames, and broken ones between them are not counted. A clip is
refused if damage leaves fewer frames than are wanted, or if the decoder itself marks a wanted frame as broken. Damage
in groups that `jump` passes over is not seen; there each packet counts as its frame.

A frame is turned upright by its display matrix, as players do; pixels that are not square are not stretched. Where the
size changes on the way, the row's frames are scaled to that of its first one, as FFmpeg, OpenCV and decord give one
size. Colours are converted by the matrix that the stream names; where it names none by BT.601, whatever the size: so do
FFmpeg, OpenCV and decord, and so what models were trained on, though browsers take BT.709 from 720 lines up.
"""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import PIL.Image
from msgspec.structs import replace

from m3it_build.core.errors import MachineError
from m3it_build.core.machine import memory_is_short
from m3it_build.core.sample import Clip, Fault, Reason
from m3it_build.media.cutoff import is_cut_off
from m3it_build.media.order import Order, Survey, look, order_of
from m3it_build.media.streams import RefusedError, opened, packets_of, picture_of, text_of

if TYPE_CHECKING:
    from av import VideoFrame

FRAMES_BYTES = 512 << 20
"""Memory that a decoder of large pictures may take: 8K, and the frames that others refer to."""
MOST_REORDERED = 16
"""Frames that any format may decode before one that is shown sooner."""
SHORTER = 2.0
"""Seconds by which a file may end before its window does: annotated ends are whole seconds, the last one included."""
LONGER = 5.0
"""Seconds by which a clip may be longer than its window: cut without coding anew it begins at a key frame, of which web
videos have one every five seconds or so."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One sampled frame."""

    picture: PIL.Image.Image
    """RGB, upright."""
    index: int
    """In display order, from the beginning of the whole video."""
    seconds: float
    """From the video's first frame."""


@dataclass(slots=True)
class Scan:
    """What decoding gave."""

    stamps: list[int | None] = field(default_factory=list)
    """Presentation times as decoded: one for each frame of the video."""
    pictures: dict[int, PIL.Image.Image] = field(default_factory=dict)
    """Wanted frames by index."""
    broken: set[int] = field(default_factory=set)
    """Wanted frames which the decoder marks as damaged."""
    damage: str = ""
    """The first thing that went wrong."""


def sample_frames(source: Path | BinaryIO, clip: Clip) -> list[Frame] | Fault:
    """`clip.frames` frames, evenly spread over the clip or over its window of seconds; repeated where it has fewer.

    Raises:
        MachineError: `source` raises it.
        MemoryError: the machine has too little memory for any clip.
    """
    try:
        return _sample(source, clip)
    except Exception as error:  # noqa: BLE001 - demuxers and decoders raise whatever a broken file leads them to
        return _fault(error)


def is_video(source: Path | BinaryIO) -> Fault | None:
    """What is wrong with a file that should have a stream of pictures, by its head; raises as `sample_frames`."""
    try:
        with opened(source):
            return None
    except Exception as error:  # noqa: BLE001 - see `sample_frames`
        return _fault(error)


def _fault(error: Exception) -> Fault:
    if isinstance(error, MachineError | ImportError):
        raise error
    if memory_is_short(FRAMES_BYTES):
        raise MemoryError from error
    if isinstance(error, RefusedError):
        return error.fault
    if isinstance(error, MemoryError):
        return Fault(Reason.IMAGE_TOO_LARGE, "a frame does not fit into memory")
    return Fault(Reason.BAD_VIDEO, text_of(error))


def _sample(source: Path | BinaryIO, clip: Clip) -> list[Frame]:
    survey = look(source)
    order = order_of(survey)
    if order:
        seconds = _seconds(order.stamps, survey, survey.begin)
        clip = of_file(clip, seconds)
        wanted = picks(seconds, clip)
        pictures = jump(source, survey, order, set(wanted))
        if pictures is not None:
            _check_length(source, clip, seconds)
            return _frames(pictures, wanted, _seconds(order.stamps, survey))
    # A guess that is right, as nearly always, spares the second decode.
    guessed = sorted(stamp for stamp in survey.stamps if stamp is not None)
    found = scan(source, set(_guess(_seconds(guessed, survey, survey.begin), clip)))
    if not found.stamps:
        raise RefusedError(Reason.BAD_VIDEO, found.damage or "no frame can be decoded")
    seconds = _seconds(found.stamps, survey, survey.begin)
    clip = of_file(clip, seconds)
    wanted = picks(seconds, clip)
    if not found.pictures.keys() >= set(wanted):
        found = scan(source, set(wanted))
    _check_length(source, clip, seconds, found.damage)
    if broken := found.broken & set(wanted):
        raise RefusedError(Reason.BAD_VIDEO, f"frame {min(broken)} is damaged")
    return _frames(found.pictures, wanted, _seconds(found.stamps, survey))


def _check_length(source: Path | BinaryIO, clip: Clip, seconds: Sequence[float], damage: str = "") -> None:
    """A short clip repeats frames; what damage leaves of a longer one is refused, and so is what is left before a cut.

    A window of which nothing is missing is no such rest: so many frames follow it that none of its own comes later.
    """
    inside = [place for place, second in enumerate(seconds) if _is_inside(second, clip)]
    if len(inside) >= clip.frames:
        return
    if not damage and (len(seconds) - inside[-1] > MOST_REORDERED + 1 or not _ends_early(source)):
        return
    damage = damage or "the file is cut off"
    raise RefusedError(Reason.BAD_VIDEO, f"{damage}; {len(inside)} frames are left, {clip.frames} are wanted")


def of_file(clip: Clip, seconds: Sequence[float]) -> Clip:
    """The clip as its seconds count in this file, given the time of each frame: the window, or all of it.

    A window that fits into the file is taken as it is. One that ends later is either the last one of a whole video or
    that of a file in which nothing else is: whichever its length comes nearer to.

    Raises:
        RefusedError: the file is neither as long as its window nor as long as what ends with it: another video, or a
            part of it.
    """
    if clip.start is None or clip.end is None or not seconds or not clip.start < clip.end:
        return clip
    length = seconds[-1] + (seconds[-1] - seconds[0]) / max(1, len(seconds) - 1)
    missing, window = clip.end - length, clip.end - clip.start
    if missing <= 0:
        return clip
    longer = length - window
    if -SHORTER <= longer <= LONGER and abs(longer) < missing:
        return replace(clip, start=None, end=None)
    if missing <= SHORTER:
        return clip
    raise RefusedError(
        Reason.BAD_VIDEO,
        f"the video has {length:.1f} s: it ends before its window from {clip.start:g} to {clip.end:g} s does, "
        "and is no clip of that length",
    )


def picks(seconds: Sequence[float], clip: Clip) -> list[int]:
    """Indices of the wanted frames, given the time of each frame of the video."""
    wanted = _inside(seconds, clip)
    if not wanted and clip.frames:
        length = f"{seconds[-1]:.1f} s" if seconds else "no frame"
        raise RefusedError(Reason.BAD_VIDEO, f"no frame from {clip.start} to {clip.end} s: the video has {length}")
    return wanted


def _inside(seconds: Sequence[float], clip: Clip) -> list[int]:
    inside = [index for index, second in enumerate(seconds) if _is_inside(second, clip)]
    return [inside[(2 * i + 1) * len(inside) // (2 * clip.frames)] for i in range(clip.frames)] if inside else []


def _guess(seconds: Sequence[float], clip: Clip) -> list[int]:
    try:
        return _inside(seconds, of_file(clip, seconds))
    except RefusedError:  # told when the frames are counted
        return []


def _is_inside(second: float, clip: Clip) -> bool:
    return (clip.start is None or second >= clip.start) and (clip.end is None or second < clip.end)


def jump(
    source: Path | BinaryIO, survey: Survey, order: Order, wanted: Collection[int]
) -> dict[int, PIL.Image.Image] | None:
    """Decode only the groups of pictures that hold wanted frames; None if anything is not as foretold.

    The packets in between are read and passed over, not sought past: reading is cheap, and a seek may land elsewhere.
    """
    import av

    todo = sorted(wanted, reverse=True)
    pictures: dict[int, PIL.Image.Image] = {}
    expected = 0
    """The frame that the decoder must give next."""

    def take(frames: Sequence["VideoFrame"]) -> bool:
        nonlocal expected
        for frame in frames:
            if not todo:
                break
            if frame.is_corrupt or frame.pts != order.stamps[expected]:
                return False
            if expected == todo[-1]:
                pictures[todo.pop()] = picture_of(frame)
            expected += 1
        return True

    feeding = False
    with opened(source, strict=True) as stream, suppress(av.FFmpegError):
        context = stream.codec_context
        for number, packet in enumerate(packets_of(stream)):
            if not todo:
                break
            if number >= len(survey.stamps) or packet.pts != survey.stamps[number]:
                return None
            begin = order.starts[todo[-1]]
            if begin > number:
                feeding = False
            elif not feeding:
                # Packets are only passed over up to the next beginning, so this is it.
                context.flush_buffers()
                if survey.depth:
                    context.reorder_depth = survey.depth
                expected, feeding = bisect_left(order.starts, begin), True
            if feeding and not take(context.decode(packet)):
                return None
        if todo and not take(context.decode(None)):
            return None
    return None if todo else pictures


def scan(source: Path | BinaryIO, wanted: Collection[int]) -> Scan:
    """Decode everything, count the frames, and keep the wanted ones."""
    import av

    found = Scan()

    def note(problem: str) -> None:
        found.damage = found.damage or problem

    with opened(source) as stream:
        context = stream.codec_context
        for packet in chain(packets_of(stream, note), [None]):
            if packet and packet.is_corrupt:
                note("a packet is incomplete")
            try:
                frames = context.decode(packet)
            except av.FFmpegError as error:
                note(text_of(error))
                continue
            for frame in frames:
                index = len(found.stamps)
                found.stamps.append(frame.pts)
                if index in wanted:
                    found.pictures[index] = picture_of(frame)
                    if frame.is_corrupt:
                        found.broken.add(index)
    if found.damage and memory_is_short(FRAMES_BYTES):  # what decoders lack memory for looks like damage
        raise MemoryError
    return found


def _seconds(stamps: Sequence[int | None], survey: Survey, begin: Fraction | None = None) -> list[float]:
    """Times from `begin` or, without it, from the first frame.

    By the frame rate, and from the first frame, where the video's own times are missing or run backwards.
    """
    times = [stamp for stamp in stamps if stamp is not None]
    if len(times) < len(stamps) or any(later <= sooner for sooner, later in pairwise(times)):
        return [index * survey.rate.denominator / survey.rate.numerator for index in range(len(stamps))]
    if not times:
        return []
    zero = Fraction(times[0]) if begin is None else min(begin, Fraction(times[0]))
    # In whole numbers: what falls on the edge of a window is not left to rounding.
    unit = survey.time_base / zero.denominator
    return [(time * zero.denominator - zero.numerator) * unit.numerator / unit.denominator for time in times]


def _frames(pictures: Mapping[int, PIL.Image.Image], wanted: Sequence[int], seconds: Sequence[float]) -> list[Frame]:
    return [Frame(_scaled(pictures[index], pictures[wanted[0]].size), index, seconds[index]) for index in wanted]


def _scaled(picture: PIL.Image.Image, size: tuple[int, int]) -> PIL.Image.Image:
    return picture if picture.size == size else picture.resize(size)


def _ends_early(source: Path | BinaryIO) -> bool:
    if not isinstance(source, Path):
        return is_cut_off(source)
    with source.open("rb") as stream:
        return is_cut_off(stream)
