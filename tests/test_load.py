"""What a trainer gets from `datasets.load_dataset`."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

from tests.corpus import m3it, write_okvqa

BUILDERS = {"parquet": "parquet", "jsonl": "json", "jsonl.zst": "json"}


@pytest.fixture(scope="module")
def outs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same rows in every format, each with its card."""
    root = tmp_path_factory.mktemp("load")
    source = write_okvqa(root / "source", pictures=4, questions=3, noisy=True)
    settings = {format: ("--format", format) for format in BUILDERS} | {"bytes": ("--images", "bytes")}
    for name, flags in settings.items():
        m3it("build", "--task", "okvqa", "--source", source, "--out", root / name, *flags, "--workers", 1)
        m3it("card", root / name)
    return {name: root / name for name in settings}


def load(out: Path, cache: Path, **more: Any) -> Any:
    """The train split of a build, as its card says."""
    return load_dataset(str(out), "okvqa", split="train", cache_dir=str(cache), **more)


def load_files(out: Path, format: str, cache: Path) -> Any:
    """The train split of a build, from its files alone."""
    files = str(out / f"data/kvqa/okvqa/train-*.{format}")
    return load_dataset(BUILDERS[format], data_files=files, split="train", cache_dir=str(cache))


def test_every_format_loads_with_the_same_features_and_rows(outs: dict[str, Path], tmp_path: Path) -> None:
    loaded = {format: load(outs[format], tmp_path) for format in BUILDERS}
    first = loaded["parquet"]
    assert first.column_names == ["instruction", "inputs", "image_base64_str", "outputs", "meta"]
    for other in loaded.values():
        assert other.features == first.features
        assert other[:] == first[:]
    assert isinstance(first[0]["meta"], dict)
    assert first[0]["meta"]["answers"][0] == "disc"


def test_files_without_the_card_hold_the_same_rows_with_meta_as_text(outs: dict[str, Path], tmp_path: Path) -> None:
    rows = load(outs["parquet"], tmp_path)
    for name in ("parquet", "bytes"):
        alone = load_files(outs[name], "parquet", tmp_path)
        assert [json.loads(meta) for meta in alone["meta"]] == list(rows["meta"])
    for format in ("jsonl", "jsonl.zst"):
        assert list(load_files(outs[format], format, tmp_path)["meta"]) == list(rows["meta"])


def test_streaming_gives_the_same_rows(outs: dict[str, Path], tmp_path: Path) -> None:
    rows = list(load(outs["parquet"], tmp_path, streaming=True))
    assert rows == list(load(outs["parquet"], tmp_path))


def test_every_row_tells_the_form_that_it_has(outs: dict[str, Path], tmp_path: Path) -> None:
    for out in outs.values():
        assert {row["meta"]["schema"] for row in load(out, tmp_path)} == {"m3it/2"}


def test_original_picture_bytes_stay(outs: dict[str, Path], tmp_path: Path) -> None:
    for row in load(outs["parquet"], tmp_path):
        facts = row["meta"]["images"][0]
        data = base64.b64decode(row["image_base64_str"][0], validate=True)
        source = next((outs["parquet"].parent / "source/okvqa").glob(facts["name"]))
        assert data == source.read_bytes()
        assert hashlib.sha256(data).hexdigest() == facts["sha256"]
        assert "source_sha256" not in facts


def test_picture_bytes_load_as_pictures_with_the_same_rows_otherwise(outs: dict[str, Path], tmp_path: Path) -> None:
    pictures = load(outs["bytes"], tmp_path)
    assert pictures[0]["images"][0].size == (128, 96)
    plain = load(outs["parquet"], tmp_path)
    columns = ["instruction", "inputs", "outputs", "meta"]
    assert pictures.select_columns(columns)[:] == plain.select_columns(columns)[:]


def test_pictures_of_several_rows_are_stored_once(outs: dict[str, Path]) -> None:
    pictures = sum(path.stat().st_size for path in (outs["parquet"].parent / "source/okvqa/train2014").iterdir())
    shard = next(outs["parquet"].glob("data/kvqa/okvqa/train-*.parquet"))
    assert shard.stat().st_size < 1.1 * pictures, "twelve rows of four pictures"
