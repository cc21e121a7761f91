"""Damaged inputs, many a second, in a process that may die of them.

python -m tests.faults.fuzz --seed 0 --from 0 --count 10000 [--reader NAME]: writes a line of JSON for each failure and
one for the counts to stdout; what failed is kept in tests/faults/corpus where --keep is given. NAME is one of
`readers.READERS`, or `build` for whole builds.
"""

import argparse
import faulthandler
import hashlib
import json
import os
import resource
import signal
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from types import FrameType
from typing import TYPE_CHECKING

from tests.faults.watch import WATCH, begin, snapshot

if TYPE_CHECKING:
    from tests.faults.builds import Damage

CORPUS = Path(__file__).with_name("corpus")
CPU_SECONDS = 20
"""Of one input: more is a hang."""
MEMORY = 3 << 30
"""Bytes that a process may have beside what it has after its imports."""
TOLD_EACH = 3
"""Inputs of one kind of failure, of which the first is kept."""
LARGEST = 24_000
"""Bytes of an input that is kept."""


class Hang(BaseException):
    """An input took too long; no reader takes this for an error of its own."""


def plan(seed: int, start: int, count: int, only: str = "") -> Iterator[tuple[str, int]]:
    """Which reader each number is for."""
    from tests.faults.readers import READERS

    names = list(READERS)
    weights = [READERS[name].weight for name in names]
    for number in range(start, start + count):
        yield only or Random(f"{seed}/{number}").choices(names, weights)[0], number


def mutation(name: str, seed: int, number: int) -> bytes:
    """The input of a case."""
    from tests.faults.readers import READERS

    return READERS[name].mutation(Random(f"{seed}/{name}/{number}"))


def read(name: str, data: bytes, scratch: Path) -> None:
    """Have a reader read an input."""
    from tests.faults.readers import READERS

    reader = READERS[name]
    path = scratch / f"input{reader.suffix}"
    path.write_bytes(data)
    with WATCH.only(scratch, Path(os.environ["XDG_CACHE_HOME"])):
        reader.read(path)
    assert path.read_bytes() == data, "the input was changed"


def build(case: "Damage", scratch: Path) -> None:
    """Build a damaged sample.

    Raises:
        AssertionError: what is wrong with it.
    """
    from tests.faults.builds import prepared, wrong

    source, out = prepared(case, scratch)
    before = snapshot(source)
    with WATCH.only(out, Path(os.environ["XDG_CACHE_HOME"])):
        told = wrong(case, source, out)
    assert snapshot(source) == before, "the source was changed"
    assert {path.name for path in scratch.iterdir()} <= {source.name, out.name}, "there is more than source and out"
    assert not told, told


def failure(work: Callable[[], None]) -> dict[str, str] | None:
    """What is done with an input that must not be done."""
    from m3it_build.core.errors import M3itError, MachineError

    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        work()
    except MachineError as error:
        return _told(error, "the machine is blamed")
    except M3itError:
        return None
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return _told(error, "another exception")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def _told(error: BaseException, what: str) -> dict[str, str]:
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "m3it_build" in frame.filename or "tasks" in frame.filename
    ]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return {"what": what, "error": f"{type(error).__name__}: {str(error)[:200]}", "place": place}


def _hangs(_: int, __: FrameType | None) -> None:
    raise Hang(f"more than {CPU_SECONDS} s")


def keep(name: str, data: bytes) -> str:
    """Put an input into the corpus; returns its name there."""
    if len(data) > LARGEST:
        return ""
    (CORPUS / name).write_bytes(data)
    return name


def replay(inputs: Path, builds: Path) -> None:
    """Everything that ever failed."""
    from tests.faults.builds import NAME, kept

    for path in sorted(CORPUS.glob("*--*")):
        data, name = path.read_bytes(), path.name.partition("--")[0]
        wrong = failure(partial(build, kept(path), builds) if name == NAME else partial(read, name, data, inputs))
        print(json.dumps({"reader": name, "kept": path.name, **(wrong or {})}), flush=True)


def run(arguments: argparse.Namespace, scratch: Path) -> None:
    """All cases of a part."""
    os.environ |= {"XDG_CACHE_HOME": str(scratch / "cache"), "TMPDIR": str(scratch), "HOME": str(scratch)}
    tempfile.tempdir = str(scratch)
    (scratch / "cache").mkdir()
    os.chdir(scratch)
    from tests.faults.builds import NAME, damage
    from tests.faults.readers import READERS, _seeds, built

    built()
    for name in READERS:
        _seeds(name)
    signal.signal(signal.SIGPROF, _hangs)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    current = Path(arguments.current).open("r+b", buffering=0) if arguments.current else None  # noqa: SIM115
    begin()
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    inputs, builds = scratch / "inputs", scratch / "builds"
    inputs.mkdir()
    builds.mkdir()
    if arguments.replay:
        replay(inputs, builds)
        return
    for name, number in plan(arguments.seed, arguments.start, arguments.count, arguments.reader):
        if current:
            os.pwrite(current.fileno(), f"{number:020d} {name:40s}".encode(), 0)
        if name == NAME:
            case = damage(arguments.seed, number)
            data, kept, work = case.data, case.kept, partial(build, case, builds)
        else:
            data = mutation(name, arguments.seed, number)
            kept, work = f"{name}--{hashlib.sha256(data).hexdigest()[:12]}", partial(read, name, data, inputs)
        counts[name] += 1
        if (wrong := failure(work)) is not None:
            kind = f"{name} {wrong['place']} {wrong['error'][:30]}"
            kinds[kind] += 1
            if kinds[kind] <= TOLD_EACH:
                saved = keep(kept, data) if arguments.keep and kinds[kind] == 1 else ""
                print(json.dumps({"reader": name, "number": number, **wrong, "kept": saved}), flush=True)
    print(json.dumps({"counts": counts, "kinds": kinds}), flush=True)


def main() -> None:
    """As the module says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--from", dest="start", type=int, default=0)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--reader", default="")
    parser.add_argument("--current", default="", help="a file that always tells the case, for whoever finds us dead")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--replay", action="store_true", help="of the corpus, instead")
    faulthandler.enable()
    with tempfile.TemporaryDirectory(prefix="m3it-fuzz-") as folder:
        run(parser.parse_args(), Path(folder).resolve())


if __name__ == "__main__":
    main()
