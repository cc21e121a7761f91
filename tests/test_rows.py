"""What every row of every sample is: its own bytes alone, its meta as documented."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from m3it_build.plan.registry import load_registry
from m3it_build.store.output import Images, picture_column
from m3it_build.store.pages import faults_of
from tests.corpus import m3it, m3it_process

FORMS = {
    "parquet": (),
    "bytes": ("--images", "bytes"),
    "jsonl": ("--format", "jsonl"),
    "jsonl.zst": ("--format", "jsonl.zst"),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_heap_does_not_show_in_any_sample(form: str, tmp_path: Path) -> None:
    """Two builds, in each of which fresh memory is filled with another byte; every task in one process."""
    built = []
    for fill in ("65", "90"):
        out = tmp_path / fill
        command = ("build", "--all", "--sample", "--out", out, "--workers", 1, *FORMS[form])
        m3it_process(*command, ARROW_DEFAULT_MEMORY_POOL="system", MALLOC_PERTURB_=fill)
        built.append({path.relative_to(out): path.read_bytes() for path in out.glob("data/**/*.*")})
    assert built[0].keys() == built[1].keys()
    assert {path.parts[2] for path in built[0]} == {entry.task.name for entry in load_registry()}
    assert [path for path in built[0] if built[0][path] != built[1][path]] == []
    if form in {"parquet", "bytes"}:
        images = Images.BYTES if form == "bytes" else Images.BASE64
        for path in built[0]:
            assert not list(faults_of(tmp_path / "65" / path, images)), path
            assert encodings(tmp_path / "65" / path, images) <= {"RLE", "RLE_DICTIONARY", "PLAIN"}


def test_every_key_of_a_row_is_documented_and_ids_are_text(tmp_path: Path) -> None:
    m3it("build", "--all", "--sample", "--out", tmp_path, "--format", "jsonl")
    described = (Path(__file__).parents[1] / "docs/output-format.md").read_text("utf-8")
    for path in tmp_path.glob("data/*/*/*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            meta = json.loads(line)["meta"]
            assert {name for name in meta if f"`{name}`" not in described} == set(), path
            assert all(isinstance(value, str) for name, value in meta.items() if name.endswith("_id")), path
            assert all(value not in ("", [], None) for name, value in meta.items() if name != "images"), path


def encodings(path: Path, images: Images) -> set[str]:
    """How the picture column of a shard is encoded: levels, indices and the dictionary itself."""
    metadata = pq.read_metadata(path)
    columns = (
        metadata.row_group(group).column(place)
        for group in range(metadata.num_row_groups)
        for place in range(metadata.num_columns)
    )
    return {name for column in columns if column.path_in_schema == picture_column(images) for name in column.encodings}
