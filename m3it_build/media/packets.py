"""What compressed packets tell of their frames without being decoded.

Counting packets is not counting frames: VP8, VP9 and AV1 store pictures that are never shown, H.264 may put two fields
into one packet, and a damaged packet gives nothing. These readers take the first bits of each packet and answer only
where the formats leave no doubt; None means: decode and see.
"""

from m3it_build.media.av1 import av1
from m3it_build.media.mark import Inspect
from m3it_build.media.nal import h264, hevc
from m3it_build.media.vpx import vp8, vp9


def inspector(decoder: str, extradata: bytes) -> Inspect | None:
    """A reader of the packets of one stream, or None where only decoding tells."""
    match decoder:
        case "h264":
            return h264(extradata)
        case "hevc":
            return hevc(extradata)
        case "libdav1d":
            return av1()
        case "vp8":
            return vp8
        case "vp9":
            return vp9
        case _:
            return None
