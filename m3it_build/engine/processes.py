"""The default engine: processes of this machine, one shard a job."""

import gc
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import connection, get_all_start_methods, get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from types import ModuleType, TracebackType
from typing import Generic, TypeVar

from m3it_build.core.errors import M3itError
from m3it_build.engine.job import Job, Moved, unmoved
from m3it_build.store.manifest import Manifest

J = TypeVar("J", bound=Job)


class LocalEngine(Generic[J]):
    """Runs shard jobs in worker processes; with one worker, in this process."""

    def __init__(
        self,
        workers: int,
        done: Callable[[J, Manifest], None],
        moved: Moved = unmoved,
        preload: Sequence[str] = (),
    ) -> None:
        """Start the workers.

        Args:
            workers: How many.
            done: Called in this process after each commit.
            moved: Called from any thread, as records go through.
            preload: Modules that jobs need, imported once by the process from which workers are forked.
        """
        self.collector = gc.get_threshold()
        calm_collector()
        self.done = done
        self.moved = moved
        self.pool: ProcessPoolExecutor | None = None
        if workers > 1:
            context = _context(preload)
            told, self.tell = context.Pipe(duplex=False)
            self.pool = ProcessPoolExecutor(workers, context, initializer=_start_worker, initargs=(self.tell,))
            try:
                with _clean_start():
                    for _ in range(workers):
                        self.pool.submit(_be_ready, preload)  # workers start and import while the first plan is made
            except (AssertionError, OSError) as error:  # a process of a pool may have no children of its own
                gc.set_threshold(*self.collector)
                raise M3itError(f"No worker can be started here ({error}). Use workers = 1.") from error
            self.listener = threading.Thread(target=_listen, args=(told, moved), daemon=True)
            self.listener.start()
        self.pending: dict[Future[Manifest], J] = {}

    def submit(self, job: J) -> None:
        """Queue a job (or do it now, with one worker), and report what has finished meanwhile."""
        if self.pool is None:
            self.done(job, job.run(self.moved))
            return
        try:
            with _clean_start():
                self.pending[self.pool.submit(_work, job)] = job
        except BrokenProcessPool as error:
            raise _died() from error
        self._report(block=False)

    def finish(self) -> None:
        """Wait for all jobs.

        Raises:
            M3itError: what the first failed job raised, or that a worker died.
        """
        while self.pending:
            self._report(block=True)

    def _report(self, *, block: bool) -> None:
        for future in self._finished(None if block else 0):
            job = self.pending.pop(future)
            try:
                self.done(job, future.result())
            except BrokenProcessPool as error:
                raise _died() from error

    def _finished(self, timeout: float | None) -> Iterator[Future[Manifest]]:
        return iter(wait(self.pending, timeout, FIRST_COMPLETED).done)

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


_one_at_a_time = threading.Lock()
SAFE_PATH = "PYTHONSAFEPATH"


@contextmanager
def _clean_start() -> Iterator[None]:
    """Workers that start in here import no main module, and nothing from the working directory.

    No job is of the main module, and a script that builds without `if __name__ == "__main__"` would begin again in each
    worker. A folder m3it_build in the working directory, as in a checkout, is not the package that runs here.
    """
    with _one_at_a_time:
        main, safe = sys.modules["__main__"], os.environ.get(SAFE_PATH)
        sys.modules["__main__"] = ModuleType("__main__")
        os.environ[SAFE_PATH] = "1"
        try:
            yield
        finally:
            sys.modules["__main__"] = main
            if safe is None:
                del os.environ[SAFE_PATH]
            else:
                os.environ[SAFE_PATH] = safe


def _context(preload: Sequence[str]) -> BaseContext:
    """How workers start: forked from a clean process that has imported everything once, else as new interpreters.

    Never forked from this one, whose lock and open files they would inherit.
    """
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    return context


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
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _work(job: Job) -> Manifest:
    return job.run(_moved)


def _be_ready(preload: Sequence[str]) -> None:
    """The first call of a worker: its imports are its work."""
    for name in preload:
        importlib.import_module(name)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
