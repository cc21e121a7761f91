"""`m3it build`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from m3it_build.cli import app
from m3it_build.core.task import Preset, Split
from m3it_build.stages.answers import Answers
from m3it_build.store.layout import Format, Images

if TYPE_CHECKING:
    from collections.abc import Sequence

    from m3it_build.run.build import BuildReport
    from m3it_build.run.planning import Wanted
    from m3it_build.settings import BuildSettings

Out = Annotated[Path, typer.Option("--out", envvar="M3IT_OUT", help="The output folder.")]
Source = Annotated[
    Path | None,
    typer.Option(
        "--source", envvar="M3IT_SOURCE", help="Folder with one folder a task; with one task, that folder itself."
    ),
]
TaskNames = Annotated[list[str] | None, typer.Option("--task", help="A task; may be given more than once.")]
TasksDir = Annotated[
    Path | None, typer.Option("--tasks-dir", envvar="M3IT_TASKS_DIR", help="A folder with tasks of your own.")
]
Config = Annotated[Path | None, typer.Option("--config", envvar="M3IT_CONFIG", help="A TOML file with settings.")]


@app.command()
def build(
    task: TaskNames = None,
    all_tasks: Annotated[bool, typer.Option("--all", help="All tasks whose folders are there.")] = False,
    source: Source = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Read the tiny bundled sources instead of a download.")
    ] = False,
    out: Out = Path("m3it-data"),
    split: Annotated[list[Split] | None, typer.Option("--split", help="A split; may be given more than once.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="At most so many rows a split.")] = None,
    preset: Annotated[
        Preset | None, typer.Option("--preset", help="The paper's counts, or all records. [default: paper]")
    ] = None,
    format: Annotated[Format | None, typer.Option("--format", help="How shards are stored. [default: parquet]")] = None,
    images: Annotated[
        Images | None, typer.Option("--images", help="How pictures are stored. [default: base64]")
    ] = None,
    rows_per_shard: Annotated[int | None, typer.Option("--rows-per-shard", help="[default: 2000]")] = None,
    answers: Annotated[
        Answers | None, typer.Option("--answers", help="How short answers are written out. [default: paraphrase]")
    ] = None,
    paraphrase: Annotated[
        bool, typer.Option("--paraphrase", help="Ask a chat model first for what is not stored: this costs money.")
    ] = False,
    workers: Annotated[int | None, typer.Option("--workers", help="Processes. [default: one for each core]")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Of every choice. [default: 0]")] = None,
    config: Config = None,
    tasks_dir: TasksDir = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if any record was rejected.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Remove what was built of these tasks before.")
    ] = False,
) -> None:
    """Turn raw sources into rows: pictures, instruction, inputs, outputs, meta.

    Running the same command again goes on where it stopped; finished shards are not done twice.
    """
    from m3it_build.cli.progress import BuildProgress
    from m3it_build.cli.wanted import find_wanted
    from m3it_build.run.build import build as run
    from m3it_build.settings import load_settings

    settings = load_settings(
        config,
        {
            "limit": limit,
            "preset": preset,
            "format": format,
            "images": images,
            "rows_per_shard": rows_per_shard,
            "answers": answers,
            "workers": workers,
            "seed": seed,
        },
    )
    wanted = find_wanted(
        task or [], all_tasks=all_tasks, source=source, sample=sample, settings=settings, tasks_dir=tasks_dir
    )
    code = _paraphrase(wanted, split, settings, out, config, overwrite=overwrite) if paraphrase else 0
    if code > 1:
        sys.exit(code)
    with BuildProgress() as progress:
        report = run(wanted, split, settings, out, progress, overwrite=overwrite and not paraphrase)
    sys.exit(max(code, _tell(report, out, strict=strict)))


def _paraphrase(
    wanted: "Sequence[Wanted]",
    splits: "Sequence[Split] | None",
    settings: "BuildSettings",
    out: Path,
    config: Path | None,
    *,
    overwrite: bool,
) -> int:
    """Ask for what the store does not hold; returns the exit code."""
    from m3it_build.cli.paraphrase import run_pass
    from m3it_build.run.claim import Locked, claim
    from m3it_build.run.paraphrase import Pass
    from m3it_build.service_settings import load_paraphrase_settings
    from m3it_build.services.answer_store import AnswerStore
    from m3it_build.store.layout import Layout

    paid, layout = load_paraphrase_settings(config, {}), Layout(out)
    with Locked(layout):
        claim(layout, [each.entry.task.name for each in wanted], settings, overwrite=overwrite)
        with AnswerStore(layout.answers) as store:
            work = Pass(layout, store, settings, paid)
            work.plan(wanted, splits)
            return run_pass(work)


def _tell(report: "BuildReport", out: Path, *, strict: bool) -> int:
    """Print the summary; returns the exit code."""
    from m3it_build.cli.table import table

    if report.splits:
        header = ("task", "split", "read", "rows", "rejected", "left out", "shards", "done before")
        rows = [
            (
                each.task,
                each.split,
                each.read,
                each.rows,
                each.rejected.total(),
                each.left_out,
                each.shards,
                each.kept_shards,
            )
            for each in report.splits
        ]
        typer.echo(table(header, rows))
        for each in report.splits:
            for reason, count in sorted(each.rejected.items()):
                typer.echo(f"{each.task}/{each.split}: {count} rejected: {reason}")
        typer.echo(
            f"{sum(each.rows for each in report.splits)} rows in {out / 'data'}; rejects in {out / '.m3it' / 'rejects'}"
        )
    for notice in report.notices:
        typer.echo(notice)
    for error in report.errors:
        typer.echo(f"m3it: {error}", err=True)
    if report.errors:
        return 2
    if not any(each.rows for each in report.splits):
        typer.echo("m3it: nothing could be built.", err=True)
        return 1
    return 1 if strict and any(each.rejected.total() for each in report.splits) else 0
