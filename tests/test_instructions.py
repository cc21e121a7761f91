"""No row is given an instruction that speaks of what the row lacks; judged by the words of both, not by the tags."""

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.choice import Draw
from m3it_build.core.instructions import fitting
from m3it_build.plan.registry import load_registry
from m3it_build.stages.row_facts import row_facts
from tests.corpus import jpeg, m3it, rows

POOLS = {entry.task.name: entry.pool() for entry in load_registry()}
FEWEST = 6
"""Instructions that fit a row, in any pool."""

OPTIONS = re.compile(r"\boptions?\b|\blettered\b|选项|候选")
BOXES = re.compile(r"\bbox(es)?\b|\bframed\b|\bred (frame|rectangle|outline)\b|\bcoloured frame\b")
EARLIER = re.compile(
    r"\bso far\b|conversation|said before|mentioned earlier|history of|聊天记录|前面的对话|双方|已有的话题"
)
FIVE = re.compile(r"\bfive(-| | connected )sentences?\b|in five sentences|one for each picture")
SEVERAL = re.compile(r"several sentences|handful of sentences|every sentence|let the sentences")
ONE = re.compile(r"one(-| )sentence|a short sentence|in a sentence|a single sentence|a simple sentence", re.IGNORECASE)
SAME_WORDS = re.compile(r"same words|words are the same|word order|order of (the|their) words|shuffled", re.IGNORECASE)
STOP = re.compile(r"[.!?][\"')]*\s+(?=[A-Z\"'])")


def misfits(row: dict[str, Any]) -> list[str]:
    """What the instruction speaks of and the row does not have."""
    instruction, inputs, outputs, meta = row["instruction"], row["inputs"], row["outputs"], row["meta"]
    task, sentences = meta["task"], len(STOP.findall(outputs)) + 1
    caption = POOLS[task].language == "en" and not inputs and "options" not in meta
    found = {
        "a sentence": "paraphrase" in meta and "sentence" in instruction and len(outputs.split()) <= 2,
        "options": OPTIONS.search(instruction) and "options" not in meta,
        "boxes": BOXES.search(instruction) and "regions" not in meta,
        "earlier turns": EARLIER.search(instruction) and inputs.count("\n") < (2 if task == "visual-dialog" else 1),
        "five sentences": FIVE.search(instruction) and sentences != 5,
        "several sentences": caption and SEVERAL.search(instruction) and sentences < 2,
        "one sentence": caption and ONE.search(instruction) and sentences > 1,
        "several images": "More than one image" in instruction and len(row["image_base64_str"]) < 2,
        "one image": "One image" in instruction and len(row["image_base64_str"]) != 1,
        "True or False": "true or false" in instruction.lower() and not re.search(r"True|False", outputs),
        "the same words": "options" in meta
        and SAME_WORDS.search(instruction)
        and len({tuple(sorted(option.lower().split())) for option in meta["options"]}) > 1,
        "a yes or no": "yes or no" in instruction.lower() and not re.search(r"\b(yes|no)\b", outputs.lower()),
    }
    return [name for name, is_so in found.items() if is_so]


@pytest.fixture(scope="module", params=["samples", "real records"])
def out(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every task as the sources have it: short answers stay short."""
    source: tuple[object, ...] = ("--sample",)
    if request.param == "real records":
        source = ("--source", request.getfixturevalue("shared") / "sources")
    folder = tmp_path_factory.mktemp("built")
    m3it("build", "--all", *source, "--out", folder, "--format", "jsonl", "--preset", "full", "--answers", "original")
    return folder


def test_every_instruction_fits_its_row(out: Path) -> None:
    found = {
        row["meta"]["id"]: (wrong, row["instruction"], row["inputs"], row["outputs"])
        for task in POOLS
        for row in rows(out, task).values()
        if (wrong := misfits(row))
    }
    assert not found


def test_enough_instructions_fit_every_row(out: Path) -> None:
    for task, pool in POOLS.items():
        for row in rows(out, task).values():
            places = fitting(pool.all, row_facts(row["outputs"], row["meta"]))
            assert len(places) >= FEWEST, row["meta"]["id"]


def test_a_pool_without_tags_is_drawn_from_as_a_whole(out: Path) -> None:
    pool = POOLS["science-qa"].all
    for row in rows(out, "science-qa").values():
        key = row["meta"]["id"].split("/", 2)[2]
        assert row["meta"]["instruction_index"] == Draw(0, "science-qa").index("instruction", key, len(pool))
        assert row["instruction"] == pool[row["meta"]["instruction_index"]].text


def test_a_picture_that_cannot_be_read_is_not_spoken_of(tmp_path: Path) -> None:
    source = tmp_path / "mocheg"
    (source / "train/images").mkdir(parents=True)
    columns = ("claim_id", "evidence_id", "Claim", "cleaned_truthfulness", "Evidence")
    with (source / "train/Corpus2.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(columns)
        for claim in range(80):
            table.writerow((claim, 1, f"Cat {claim} can fly.", "refuted", "Cats have no wings."))
            good, other = (source / f"train/images/{claim:05d}-proof-0{number}-a.jpg" for number in (1, 2))
            good.write_bytes(jpeg(claim))
            other.write_bytes(jpeg(claim + 100) if claim % 2 else b"<!DOCTYPE html>")
    out = tmp_path / "out"
    m3it("build", "--task", "mocheg", "--source", source, "--out", out, "--format", "jsonl", "--preset", "full")
    built = list(rows(out, "mocheg").values())
    told = Counter((row["instruction"].split(" comes")[0], len(row["image_base64_str"])) for row in built)
    assert told["One image", 1] and told["More than one image", 2]
    assert not told["One image", 2] and not told["More than one image", 1]


def test_a_task_of_ones_own_draws_what_fits_and_is_refused_if_nothing_may(tmp_path: Path) -> None:
    module = (
        "from m3it_build.core.instructions import Need\n"
        "from m3it_build.core.sample import Options, Origin, Picture, Row, Sample\n"
        "from m3it_build.core.task import Category, Group, Layout, License, Split, Task\n"
        "def rows(folder, file):\n"
        "    yield from (Row(str(n), {'n': n}, Origin(file.name, str(n))) for n in range(60))\n"
        "def convert(row):\n"
        "    n = row.fields['n']\n"
        "    return Sample(row.key, (Picture(('a.jpg',)),), inputs=f'Which is {n}?', outputs='' if n % 2 else 'Red.',\n"
        "                  options=Options('red', ('blue',)) if n % 2 else None,\n"
        "                  traits=(Need.HISTORY,) if n % 3 else ())\n"
        "TASK = Task('own', 'Own', Group.VQA, Category.VQA, License('MIT'), 'example.org', 'C.', 'd', 't',\n"
        "            splits={Split.TRAIN: (Layout(('train.json',), rows),)}, convert=convert)\n"
    )
    (tmp_path / "own").mkdir()
    (tmp_path / "own.py").write_text(module)
    (tmp_path / "own/train.json").write_text("[]")
    (tmp_path / "own/a.jpg").write_bytes(jpeg(1))
    plain = '"Say it."'
    tagged = '{text = "Choose.", needs = "options"}, {text = "Go on.", needs = ["history", "options"]}'
    pool = tmp_path / "own.toml"
    pool.write_text(f'language = "en"\ninstructions = [{plain}]\nfurther = [{tagged}]\n')
    command = ("build", "--task", "own", "--tasks-dir", tmp_path, "--source", tmp_path, "--format", "jsonl", "--out")
    m3it(*command, tmp_path / "out")
    told: dict[tuple[bool, bool], set[str]] = {}
    for row in rows(tmp_path / "out", "own").values():
        number = int(row["meta"]["id"].split("/")[2])
        told.setdefault((number % 2 > 0, number % 3 > 0), set()).add(row["instruction"])
    assert told == {
        (False, False): {"Say it."},
        (False, True): {"Say it."},
        (True, False): {"Say it.", "Choose."},
        (True, True): {"Say it.", "Choose.", "Go on."},
    }
    m3it("validate", tmp_path / "out")
    pool.write_text(f'language = "en"\ninstructions = [{tagged}]\n')
    assert "every instruction has tags" in m3it(*command, tmp_path / "other", check=2).stderr
