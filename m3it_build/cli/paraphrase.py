"""`m3it paraphrase`."""

import json
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import (
    AllTasks,
    AsJson,
    Limit,
    Out,
    PresetName,
    Sample,
    Seed,
    Source,
    Splits,
    TaskNames,
    TasksDir,
    setting,
)
from m3it_build.cli.verbosity import is_verbose, note
from m3it_build.core.plural import plural
from m3it_build.core.task import BatchStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from m3it_build.answers.run import Pair, PassReport
    from m3it_build.answers.settings import ParaphraseSettings


PAID = "M3IT_PARAPHRASE_"


app = group()


@command(
    app,
    "paraphrase",
    "m3it paraphrase --task okvqa --source downloads --out out --dry-run",
    "m3it paraphrase --task okvqa --source downloads --out out --max-cost 5",
    "m3it paraphrase --all --source downloads --base-url http://localhost:8000/v1 --model my-model",
)
def paraphrase(
    task: TaskNames = None,
    all_tasks: AllTasks = False,
    source: Source = None,
    sample: Sample = False,
    out: Out = None,
    split: Splits = None,
    limit: Limit = None,
    preset: PresetName = None,
    seed: Seed = None,
    model: Annotated[str | None, setting("model", "As the server calls it.", "NAME", prefix=PAID)] = None,
    base_url: Annotated[str | None, setting("base-url", "An OpenAI-compatible server.", "URL", prefix=PAID)] = None,
    concurrency: Annotated[str | None, setting("concurrency", "Calls in flight.", "N", prefix=PAID)] = None,
    max_cost: Annotated[str | None, setting("max-cost", "US dollars this run may spend.", "USD", prefix=PAID)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell calls, tokens and cost; ask nothing.")] = False,
    batch: Annotated[
        BatchStep | None,
        typer.Option("--batch", metavar="STEP", help="Use the Batch API, at half the price: submit or collect."),
    ] = None,
    show: Annotated[
        int | None, typer.Option("--show", min=1, metavar="N", help="Show so many pairs a split; ask nothing.")
    ] = None,
    as_json: AsJson = False,
    tasks_dir: TasksDir = None,
) -> None:
    """Let a chat model write short answers as sentences; every answer is kept and never asked twice.

    The key comes from OPENAI_API_KEY. Running the same command again goes on where it stopped.
    """
    from m3it_build import api
    from m3it_build.answers.settings import ParaphraseSettings
    from m3it_build.cli.places import selection
    from m3it_build.cli.progress import PassProgress
    from m3it_build.cli.settings import read
    from m3it_build.plan.same_settings import settings_of
    from m3it_build.plan.settings import BuildSettings
    from m3it_build.settings import Layer
    from m3it_build.store.output import OutputFolder

    places = selection(task, all_tasks=all_tasks, source=source, sample=sample, out=out, tasks_dir=tasks_dir)
    settings = read(
        ParaphraseSettings,
        {"model": model, "base_url": base_url, "concurrency": concurrency, "max_cost": max_cost},
    )
    there = Layer(settings_of(OutputFolder(places.out)), lambda name: f"{name} of the output folder")
    build = read(BuildSettings, {"limit": limit, "preset": preset, "seed": seed}, there)
    where = places._asdict() | {"splits": split, "settings": settings, "build": build}
    if show is not None:
        _show(api.paraphrase_pairs(**where, count=show), as_json=as_json)
        return
    if dry_run:
        _tell_plan(api.paraphrase(**where, dry_run=True, batch=batch), settings, as_json=as_json)
        return
    with PassProgress() as progress:
        report = api.paraphrase(**where, batch=batch, progress=progress)
    if batch is BatchStep.SUBMIT:
        note("Fetch the answers with the same command and --batch collect in place of --batch submit.")
    stopped = exit_code(report)
    _tell(report, as_json=as_json)
    sys.exit(max(stopped, 2 if report.errors else 0))


def exit_code(report: "PassReport") -> int:
    """Say why a pass ended early, if it did; returns the exit code."""
    outcome = report.outcome
    if outcome.stop is not None:
        typer.echo(f"m3it: {outcome.stop}", err=True)
        return outcome.stop.exit_code
    if outcome.interrupted:
        typer.echo("m3it: stopped. All answers are kept: run the same command again to go on.", err=True)
        return 128 + outcome.interrupted
    return 1 if outcome.failed or (report.collected is not None and not report.collected.is_complete) else 0


def _tell_plan(report: "PassReport", settings: "ParaphraseSettings", *, as_json: bool) -> None:
    from m3it_build.cli.table import table

    rows: list[dict[str, Any]] = [
        {
            "task": each.task, "rows": each.rows, "questions": each.questions, "stored": each.stored,
            "in_batches": each.in_batches, "to_ask": each.to_ask, "prompt_tokens": each.tokens.prompt,
            "completion_tokens": each.tokens.completion, "changed_prompt": each.changed_prompt,
            "dollars": None if each.dollars is None else each.dollars,
        }
        for each in report.tasks
    ]  # fmt: skip
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "model": settings.model,
                    "tasks": rows,
                    "notices": _lines(report, every=True),
                    "errors": report.errors,
                },
                indent=1,
            )
        )
    else:
        names = (
            "task",
            "rows",
            "questions",
            "stored",
            "in_batches",
            "to_ask",
            "prompt_tokens",
            "completion_tokens",
            "dollars",
        )
        typer.echo(
            table(
                [name.replace("_", " ") for name in names],
                [[_cell(row[name]) for name in names] for row in rows],
                total=[name.replace("_", " ") for name in names],
                spare=("stored", "in batches", "rows"),
            )
        )
        _notices(report)
    if report.errors:
        sys.exit(2)


def _tell(report: "PassReport", *, as_json: bool) -> None:
    from m3it_build.cli.table import table

    if as_json:
        told = [
            {
                **{field.name: getattr(each, field.name) for field in fields(each)},
                "tokens": each.tokens._asdict(),
                "fallback_share": each.fallback_share,
            }
            for each in report.tasks
        ]
        outcome = report.outcome
        typer.echo(
            json.dumps(
                {
                    "tasks": told, "spent": report.spent, "retries": outcome.retries, "failed": outcome.failed,
                    "stopped": str(outcome.stop) if outcome.stop else None, "notices": _lines(report, every=True),
                    "errors": report.errors,
                },
                ensure_ascii=False, indent=1,
            )
        )  # fmt: skip
        return
    from m3it_build.paper import paper

    of_paper = paper().fallback_share
    header = ("task", "rows", "answered now", "paraphrased", "fell back", "share", "paper", "open", "dollars, all runs")
    rows = [
        (
            each.task, each.rows, each.answered, each.paraphrased, each.fallen_back.total(),
            "" if each.fallback_share is None else f"{each.fallback_share:.1%}", f"{of_paper:.0%}", each.open,
            _cell(each.spent),
        )
        for each in report.tasks
    ]  # fmt: skip
    if rows:
        typer.echo(
            table(
                header,
                rows,
                total=("rows", "answered now", "paraphrased", "fell back", "open"),
                spare=("paper", "open", "rows"),
            )
        )
    for each in report.tasks:
        for reason, count in sorted(each.fallen_back.items()):
            typer.echo(f"{each.task}: {count:,} fell back: {reason}")
    for reason, count in sorted(report.outcome.failed.items()):
        typer.echo(f"{count:,} without an answer: {reason}")
    if report.outcome.retries:
        typer.echo(f"{plural(report.outcome.retries, 'call')} repeated")
    if report.spent is not None:
        typer.echo(f"{report.spent:.4f} US dollars spent by this run")
    _notices(report)


def _notices(report: "PassReport") -> None:
    for line in _lines(report, every=is_verbose()):
        note(line)
    for error in report.errors:
        typer.echo(f"m3it: {error}", err=True)


def _lines(report: "PassReport", *, every: bool) -> list[str]:
    from m3it_build.cli.notices import told

    return list(told(report.notices, "passed over", every=every))


def _show(rows: "Sequence[Pair]", *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([row._asdict() for row in rows], ensure_ascii=False, indent=1))
        return
    for row in rows:
        status = f"{row.status}: {row.reason}" if row.reason else row.status
        typer.echo(
            f"{row.id} ({status})\n  question  {row.question}\n  answer    {row.answer}\n  output    {row.output}\n"
        )


def _cell(value: Any) -> object:
    return "unknown" if value is None else round(value, 4) if isinstance(value, float) else value
