"""What a trainer gets from `datasets.load_dataset`."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

from tests.corpus import m3it, write_okvqa

BUILDERS = {"parquet": "parquet", "jsonl": "json", "jsonl.zst": "json"}


@pytest.fixture(scope="module")
def outs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same rows in every format."""
    root = tmp_path_factory.mktemp("load")
    source = write_okvqa(root / "source", pictures=4, questions=3, noisy=True)
    found = {}
    for format in BUILDERS:
        found[format] = root / format
        m3it("build", "--task", "okvqa", "--source", source, "--out", found[format], "--format", format, "--workers", 1)
    found["bytes"] = root / "bytes"
    m3it("build", "--task", "okvqa", "--source", source, "--out", found["bytes"], "--images", "bytes", "--workers", 1)
    return found


def load(out: Path, format: str, cache: Path, **more: Any) -> Any:
    """The train split of a build."""
    files = str(out / f"data/kvqa/okvqa/train-*.{format}")
    return load_dataset(BUILDERS[format], data_files=files, split="train", cache_dir=str(cache), **more)


def test_every_format_loads_with_the_same_features_and_rows(outs: dict[str, Path], tmp_path: Path) -> None:
    loaded = {format: load(outs[format], format, tmp_path) for format in BUILDERS}
    first = loaded["parquet"]
    assert first.column_names == ["instruction", "inputs", "image_base64_str", "outputs", "meta"]
    for other in loaded.values():
        assert other.features == first.features
        assert other[:] == first[:]
    assert isinstance(first[0]["meta"], dict)
    assert first[0]["meta"]["answers"][0] == "disc"


def test_streaming_gives_the_same_rows(outs: dict[str, Path], tmp_path: Path) -> None:
    rows = list(load(outs["parquet"], "parquet", tmp_path, streaming=True))
    assert rows == list(load(outs["parquet"], "parquet", tmp_path))


def test_original_picture_bytes_stay(outs: dict[str, Path], tmp_path: Path) -> None:
    for row in load(outs["parquet"], "parquet", tmp_path):
        facts = row["meta"]["images"][0]
        data = base64.b64decode(row["image_base64_str"][0], validate=True)
        source = next((outs["parquet"].parent / "source/okvqa").glob(facts["name"]))
        assert data == source.read_bytes()
        assert hashlib.sha256(data).hexdigest() == facts["sha256"]


def test_picture_bytes_load_as_pictures_with_the_same_rows_otherwise(outs: dict[str, Path], tmp_path: Path) -> None:
    pictures = load(outs["bytes"], "parquet", tmp_path)
    assert pictures[0]["images"][0].size == (128, 96)
    plain = load(outs["parquet"], "parquet", tmp_path)
    columns = ["instruction", "inputs", "outputs", "meta"]
    assert pictures.select_columns(columns)[:] == plain.select_columns(columns)[:]


def test_pictures_of_several_rows_are_stored_once(outs: dict[str, Path]) -> None:
    pictures = sum(path.stat().st_size for path in (outs["parquet"].parent / "source/okvqa/train2014").iterdir())
    shard = next(outs["parquet"].glob("data/kvqa/okvqa/train-*.parquet"))
    assert shard.stat().st_size < 1.1 * pictures, "twelve rows of four pictures"
