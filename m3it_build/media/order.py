"""Which frames a video has, from its packets alone: count and times without decoding, where they leave no doubt."""

from bisect import bisect_right, insort
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from m3it_build.media.packets import Mark, inspector
from m3it_build.media.streams import begin_of, opened, packets_of

if TYPE_CHECKING:
    from av import VideoCodecContext


@dataclass(frozen=True, slots=True)
class Survey:
    """What the packets of a video say."""

    stamps: list[int | None]
    """Presentation time of each packet, in the order of decoding."""
    marks: list[Mark | None]
    depth: int
    """How many frames the decoder holds back to put them in order."""
    sound: bool
    """Container and codec are among those whose packets can be trusted, and no packet is marked in any way."""
    time_base: Fraction
    rate: Fraction
    begin: Fraction | None
    """Where the file begins, with sound or picture, in units of `time_base`; None where frames have no time of their
    own: AVI only counts them."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which packet gives which frame."""

    stamps: list[int]
    """Presentation times in display order: the frames of the video."""
    starts: list[int]
    """For each frame, the packet at which decoding must begin."""


def look(source: Path | BinaryIO) -> Survey:
    """Read all packets, decode none."""
    with opened(source) as stream:
        context = stream.codec_context
        name = stream.container.format.name.split(",")[0]
        inspect = inspector(context.name, context.extradata or b"")
        sound = name in {"mov", "matroska"} and inspect is not None and _is_whole(context)
        stamps: list[int | None] = []
        marks: list[Mark | None] = []
        problems: list[str] = []
        for packet in packets_of(stream, problems.append):
            odd = packet.is_corrupt or packet.is_discard or packet.has_sidedata("new_extradata")
            sound = sound and not odd
            if not packet.is_discard:
                stamps.append(packet.pts)
                marks.append(inspect(memoryview(packet)) if sound and inspect else None)
        return Survey(
            stamps=stamps,
            marks=marks,
            depth=context.reorder_depth,
            sound=sound and not problems,
            time_base=stream.time_base or Fraction(1),
            rate=stream.average_rate or stream.guessed_rate or Fraction(25),
            begin=None if name == "avi" else begin_of(stream) / (stream.time_base or 1),
        )


def order_of(survey: Survey) -> Order | None:
    """The frames that a full decode gives, or None where the packets alone do not prove it."""
    shown: list[tuple[int, int]] = []
    """Time and packet."""
    before: list[int] = []
    """All times so far, in order."""
    restarts: list[tuple[int, int]] = []
    """Packets at which decoding can begin, and how many frames come before."""
    if not survey.sound:
        return None
    for packet, (stamp, mark) in enumerate(zip(survey.stamps, survey.marks, strict=True)):
        if mark is None or stamp is None or not (packet or mark.restart):
            return None
        if mark.restart:
            restarts.append((packet, len(before)))
        if mark.shown:
            later = len(before) - bisect_right(before, stamp)
            # A decoder that holds back too few frames drops those that come late. And a frame that is shown before the
            # restart in front of it needs frames from before that restart.
            if later > survey.depth or (restarts and len(before) - later < restarts[-1][1]):
                return None
            insort(before, stamp)
            shown.append((stamp, packet))
    if not before or any(one == other for one, other in pairwise(before)):
        return None
    shown.sort()
    begins = [packet for packet, _ in restarts]
    return Order(before, [begins[bisect_right(begins, packet) - 1] for _, packet in shown])


def _is_whole(context: "VideoCodecContext") -> bool:
    """Interlaced H.264 may give each field its own packet; 1 is progressive, 0 unknown."""
    return context.name != "h264" or context.field_order == 1
