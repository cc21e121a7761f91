"""Rows as others read them: every `datasets` from 2.16 on, each in an environment of its own, and what reads Parquet.

The newest `datasets` is the one that is installed; the oldest is installed from the package index on first use (about a
minute) and kept in the user's cache. Versions in between and other readers: `python -m pytest -m long`.
"""

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.corpus import FORMS, m3it, rows, write_okvqa

PINS = {
    "2.16.0": ("pyarrow<15", "numpy<2", "pandas<3", "fsspec<=2023.10.0", "huggingface_hub<0.24", "pillow<12"),
    "3.6.0": ("pyarrow<20", "numpy<2.3", "pandas<3"),
    "4.0.0": ("pyarrow<22", "numpy<2.3", "pandas<3"),
    "4.8.4": (),
}
"""What fits to each `datasets`: newer ones of these have lost what it calls."""
CARD_SINCE = (4, 7)
"""The first `datasets` that reads a card which declares JSON."""
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "m3it-tests"
UNREACHED = ("from versions: none", "NewConnectionError", "ConnectionError", "Temporary failure in name resolution")

PROBE = """
import json, sys
import datasets

datasets.utils.logging.set_verbosity_error()
getattr(datasets, "disable_progress_bars", getattr(datasets, "disable_progress_bar", None))()
out, builder, files, cache = sys.argv[1:]

def told(dataset):
    row = dataset[0]
    pictures = row.get("images") or row["image_base64_str"]
    return {
        "rows": len(dataset),
        "columns": dataset.column_names,
        "texts": [row["instruction"], row["inputs"], row["outputs"]],
        "meta": row["meta"],
        "picture": pictures[0] if isinstance(pictures[0], str) else list(pictures[0].size),
    }

found = {"file": told(datasets.load_dataset(builder, data_files=files, split="train", cache_dir=cache))}
streamed = next(iter(datasets.load_dataset(builder, data_files=files, split="train", cache_dir=cache, streaming=True)))
found["streamed"] = streamed["meta"]
try:
    found["card"] = told(datasets.load_dataset(out, "okvqa", split="train", cache_dir=cache))
except Exception as error:
    found["error"] = str(error)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def outs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same rows in every format, each with its card."""
    root = tmp_path_factory.mktemp("consumers")
    write_okvqa(root, pictures=3)
    found = {}
    for name, flags in FORMS.items():
        found[name] = root / name
        m3it("build", "--task", "okvqa", "--source", root, "--out", found[name], "--workers", 1, *flags)
        m3it("card", found[name])
    return found


def python_with(*requirements: str) -> str:
    """The interpreter of an environment with these packages, made once and kept."""
    folder = CACHE / "-".join([f"py{sys.version_info[0]}.{sys.version_info[1]}", *requirements]).replace("/", "_")
    python = folder / "bin" / "python"
    ready = folder / "ready"
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True)
            done = subprocess.run(
                [python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", *requirements],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode and any(each in done.stderr for each in UNREACHED):
                pytest.skip(f"the package index was not reached for {requirements[0]}")
            assert not done.returncode, done.stderr
            ready.touch()
    return str(python)


def probe(python: str, out: Path, format: str, cache: Path) -> Any:
    """What a `datasets` reads from the train split: from its files alone, and by the card."""
    name = "parquet" if format == "bytes" else format
    builder = "parquet" if name == "parquet" else "json"
    files = str(out / f"data/kvqa/okvqa/train-*.{name}")
    done = subprocess.run(
        [python, "-c", PROBE, str(out), builder, files, str(cache)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(cache)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def check(python: str, outs: dict[str, Path], cache: Path, *, reads_card: bool) -> None:
    """Hold every format against the rows as they are."""
    id, row = next(iter(rows(outs["jsonl"]).items()))
    texts = [row["instruction"], row["inputs"], row["outputs"]]
    for format, out in outs.items():
        found = probe(python, out, format, cache / format)
        file, streamed = found["file"], found["streamed"]
        field = "images" if format == "bytes" else "image_base64_str"
        assert file["columns"] == ["instruction", "inputs", field, "outputs", "meta"], format
        assert (file["rows"], file["texts"]) == (6, texts), format
        assert file["picture"] == ([96, 64] if format == "bytes" else row["image_base64_str"][0]), format
        for meta in (file["meta"], streamed):
            assert isinstance(meta, str) == (format in {"parquet", "bytes"}), format
            told = json.loads(meta) if isinstance(meta, str) else meta
            assert (told["id"], told["answers"]) == (id, row["meta"]["answers"]), format
        if reads_card:
            assert found["card"]["meta"] == row["meta"], format
            assert found["card"] == {**file, "meta": row["meta"]}, format
        else:
            assert "error" in found, format


def test_the_newest_datasets_reads_the_files_and_the_card(outs: dict[str, Path], tmp_path: Path) -> None:
    check(sys.executable, outs, tmp_path, reads_card=True)


@pytest.mark.parametrize(
    "version", [pytest.param(each, marks=() if each == "2.16.0" else pytest.mark.long) for each in PINS]
)
def test_an_older_datasets_reads_the_files(outs: dict[str, Path], tmp_path: Path, version: str) -> None:
    if version == "2.16.0" and sys.version_info >= (3, 13):
        pytest.skip("pyarrow 14, which datasets 2.16 needs, has no wheels for this Python")
    python = python_with(f"datasets=={version}", *PINS[version], "pillow", "zstandard")
    reads_card = tuple(int(part) for part in version.split(".")[:2]) >= CARD_SINCE
    check(python, outs, tmp_path, reads_card=reads_card)


@pytest.mark.long
@pytest.mark.parametrize(
    ("package", "lines"),
    [
        ("polars", "import polars\nrows = polars.read_parquet(file).to_dicts()\n"),
        ("pandas", "import pandas\nrows = pandas.read_parquet(file).to_dict('records')\n"),
        (
            "duckdb",
            (
                "import duckdb\nasked = duckdb.sql(f\"SELECT meta->>'$.license' AS license, * FROM '{file}'\")\n"
                "rows = [dict(zip(asked.columns, row)) for row in asked.fetchall()]\n"
                "assert {row['license'] for row in rows} == {'LicenseRef-COCO'}\n"
            ),
        ),
    ],
)
@pytest.mark.parametrize("format", ["parquet", "bytes"])
def test_other_readers_of_parquet_see_text(outs: dict[str, Path], package: str, lines: str, format: str) -> None:
    python = python_with(package, *(("pyarrow",) if package == "pandas" else ()))
    (file,) = outs[format].glob("data/kvqa/okvqa/train-*.parquet")
    told = "import json\nprint(json.dumps([[row['meta'], row['outputs'], len(row[field])] for row in rows]))\n"
    field = "images" if format == "bytes" else "image_base64_str"
    done = subprocess.run(
        [python, "-c", f"file, field = {str(file)!r}, {field!r}\n{lines}{told}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    train = [row for row in rows(outs["jsonl"]).values() if row["meta"]["split"] == "train"]
    expected = [[row["meta"]["id"], row["outputs"], 1] for row in train]
    assert [[json.loads(meta)["id"], *rest] for meta, *rest in json.loads(done.stdout)] == expected
