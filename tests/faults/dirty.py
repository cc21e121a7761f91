"""Builds in one process, one after the other, on a heap full of old bytes.

python -m tests.faults.dirty OUT TASKS WORKERS PATTERN [OTHER ...]: builds samples of each OTHER (tasks by comma, and a
seed after a colon) into folders that are thrown away, then those of TASKS into OUT.
"""

import ctypes
import sys
import tempfile
from pathlib import Path

import pyarrow as pa

from tests.corpus import m3it

SIZES = (64, 256, 1 << 10, 4 << 10, 20 << 10, 100 << 10, 1 << 20, 5 << 20)


def fill(pattern: bytes) -> None:
    """Leave blocks full of a pattern in the heaps of C, of Python and of Arrow, free to be taken again."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    blocks, buffers = [], []
    for size in SIZES:
        for _ in range(max(2, (2 << 20) // size)):
            block = libc.malloc(size)
            ctypes.memmove(block, (pattern * (size // len(pattern) + 1))[:size], size)
            blocks.append(block)
        for _ in range(max(2, (1 << 20) // size)):
            buffer = pa.allocate_buffer(size)
            ctypes.memset(buffer.address, pattern[0], size)
            buffers.append(buffer)
    for block in blocks[::2] + blocks[1::2]:
        libc.free(block)
    del buffers


def main(out: str, tasks: str, workers: str, pattern: str, *others: str) -> None:
    """Do it."""
    with tempfile.TemporaryDirectory() as folder:
        for number, other in enumerate(others):
            names, _, seed = other.partition(":")
            fill(pattern.encode())
            m3it("build", "--task", names, "--sample", "--out", Path(folder) / str(number), "--seed", seed or "0")
        fill(pattern.encode())
        m3it("build", "--task", tasks, "--sample", "--out", out, M3IT_WORKERS=workers)


if __name__ == "__main__":
    main(*sys.argv[1:])
