"""A task's options decide which of its layouts are looked for."""

import json
from pathlib import Path

import pytest

from tests.corpus import jpeg, m3it

NEW = {"identifier": "dev-1-0-0", "sentence": "Two photos.", "label": "True"}
OLD = {"identifier": "1-0", "sentence": "One drawing.", "label": "true", "directory": "3"}


@pytest.mark.parametrize(("corpus", "sentence"), [(None, "Two photos."), ("nlvr", "One drawing.")])
def test_only_files_of_the_chosen_variant_count_as_there(tmp_path: Path, corpus: str | None, sentence: str) -> None:
    source = tmp_path / "nlvr"
    for name, record in (("nlvr2/data/dev", NEW), ("nlvr/dev/dev", OLD), ("nlvr/train/train", OLD)):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / f"{name}.json").write_text(json.dumps(record))
    pictures = ("nlvr2/dev/dev-1-0-img0", "nlvr2/dev/dev-1-0-img1", "nlvr/dev/images/3/dev-1-0-0")
    for number, name in enumerate((*pictures, "nlvr/train/images/3/train-1-0-0")):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / f"{name}.png").write_bytes(jpeg(number))
    config = tmp_path / "m3it.toml"
    config.write_text(f'[options.nlvr]\ncorpus = "{corpus}"\n' if corpus else "")
    where = ("--source", tmp_path, "--config", config)
    m3it("build", "--task", "nlvr", *where, "--out", tmp_path / "out", "--format", "jsonl", "--preset", "full")
    rows = [
        json.loads(line)
        for path in sorted((tmp_path / "out").glob("data/*/nlvr/*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    assert {row["inputs"] for row in rows} == {f"Statement: {sentence}"}
    assert {row["meta"]["split"] for row in rows} == ({"train", "validation"} if corpus else {"validation"})
