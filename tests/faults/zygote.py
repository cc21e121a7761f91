"""Commands in milliseconds: a process that has imported everything, under the shim, forks one for each.

python -m tests.faults.zygote LIBRARY: an order a line on stdin, an answer a line on stdout.
"""

import atexit
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.corpus import ROOT
from tests.faults.shim import VARIABLE, Shim

SECONDS = 60
"""After which a command hangs."""
STOPPED_SECONDS = 0.05
LIBRARIES = (
    *(
        "pyarrow.parquet",
        "av",
        "ctranslate2",
        "sentencepiece",
        "huggingface_hub.hf_api",
        "openai",
        "sacrebleu",
        "numpy",
    ),
    *("PIL.Image", "httpx2", "datasets", "scipy.io", "regex", "ftfy", "pysbd", "sacremoses", "indexed_gzip"),
)
SUBREAPER = 36


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    """Negative for a signal."""
    told: str
    """On stdout and stderr."""
    hung: bool
    left: int
    """Processes that were still there long after it."""


class Zygote:
    """The process, from outside."""

    def __init__(self, library: Path, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.library, self.folder = library, folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote", str(library)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "COLUMNS": "200",
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
                "LD_PRELOAD": str(library),
                **(environment or {}),
            },
        )
        self.shim = Shim(folder / "shim.state")

    def run(self, *arguments: object, **environment: str) -> Done:
        """A command, under the orders that the shim has."""
        told = self.folder / "told"
        order = {
            "arguments": list(map(str, arguments)),
            "environment": environment,
            "cwd": str(self.folder),
            "shim": str(self.shim.path),
            "told": str(told),
        }
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the process that forks is gone: {self.process.wait()}"
        return Done(told=told.read_text(errors="replace"), **json.loads(line))

    @contextmanager
    def serving(self) -> Iterator["Zygote"]:
        """End it afterwards."""
        try:
            yield self
        finally:
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process.wait()


def _import_everything() -> None:
    import m3it_build

    for name in LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(name)
    for module in pkgutil.walk_packages(m3it_build.__path__, "m3it_build."):
        if ".starter" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    import PIL.Image

    PIL.Image.init()
    from m3it_build.plan.registry import load_registry

    load_registry()
    from m3it_build.store import patience

    patience.WAITS = (0.0, 0.0, 0.0)  # a fault that stays is not waited for


def _child(order: dict[str, Any], library: Path) -> None:
    """Be the command."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    target = os.open(order["told"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number in (1, 2):
        os.dup2(target, number)
    os.dup2(nothing, 0)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - they stay open
    sys.stdout, sys.stderr = (open(number, "w", buffering=1, closefd=False) for number in (1, 2))  # noqa: SIM115
    os.environ.update(order["environment"], **{VARIABLE: order["shim"]})
    os.chdir(order["cwd"])
    sys.argv = ["m3it", *order["arguments"]]
    Shim(Path(order["shim"])).attach(library, os.getpid())
    code = 0
    try:
        from m3it_build.cli import main

        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does
        sys.excepthook(*sys.exc_info())
        code = 1
    with suppress(Exception):
        atexit._run_exitfuncs()
    with suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _watch(main: int) -> dict[str, Any]:
    """Wait for a command and all that it started."""
    start, code, hung, woken = time.monotonic(), None, False, 0.0
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return {"code": code, "hung": hung, "left": 0}
        if time.monotonic() - woken > STOPPED_SECONDS:  # what was stopped, also a worker, goes on
            woken = time.monotonic()
            with suppress(ProcessLookupError):
                os.killpg(main, signal.SIGCONT)
        if pid == main:
            code, start = os.waitstatus_to_exitcode(status), time.monotonic()
        elif not pid:
            time.sleep(0.002)
        if time.monotonic() - start > (SECONDS if code is None else SECONDS / 4):
            if code is None:
                hung = True
                _kill_all(main)
                code, start = -signal.SIGKILL, time.monotonic()
            else:
                return {"code": code, "hung": hung, "left": _kill_all(main)}


def _kill_all(main: int) -> int:
    with suppress(ProcessLookupError):
        os.killpg(main, signal.SIGKILL)
    left = 0
    with suppress(ChildProcessError):
        while os.waitpid(-1, 0)[0]:
            left += 1
    return left


def serve(library: Path) -> None:
    """Take orders until there are no more."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    _import_everything()
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        main = os.fork()
        if not main:
            _child(order, library)
        with suppress(PermissionError, ProcessLookupError):
            os.setpgid(main, main)
        sys.stdout.write(json.dumps(_watch(main)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
