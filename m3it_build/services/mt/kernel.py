"""With what CTranslate2 computes here: int8 gives other results on another processor or by another library."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Set
from functools import cache
from pathlib import Path

PROBE = "import ctranslate2; ctranslate2.Translator('')"
"""Logs the processor and the libraries, then fails for want of a model."""
DOT_PRODUCTS = frozenset({"avx512_vnni", "avx_vnni", "amx_int8"})
"""Instructions that sum products of bytes in 32 bits; without them sums are cut off at 16."""


@cache
def kernel(device: str, compute_type: str) -> str:
    """The instructions and the library that compute here: `AVX2 (DNNL, no VNNI)`, or a GPU.

    Args:
        device: `cpu` or `cuda`.
        compute_type: Of CTranslate2; each may have a library of its own.
    """
    return read_kernel(_log(), _flags(), device, compute_type)


def read_kernel(log: str, flags: Set[str], device: str, compute_type: str) -> str:
    """The same from CTranslate2's log and the processor's flags; without flags nothing is said of VNNI."""
    if device == "cuda":
        return _found(r"GPU #0: (.+)", log) or "GPU"
    kind = "GEMM_S8" if compute_type.startswith("int8") else "GEMM_S16" if compute_type == "int16" else "SGEMM"
    by = [_found(rf"{kind} backend: (\w+)", log) or "unknown library"]
    if kind == "GEMM_S8" and flags:
        by.append("VNNI" if flags & DOT_PRODUCTS else "no VNNI")
    instructions = _found(r"Selected ISA: (\w+)", log) or platform.machine()
    return f"{instructions} ({', '.join(by)})"


def _found(pattern: str, log: str) -> str | None:
    match = re.search(pattern, log)
    return match[1].strip() if match else None


def _log() -> str:
    """What CTranslate2 says of this machine, in a process of its own: its log goes to the standard error stream."""
    command = [sys.executable, "-P", "-c", PROBE]
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, a constant
            command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "CT2_VERBOSE": "1"}
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr


def _flags() -> Set[str]:
    """Flags of an x86 processor where Linux tells them."""
    try:
        told = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return set()
    return set((_found(r"(?m)^flags\s*:(.*)$", told) or "").split())
