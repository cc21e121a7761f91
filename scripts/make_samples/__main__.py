"""Remakes bundled samples: `python -m scripts.make_samples [TASK ...]`; all of them by default."""

import importlib
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "m3it_build" / "samples"
KIT = {"draw", "things"}


def main(tasks: list[str]) -> int:
    """Remove and make the samples of `tasks`."""
    makers = (path.stem for path in sorted(HERE.glob("[!_]*.py")) if path.stem not in KIT)
    modules = {name.replace("_", "-"): name for name in makers}
    if unknown := sorted(set(tasks) - set(modules)):
        print(f"no sample maker for {', '.join(unknown)}; there are {', '.join(modules)}", file=sys.stderr)
        return 2
    for task in tasks or modules:
        folder = SAMPLES / task
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        importlib.import_module(f"scripts.make_samples.{modules[task]}").make(folder)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        print(f"{task}: {size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
