"""The default engine: processes of this machine, one shard a job."""

import gc
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import (
    active_children,
    connection,
    current_process,
    get_all_start_methods,
    get_context,
    parent_process,
    util,
)
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from tempfile import gettempdir
from types import ModuleType, TracebackType
from typing import Generic, TypeVar

from m3it_build.core.errors import M3itError, PartError
from m3it_build.core.machine import ADVICE, HANDLES
from m3it_build.core.stop import STOPS
from m3it_build.engine.job import Job, Moved, unmoved
from m3it_build.store.manifest import Manifest

J = TypeVar("J", bound=Job)


class LocalEngine(Generic[J]):
    """Runs shard jobs in worker processes; with one worker, in this process."""

    def __init__(
        self,
        workers: int,
        done: Callable[[J, Manifest], None],
        failed: Callable[[J, Exception], None],
        moved: Moved = unmoved,
        preload: Sequence[str] = (),
    ) -> None:
        """Get ready; a worker starts when there is a job for it.

        Args:
            workers: How many there may be.
            done: Called in this process after each commit.
            failed: Called in this process with what a job raised, unless the output folder cannot be written: that
                ends all.
            moved: Called from any thread, as records go through.
            preload: Modules that jobs need, imported once by the process from which workers are forked.
        """
        self.collector = gc.get_threshold()
        calm_collector()
        self.done = done
        self.failed = failed
        self.moved = moved
        self.pool: ProcessPoolExecutor | None = None
        if workers > 1:
            try:
                context = _context(preload)
                told, self.tell = context.Pipe(duplex=False)
                self.pool = ProcessPoolExecutor(workers, context, initializer=_start_worker, initargs=(self.tell,))
            except (EOFError, OSError) as error:
                gc.set_threshold(*self.collector)
                raise _not_started(error) from error
            self.listener = threading.Thread(target=_listen, args=(told, moved), daemon=True)
            self.listener.start()
        self.pending: dict[Future[Manifest], J] = {}

    def submit(self, job: J) -> None:
        """Queue a job (or do it now, with one worker), and report what has finished meanwhile.

        Raises:
            OutputError: the output folder cannot be written.
            M3itError: a worker died, or none can be started.
        """
        if self.pool is None:
            self._tell(job, lambda: job.run(self.moved))
            return
        try:
            with _clean_start():
                self.pending[self.pool.submit(_work, job)] = job
        except (BrokenProcessPool, EOFError, ConnectionError) as error:
            self._report(block=False)
            raise _died() from error
        except (AssertionError, OSError) as error:  # a process of a pool may have no children of its own
            raise _not_started(error) from error
        self._report(block=False)

    def finish(self) -> None:
        """Wait for all jobs.

        Raises:
            OutputError: the output folder cannot be written.
            M3itError: a worker died.
        """
        while self.pending:
            self._report(block=True)

    def _report(self, *, block: bool) -> None:
        """Tell of all that have ended, before it is told that a worker died."""
        dead: BrokenProcessPool | None = None
        for future in wait(self.pending, None if block else 0, FIRST_COMPLETED).done:
            job = self.pending.pop(future)
            try:
                self._tell(job, future.result)
            except BrokenProcessPool as error:
                dead = error
        if dead is not None:
            raise _died() from dead

    def _tell(self, job: J, result: Callable[[], Manifest]) -> None:
        try:
            manifest = result()
        except BrokenProcessPool:
            raise
        except Exception as error:
            if isinstance(error, M3itError) and not isinstance(error, PartError):
                raise
            self.failed(job, error)
        else:
            self.done(job, manifest)

    def __enter__(self) -> "LocalEngine[J]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let running shards finish; after Ctrl-C stop at once, which loses nothing that was committed."""
        gc.set_threshold(*self.collector)
        if self.pool is None:
            return
        stopped = kind is not None and not issubclass(kind, Exception)
        if stopped:
            for process in list(self.pool._processes.values()):  # noqa: SLF001 - there is no public way to end workers
                process.kill()
        self.pool.shutdown(wait=not stopped, cancel_futures=True)
        self.tell.close()
        if not stopped:
            self.listener.join(timeout=5)


def abandon() -> None:
    """Before this process ends at once: end workers, and give back what multiprocessing holds beside memory.

    Else its tracker tells of leaked semaphores, and a folder with a socket stays in that for temporary files.
    """
    for process in active_children():
        process.kill()
    with suppress(Exception):
        util._run_finalizers(0)  # type: ignore[attr-defined]  # noqa: SLF001 - what it does at a usual end, without waiting for threads
    if (folder := current_process()._config.get("tempdir")) is not None:  # type: ignore[attr-defined]  # noqa: SLF001
        shutil.rmtree(folder, ignore_errors=True)


_one_at_a_time = threading.Lock()
SAFE_PATH = "PYTHONSAFEPATH"


@contextmanager
def _clean_start() -> Iterator[None]:
    """Workers that start in here import no main module, nothing from the working directory, and heed no signals.

    No job is of the main module, and a script that builds without `if __name__ == "__main__"` would begin again in each
    worker. A folder m3it_build in the working directory, as in a checkout, is not the package that runs here. What
    Ctrl-C and the like mean is decided by this process, whose workers end with it; what is blocked here stays blocked
    in them from their first instruction on.
    """
    with _one_at_a_time, _signals_later():
        main, safe = sys.modules["__main__"], os.environ.get(SAFE_PATH)
        sys.modules["__main__"] = ModuleType("__main__")
        os.environ[SAFE_PATH] = "1"
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS) if hasattr(signal, "pthread_sigmask") else None
        try:
            yield
        finally:
            sys.modules["__main__"] = main
            if safe is None:
                del os.environ[SAFE_PATH]
            else:
                os.environ[SAFE_PATH] = safe
            if blocked is not None:
                signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


@contextmanager
def _signals_later() -> Iterator[None]:
    """A signal that comes in here is heeded at its end: no worker is left of which nobody knows."""
    if threading.current_thread() is not threading.main_thread():  # which alone is disturbed by signals
        yield
        return
    came: list[int] = []
    before = {each: handler for each in STOPS if (handler := signal.getsignal(each)) is not None}
    for each in before:
        signal.signal(each, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for number in came:
            signal.raise_signal(number)


def _context(preload: Sequence[str]) -> BaseContext:
    """How workers start: forked from a clean process that has imported everything once, else as new interpreters.

    Never forked from this one, whose lock and open files they would inherit. The clean process begins now, and imports
    while the first plan is made.
    """
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    from multiprocessing import forkserver, resource_tracker

    context = get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    sys.warnoptions.append("ignore:resource_tracker:UserWarning")  # its options; what it finds left it takes away
    try:
        with _clean_start():
            resource_tracker.ensure_running()
    finally:
        sys.warnoptions.pop()
    with _clean_start():  # once more: where the tracker starts, it unblocks signals
        forkserver.ensure_running()
    return context


def _not_started(error: Exception) -> M3itError:
    if isinstance(error, OSError) and error.errno in HANDLES:
        return M3itError(f"No worker can be started ({error.strerror}). {ADVICE[error.errno]}.")
    if "AF_UNIX" in str(error):
        return M3itError(f"No worker can be started: TMPDIR ({gettempdir()}) is too long. Name a shorter folder there.")
    return M3itError(f"No worker can be started here ({error}). Use workers = 1.")


def _died() -> M3itError:
    return M3itError(
        "A worker process died (killed, or out of memory). Finished shards are kept: run the same command again, "
        "with fewer --workers if memory was short."
    )


def calm_collector() -> None:
    """Look for reference cycles rarely: rows make none, and looking costs an eighth of a build's CPU time."""
    gc.set_threshold(100_000, 50, 100)


def _listen(told: Connection, moved: Moved) -> None:
    """Pass on what workers tell, until the last of them and the engine have closed the pipe."""
    with told, suppress(EOFError):
        while True:
            name, _, records = told.recv_bytes().decode().rpartition(" ")
            moved(name, int(records))


_tell: Connection
"""In a worker: the pipe to the engine."""


def _moved(name: str, records: int) -> None:
    """Tell the engine; a message is shorter than a pipe's page, so those of several workers do not mix."""
    _tell.send_bytes(f"{name} {records}".encode())


def _start_worker(tell: Connection) -> None:
    global _tell  # noqa: PLW0603 - a process has one engine
    _tell = tell
    calm_collector()
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(
            signal.SIG_UNBLOCK, {signal.SIGTERM}
        )  # by which a pool ends the workers beside a dead one
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _work(job: Job) -> Manifest:
    return job.run(_moved)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
