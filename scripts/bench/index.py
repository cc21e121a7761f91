"""The index of a download: names a second, bytes a name, lookups a second, on disk and in a zip.

    python scripts/bench/index.py [NAMES]

Files are empty and lie in folders of 1,300, as ImageNet's do; the zip is stored. Each kind is measured in a process of
its own. Memory is what the process grows by at its peak.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

CLASS = 1300
LOOKUPS = 20_000


def name(number: int) -> str:
    """A picture's path."""
    return f"train/n{number // CLASS:08d}/n{number // CLASS:08d}_{number}.JPEG"


def make(root: Path, names: int, *, packed: bool) -> None:
    """A download of so many pictures."""
    if packed:
        with zipfile.ZipFile(root / "pictures.zip", "w") as archive:
            for number in range(names):
                archive.writestr(name(number), b"")
        return
    for number in range(names):
        path = root / name(number)
        if number % CLASS == 0:
            path.parent.mkdir(parents=True)
        path.touch()


def peak() -> int:
    """Bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure(root: Path, names: int) -> None:
    """Index it, open the index again, look names up."""
    from m3it_build.sources.folder import Folder

    before, start = peak(), time.perf_counter()
    folder = Folder("bench", (root,))
    _ = folder.indices
    made, grown = time.perf_counter() - start, peak() - before
    start = time.perf_counter()
    _ = Folder("bench", (root,)).indices
    again = time.perf_counter() - start
    start = time.perf_counter()
    for number in range(0, names, max(1, names // LOOKUPS)):
        assert folder.find(name(number), globs=False) is not None
    found = time.perf_counter() - start
    start = time.perf_counter()
    for number in range(LOOKUPS):
        assert folder.find(f"train/x/{number}.JPEG", globs=False) is None
    missed = time.perf_counter() - start
    looked = len(range(0, names, max(1, names // LOOKUPS)))
    print(
        f"  indexed in {made:.1f} s: {names / made:,.0f} names/s, {grown / names:.0f} bytes of memory and "
        f"{folder.indices[0].path.stat().st_size / names:.0f} on disk a name; opened again in {again:.2f} s; "
        f"{looked / found:,.0f} hits/s, {LOOKUPS / missed:,.0f} misses/s"
    )


def main() -> None:
    """Both kinds, one after the other."""
    names = int(sys.argv[1]) if len(sys.argv) > 1 else 1_500_000
    for packed in (False, True):
        with tempfile.TemporaryDirectory() as scratch:
            root = Path(scratch, "source")
            root.mkdir()
            make(root, names, packed=packed)
            time.sleep(2.5)  # else its times are too young to be trusted
            print(f"{names:,} names {'in a zip' if packed else 'on disk'}")
            environment = os.environ | {"XDG_CACHE_HOME": f"{scratch}/cache"}
            subprocess.run([sys.executable, __file__, "--measure", str(root), str(names)], check=True, env=environment)


if __name__ == "__main__":
    if "--measure" in sys.argv:
        measure(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
