"""What every row of every sample is: its own bytes alone, its meta as documented."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from m3it_build.core.text import BRACKETS
from m3it_build.plan.registry import load_registry
from m3it_build.stages.options import lettered
from m3it_build.store.output import Images, picture_column
from m3it_build.store.pages import faults_of
from tests.corpus import FORMS, m3it_process, tree


@pytest.mark.parametrize("form", FORMS)
def test_the_heap_does_not_show_in_any_sample(form: str, samples: Callable[[str], Path], tmp_path: Path) -> None:
    """A build in which all fresh memory is filled with a byte, beside one as it comes; every task in one process."""
    command = ("build", "--all", "--sample", "--out", tmp_path, "--workers", 1, *FORMS[form])
    m3it_process(*command, ARROW_DEFAULT_MEMORY_POOL="system", MALLOC_PERTURB_="90")
    filled, plain = tree(tmp_path, "data"), tree(samples(form), "data")
    assert filled.keys() == plain.keys()
    assert {name.split("/")[2] for name in filled} == {entry.task.name for entry in load_registry()}
    assert [name for name in filled if filled[name] != plain[name]] == []
    if form in {"parquet", "bytes"}:
        images = Images.BYTES if form == "bytes" else Images.BASE64
        for name in filled:
            assert not list(faults_of(tmp_path / name, images)), name
            assert encodings(tmp_path / name, images) <= {"RLE", "RLE_DICTIONARY", "PLAIN"}


def test_every_key_of_a_row_is_documented_and_ids_are_text(samples: Callable[[str], Path]) -> None:
    described = (Path(__file__).parents[1] / "docs/output-format.md").read_text("utf-8")
    for path in samples("jsonl").glob("data/*/*/*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            meta = json.loads(line)["meta"]
            assert {name for name in meta if f"`{name}`" not in described} == set(), path
            assert all(isinstance(value, str) for name, value in meta.items() if name.endswith("_id")), path
            assert all(value not in ("", [], None) for name, value in meta.items() if name != "images"), path


def test_a_lettered_answer_is_its_option_and_at_most_a_stop(samples: Callable[[str], Path]) -> None:
    seen = 0
    for path in samples("jsonl").glob("data/*/*/*.jsonl"):
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            meta, outputs = row["meta"], row["outputs"]
            assert not re.search(r"[,;:*]\.$|[.!?][\"')]\.$", outputs), meta["id"]
            if options := meta.get("options"):
                given = lettered(meta["answer_index"], options[meta["answer_index"]])
                may_stop = given[-1].isalnum() or given[-1] in BRACKETS
                assert outputs.endswith((given, f"{given}.", f"{given}。") if may_stop else given), meta["id"]
                seen += 1
    assert seen > 100


def encodings(path: Path, images: Images) -> set[str]:
    """How the picture column of a shard is encoded: levels, indices and the dictionary itself."""
    metadata = pq.read_metadata(path)
    columns = (
        metadata.row_group(group).column(place)
        for group in range(metadata.num_row_groups)
        for place in range(metadata.num_columns)
    )
    return {name for column in columns if column.path_in_schema == picture_column(images) for name in column.encodings}
