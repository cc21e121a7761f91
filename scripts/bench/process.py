"""Runs a command and measures wall time, CPU time and peak memory."""

import contextlib
import os
import resource
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """What a command took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system, of all its processes."""
    largest: float
    """Peak resident MB of its largest process."""
    total: float
    """Peak MB of all its processes together (proportional set size, sampled)."""


def measure(command: Sequence[str], log: Path, codes: Sequence[int] = (0,)) -> Cost:
    """Run a command to its end; its output goes to `log`, its exit code must be one of `codes`.

    Raises:
        RuntimeError: it failed.
    """
    os.sync()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    largest = total = 0.0
    with log.open("w") as stream, subprocess.Popen(command, stdout=stream, stderr=stream) as process:
        while process.poll() is None:
            sizes = [_memory(pid) for pid in _family(process.pid)]
            largest = max([largest, *(resident for resident, _ in sizes)])
            total = max(total, sum(share for _, share in sizes))
            time.sleep(0.05)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode not in codes:
        raise RuntimeError(f"{' '.join(command)} failed: {log.read_text()[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, largest, total)


def _family(pid: int) -> list[int]:
    found = [pid]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += _family(int(child))
    return found


def _memory(pid: int) -> tuple[float, float]:
    """Resident and proportional MB of a process now."""
    sizes = {"Rss": 0.0, "Pss": 0.0}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in sizes:
                sizes[name] = int(rest.split()[0]) / 1024
    return sizes["Rss"], sizes["Pss"]
