"""Writes the golden digests of the samples: `python -m scripts.golden`.

They tell, split by split, which bytes an identity stands for. Bytes that change under an identity that does not are
refused: whoever goes on with an output folder of the state before would mix rows. Raise `ROWS` in
m3it_build/core/schema.py then.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from m3it_build.store.digest import file_sha256
from m3it_build.store.manifest import Manifest, Summary, load
from m3it_build.store.output import OutputFolder

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden.json"
SAMPLES = ROOT / "m3it_build" / "samples"
PYARROW = version("pyarrow")


class Digest(NamedTuple):
    """A split's identity and what it stands for."""

    identity: str
    """Hash of its fingerprint and of the sample, whose pictures a fingerprint does not know."""
    jsonl: str
    """Of its one shard."""
    some: str
    """Of a few of its rows in small shards, as JSONL under Zstandard: what sampling, cutting and packing come to."""
    parquet: str
    """Of its one shard; its bytes are pyarrow's too."""
    pictures: str
    """Of small Parquet shards with pictures as bytes."""


Digests = dict[str, Digest]
"""By split."""


def golden(now: Digests) -> Digests:
    """The digests that are kept; what another pyarrow wrote counts as equal to what there is now."""
    kept: dict[str, Any] = (
        json.loads(GOLDEN.read_text("utf-8")) if GOLDEN.exists() else {"pyarrow": PYARROW, "splits": {}}
    )
    before = {name: Digest(*values) for name, values in kept["splits"].items()}
    if kept["pyarrow"] == PYARROW:
        return before
    return {
        name: digest._replace(parquet=now[name].parquet, pictures=now[name].pictures) if name in now else digest
        for name, digest in before.items()
    }


def current() -> Digests:
    """Build all samples: a shard a split, and some rows of each in small shards."""
    whole = ("--rows-per-shard", "100000")
    jsonl, parquet = _built("--format", "jsonl", *whole), _built(*whole)
    some = _built("--format", "jsonl.zst", "--limit", "3", "--rows-per-shard", "2")
    pictures = _built("--images", "bytes", "--rows-per-shard", "3")
    return {name: Digest(*jsonl[name], some[name][1], parquet[name][1], pictures[name][1]) for name in jsonl}


def unnoticed(before: Digests, now: Digests) -> list[str]:
    """Splits whose bytes changed while their identity did not."""
    both = before.keys() & now.keys()
    return sorted(name for name in both if before[name].identity == now[name].identity and before[name] != now[name])


def changed(before: Digests, now: Digests) -> list[str]:
    """Splits that came, went, or are not as they were."""
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def main() -> int:
    """Write the file, unless an identity has come to stand for other bytes."""
    now = current()
    before = golden(now)
    if mixed := unnoticed(before, now):
        print(f"{', '.join(mixed)}: other bytes under the same identity: raise ROWS in m3it_build/core/schema.py")
        return 1
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(digest)}" for name, digest in now.items())
    GOLDEN.write_text(f'{{"pyarrow": {json.dumps(PYARROW)}, "splits": {{\n{lines}\n}}}}\n', encoding="utf-8")
    print(f"{len(changed(before, now))} of {len(now)} splits changed")
    return 0


def _built(*flags: str) -> dict[str, tuple[str, str]]:
    """Identity and digest of each split."""
    command = [sys.executable, "-m", "m3it_build", "build", "--all", "--sample", "--workers", "2", *flags]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*command, "--out", folder], check=True, capture_output=True)
        output = OutputFolder(Path(folder))
        found = {}
        for summary in (load(path, Summary) for path in output.summaries()):
            identity = hashlib.sha256((summary.fingerprint + _sample(summary.task)).encode()).hexdigest()
            paths = (output.manifest(summary.task, summary.split, index) for index in range(summary.shards))
            shards = "".join(str(load(path, Manifest).sha256) for path in paths)
            found[f"{summary.task}/{summary.split}"] = (identity, hashlib.sha256(shards.encode()).hexdigest())
        return found


def _sample(task: str) -> str:
    """Hash of all files of a sample."""
    folder, digest = SAMPLES / task, hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + file_sha256(path).encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
