"""`m3it status`."""

import json
from typing import TYPE_CHECKING

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, OutFolder
from m3it_build.cli.places import output_folder
from m3it_build.core.plural import plural

if TYPE_CHECKING:
    from m3it_build.quality.status import Status

SPARE = ("shards", "left out", "read")
"""Columns that a narrow terminal does without."""

app = group()


@command(app, "status", "m3it status", "m3it status out --json")
def status(out: OutFolder = None, as_json: AsJson = False) -> None:
    """Tell how far an output folder is: planned, done, rejected, filtered, left, and what was spent.

    It only looks, so it also works while a command is running in the folder, or after one was killed.
    """
    from m3it_build import api
    from m3it_build.answers.settings import ParaphraseSettings
    from m3it_build.cli.settings import read
    from m3it_build.core.errors import OutputError

    if out is not None and out.exists() and not out.is_dir():
        raise OutputError(f"{out}: is no folder. Give the output folder of a build.")
    found = api.status(output_folder(out), settings=read(ParaphraseSettings, {}))
    typer.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=1) if as_json else _told(found))


def _told(found: "Status") -> str:
    from m3it_build.cli.table import table

    lines = []
    if found.splits:
        counts = ("read", "planned", "rows", "filtered", "rejected", "left out", "left")
        header = ("config", "split", *counts, "shards")
        rows = [
            (
                each.task if each.language is None else f"{each.task}-{each.language}",
                each.split,
                each.read,
                each.planned,
                each.rows,
                each.filtered,
                each.rejected,
                each.left_out,
                each.left,
                f"{each.shards_done:,} of {each.shards:,}",
            )
            for each in found.splits
        ]
        lines.append(table(header, rows, total=counts, spare=SPARE))
        undone = sum(each.shards_done < each.shards for each in found.splits)
        lines.append(
            f"{plural(undone, 'split')} unfinished, {plural(found.left, 'record')} left: the same command goes on"
            if undone
            else "every planned split is done"
        )
    else:
        lines.append(f"{found.out}: nothing is planned here yet. Begin with: m3it build --task okvqa")
    for paid in found.paid:
        cost = "cost unknown" if paid.dollars is None else f"{paid.dollars:.4f} US dollars"
        tokens = paid.prompt_tokens + paid.completion_tokens
        lines.append(f"{paid.task}: {plural(paid.answers, 'paraphrase')} stored, {plural(tokens, 'token')}, {cost}")
    if len(found.paid) > 1 and found.dollars is not None:
        lines.append(f"all paraphrases: {found.dollars:.4f} US dollars")
    if found.translations:
        stored, refused = (sum(getattr(each, name) for each in found.translations) for name in ("stored", "refused"))
        languages = plural(len(found.translations), "language")
        lines.append(f"translations: {plural(stored, 'sentence')} stored in {languages}, {refused:,} of them refused")
    return "\n".join(lines)
