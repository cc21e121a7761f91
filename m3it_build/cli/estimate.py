"""What `m3it build --dry-run` says."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from m3it_build.cli.verbosity import is_quiet, is_verbose, note
from m3it_build.core.plural import plural
from m3it_build.core.progress import Progress

if TYPE_CHECKING:
    from m3it_build.shards.estimate import BuildEstimate

SPARE = ("records probed", "done before", "shards", "read")
"""Columns that a narrow terminal does without."""


class Heard(Progress):
    """Says which split is being read."""

    def reading(self, split: str) -> None:
        """In a line."""
        note(f"{split}: planning in a temporary folder, then writing a few rows there")


def tell_estimate(found: "BuildEstimate", *, as_json: bool) -> int:
    """Print it; returns the exit code."""
    if as_json:
        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=1))
    else:
        for line in _lines(found):
            typer.echo(line)
    for error in found.errors:
        typer.echo(f"m3it: {error}", err=True)
    if not found.errors and not found.splits:
        typer.echo("m3it: nothing could be built.", err=True)
    return 2 if found.errors else 0 if found.splits else 1


def _lines(found: "BuildEstimate") -> Iterator[str]:
    from m3it_build.cli.notices import told
    from m3it_build.cli.table import table
    from m3it_build.publish.markdown import size_text

    counts = ("read", "rows", "done before", "shards", "pictures", "MB")
    rows = [
        (
            each.task,
            each.split,
            each.read,
            each.rows,
            each.done,
            each.shards,
            each.pictures,
            round(each.bytes / 1e6, 1),
            each.probed,
        )
        for each in found.splits
    ]
    if rows:
        yield table(("task", "split", *counts, "records probed"), rows, total=counts, spare=SPARE)
    for each in found.splits:
        for reason, count in sorted(each.lost.items()):
            probed = plural(each.probed, "probed record")
            yield f"{each.task}/{each.split}: {count:,} of {probed} would be lost: {reason}"
    if not is_quiet():
        yield from told(found.notices, "would not be built", every=is_verbose())
    if rows:
        yield (
            f"about {size_text(found.bytes)} in {found.out} ({size_text(found.free)} free), about "
            f"{_duration(found.seconds)} with {plural(found.workers, 'worker')}; rows are counted, pictures, MB and "
            "time scaled up from the probed records"
        )
    if found.bytes > found.free:
        yield "that is more than is free: make room, or use another --out"


def _duration(seconds: float) -> str:
    """For a person."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
