"""Dataset card and croissant.json say what the manifests say, and nothing that a source's text could make them say."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from m3it_build.publish.card import card
from m3it_build.publish.contents import read_contents
from m3it_build.publish.croissant import croissant
from m3it_build.publish.markdown import code, escape, link
from m3it_build.publish.metadata import HUB_LICENSES, spdx_ids
from m3it_build.registry import load_registry
from tests.corpus import m3it, rows
from tests.publish.folders import build, edit_state

FORMATS = [(), ("--format", "jsonl"), ("--format", "jsonl.zst"), ("--images", "bytes")]


def yaml_of(text: str) -> dict[str, Any]:
    """What the Hub's own classes read from a card."""
    from huggingface_hub import DatasetCard

    return dict(DatasetCard(text).data.to_dict())  # type: ignore[no-untyped-call]


def test_the_yaml_lists_each_config_and_split_that_exists_and_no_other(built: Path) -> None:
    found = yaml_of(card(read_contents(built)))
    assert found["configs"] == [
        {
            "config_name": "okvqa",
            "data_files": [
                {"split": "train", "path": "data/kvqa/okvqa/train-*-of-00002.parquet"},
                {"split": "validation", "path": "data/kvqa/okvqa/validation-*-of-00002.parquet"},
            ],
        },
        {
            "config_name": "okvqa-de",
            "data_files": [{"split": "validation", "path": "translated/okvqa/de/validation-*-of-00002.parquet"}],
        },
    ]
    splits = {
        each["config_name"]: {s["name"]: s["num_examples"] for s in each["splits"]} for each in found["dataset_info"]
    }
    assert splits == {"okvqa": {"train": 12, "validation": 12}, "okvqa-de": {"validation": 12}}
    assert found["language"] == ["de", "en"]
    assert found["license"] == ["cc-by-4.0", "cc-by-nc-4.0"]
    assert found["size_categories"] == ["n<1K"]
    for config in found["configs"]:
        for each in config["data_files"]:
            assert len(list(built.glob(each["path"]))) == 2


def test_datasets_reads_the_features_from_the_yaml(built: Path) -> None:
    from datasets import Features, Json, List, Value

    text = Value("string")
    features = yaml_of(card(read_contents(built)))["dataset_info"][0]["features"]
    assert Features._from_yaml_list(features) == Features(
        instruction=text, inputs=text, image_base64_str=List(text), outputs=text, meta=Json()
    )


def test_a_split_without_rows_is_not_listed(out: Path) -> None:
    for path in (out / ".m3it/manifests/okvqa").glob("train-*.json"):
        edit_state(path, file=None, rows=0, bytes=0, sha256=None, rejected={"image cannot be read": 6})
    found = yaml_of(card(read_contents(out)))
    assert [each["split"] for each in found["configs"][0]["data_files"]] == ["validation"]


@pytest.mark.parametrize("more", FORMATS)
def test_the_folder_itself_loads_with_its_card_in_every_format(
    source: Path, tmp_path: Path, python: Callable[[str], str], more: tuple[str, ...]
) -> None:
    out = build(source, tmp_path / "out", *more)
    m3it("card", out)
    printed = python(
        "import json\n"
        "from datasets import get_dataset_config_names, load_dataset\n"
        f"assert get_dataset_config_names({str(out)!r}) == ['okvqa']\n"
        f"whole = load_dataset({str(out)!r}, 'okvqa')\n"
        "assert {name: len(split) for name, split in whole.items()} == {'train': 12, 'validation': 12}, whole\n"
        f"streamed = list(load_dataset({str(out)!r}, 'okvqa', split='train', streaming=True))[0]\n"
        "assert streamed['meta'] == whole['train'][0]['meta']\n"
        "pictures = [row.get('images') or row['image_base64_str'] for row in whole['train']]\n"
        "assert all(len(each) == 1 for each in pictures)\n"
        "assert not hasattr(pictures[0][0], 'size') or pictures[0][0].size == (96, 64)\n"
        "rows = [[row['meta']['id'], row['instruction'], row['inputs'], row['outputs'], row['meta']['images']] "
        "for row in whole['train']]\n"
        "print(json.dumps([whole['train'].column_names, rows]))\n"
    )
    columns, loaded = json.loads(printed)
    assert columns[2] == ("images" if "bytes" in more else "image_base64_str")
    expected = [
        [id, row["instruction"], row["inputs"], row["outputs"], row["meta"]["images"]]
        for id, row in rows(build(source, tmp_path / "jsonl", "--format", "jsonl")).items()
        if "/train/" in id
    ]
    assert loaded == expected


@pytest.mark.parametrize("more", FORMATS)
def test_croissant_is_valid(source: Path, tmp_path: Path, more: tuple[str, ...]) -> None:
    mlc = pytest.importorskip("mlcroissant")
    out = build(source, tmp_path, *more)
    m3it("card", out)
    dataset = mlc.Dataset(jsonld=str(out / "croissant.json"))
    assert not dataset.metadata.issues.errors
    assert [each.uuid for each in dataset.metadata.record_sets] == ["okvqa/train", "okvqa/validation"]
    if not more:  # its reader knows no lists in JSON Lines, no Zstandard, and no lists of pictures
        records = list(dataset.records("okvqa/train"))
        assert len(records) == 12
        assert json.loads(records[0]["okvqa/train/meta"])["task"] == "okvqa"


def test_croissant_names_every_file_with_its_hash(built: Path) -> None:
    contents = read_contents(built)
    document = json.loads(croissant(contents, "org/m3it"))
    files = {
        each["contentUrl"]: each["sha256"] for each in document["distribution"] if each["@type"] == "cr:FileObject"
    }
    assert files == {name: shard.sha256 for name, shard in contents.files.items()}
    assert document["url"] == "https://huggingface.co/datasets/org/m3it"


def test_the_tables_of_the_card_are_whole(built: Path) -> None:
    text = card(read_contents(built))
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        lines = block.splitlines()
        widths = {len(re.sub(r"\\.", "", line).split("|")) for line in lines}
        assert len(widths) == 1, block
    assert "| 12 / 9,009 | 12 / 5,046 | – / 0 |" in text
    assert "| `okvqa` translated | CC-BY-4.0 AND CC-BY-NC-4.0 |" in text


def test_text_of_a_source_is_no_markup(out: Path) -> None:
    evil = "a | b\n\n# Heading <script>alert(1)</script> [x](javascript:y) ![p](q) `code` *b* &lt;\n---\nlicense: mit"
    for path in (out / ".m3it/manifests/okvqa").glob("*n.json"):
        edit_state(path, title=evil, citation=evil, homepage=evil, version=evil, languages=["en"])
    text = card(read_contents(out))
    assert "\n# Heading" not in text
    assert "<script>" not in re.sub(r"\\.", "", text)
    assert "](javascript" not in re.sub(r"\\.", "", text)
    assert yaml_of(text)["license"] == ["cc-by-4.0", "cc-by-nc-4.0"]


def test_markdown_pieces() -> None:
    assert escape("a|b  *c*\n") == r"a\|b \*c\*"
    assert code("a`b|c") == "`abc`"
    assert link("image-net.org/a_b") == r"[image-net.org/a\_b](https://image-net.org/a_b)"
    assert link("see the paper (x)") == "see the paper (x)"


def test_every_licence_of_a_bundled_task_is_spdx() -> None:
    licensing = pytest.importorskip("license_expression").get_spdx_licensing()
    for entry in load_registry():
        for each in spdx_ids(entry.task.license.id):
            assert each.startswith("LicenseRef-") or not licensing.validate(each).errors, (entry.task.name, each)
    assert all(not licensing.validate(each).errors for each in HUB_LICENSES)


def test_the_same_build_gives_the_same_card(built: Path, tmp_path: Path) -> None:
    out = shutil.copytree(built, tmp_path / "copy")
    m3it("card", out)
    first = (out / "README.md").read_bytes(), (out / "croissant.json").read_bytes()
    m3it("card", out)
    assert ((out / "README.md").read_bytes(), (out / "croissant.json").read_bytes()) == first


def test_an_edited_card_is_not_written_over(out: Path) -> None:
    m3it("card", out)
    (out / "README.md").write_text("mine")
    assert "was edited by hand" in m3it("card", out, check=2).stderr
    assert (out / "README.md").read_text() == "mine"
    m3it("card", out, "--overwrite")
    assert "# M3IT" in (out / "README.md").read_text()


def test_half_a_build_gets_no_card(out: Path) -> None:
    (out / ".m3it/manifests/okvqa/train-00001.json").unlink()
    done = m3it("card", out, check=2)
    assert "okvqa/train: shard 1 of 2 is not finished" in done.stderr
    assert not (out / "README.md").exists()


def test_a_folder_without_a_build_gets_no_card(tmp_path: Path) -> None:
    assert "nothing was built here" in m3it("card", tmp_path, check=2).stderr
