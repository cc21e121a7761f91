"""Each rule that tasks keep finds a task that does not keep it, and says what to do."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.sample import Options, Origin, Picture, Reject, Row, Rows, Sample
from m3it_build.core.task import FoundFile, Layout, SourceFolder, Split, Task
from m3it_build.plan.contract import breaches
from m3it_build.plan.registry import load_folder, load_registry
from m3it_build.testing import assert_task
from tests.corpus import write_own_task

OKVQA = load_registry()["okvqa"].task
RECORDS = [{"id": number, "text": f"What is {number}?"} for number in range(12)]
FILES = {"a.json": RECORDS}


def rows(_: SourceFolder, __: FoundFile) -> Rows:
    for record in RECORDS:
        yield row_of(record, str(record["id"]))


def row_of(record: Any, key: str) -> Row:
    return Row(key, dict(record), Origin("a.json", key))


def sample(row: Row, **more: Any) -> Sample:
    return Sample(row.key, (Picture(("a.png",)),), inputs=row.fields["text"], **({"outputs": "Yes."} | more))


def task(convert: Callable[[Row], Any] = sample, read: Callable[..., Any] = rows) -> Task:
    """A task of one split that keeps all rules, but for what is given."""
    return dataclasses.replace(OKVQA, splits={Split.TRAIN: (Layout(("a.json",), read),)}, convert=convert)


def told(task: Task, files: Any = FILES) -> list[str]:
    """The breaches of rules of records, as lines."""
    try:
        assert_task(task, files)
    except AssertionError as error:
        return str(error).splitlines()
    return []


def test_a_task_that_keeps_the_rules_is_not_spoken_of() -> None:
    assert told(task()) == []


def test_a_missing_file_a_broken_one_and_no_record_are_told() -> None:
    (line,) = told(task(), {})
    assert line.startswith("okvqa: records become rows: train: okvqa: a.json not found in ")
    (line,) = told(load_registry()["viquae"].task, {f"{name}.jsonl": "{" for name in Split})[:1]
    assert "train.jsonl" in line and "line 1" in line
    (line,) = told(task(read=lambda *_: iter(())))
    assert "no record" in line and "becomes a row" in line


def test_a_reader_that_raises_is_told() -> None:
    def broken(folder: SourceFolder, file: FoundFile) -> Rows:
        yield from rows(folder, file)
        raise ZeroDivisionError("by zero")

    assert "train: reading it raises ZeroDivisionError: by zero. Yield a reject" in told(task(read=broken))[0]


def test_records_that_all_become_rejects_are_told_with_the_first_reason() -> None:
    def stumbling(row: Row) -> Sample:
        return sample(row, outputs=row.fields["answer"])

    (line,) = told(task(stumbling))
    assert "(the first: bad record, KeyError: 'answer')" in line


def test_a_conversion_that_raises_or_gives_something_else_is_told() -> None:
    def raising(row: Row) -> Sample:
        return sample(row, outputs=str(1 // int(row.key)))

    (line,) = told(task(raising))
    assert line.startswith("okvqa: conversion gives a sample or a reject: train, record 0: it raises ZeroDivisionError")
    assert "it gives None" in told(task(lambda row: None if row.key == "3" else sample(row)))[0]
    assert "it gives the key '30'" in told(task(lambda row: dataclasses.replace(sample(row), key=row.key + "0")))[3]


def test_a_key_that_two_records_share_is_told() -> None:
    def doubled(folder: SourceFolder, file: FoundFile) -> Iterator[Row | Reject]:
        yield from rows(folder, file)
        yield row_of(RECORDS[5], "5")

    assert told(task(read=doubled))[0].startswith("okvqa: keys are unique: train, record 5: there are two of this key.")


def test_a_conversion_that_keeps_or_changes_something_is_told() -> None:
    turns = itertools.count()
    assert "converted twice, it differs" in told(task(lambda row: sample(row, meta={"turn": next(turns)})))[0]

    def changing(row: Row) -> Sample:
        row.fields["text"] = row.fields["text"].lower()  # type: ignore[index]
        return sample(row)

    assert "converting changes its fields" in told(task(changing))[0]


def test_keys_of_meta_that_the_build_writes_are_told() -> None:
    line = told(task(lambda row: sample(row, meta={"split": "a", "license": "b"})))[0]
    assert "record 0: meta has license, split, which the build writes" in line
    line = told(task(lambda row: sample(row, outputs="", answer="a", meta={"answer": "a"})))[0]
    assert "its answer is in meta too" in line
    line = told(task(lambda row: sample(row, options=Options("a", ("b",)), meta={"answer": "a"})))[0]
    assert "its answer is in meta too" in line


def test_a_task_that_depends_on_the_order_of_records_is_told() -> None:
    seen: list[str] = []

    def remembering(folder: SourceFolder, file: FoundFile) -> Rows:
        for record in rows(folder, file):
            assert isinstance(record, Row)
            yield dataclasses.replace(record, fields={**record.fields, "before": len(seen)})
            seen.append(record.key)

    (line,) = told(task(lambda row: sample(row, meta={"before": row.fields["before"]}), remembering))
    assert line.startswith("okvqa: the order of records changes nothing: train: read from last to first")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('name="my-colours"', 'name="My_Colours"', "facts are there: the name 'My_Colours' is none."),
        (
            'citation="Authors. Title. Venue, year."',
            'citation=" "',
            "facts are there: citation is empty. Write authors",
        ),
        ('"LicenseRef-unknown"', '""', "facts are there: license is empty."),
        ('"example.org"', '"see there"', "facts are there: homepage is 'see there', which is no page"),
        ('tree="""', 'tree="" and """', "facts are there: tree is empty."),
        ('"""My', 'TEXT = """My', "facts are there: the module has no docstring."),
    ],
)
def test_facts_that_are_not_there_are_told(old: str, new: str, line: str, tmp_path: Path) -> None:
    own = write_own_task(tmp_path)
    path = own / "my_colours.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    (entry,) = load_folder(own)
    assert line in str(next(breaches(entry)))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("instructions = []", "needs `language`"),
        ('language = "en"\ninstructions = ["Look "]', "'Look ' has blanks at an end"),
        ('language = "zh"\ninstructions = ["看图回答。", "Look."]', "'Look.' is not in 'zh'"),
        ('language = "en"\ninstructions = ["Look.", "看图回答。"]', "'看图回答。' is not in 'en'"),
    ],
)
def test_instructions_that_are_none_are_told(text: str, line: str, tmp_path: Path) -> None:
    own = write_own_task(tmp_path)
    (own / "my-colours.toml").write_text(text, "utf-8")
    (entry,) = load_folder(own)
    (found,) = breaches(entry)
    assert found.rule == "instructions are texts in their language" and line in found.what


def test_a_task_without_a_sample_is_told_where_it_would_lie(tmp_path: Path) -> None:
    own = write_own_task(tmp_path)
    (own / "my-colours").rename(tmp_path / "elsewhere")
    (entry,) = load_folder(own)
    assert [(each.rule, each.what.split(" is not there")[0]) for each in breaches(entry)] == [
        ("the sample is there", str(own / "my-colours"))
    ]
    assert list(breaches(entry, tmp_path / "elsewhere")) == []
