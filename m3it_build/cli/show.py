"""`m3it show`."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, Out, folder, task_names
from m3it_build.cli.verbosity import note
from m3it_build.core.plural import plural
from m3it_build.core.task import Split
from m3it_build.core.text import visible

if TYPE_CHECKING:
    from m3it_build.quality.rows import BuiltRows

MOST = 50
"""Rows at once."""

app = group()


@command(
    app,
    "show",
    "m3it show okvqa",
    "m3it show okvqa --split validation --n 5 --lang de --png rows.png",
)
def show(
    task: Annotated[str, typer.Argument(metavar="TASK", help="A built task.", autocompletion=task_names)],
    out: Out = None,
    split: Annotated[
        Split | None, typer.Option("--split", metavar="SPLIT", help="train, validation or test; else the first built.")
    ] = None,
    count: Annotated[
        int,
        typer.Option("--n", metavar="N", min=1, help="So many rows (50 at most), of different pictures if it can be."),
    ] = 3,
    id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="The row with this meta.id, or the end of it.")
    ] = None,
    lang: Annotated[
        str | None, typer.Option("--lang", metavar="LANG", help="A language it was translated into.")
    ] = None,
    png: Annotated[
        Path | None,
        typer.Option(
            "--png",
            parser=folder,
            metavar="FILE",
            help="Where the contact sheet of their pictures goes.  [default: .m3it/show.png in OUT]",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show rows as they were built: texts here, pictures on a contact sheet, and in a terminal that can show them.

    Shows the first rows of a split, always the same. Control characters in them are written out.
    """
    from m3it_build import api
    from m3it_build.cli.inline import shown_inline
    from m3it_build.cli.places import output_folder

    out = output_folder(out)
    found = api.show(task, out=out, split=split, count=min(count, MOST), id=id, language=lang)
    if not as_json:
        for line in _told(found):
            typer.echo(line)
    sheet = api.contact_sheet(found)
    place = None if sheet is None else _written(sheet, png, out)
    if as_json:
        typer.echo(json.dumps(_as_dict(found, place), ensure_ascii=False, indent=1))
        return
    if sheet is not None and (picture := shown_inline(sheet)) is not None:
        typer.echo(picture)
    if place is not None:
        typer.echo(f"{plural(sum(len(row.images) for row in found.rows), 'picture')}: {place}")


def _written(sheet: bytes, png: Path | None, out: Path) -> Path | None:
    """Where the contact sheet is now; None where OUT cannot be written and no other place was given."""
    from m3it_build.core.errors import OutputError

    place = png or out / ".m3it" / "show.png"
    if place.is_fifo():  # would wait for a reader
        raise OutputError(f"{place}: is no file. Give another --png FILE.")
    try:
        place.write_bytes(sheet)
    except OSError as error:
        said = f"{place}: cannot be written ({error.strerror}). Give {'another ' if png else ''}--png FILE."
        if png is not None:
            raise OutputError(said) from error
        note(said)
        return None
    return place


def _told(found: "BuiltRows") -> Iterator[str]:
    for number, row in enumerate(found.rows, 1):
        meta: Mapping[str, Any] = row.texts.meta
        yield f"row {number}: {visible(str(meta['id']))}"
        for name, value in (
            ("instruction", row.texts.instruction),
            ("inputs", row.texts.inputs),
            ("outputs", row.texts.outputs),
            *_of_meta(meta),
            ("pictures", ", ".join(f"{each.name} ({each.width}x{each.height} {each.format})" for each in row.images)),
            ("shard", row.file),
        ):
            if value:
                first, *more = visible(value).split("\n")
                yield f"  {name:<12} {first}"
                yield from (f"  {'':<12} {line}" for line in more)
        yield ""
    yield f"{plural(len(found.rows), 'row')} of {found.there:,} in {found.config}/{found.split}"


def _of_meta(meta: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a person wants to know of a row, name and value."""
    if "answer" in meta:
        yield "answer", str(meta["answer"])
    if (options := meta.get("options")) is not None:
        right = meta.get("answer_index")
        yield "options", "\n".join(f"{'*' if place == right else ' '} {each}" for place, each in enumerate(options))
    if (paraphrase := meta.get("paraphrase")) is not None:
        yield (
            "paraphrase",
            ", ".join(str(paraphrase[key]) for key in ("status", "model", "reason") if paraphrase.get(key)),
        )
    for region in meta.get("regions", ()):
        yield "region", f"{region.get('label') or ''} ({region.get('colour')})".strip()
    if (translation := meta.get("translation")) is not None:
        yield "translated", f"by {translation.get('model')}, from {translation.get('source_id')}"
    yield "licence", str(meta.get("license", ""))
    source = meta.get("source", {})
    yield "source", f"{source.get('file', '')}: {source.get('record', '')}"


def _as_dict(found: "BuiltRows", png: Path | None) -> dict[str, Any]:
    return {
        "config": found.config,
        "split": found.split,
        "there": found.there,
        "png": None if png is None else str(png),
        "rows": [
            {
                "instruction": row.texts.instruction,
                "inputs": row.texts.inputs,
                "outputs": row.texts.outputs,
                "meta": row.texts.meta,
                "file": row.file,
            }
            for row in found.rows
        ],
    }
