"""`m3it build` against `datasets.Dataset.from_generator(...).to_parquet`, and its memory at three sizes.

python -m scripts.bench.build [--pictures 4000] [--rounds 3] [--folder DIR] [--sizes 200,2000,20000]
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from scripts.bench.corpus import QUESTIONS, write_corpus
from scripts.bench.process import Cost, measure


def build_command(source: Path, out: Path, workers: int) -> list[str]:
    """The build of a VQA v2 corpus."""
    return [
        sys.executable, "-m", "m3it_build", "build", "--task", "vqa-v2", "--source", str(source), "--out", str(out),
        "--split", "train", "--preset", "full", "--workers", str(workers),
    ]  # fmt: skip


def folder_size(folder: Path) -> int:
    """Bytes of all files below."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def floor(source: Path, out: Path) -> list[str]:
    """Read each picture, base64 it, write it once: what no builder can avoid."""
    script = (
        "import sys, pybase64, pathlib\n"
        "out = open(sys.argv[2], 'wb')\n"
        "for path in sorted(pathlib.Path(sys.argv[1], 'train2014').iterdir()):\n"
        "    out.write(pybase64.b64encode(path.read_bytes()))\n"
    )
    return [sys.executable, "-c", script, str(source), str(out)]


def show(name: str, costs: list[Cost], rows: int, reference: float) -> None:
    """One line: medians, and rows per second against the reference."""
    wall = statistics.median(cost.wall for cost in costs)
    cpu = statistics.median(cost.cpu for cost in costs)
    peak = max(cost.largest for cost in costs)
    total = max(cost.total for cost in costs)
    print(
        f"{name:28} {wall:8.2f} {cpu:8.2f} {rows / wall:10.0f} {reference / wall:7.2f}x {peak:9.0f} {total:9.0f}",
        flush=True,
    )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "m3it-bench")
    parser.add_argument(
        "--sizes", default="200,2000,20000", help="pictures, five rows each, for the memory table; empty: none"
    )
    arguments = parser.parse_args()
    work = arguments.folder
    source = write_corpus(work / f"vqa-{arguments.pictures}", arguments.pictures)
    rows = arguments.pictures * QUESTIONS
    out, log = work / "out", work / "log.txt"
    commands = {
        "datasets, 1 process": [sys.executable, "-m", "scripts.bench.peer_datasets", str(source), str(out), "1"],
        "m3it, 1 worker": build_command(source, out, 1),
        "m3it, 2 workers": build_command(source, out, 2),
        "floor: read, base64, write": floor(source, work / "out.bin"),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    sizes: dict[str, int] = {}
    for turn in range(arguments.rounds):
        names = list(commands)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            shutil.rmtree(out, ignore_errors=True)
            costs[name].append(measure(commands[name], log))
            sizes[name] = folder_size(out / "data") if "m3it" in name else 0
    pictures = folder_size(source / "train2014")
    print(
        f"{rows} rows, {pictures / 1e6:.0f} MB pictures, {os.cpu_count()} cores, medians of {arguments.rounds} rounds"
    )
    print(f"{'':28} {'wall s':>8} {'CPU s':>8} {'rows/s':>10} {'speed':>8} {'peak MB':>9} {'all MB':>9}")
    reference = statistics.median(cost.wall for cost in costs["datasets, 1 process"])
    for name, measured in costs.items():
        show(name, measured, rows, reference)
    print(f"output against pictures: {sizes['m3it, 2 workers'] / pictures - 1:+.1%}\n")
    if arguments.sizes:
        print("memory of m3it, 2 workers")
        for size in map(int, arguments.sizes.split(",")):
            shutil.rmtree(out, ignore_errors=True)
            cost = measure(build_command(write_corpus(work / f"vqa-{size}", size), out, 2), log)
            sizes_told = f"largest {cost.largest:5.0f} MB, all {cost.total:5.0f} MB"
            print(f"{size * QUESTIONS:8} rows {cost.wall:6.1f} s, {sizes_told}", flush=True)


if __name__ == "__main__":
    main()
