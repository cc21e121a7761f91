"""The rules that every task keeps, bundled or not: one function a rule, which says for each breach what to do.

Some rules look at what the author wrote, the others at what becomes of the records of a source, as the bundled sample.
They see what a machine can see: that a key is the source's own and not a counter, nobody but its author knows.
"""

import copy
import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from m3it_build.core.choice import Draw
from m3it_build.core.errors import M3itError, SettingsError, UnknownName
from m3it_build.core.sample import Reject, Row, Rows, Sample
from m3it_build.core.task import Split, Task
from m3it_build.core.writing import is_chinese
from m3it_build.plan.layouts import Incomplete, choose_layout, need_layout, read_layout
from m3it_build.plan.new_task import NAME, STARTER, STARTER_NAME, renamed
from m3it_build.plan.registry import Registered, load_folder, load_registry
from m3it_build.plan.rows import pack, read_plan
from m3it_build.plan.writer import BAD_RECORD_ERRORS, PlanWriter
from m3it_build.plan.writer import convert as plan_convert
from m3it_build.sources.folder import Folder

RESERVED = {
    "id", "task", "split", "source", "license", "instruction_index", "images", "paraphrase", "options",
    "answer_index", "regions", "frames", "variant", "schema", "first_of_shard", "language", "translation",
    "images_left_out", "original", "traits", "damaged",
}  # fmt: skip
"""Keys of `meta` that the build writes."""
TO_WRITE = {
    "title": "Write what the dataset is called and what the model is asked.",
    "license": "Write its SPDX id, or LicenseRef-... and a note, where the terms are the source's own.",
    "homepage": "Write the page of the source.",
    "citation": "Write authors, title, venue and year.",
    "download": "Write what is to be fetched, from which page, and how big it is.",
}
"""Facts that nobody but the author of a task can write."""
PAGE = re.compile(r"(https?://)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/[A-Za-z0-9._~%?=&+,;:@-]*)*")


class Breach(NamedTuple):
    """A rule that a task does not keep."""

    task: str
    rule: str
    """The rule, in words."""
    what: str
    """What is wrong, where, and what to do: a sentence or two."""

    def __str__(self) -> str:
        return f"{self.task}: {self.rule}: {self.what}"


@dataclasses.dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found of which tasks."""

    tasks: tuple[str, ...]
    breaches: tuple[Breach, ...]


def check(which: str, tasks_dir: Path | None = None) -> CheckReport:
    """Hold tasks to the rules, and say what of a started one is left to write.

    Args:
        which: A task, or a folder, of which all tasks are meant.
        tasks_dir: Where the task is also looked for.

    Raises:
        UnknownName: neither a task nor a folder.
        SettingsError: a task module that cannot be imported.
    """
    entries = _entries(which, tasks_dir)
    found = [breach for entry in entries for rules in (left_to_write, breaches) for breach in rules(entry)]
    return CheckReport(tuple(entry.task.name for entry in entries), tuple(found))


def _entries(which: str, tasks_dir: Path | None) -> list[Registered]:
    try:
        return [load_registry(tasks_dir)[which]]
    except UnknownName as error:
        if Path(which).is_dir():
            return list(load_folder(Path(which)))
        raise UnknownName(f"{error} Nor is there a folder {which}.") from error


def breaches(entry: Registered, source: Path | None = None) -> Iterator[Breach]:
    """What is wrong with a task.

    Args:
        entry: The task, its instructions and its sample.
        source: A folder with its records; None is the sample.
    """
    for rule in RULES_OF_FACTS:
        yield from (Breach(entry.task.name, _said(rule), what) for what in _kept(partial(rule, entry)))
    folder = source or Path(str(entry.sample))
    if folder.is_dir():
        yield from breaches_in(entry.task, folder)
    else:
        what = f"{folder} is not there. Put a tiny source of your own making into it, in the official layout."
        yield Breach(entry.task.name, "the sample is there", what)


def breaches_in(task: Task, source: Path, **options: str) -> Iterator[Breach]:
    """What is wrong with what becomes of the records in a folder, under some of the task's options."""
    chosen = {key: values[0] for key, values in task.options.items()} | options
    for rule in RULES_OF_RECORDS:
        found = list(_kept(partial(rule, task, Folder(task.name, (source,), chosen))))
        yield from (Breach(task.name, _said(rule), what) for what in found)
        if found and rule in NEEDED:
            return


def left_to_write(entry: Registered) -> Iterator[Breach]:
    """The facts that are still those of the task that every new one starts as."""
    starter, name = _starter(), entry.task.name
    for fact, what in TO_WRITE.items():
        value, first = getattr(entry.task, fact), getattr(starter.task, fact)
        if value == (renamed(first, name) if isinstance(first, str) else first):
            yield Breach(name, "facts are written", f"{fact} is what `m3it tasks new` wrote. {what}")
    if entry.module.__doc__ == renamed(starter.module.__doc__ or "", name):
        what = "Write who made the source, what becomes a row, and what was chosen."
        yield Breach(name, "facts are written", f"the docstring is what `m3it tasks new` wrote. {what}")


def facts_are_there(entry: Registered) -> Iterator[str]:
    """Name, title, licence, page, citation, how to get the files and how they lie, and a docstring."""
    task = entry.task
    if not NAME.fullmatch(task.name):
        yield f"the name {task.name!r} is none. A name is lower case, words joined by hyphens."
    for fact, what in TO_WRITE.items():
        value = task.license.id if fact == "license" else getattr(task, fact)
        if not value.strip():
            yield f"{fact} is empty. {what}"
    if task.homepage.strip() and not PAGE.fullmatch(task.homepage):
        yield f"homepage is {task.homepage!r}, which is no page of the web. Write it as example.org/page."
    if not task.tree.strip():
        yield "tree is empty. Write the files as they should lie in the task's folder."
    if not (entry.module.__doc__ or "").strip():
        yield "the module has no docstring. Say what becomes a row, and what you chose."


def instructions_are_texts_in_their_language(entry: Registered) -> Iterator[str]:
    """Different, of one line, in the language that the file names."""
    try:
        pool = entry.pool()
    except SettingsError as error:
        yield str(error)
        return
    for text in (each.text for one in (pool, *pool.editions.values()) for each in one.all):
        if text != text.strip() or "\n" in text:
            yield f"{entry.instructions}: {text!r} has blanks at an end or more than one line. Write it in one."
        if pool.language in ("en", "zh") and is_chinese(text) is not (pool.language == "zh"):
            yield f"{entry.instructions}: {text!r} is not in {pool.language!r}, the file's language. Change either."


def records_become_rows(task: Task, folder: Folder) -> Iterator[str]:
    """Of each split there are files and a record that becomes a row."""
    for split in task.splits:
        chosen = choose_layout(task, split, folder)
        if isinstance(chosen, Incomplete):
            yield f"{split}: {folder.missing(chosen.missing)}"
            continue
        try:
            found = [_planned(task, record) for record in read_layout(chosen, folder)]
        except M3itError as error:
            yield f"{split}: {error}"
        except Exception as error:  # noqa: BLE001 - code of somebody else, which is what is checked
            yield f"{split}: reading it raises {_raised(error)}. Yield a reject for a record that cannot be used."
        else:
            rejects = [each for each in found if isinstance(each, Reject)]
            if len(rejects) == len(found):
                why = f"the first: {rejects[0].reason}, {rejects[0].detail}" if rejects else "there is no record"
                yield f"{split}: no record of {folder.roots[0]} becomes a row ({why}). Give it one that does."


def conversion_gives_a_sample_or_a_reject(task: Task, folder: Folder) -> Iterator[str]:
    """And raises nothing but what a record of another form makes it stumble over."""
    for split, row in _rows(task, folder):
        try:
            result = task.convert(row)
        except BAD_RECORD_ERRORS:
            continue
        except Exception as error:  # noqa: BLE001 - as above
            yield f"{split}, record {row.key}: it raises {_raised(error)}. Return reject(row, Reason..., detail)."
            continue
        if not isinstance(result, Sample | Reject):
            yield f"{split}, record {row.key}: it gives {result!r}. Return a Sample, or reject(row, Reason..., detail)."
        elif result.key != row.key:
            yield f"{split}, record {row.key}: it gives the key {result.key!r}. Keep the row's."


def keys_are_unique(task: Task, folder: Folder) -> Iterator[str]:
    """In their split."""
    seen = set()
    for split, row in _rows(task, folder):
        if (split, row.key) in seen:
            yield f"{split}, record {row.key}: there are two of this key. Take an id that no two records share."
        seen.add((split, row.key))


def conversion_is_pure(task: Task, folder: Folder) -> Iterator[str]:
    """The same record gives the same sample, and stays as it is."""
    for split, row in _rows(task, folder):
        before = copy.deepcopy(row.fields)
        first, second = _converted(task, row), _converted(task, row)
        if first != second:
            yield f"{split}, record {row.key}: converted twice, it differs. Draw nothing and keep nothing in between."
        if row.fields != before:
            yield f"{split}, record {row.key}: converting changes its fields. Make new values, and leave these alone."


def meta_takes_no_key_of_the_build(task: Task, folder: Folder) -> Iterator[str]:
    """What the build writes into `meta` is not in that of a sample."""
    for split, row in _rows(task, folder):
        sample = _converted(task, row)
        if isinstance(sample, Sample) and (taken := sorted(RESERVED & set(sample.meta))):
            yield f"{split}, record {row.key}: meta has {', '.join(taken)}, which the build writes. Name it otherwise."


def meta_is_json(task: Task, folder: Folder) -> Iterator[str]:
    """Texts, numbers, lists, mappings: a set has another order in each process."""
    for split, row in _rows(task, folder):
        sample = _converted(task, row)
        try:
            json.dumps(dict(sample.meta) if isinstance(sample, Sample) else None)
        except (TypeError, ValueError) as error:
            yield f"{split}, record {row.key}: meta holds what JSON cannot ({error}). Make it a text or a sorted list."


def the_answer_stands_once(task: Task, folder: Folder) -> Iterator[str]:
    """A sample with an answer or options has none in its `meta`, where the build writes it."""
    for split, row in _rows(task, folder):
        sample = _converted(task, row)
        if isinstance(sample, Sample) and "answer" in sample.meta and (sample.answer is not None or sample.options):
            yield f"{split}, record {row.key}: its answer is in meta too, where the build writes it. Take it out there."


def the_order_of_records_changes_nothing(task: Task, folder: Folder) -> Iterator[str]:
    """Read from the last to the first, a split gives the same plan."""
    for split in task.splits:
        layout = need_layout(task, split, folder)
        turned = dataclasses.replace(layout, rows=lambda *found, rows=layout.rows: reversed(list(rows(*found))))
        plans = []
        with TemporaryDirectory() as scratch:
            for number, each in enumerate((layout, turned)):
                path = Path(scratch) / f"{number}.sqlite"
                PlanWriter(path, task, Draw(3, task.name), 7).write(each, folder, 3)
                plans.append([pack(planned) for planned in read_plan(path)])
        if plans[0] != plans[1]:
            yield f"{split}: read from last to first, it gives other rows. Let no record depend on those before it."


RuleOfFacts = Callable[[Registered], Iterator[str]]
RuleOfRecords = Callable[[Task, Folder], Iterator[str]]

RULES_OF_FACTS: tuple[RuleOfFacts, ...] = (facts_are_there, instructions_are_texts_in_their_language)
RULES_OF_RECORDS: tuple[RuleOfRecords, ...] = (
    records_become_rows,
    conversion_gives_a_sample_or_a_reject,
    keys_are_unique,
    conversion_is_pure,
    meta_takes_no_key_of_the_build,
    meta_is_json,
    the_answer_stands_once,
    the_order_of_records_changes_nothing,
)
NEEDED: tuple[RuleOfRecords, ...] = (records_become_rows, conversion_gives_a_sample_or_a_reject)
"""Rules without which the next ones have nothing to look at."""


def _kept(rule: Callable[[], Iterator[str]]) -> Iterator[str]:
    """What a rule finds; a task whose values are of another kind than they should be breaks any rule."""
    try:
        yield from rule()
    except Exception as error:  # noqa: BLE001 - code of somebody else, which is what is checked
        yield f"looking at it raises {_raised(error)}. See docs/adding-a-task.md for what each value is."


@cache
def _starter() -> Registered:
    return load_folder(STARTER)[STARTER_NAME]


def _said(rule: RuleOfFacts | RuleOfRecords) -> str:
    return rule.__name__.replace("_", " ")


def _raised(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _records(task: Task, split: Split, folder: Folder) -> Rows:
    yield from read_layout(need_layout(task, split, folder), folder)


def _rows(task: Task, folder: Folder) -> Iterator[tuple[Split, Row]]:
    for split in task.splits:
        yield from ((split, record) for record in _records(task, split, folder) if isinstance(record, Row))


def _converted(task: Task, row: Row) -> Sample | Reject | None:
    """None for a record that the conversion stumbles over."""
    try:
        return task.convert(row)
    except BAD_RECORD_ERRORS:
        return None


def _planned(task: Task, record: Row | Reject) -> Sample | Reject | None:
    """As the plan has it; None where the conversion breaks its own rule, which is told by that."""
    if isinstance(record, Reject):
        return record
    try:
        return plan_convert(task, record, Draw(0, task.name))
    except Exception:  # noqa: BLE001 - as above
        return None
