"""`m3it stats`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, OutFolder, TasksDir, folder
from m3it_build.cli.table import table
from m3it_build.cli.verbosity import note
from m3it_build.core.plural import plural

if TYPE_CHECKING:
    from m3it_build.quality.instructions import InstructionStats
    from m3it_build.quality.paper import Compared, PaperComparison
    from m3it_build.quality.stats import SplitStats

SPARE = ("inputs", "outputs", "image MB", "file MB", "images", "left out")
"""Columns that a narrow terminal does without."""


app = group()


@command(app, "stats", "m3it stats out", "m3it stats out --paper", "m3it stats out --plots plots")
def stats(
    out: OutFolder = None,
    paper: Annotated[bool, typer.Option("--paper", help="Tables 3 and 7 of the paper beside what was built.")] = False,
    instructions: Annotated[
        bool, typer.Option("--instructions", help="Table 2 beside our pools; needs no build.")
    ] = False,
    plots: Annotated[
        Path | None,
        typer.Option("--plots", parser=folder, metavar="DIR", help="Write figures (PNG, SVG, PDF) into this folder."),
    ] = None,
    as_json: AsJson = False,
    tasks_dir: TasksDir = None,
) -> None:
    """Tell what a build holds: rows, rejects, pictures, lengths, instructions, answers."""
    from m3it_build import api
    from m3it_build.cli.settings import Places, read
    from m3it_build.core.errors import OutputError

    places = read(Places, {"out": out, "tasks_dir": tasks_dir})
    if instructions:
        told = _instructions(api.instruction_stats(places.tasks_dir), as_json=as_json)
    else:
        splits = api.stats(places.out, texts=not paper or plots is not None)
        if plots is not None:
            try:
                for path in api.write_plots(splits, plots):
                    note(f"wrote {path}")
            except OSError as error:
                raise OutputError(
                    f"{plots}: cannot be written ({error.strerror}). Give another --plots DIR."
                ) from error
        told = _paper(api.compare_with_paper(splits), as_json=as_json) if paper else _splits(splits, as_json=as_json)
    typer.echo(json.dumps(told, ensure_ascii=False, indent=1) if as_json else told)


def _instructions(found: "InstructionStats", *, as_json: bool) -> Any:
    """Table 2."""
    from m3it_build.paper import paper

    printed = paper().instructions
    measures = (
        ("Tokens per instruction", found.tokens, printed.tokens),
        ("Edit distance among the same task", found.within, printed.within),
        ("Edit distance across tasks", found.across, printed.across),
    )
    if as_json:
        return {
            "instructions": sum(found.counts.values()),
            "categories": {category.value: count for category, count in found.counts.items()},
            "tasks": found.tasks,
            "further": found.further_of_tasks,
            "measures": {name: {"ours": ours._asdict(), "paper": theirs._asdict()} for name, ours, theirs in measures},
        }
    total = sum(found.counts.values()), sum(printed.categories.values()), sum(found.further.values())
    rows: list[tuple[object, ...]] = [("Instructions", *total)]
    rows += [
        (f"- {category.value}", count, printed.categories[category], found.further[category])
        for category, count in found.counts.items()
    ]
    rows += [(name, str(ours), str(theirs), "") for name, ours, theirs in measures]
    return table(("", "ours", "paper", "further"), rows) + (
        "\n(further: written for rows that few others fit; beside the paper's number, and not measured)"
    )


def _paper(found: "PaperComparison", *, as_json: bool) -> Any:
    """Tables 3 and 7."""
    if as_json:
        return {
            "groups": [row._asdict() for row in found.groups],
            "tasks": [row._asdict() for row in found.tasks],
            "contradictions": found.contradictions,
        }
    parts = [
        "Table 3: rows by group",
        _compared("group", found.groups),
        "Table 7: rows by task",
        _compared("task", found.tasks),
        "Where the paper disagrees with itself or its sources:",
        *(f"- {text}" for text in found.contradictions),
    ]
    return "\n\n".join(parts[:4]) + "\n\n" + "\n".join(parts[4:])


def _compared(name: str, rows: "Sequence[Compared]") -> str:
    header = (name, "train", "paper", "validation", "paper", "test", "paper")
    return table(
        header,
        [
            (
                row.name,
                *(cell for place in range(3) for cell in (row.ours[place], row.paper[place] if row.paper else "")),
            )
            for row in rows
        ],
    )


def _splits(splits: "Sequence[SplitStats]", *, as_json: bool) -> Any:
    """Per task and split."""
    if as_json:
        return [each.as_dict() for each in splits]
    header = (
        "task",
        "split",
        "read",
        "rows",
        "filtered",
        "rejected",
        "left out",
        "images",
        "image MB",
        "file MB",
        "inputs",
        "outputs",
    )
    lines = [
        table(header, [_cells(each) for each in splits], total=header[2:-2], spare=SPARE),
        "(inputs, outputs: mean characters)",
    ]
    for each in splits:
        lines.append(f"\n{each.summary.task}/{each.summary.split}")
        if each.unfinished:
            verb = "is" if each.unfinished == 1 else "are"
            lines.append(f"  {plural(each.unfinished, 'shard')} {verb} not written yet: run the build again")
        lines += [f"  filtered: {count:,} {reason}" for reason, count in sorted(each.filtered.items())]
        lines += [f"  rejected: {count:,} {reason}" for reason, count in sorted(each.rejected.items())]
        if each.rows:
            shares = [each.instructions[index] / each.rows for index in range(len(each.summary.instructions))]
            lines.append("  instructions: " + " ".join(f"{share:.0%}" for share in shares))
            top = ", ".join(f"{answer[:40]!r} {count / each.rows:.0%}" for answer, count in each.answers.most_common(5))
            lines.append(f"  answers: {len(each.answers)} different; {top}")
        if each.paraphrase:
            lines.append(f"  short answers: {_counts(each.paraphrase)}")
    return "\n".join(lines)


def _counts(counts: "Mapping[str, int]") -> str:
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items()))


def _cells(each: "SplitStats") -> tuple[object, ...]:
    return (
        each.summary.task,
        each.summary.split,
        each.summary.read,
        each.rows,
        each.filtered.total(),
        each.rejected.total(),
        each.left_out,
        each.images,
        round(each.image_bytes / 1e6, 1),
        round(each.file_bytes / 1e6, 1),
        round(each.inputs.mean),
        round(each.outputs.mean),
    )
