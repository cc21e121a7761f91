"""`m3it validate` passes on what a build wrote and fails on anything that was done to it since."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from m3it_build.core.instructions import Form, Instruction, Need
from m3it_build.core.schema import SCHEMA, Instance
from m3it_build.plan.registry import load_registry
from m3it_build.quality.validate import check_instruction
from m3it_build.store.manifest import Summary
from tests.corpus import change_state, m3it, write_okvqa


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small download."""
    return write_okvqa(tmp_path_factory.mktemp("source"))


def build(source: Path, out: Path, format: str, *more: str) -> Path:
    """Two shards a split."""
    m3it(
        "build",
        "--task",
        "okvqa",
        "--source",
        source,
        "--out",
        out,
        "--format",
        format,
        "--rows-per-shard",
        6,
        "--workers",
        1,
        *more,
    )
    return next(out.glob("data/kvqa/okvqa/train-00000-*"))


@pytest.mark.parametrize("format", ["parquet", "jsonl", "jsonl.zst"])
def test_a_build_is_valid_in_every_format_whatever_its_folder_is_called(
    source: Path, tmp_path: Path, format: str
) -> None:
    out = tmp_path / "out [1]*"
    build(source, out, format)
    assert "24 rows in 4 shards checked, 0 problems" in m3it("validate", out).stdout


def test_a_build_with_picture_bytes_is_valid(source: Path, tmp_path: Path) -> None:
    build(source, tmp_path, "parquet", "--images", "bytes")
    m3it("validate", tmp_path)


@pytest.mark.parametrize("format", ["parquet", "jsonl", "jsonl.zst"])
def test_a_flipped_byte_is_found(source: Path, tmp_path: Path, format: str) -> None:
    shard = build(source, tmp_path, format)
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 0x10
    shard.write_bytes(data)
    done = m3it("validate", tmp_path, check=1)
    assert shard.name in done.stderr
    assert "bytes changed" in done.stderr


def test_a_deleted_shard_is_found(source: Path, tmp_path: Path) -> None:
    shard = build(source, tmp_path, "parquet")
    shard.unlink()
    assert "missing" in m3it("validate", tmp_path, check=1).stderr


def test_a_foreign_file_is_found(source: Path, tmp_path: Path) -> None:
    shard = build(source, tmp_path, "jsonl")
    shard.with_name("extra.jsonl").write_text("{}\n")
    assert "no manifest names this file" in m3it("validate", tmp_path, check=1).stderr


def test_an_unfinished_split_is_found(source: Path, tmp_path: Path) -> None:
    build(source, tmp_path, "parquet")
    (tmp_path / ".m3it/manifests/okvqa/train-00001.json").unlink()
    assert "not finished" in m3it("validate", tmp_path, check=1).stderr


def sixth_field(rows: list[dict[str, Any]]) -> None:
    """One field too many."""
    rows[1]["extra"] = 1


def duplicated_id(rows: list[dict[str, Any]]) -> None:
    """Two rows, one id."""
    rows[1]["meta"]["id"] = rows[0]["meta"]["id"]


def undecodable_image(rows: list[dict[str, Any]]) -> None:
    """Half a picture, with a hash that agrees."""
    data = base64.b64decode(rows[1]["image_base64_str"][0])[:300]
    rows[1]["image_base64_str"][0] = base64.b64encode(data).decode()
    rows[1]["meta"]["images"][0]["sha256"] = hashlib.sha256(data).hexdigest()


def other_picture(rows: list[dict[str, Any]]) -> None:
    """A good picture that is not the one in meta."""
    rows[0]["image_base64_str"], rows[-1]["image_base64_str"] = (
        rows[-1]["image_base64_str"],
        rows[0]["image_base64_str"],
    )


def no_base64(rows: list[dict[str, Any]]) -> None:
    """A data URI."""
    rows[1]["image_base64_str"][0] = "data:image/jpeg;base64," + rows[1]["image_base64_str"][0]


def empty_output(rows: list[dict[str, Any]]) -> None:
    """Nothing to learn."""
    rows[1]["outputs"] = " "


def other_instruction(rows: list[dict[str, Any]]) -> None:
    """One that is not in the pool."""
    rows[1]["instruction"] = "Do something else."


def two_blanks(rows: list[dict[str, Any]]) -> None:
    """White space as the source has it."""
    rows[1]["inputs"] = rows[1]["inputs"].replace(" ", "\u00a0 ", 1)


def instruction_that_does_not_fit(rows: list[dict[str, Any]]) -> None:
    """A sentence is asked for, a word is given."""
    pool = load_registry()["okvqa"].pool().all
    place = next(place for place, each in enumerate(pool) if each.form is Form.SENTENCE)
    rows[1] |= {"instruction": pool[place].text, "outputs": "disc"}
    rows[1]["meta"] |= {"instruction_index": place, "paraphrase": {"status": "original"}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (two_blanks, "inputs has white space"),
        (sixth_field, "the fields of row 2 are"),
        (duplicated_id, "stands in"),
        (undecodable_image, "cannot be decoded"),
        (other_picture, "sha256"),
        (no_base64, "not plain base64"),
        (empty_output, "outputs is empty"),
        (other_instruction, "instruction is not number"),
        (instruction_that_does_not_fit, "needs an output that is a sentence, which the row does not have"),
    ],
)
def test_a_changed_row_is_found_even_when_the_manifest_was_changed_with_it(
    source: Path, tmp_path: Path, change: Callable[[list[dict[str, Any]]], None], words: str
) -> None:
    shard = build(source, tmp_path, "jsonl")
    change_rows(shard, tmp_path / ".m3it/manifests/okvqa/train-00000.json", change)
    assert words in m3it("validate", tmp_path, check=1).stderr


def change_rows(shard: Path, path: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change a shard's rows, and its manifest with them."""
    rows = [json.loads(line) for line in shard.read_text().splitlines()]
    change(rows)
    shard.write_text("".join(json.dumps(row) + "\n" for row in rows))
    change_state(path, sha256=hashlib.sha256(shard.read_bytes()).hexdigest(), bytes=shard.stat().st_size)


def english_heading(rows: list[dict[str, Any]]) -> None:
    """As if the task were English."""
    rows[0]["inputs"] = rows[0]["inputs"].replace("选项：", "Options:")


def test_options_of_a_chinese_task_are_headed_in_chinese(tmp_path: Path) -> None:
    m3it("build", "--task", "chinese-food", "--sample", "--out", tmp_path, "--format", "jsonl", "--workers", 1)
    m3it("validate", tmp_path)
    (shard,) = tmp_path.glob("data/chinese/chinese-food/test-*.jsonl")
    change_rows(shard, tmp_path / ".m3it/manifests/chinese-food/test-00000.json", english_heading)
    assert "do not end with the options" in m3it("validate", tmp_path, check=1).stderr


@pytest.mark.parametrize("need", Need)
def test_each_need_of_an_instruction_is_looked_for(need: Need) -> None:
    summary = Summary.model_construct(instructions=(Instruction("Do it.", needs=(need,)),), translation=None)
    lacking = {need: {"images": [{}], "outputs": "We came. We saw."} for need in Need}
    lacking |= {need: {"images": [{}, {}], "outputs": "We came."} for need in (Need.ONE_IMAGE, Need.SEVERAL_SENTENCES)}
    meta = {
        "id": "t/train/1",
        "task": "t",
        "split": "train",
        "schema": SCHEMA,
        "source": {},
        "license": "MIT",
        "instruction_index": 0,
    }
    row = {"instruction": "Do it.", "inputs": "", "image_base64_str": [], "outputs": lacking[need]["outputs"]}
    instance = Instance.model_validate({**row, "meta": {**meta, "images": lacking[need]["images"]}})
    assert list(check_instruction(instance, summary)) == [
        f"instruction 0 needs {need.value}, which the row does not have"
    ]


def test_a_parquet_file_with_a_sixth_column_is_found(source: Path, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    shard = build(source, tmp_path, "parquet")
    table = pq.read_table(shard)
    pq.write_table(table.append_column("extra", pa.array([1] * len(table))), shard)
    assert "its columns are" in m3it("validate", tmp_path, check=1).stderr


def test_a_folder_of_an_older_version_is_looked_at_all_the_same(source: Path, tmp_path: Path) -> None:
    """Its state files know less, and its instructions have no tags."""
    shard = build(source, tmp_path, "parquet")
    for path in tmp_path.glob(".m3it/manifests/okvqa/*.json"):
        state = json.loads(path.read_text())
        if "instructions" in state:
            change_state(path, "rows", "code", instructions=[each["text"] for each in state["instructions"]])
        change_state(path, "filtered", "decoded_bytes", "pictures", fingerprint="of other code")
    assert "0 problems" in m3it("validate", tmp_path).stdout
    pq.write_table(pq.read_table(shard), shard, store_schema=False)
    told = m3it("validate", tmp_path, check=1).stderr
    assert "is not what this m3it writes: build it anew" in told
    refused = m3it("build", "--task", "okvqa", "--source", source, "--out", tmp_path, "--rows-per-shard", 6, check=2)
    assert "whose rows differ from this one's. Use --overwrite" in refused.stderr


def test_a_folder_without_a_build_is_told(tmp_path: Path) -> None:
    assert "nothing was built here" in m3it("validate", tmp_path, check=2).stderr
