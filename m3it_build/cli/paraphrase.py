"""`m3it paraphrase`."""

import json
import sys
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from m3it_build.cli.app import command
from m3it_build.cli.options import (
    AllTasks,
    AsJson,
    Config,
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
    source_of,
)
from m3it_build.cli.verbosity import is_verbose, note
from m3it_build.core.plural import plural

if TYPE_CHECKING:
    from m3it_build.answers.run import Pass, PassReport
    from m3it_build.answers.settings import ParaphraseSettings

PAPER_SHARE = 0.03
"""Paper, 3.2 stage III: less than 3 % of the paraphrases fell back to a template."""


class BatchStep(StrEnum):
    """What to do with the Batch API."""

    SUBMIT = "submit"
    COLLECT = "collect"


PAID = "M3IT_PARAPHRASE_"


@command(
    "paraphrase",
    "Let a chat model write short answers as sentences.",
    "m3it paraphrase --task okvqa --source downloads --out out --dry-run",
    "m3it paraphrase --task okvqa --source downloads --out out --max-cost 5",
    "m3it paraphrase --all --source downloads --base-url http://localhost:8000/v1 --model my-model",
)
def paraphrase(
    ctx: typer.Context,
    task: TaskNames = None,
    all_tasks: AllTasks = False,
    source: Source = None,
    sample: Sample = False,
    out: Out = Path("m3it-data"),
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
    config: Config = None,
    tasks_dir: TasksDir = None,
) -> None:
    """Let a chat model write short answers as sentences; every answer is kept and never asked twice.

    The key comes from OPENAI_API_KEY. Running the same command again goes on where it stopped.
    """
    from m3it_build.answers.run import Pass
    from m3it_build.answers.settings import load_paraphrase_settings
    from m3it_build.answers.store import AnswerStore
    from m3it_build.plan.same_settings import require_same_settings, settings_of
    from m3it_build.plan.task_sources import find_task_sources
    from m3it_build.settings import load_settings
    from m3it_build.store.lock import Locked
    from m3it_build.store.output import OutputFolder

    settings = load_paraphrase_settings(
        config, {"model": model, "base_url": base_url, "concurrency": concurrency, "max_cost": max_cost}
    )
    output = OutputFolder(out)
    build = load_settings(config, {"limit": limit, "preset": preset, "seed": seed}, settings_of(output))
    source = source_of(ctx, source, sample=sample)
    wanted = find_task_sources(
        task or [], all_tasks=all_tasks, source=source, sample=sample, settings=build, tasks_dir=tasks_dir
    )
    with Locked(output):
        require_same_settings(output, [each.entry.task.name for each in wanted], build, overwrite=False)
        with AnswerStore(output.answers) as store:
            work = Pass(output, store, build, settings)
            work.plan(wanted, split)
            if show is not None:
                _show(work, show, as_json=as_json)
                return
            if dry_run:
                _tell_plan(work.report, settings, batch=batch is not None, as_json=as_json)
                return
            code = run_pass(work, batch) if batch is not BatchStep.COLLECT else _collect(work)
            work.judge()
            _tell(work.report, as_json=as_json)
    sys.exit(max(code, 2 if work.report.errors else 0))


def run_pass(work: "Pass", batch: BatchStep | None = None) -> int:
    """Ask what is open; returns the exit code."""
    from m3it_build.cli.progress import PassProgress

    for each in work.report.tasks:
        cost = "unknown" if each.dollars is None else f"{each.dollars / (2 if batch else 1):.4f} US dollars"
        changed = (
            f"; the prompt changed: {plural(each.changed_prompt, 'answer')} of other versions unused"
            if each.changed_prompt
            else ""
        )
        note(
            f"{each.task}: {plural(each.questions, 'question')}, {each.stored:,} answered, {each.in_batches:,} in "
            f"batches, {each.to_ask:,} to ask, about {sum(each.tokens):,} tokens, cost about {cost}{changed}"
        )
    if batch is BatchStep.SUBMIT:
        return _submit(work)
    with PassProgress() as progress:
        work.ask(progress)
    outcome = work.report.outcome
    if outcome.stop is not None:
        typer.echo(f"m3it: {outcome.stop}", err=True)
        return outcome.stop.exit_code
    if outcome.interrupted:
        typer.echo("m3it: stopped. All answers are kept: run the same command again to go on.", err=True)
        return 130
    return 1 if outcome.failed else 0


def _submit(work: "Pass") -> int:
    for made in work.submit():
        note(f"batch {made.id}: {plural(made.requests, 'request')} handed in, {made.status}")
    note("Fetch the answers with the same command and --batch collect in place of --batch submit.")
    return 0


def _collect(work: "Pass") -> int:
    found = work.collect()
    for each in found.notes:
        note(each)
    for running in found.running:
        note(f"batch {running.id}: {plural(running.requests, 'request')}, {running.status}")
    note(
        f"{plural(found.answered, 'answer')} collected, {found.failed:,} failed, "
        f"{plural(found.unreadable, 'line')} unreadable, {found.left:,} left to hand in again, "
        f"{plural(len(found.running), 'batch', 'batches')} not over"
    )
    return 1 if found.failed or found.left or found.unreadable else 0


def _tell_plan(report: "PassReport", settings: "ParaphraseSettings", *, batch: bool, as_json: bool) -> None:
    from m3it_build.cli.table import table

    rows: list[dict[str, Any]] = [
        {
            "task": each.task, "rows": each.rows, "questions": each.questions, "stored": each.stored,
            "in_batches": each.in_batches, "to_ask": each.to_ask, "prompt_tokens": each.tokens.prompt,
            "completion_tokens": each.tokens.completion, "changed_prompt": each.changed_prompt,
            "dollars": None if each.dollars is None else each.dollars / (2 if batch else 1),
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
    header = ("task", "rows", "answered now", "paraphrased", "fell back", "share", "paper", "open", "dollars, all runs")
    rows = [
        (
            each.task, each.rows, each.answered, each.paraphrased, each.fallen_back.total(),
            "" if each.fallback_share is None else f"{each.fallback_share:.1%}", f"{PAPER_SHARE:.0%}", each.open,
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


def _show(work: "Pass", count: int, *, as_json: bool) -> None:
    rows = list(work.shown(count=count))
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
