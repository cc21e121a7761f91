"""Packets of VP8 and VP9, which hold pictures that are never shown."""

from m3it_build.media.mark import Mark


def vp8(packet: memoryview) -> Mark | None:
    """RFC 6386, 9.1: bit 0 is clear in key frames, bit 4 is set in shown ones; key frames have a start code."""
    if len(packet) < 4:
        return None
    key = not packet[0] & 1
    if key and bytes(packet[3:6]) != b"\x9d\x01\x2a":
        return None
    return Mark(shown=bool(packet[0] & 0x10), restart=key)


def vp9(packet: memoryview) -> Mark | None:
    """VP9 specification, 6.2 and annex B: a packet is a frame, or a superframe of several of which one is shown."""
    frames = _superframe(packet)
    if not frames:
        return None
    shown, restart = 0, False
    for number, frame in enumerate(frames):
        head = frame[0]
        if head >> 6 != 2:
            return None
        # Marker (2 bits), profile (2, and a reserved one in profile 3), show_existing_frame, frame_type, show_frame.
        place = 2 if head & 0x30 == 0x30 else 3
        existing, inter, show = (bool(head >> place - bit & 1) for bit in range(3))
        shown += existing or show
        restart |= number == 0 and not existing and not inter
    return Mark(shown=shown == 1, restart=restart) if shown <= 1 else None


def _superframe(packet: memoryview) -> list[memoryview] | None:
    if not packet:
        return None
    last = packet[-1]
    count, width = (last & 7) + 1, (last >> 3 & 3) + 1
    index = 2 + count * width
    if last & 0xE0 != 0xC0 or len(packet) < index or packet[-index] != last:
        return [packet]
    frames, place = [], 0
    for number in range(count):
        begin = len(packet) - index + 1 + number * width
        size = int.from_bytes(packet[begin : begin + width], "little")
        frames.append(packet[place : place + size])
        place += size
    return frames if place == len(packet) - index and all(frames) else None
