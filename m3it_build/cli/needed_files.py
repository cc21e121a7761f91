"""Files of the table in words: where each is had, how big it is, and what a person does for it."""

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from m3it_build.publish.markdown import size_text
from m3it_build.services.door import shown

if TYPE_CHECKING:
    from m3it_build.core.task import Task
    from m3it_build.download.plan import Item
    from m3it_build.download.table import Table, Wanted

HOW = {
    "open": "",
    "hub": "the Hub",
    "drive": "Google Drive",
    "form": "a form or terms first",
    "login": "log in",
    "youtube": "YouTube",
    "dead": "no longer served",
}


def size_of(wanted: "Wanted") -> str:
    """As far as it is known."""
    if wanted.bytes:
        return size_text(wanted.bytes)
    return f"about {size_text(wanted.about)}" if wanted.about else "size unknown"


def name_of(wanted: "Wanted") -> str:
    """Its place; with the pattern, where several files go into a folder."""
    pattern = wanted.urls[0].split("/", 2)[2] if wanted.place.endswith("/") and wanted.urls else ""
    return wanted.place + pattern


def where(wanted: "Wanted") -> str:
    """Of whom a file is had, and what stands before it."""
    first = wanted.urls[0] if wanted.urls else ""
    host = first.removeprefix("hub:").rsplit("/", first.count("/") - 1)[0] if first.startswith("hub:") else ""
    host = f"huggingface.co/datasets/{host}" if host else urlsplit(first or wanted.page).netloc.rpartition("@")[2]
    if first.startswith("drive:"):
        host = "drive.google.com"
    ways = [
        HOW[wanted.access] if wanted.access not in ("hub", "drive") or not wanted.urls else "",
        "gated" if wanted.gated else "",
        "a mirror: --mirrors" if wanted.mirror else "",
        "unpacked" if wanted.extract else "",
    ]
    told = ", ".join(filter(None, ways))
    return f"{host} ({told})" if told else host


def told_files(table: "Table", task: str) -> str:
    """What a task needs: each file with size and origin, alternatives apart; empty for a task not in the table."""
    always, choices = table.ways(task)
    lines = [_line(each, task) for each in always]
    for ways in choices:
        for number, way in enumerate(ways):
            lines.append("one of:" if not number else "or:")
            lines += [f"  {_line(each, task)}" for each in way]
    steps = [each for each in table.of(task) if each.say and (each.access != "open" or not each.urls or each.mirror)]
    for wanted in steps:
        step = f"{wanted.place}: {wanted.say} {wanted.page}"
        lines += textwrap.wrap(
            step, 110, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )  # an address stays whole
    return "\n".join(f"  {line}" for line in lines)


def _line(wanted: "Wanted", task: str) -> str:
    optional = ", optional" if task in wanted.optional_for else ""
    return f"{name_of(wanted)}  {size_of(wanted)}{optional}  {where(wanted)}"


def as_dict(wanted: "Wanted") -> dict[str, Any]:
    """The row of the table, for JSON; of addresses host and path, as the rest may be a secret."""
    row = wanted.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if wanted.urls:
        row["urls"] = [shown(each) if each.startswith("http") else each for each in wanted.urls]
    return row


def steps(items: Sequence["Item"], tasks: Sequence["Task"], again: str) -> Iterator[str]:
    """What a person does, numbered: page, terms, size, exact place and name.

    Args:
        items: Files that are not there.
        tasks: Those that were asked for.
        again: The command that was typed.
    """
    licenses = {task.name: task.license.id for task in tasks}
    for number, item in enumerate(items, 1):
        wanted = item.wanted
        terms = ", ".join(sorted({licenses[task] for task in wanted.tasks if task in licenses}))
        words = [f"{number}. {wanted.place} ({size_of(wanted)}; {terms})"]
        if item.why:
            words.append(item.why)
        if wanted.page:
            words.append(f"{wanted.say} Page: {wanted.page}".strip())
        if wanted.urls and wanted.access == "form" and not item.why:
            words.append(f"Once you have: {again} --accept {_name(wanted, tasks)}")
        elif wanted.urls and wanted.mirror and not item.why:
            words.append(f"Or: {again} --mirrors")
        words.append(f"Put it at: {item.path}")
        yield "\n".join(
            textwrap.fill(
                each,
                118,
                initial_indent="   " if n else "",
                subsequent_indent="   ",
                break_long_words=False,
                break_on_hyphens=False,
            )
            for n, each in enumerate(words)
        )


def _name(wanted: "Wanted", tasks: Sequence["Task"]) -> str:
    return next(task.name for task in tasks if task.name in wanted.tasks)


def source_flag(folder: Path, default: str) -> str:
    """The flag that names a folder of sources, where it is not the default one."""
    return "" if folder == Path(default) else f" --source {folder}"
