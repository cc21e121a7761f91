"""NLVR: two photos in their order, one verdict, and the older corpus on demand."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import MissingSource, SourceError
from m3it_build.core.sample import Reason
from m3it_build.plan.registry import load_registry
from m3it_build.testing import plan
from tests.corpus import jpeg, m3it
from tests.corpus import rows as built_rows

DEV = "nlvr2/data/dev.json"
TWO = re.compile(r"\b(two|both|pair|left|right|images|photos|pictures)\b", re.IGNORECASE)
ONE = re.compile(r"\b(drawing|boxes|shapes)\b", re.IGNORECASE)


def record(identifier: Any = "dev-850-0-1", **changes: Any) -> dict[str, Any]:
    return {
        "identifier": identifier,
        "sentence": "The left image shows atleast two dogs.",
        "label": "True",
        "left_url": "https://example.org/l.jpg",
        "right_url": "https://example.org/r.jpg",
        "writer": "1",
        "validation": {"1": "False"},
    } | changes


def write(folder: Path, records: list[Any], name: str = DEV) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join(map(json.dumps, records)))
    return folder


def download(folder: Path, corpus: str) -> Path:
    """Six sentences, each judged of four groups of pictures."""
    names = [(sentence, group) for sentence in range(6) for group in range(4)]
    if corpus == "nlvr2":
        records = [record(f"dev-{sentence}-{group}-1") for sentence, group in names]
        files = [f"nlvr2/dev/dev-{sentence}-{group}-img{place}.png" for sentence, group in names for place in (0, 1)]
        write(folder, records)
    else:
        records = [
            {"sentence": "There is a box.", "label": "true", "identifier": f"{sentence}-{group}", "directory": "7"}
            for sentence, group in names
        ]
        files = [f"nlvr/dev/images/7/dev-{sentence}-{group}-0.png" for sentence, group in names]
        write(folder, records, "nlvr/dev/dev.json")
    for number, file in enumerate(files):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(jpeg(number))
    return folder


def build(folder: Path, corpus: str, *flags: object) -> list[dict[str, Any]]:
    download(folder / "nlvr", corpus)
    (folder / "m3it.toml").write_text(f'[options.nlvr]\ncorpus = "{corpus}"\n')
    where = ("--source", folder, "--config", folder / "m3it.toml", "--out", folder / "out")
    m3it("build", "--task", "nlvr", *where, "--format", "jsonl", *flags)
    return list(built_rows(folder / "out", "nlvr").values())


@pytest.mark.parametrize(("corpus", "pictures"), [("nlvr2", 2), ("nlvr", 1)])
def test_instructions_speak_of_as_many_pictures_as_there_are(tmp_path: Path, corpus: str, pictures: int) -> None:
    pool = load_registry()["nlvr"].pool().under({"corpus": corpus}).all
    assert len(pool) == 12
    rows = build(tmp_path, corpus, "--preset", "full")
    assert len(rows) == 24
    for row in rows:
        said = 2 if TWO.search(row["instruction"]) else 1 if ONE.search(row["instruction"]) else pictures
        assert len(row["image_base64_str"]) == pictures == said, row["instruction"]
        assert row["instruction"] == pool[row["meta"]["instruction_index"]].text
    other = ONE if pictures == 2 else TWO
    assert not [each.text for each in pool if other.search(each.text)]


@pytest.mark.parametrize(("corpus", "license"), [("nlvr2", "LicenseRef-NLVR2"), ("nlvr", "CC-BY-4.0")])
def test_each_corpus_has_its_licence(tmp_path: Path, corpus: str, license: str) -> None:
    assert {row["meta"]["license"] for row in build(tmp_path, corpus, "--preset", "full")} == {license}
    assert load_registry()["nlvr"].task.under({"corpus": corpus}).license.redistributable is (corpus == "nlvr")


@pytest.mark.parametrize("corpus", ["nlvr2", "nlvr"])
def test_sampling_keeps_the_rows_of_a_sentence(tmp_path: Path, corpus: str) -> None:
    rows = build(tmp_path, corpus, "--limit", "8")
    place = 1 if corpus == "nlvr2" else 0
    assert list(Counter(row["meta"]["identifier"].split("-")[place] for row in rows).values()) == [4, 4]


def test_two_sentences_of_the_same_photos_are_two(tmp_path: Path) -> None:
    write(tmp_path, [record("dev-1-0-0"), record("dev-1-0-1"), record("dev-1-2-1"), record("dev-10-2-1")])
    rows, _ = plan("nlvr", tmp_path, "validation")
    assert [row.sample.unit for row in rows] == ["1-0", "1-1", "1-1", "10-1"]


def test_the_left_photo_comes_first_and_both_lack_the_sentences_number(tmp_path: Path) -> None:
    (row,), rejects = plan("nlvr", write(tmp_path, [record()]), "validation")
    assert not rejects
    assert (row.sample.inputs, row.sample.outputs) == ("Statement: The left image shows atleast two dogs.", "True.")
    assert ["nlvr2/dev/dev-850-0-img0.png" in each.paths for each in row.sample.images] == [True, False]
    assert ["nlvr2/dev/dev-850-0-img1.png" in each.paths for each in row.sample.images] == [False, True]


@pytest.mark.parametrize("directory", [38, "38"])
def test_training_photos_lie_in_numbered_folders(tmp_path: Path, directory: Any) -> None:
    records = [record("train-7-0-0", directory=directory)]
    (row,), _ = plan("nlvr", write(tmp_path, records, "nlvr2/data/train.json"))
    assert "nlvr2/images/train/38/train-7-0-img0.png" in row.sample.images[0].paths
    assert "images/train/38/train-7-0-img0.png" in row.sample.images[0].paths


@pytest.mark.parametrize("directory", [None, True, 1.5, "../38"])
def test_a_training_record_without_a_folder_is_rejected(tmp_path: Path, directory: Any) -> None:
    records = [record("train-7-0-0", directory=directory)]
    _, (reject,) = plan("nlvr", write(tmp_path, records, "nlvr2/data/train.json"))
    assert reject.reason is Reason.BAD_RECORD


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"label": "true"}, None),
        ({"label": "False"}, None),
        ({"label": ""}, Reason.NO_ANSWER),
        ({"label": "maybe"}, Reason.BAD_LABEL),
        ({"label": True}, Reason.BAD_RECORD),
        ({"sentence": ""}, Reason.EMPTY_TEXT),
        ({"identifier": "dev-850-0"}, Reason.BAD_RECORD),
        ({"identifier": "test1-850-0-1"}, Reason.BAD_RECORD),
        ({"identifier": None}, Reason.BAD_RECORD),
    ],
)
def test_what_is_a_record(tmp_path: Path, changes: dict[str, Any], reason: Reason | None) -> None:
    rows, rejects = plan("nlvr", write(tmp_path, [record() | changes]), "validation")
    assert [reject.reason for reject in rejects] == ([reason] if reason else [])
    assert [row.sample.outputs for row in rows] == ([] if reason else [f"{str(changes['label']).capitalize()}."])


def test_of_six_permutations_the_first_is_shown(tmp_path: Path) -> None:
    old = {"sentence": "There is a box.", "label": "false", "identifier": "1304-0", "directory": "74", "evals": {}}
    write(tmp_path, [old], "nlvr/train/train.json")
    (row,), _ = plan("nlvr", tmp_path, corpus="nlvr")
    assert row.sample.outputs == "False."
    assert [each.paths[0] for each in row.sample.images] == ["nlvr/train/images/74/train-1304-0-0.png"]


def test_one_corpus_is_not_taken_for_the_other(tmp_path: Path) -> None:
    write(tmp_path, [record()], "nlvr/train/train.json")
    with pytest.raises(MissingSource, match="nlvr2"):
        plan("nlvr", tmp_path)


def test_a_line_cut_off_is_named(tmp_path: Path) -> None:
    write(tmp_path, [record(), record("dev-850-0-2")])
    (tmp_path / DEV).write_text((tmp_path / DEV).read_text()[:-20])
    with pytest.raises(SourceError, match=r"dev\.json: line 2"):
        plan("nlvr", tmp_path, "validation")
