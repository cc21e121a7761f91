"""Eight frames of a clip without a full decode, against a full decode, in one run.

python -m scripts.bench.clips [--seconds 60] [--rounds 5] [--folder DIR]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np

from m3it_build.core.sample import Clip
from m3it_build.media.order import look, order_of
from m3it_build.media.video import jump, picks, scan

WIDTH, HEIGHT, RATE = 640, 360, 25


class Kind(NamedTuple):
    """How a clip is encoded."""

    codec: str
    suffix: str
    gop: int
    options: dict[str, str]


KINDS = (
    Kind("libx264", "mp4", 60, {"preset": "veryfast"}),
    Kind("libx265", "mp4", 60, {"preset": "ultrafast", "x265-params": "log-level=none:open-gop=0"}),
    Kind("libsvtav1", "mp4", 60, {"preset": "10", "crf": "35"}),
    Kind("libsvtav1", "webm", 128, {"preset": "10", "crf": "35"}),
    Kind("libvpx-vp9", "webm", 128, {"deadline": "realtime", "cpu-used": "8", "b": "1M"}),
)


def write_clip(path: Path, kind: Kind, seconds: int) -> Path:
    """A camera that pans over a large picture with noise, made once."""
    if path.exists():
        return path
    source = np.random.default_rng(0)
    scene = np.kron(source.integers(0, 256, (60, 120, 3), dtype=np.uint8), np.ones((24, 24, 1), np.uint8))
    noise = source.integers(0, 12, (4, HEIGHT, WIDTH, 3), dtype=np.uint8)
    part = path.with_name(f"part-{path.name}")
    with av.open(str(part), "w") as container:
        stream: Any = container.add_stream(kind.codec, rate=RATE, options=kind.options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = kind.gop
        for number in range(seconds * RATE):
            left, top = number * 3 % (scene.shape[1] - WIDTH), number * 2 % (scene.shape[0] - HEIGHT)
            pixels = scene[top : top + HEIGHT, left : left + WIDTH] // 2 + noise[number % len(noise)]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode(None))
    return part.replace(path)


def by_jumps(path: Path, wanted: list[int]) -> None:
    """Only the groups of pictures that hold wanted frames.

    Raises:
        RuntimeError: the packets of the clip leave a doubt.
    """
    survey = look(path)
    order = order_of(survey)
    if order is None or jump(path, survey, order, set(wanted)) is None:
        raise RuntimeError(f"{path}: decoded as a whole")


def milliseconds(work: Callable[[Path, list[int]], object], path: Path, wanted: list[int]) -> float:
    """How long it takes, once."""
    start = time.perf_counter()
    work(path, wanted)
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    """Print a line for each kind of clip."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "m3it-bench")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    wanted = picks([number / RATE for number in range(arguments.seconds * RATE)], Clip(()))
    print(f"{WIDTH}x{HEIGHT}, {arguments.seconds} s, medians of {arguments.rounds} rounds")
    print(f"{'':26} {'scan ms':>9} {'jump ms':>9} {'speed':>7}")
    for kind in KINDS:
        name = f"{kind.codec}-{kind.gop}-{arguments.seconds}.{kind.suffix}"
        path = write_clip(arguments.folder / name, kind, arguments.seconds)
        whole, jumps = [], []
        for _ in range(arguments.rounds):
            whole.append(milliseconds(scan, path, wanted))
            jumps.append(milliseconds(by_jumps, path, wanted))
        slow, quick = statistics.median(whole), statistics.median(jumps)
        print(f"{name:26} {slow:9.0f} {quick:9.0f} {slow / quick:6.2f}x", flush=True)


if __name__ == "__main__":
    main()
