"""Dataset card and croissant.json say what the manifests say, and nothing that a source's text could make them say."""

import base64
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from m3it_build.plan.registry import load_registry
from m3it_build.publish.built import read_contents
from m3it_build.publish.card import Address, card
from m3it_build.publish.croissant import croissant
from m3it_build.publish.documents import unwieldy
from m3it_build.publish.example import find_example
from m3it_build.publish.markdown import code, escape, link
from m3it_build.publish.metadata import HUB_LICENSES, spdx_ids
from tests.corpus import change_state, m3it, rows
from tests.publish.folders import add_task, build, multiplied

TEXT = {"dtype": "string"}
FEATURES = [
    {"name": "instruction", **TEXT},
    {"name": "inputs", **TEXT},
    {"name": "image_base64_str", "list": "string"},
    {"name": "outputs", **TEXT},
    {"name": "meta", "dtype": "json"},
]
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
            "features": FEATURES,
        },
    ]
    info = found["dataset_info"][0]
    assert (info["config_name"], info["features"]) == ("okvqa", FEATURES)
    assert {each["name"]: each["num_examples"] for each in info["splits"]} == {"train": 12, "validation": 12}
    assert found["language"] == ["de", "en"]
    assert found["license"] == ["cc-by-nc-4.0", "other"]
    assert found["size_categories"] == ["n<1K"]
    for config in found["configs"]:
        for each in config["data_files"]:
            assert len(list(built.glob(each["path"]))) == 2


def test_datasets_reads_the_features_from_the_yaml(built: Path) -> None:
    from datasets import Features, Json, List, Value

    text = Value("string")
    assert Features._from_yaml_list(yaml_of(card(read_contents(built)))["dataset_info"][0]["features"]) == Features(
        instruction=text, inputs=text, image_base64_str=List(text), outputs=text, meta=Json()
    )


def test_a_split_without_rows_is_not_listed(out: Path) -> None:
    for path in (out / ".m3it/manifests/okvqa").glob("train-*.json"):
        change_state(path, file=None, rows=0, bytes=0, sha256=None, rejected={"image cannot be read": 6})
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
def test_croissant_is_valid_and_gives_the_records_that_it_describes(
    source: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    mlc = pytest.importorskip("mlcroissant")
    out = build(source, tmp_path, *more)
    m3it("card", out)
    dataset = mlc.Dataset(jsonld=str(out / "croissant.json"))
    assert not dataset.metadata.issues.errors
    if "jsonl.zst" in more:  # no reader knows it
        assert not dataset.metadata.record_sets
        return
    assert [each.uuid for each in dataset.metadata.record_sets] == ["okvqa"]
    records = list(dataset.records("okvqa"))
    assert len(records) == 24
    assert {record["okvqa/split"] for record in records} == {b"train", b"validation"}
    for record in records[:2]:
        assert record["okvqa/outputs"] == b"The answer is disc."
        id = record["okvqa/meta.id"] if "jsonl" in more else json.loads(record["okvqa/meta"])["id"].encode()
        assert id.startswith(b"okvqa/train/")
        (picture,) = record["okvqa/images" if "bytes" in more else "okvqa/image_base64_str"]
        assert picture.size == (96, 64) if "bytes" in more else base64.b64decode(picture)[:2] == b"\xff\xd8"


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
    assert "| `okvqa` translated | LicenseRef-COCO AND CC-BY-NC-4.0 |" in text
    assert "| `okvqa` in 1 language | validation | 12 | 12 | 0 | 0 |" in text


def test_sizes_are_those_of_the_files_and_of_the_rows_in_memory(source: Path, tmp_path: Path, built: Path) -> None:
    texts = build(source, tmp_path, "--format", "jsonl")
    rows_ = rows(texts).values()
    fields = ("instruction", "inputs", "outputs")
    size = sum(
        sum(len(row[name].encode()) for name in fields) + sum(map(len, row["image_base64_str"])) for row in rows_
    )
    contents = read_contents(built)
    info = yaml_of(card(contents))["dataset_info"][0]
    files = [path.stat().st_size for path in built.glob("data/**/*.parquet")]
    assert info["download_size"] == sum(files)
    assert info["dataset_size"] == sum(each["num_bytes"] for each in info["splits"])
    assert size < info["dataset_size"] < size + 24 * 1000, "the rows, and what stands in meta"


@pytest.mark.parametrize(("tasks", "languages"), [(40, 0), (7, 80), (40, 80)])
def test_the_card_stays_small_at_the_size_of_the_paper(built: Path, tasks: int, languages: int) -> None:
    contents = multiplied(read_contents(built), tasks, languages)
    text = card(contents)
    front = text.partition("\n---\n")[0]
    assert len(contents.configs) == tasks * (1 + languages) < 4_000
    assert len(front) < 3_000 + 700 * tasks + 170 * tasks * languages
    assert len(text) - len(front) < 40_000 + 900 * tasks + 700 * languages
    found = yaml_of(text)
    assert all(each["features"] == FEATURES for each in found["configs"][tasks:])
    # a JavaScript parser that is widely used refuses more than a hundred aliases of one anchor
    aliases = Counter(re.findall(r"features: \*(\w+)", front))
    assert max(aliases.values()) < 100
    warning = unwieldy(contents, text)
    assert (warning is not None) == (languages > 0)
    if warning:
        assert "--translations-to" in warning


def test_why_splits_are_smaller_than_the_papers_is_told_rightly(out: Path) -> None:
    summary = out / ".m3it/manifests/okvqa"
    change_state(summary / "train.json", read=9009, rejected={"missing media": 8997})
    text = card(read_contents(out))
    assert "in 1 the source files that were read hold fewer records" in text
    assert "in 1 records were left out for the reasons that are counted above" in text
    change_state(summary / "train.json", read=9009, rejected={}, left_out=8997)
    assert "a limit" not in card(read_contents(out))
    settings = json.loads((summary / "train.json").read_text())["settings"]
    change_state(summary / "train.json", settings=settings | {"limit": 12})
    assert "in 1 a limit left records out" in card(read_contents(out))


def test_a_row_is_shown_where_its_source_allows_it(out: Path) -> None:
    assert find_example(out, read_contents(out)) is None
    for path in out.glob(".m3it/manifests/okvqa/*n.json"):
        change_state(path, redistributable=True)
    m3it("card", out)
    text = (out / "README.md").read_text()
    assert "![The picture of the row below](card/example.jpg)" in text
    assert Image.open(out / "card/example.jpg").size == (96, 64)
    shown = json.loads(text.partition("```json\n")[2].partition("```")[0])
    assert shown["meta"]["id"].startswith("okvqa/train/")
    assert shown["outputs"] == "The answer is disc."
    assert "tiny sample" not in text


def test_a_row_of_the_sample_is_shown_where_no_source_allows_it(out: Path) -> None:
    m3it("card", out)
    text = (out / "README.md").read_text()
    assert "this row is of the tiny sample of `okvqa`" in text
    shown = json.loads(text.partition("```json\n")[2].partition("```")[0])
    assert shown["outputs"].startswith("The answer is ")
    assert (out / "card/example.jpg").stat().st_size < 20_000
    ours = {path.read_bytes() for path in out.glob("data/**/*") if path.is_file()}
    assert (out / "card/example.jpg").read_bytes() not in ours


def test_the_python_of_the_card_runs(out: Path, python: Callable[[str], str]) -> None:
    for path in out.glob(".m3it/manifests/okvqa/*n.json"):
        change_state(path, held_out=False)
    m3it("card", out, "--repo-id", out)
    loading, prompt = re.findall(r"```python\n(.*?)```", (out / "README.md").read_text(), re.DOTALL)
    printed = python(f"{loading}{prompt}print(picture.size, type(row['meta']).__name__)\nprint(prompt)\n")
    size, instruction, question = printed.splitlines()
    assert size == "(96, 64) dict"
    assert instruction and question.startswith("What is shape")


def test_what_the_paper_holds_out_is_left_out_of_the_training_example(out: Path) -> None:
    add_task(out, "winoground")
    for path in out.glob(".m3it/manifests/winoground/*n.json"):
        change_state(path, held_out=True)
    text = card(read_contents(out))
    assert "The paper evaluates on `winoground` and keeps them out of training." in text
    assert 'names = [\n    "okvqa",\n]' in text


def test_cards_of_tasks_and_of_translations_name_each_other(built: Path) -> None:
    contents = read_contents(built)
    tasks = card(contents.without_translations(), Address("org/m3it", "org/m3it-80"))
    assert "okvqa-de" not in tasks
    assert "(https://huggingface.co/datasets/org/m3it-80)" in tasks
    translations = card(contents.translations_alone(), Address("org/m3it-80", "org/m3it"))
    assert "# M3IT translations\n" in translations
    assert "These are the translations of [org/m3it](https://huggingface.co/datasets/org/m3it)" in translations
    assert [each["config_name"] for each in yaml_of(translations)["configs"]] == ["okvqa-de"]
    assert "dataset_info" not in yaml_of(translations)
    assert "are not here" not in translations
    assert "| `okvqa` | LicenseRef-COCO AND CC-BY-NC-4.0 |" in translations


def test_text_of_a_source_is_no_markup(out: Path) -> None:
    evil = "a | b\n\n# Heading <script>alert(1)</script> [x](javascript:y) ![p](q) `code` *b* &lt;\n---\nlicense: mit"
    for path in (out / ".m3it/manifests/okvqa").glob("*n.json"):
        change_state(path, title=evil, citation=evil, homepage=evil, version=evil, languages=["en"])
    text = card(read_contents(out))
    assert "\n# Heading" not in text
    assert "<script>" not in re.sub(r"\\.", "", text)
    assert "](javascript" not in re.sub(r"\\.", "", text)
    assert yaml_of(text)["license"] == ["cc-by-nc-4.0", "other"]


def test_markdown_pieces() -> None:
    assert escape("a|b  *c*\n") == r"a\|b \*c\*"
    assert code("a`b|c") == "`abc`"
    assert link("image-net.org/a_b") == r"[image-net.org/a\_b](https://image-net.org/a_b)"
    assert link("http://old.example/a") == "[old.example/a](http://old.example/a)"
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
