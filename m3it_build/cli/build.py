"""`m3it build`."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
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
    Verify,
    setting,
    typed,
)
from m3it_build.cli.verbosity import is_quiet, is_verbose
from m3it_build.core.plural import plural
from m3it_build.core.task import Answers
from m3it_build.store.output import Format, Images

if TYPE_CHECKING:
    from m3it_build.answers.estimate import Templates
    from m3it_build.plan.planner import Notice
    from m3it_build.shards.build import BuildReport

SAME = ("task", "all_tasks", "source", "sample", "out", "split", "limit", "preset", "seed", "config", "tasks_dir")
"""Flags of a build that a paraphrase pass over the same rows needs too."""

SPARE = ("done before", "shards", "left out")
"""Columns that a narrow terminal does without."""


app = group()


@command(
    app,
    "build",
    "m3it build --task okvqa --sample",
    "m3it build --task okvqa,vqa-v2 --source downloads --out out --limit 100",
    "m3it build --all --source downloads --out out --strict",
)
def build(
    ctx: typer.Context,
    task: TaskNames = None,
    all_tasks: AllTasks = False,
    source: Source = None,
    sample: Sample = False,
    out: Out = None,
    split: Splits = None,
    limit: Limit = None,
    preset: PresetName = None,
    format: Annotated[
        str | None,
        setting("format", "parquet, jsonl or jsonl.zst.", "FORMAT", default=Format.PARQUET, values=list(Format)),
    ] = None,
    images: Annotated[
        str | None,
        setting(
            "images",
            "How pictures are stored: base64, or bytes (as the Hub shows them).",
            "FORM",
            default=Images.BASE64,
            values=list(Images),
        ),
    ] = None,
    rows_per_shard: Annotated[str | None, setting("rows-per-shard", "At most so many.", "N", default=2000)] = None,
    answers: Annotated[
        str | None,
        setting(
            "answers",
            "How short answers are written out: paraphrase (what is stored, else a template), template, original.",
            "HOW",
            default="paraphrase",
            values=("paraphrase", "template", "original"),
        ),
    ] = None,
    paraphrase: Annotated[
        bool, typer.Option("--paraphrase", help="Ask a chat model first for what is not stored: this costs money.")
    ] = False,
    workers: Annotated[str | None, setting("workers", "Processes.", "N", default="one for each core")] = None,
    seed: Seed = None,
    tasks_dir: TasksDir = None,
    verify: Verify = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Exit 1 if any record was rejected (broken, missing, misformed) or a part of a split is not there.",
        ),
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", help="Build these splits anew; what was built of each goes when its source is read again."
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Tell rows, pictures, GB and time, from plans and a few rows; write nothing into OUT."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Turn raw sources into rows: pictures, instruction, inputs, outputs, meta.

    Running the same command again goes on where it stopped; finished shards are not done twice.
    """
    from m3it_build import api
    from m3it_build.answers.settings import ParaphraseSettings
    from m3it_build.cli.estimate import Heard, tell_estimate
    from m3it_build.cli.paraphrase import exit_code
    from m3it_build.cli.places import selection
    from m3it_build.cli.progress import BuildProgress, PassProgress
    from m3it_build.cli.settings import read
    from m3it_build.core.errors import SettingsError
    from m3it_build.plan.settings import BuildSettings

    places = selection(task, all_tasks=all_tasks, source=source, sample=sample, out=out, tasks_dir=tasks_dir)
    settings = read(
        BuildSettings,
        {
            "limit": limit,
            "preset": preset,
            "format": format,
            "images": images,
            "rows_per_shard": rows_per_shard,
            "answers": answers,
            "workers": workers,
            "seed": seed,
            "verify": verify or None,
        },
    )
    paid = read(ParaphraseSettings, {})
    where = places._asdict() | {"splits": split}
    if dry_run:
        if paraphrase:
            raise SettingsError("--dry-run builds nothing. What paraphrases cost tells: m3it paraphrase --dry-run")
        sys.exit(
            tell_estimate(
                api.estimate_build(**where, settings=settings, overwrite=overwrite, progress=Heard()), as_json=as_json
            )
        )
    code = 0
    if paraphrase:
        with PassProgress() as asked:
            code = exit_code(
                api.paraphrase(**where, settings=paid, build=settings, overwrite=overwrite, progress=asked)
            )
        if code > 1:
            sys.exit(code)
    again = f"m3it paraphrase {typed(ctx, SAME)}"
    with _telling_what_was_done(again, as_json=as_json), BuildProgress() as progress:
        report = api.build(**where, settings=settings, overwrite=overwrite and not paraphrase, progress=progress)
    templates = None
    if settings.answers is Answers.PARAPHRASE and (as_json or not is_quiet()):
        templates = api.count_templates(report, paid)
    if as_json:
        typer.echo(json.dumps(_as_dict(report, templates, again), ensure_ascii=False, indent=1))
    else:
        _tell(report)
    if is_quiet() and not as_json:
        _tell_templates(report)
        _tell_incomplete(report, places.source)
    elif not as_json:
        _advise(report, places.source)
    if not as_json and (settings.limit is not None or not sample):  # a sample is short of the paper's counts by design
        _tell_short(report)
    if not as_json and not is_quiet() and templates is not None and (templates.templates or templates.bare):
        typer.echo(_told(templates, again))
    for error in report.errors:
        typer.echo(f"m3it: {error}", err=True)
    sys.exit(max(code, _code(report, strict=strict)))


@contextmanager
def _telling_what_was_done(again: str, *, as_json: bool) -> Iterator[None]:
    """Before an error that ends all, which is told after it."""
    from m3it_build.core.errors import M3itError
    from m3it_build.shards.build import BuildReport

    try:
        yield
    except M3itError as error:
        if isinstance(report := error.report, BuildReport):
            if as_json:
                told = _as_dict(report, None, again) | {"errors": [*report.errors, str(error)]}
                typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
            elif report.splits:
                _tell(report)
            for each in report.errors:
                typer.echo(f"m3it: {each}", err=True)
        raise


def _code(report: "BuildReport", *, strict: bool) -> int:
    from m3it_build.plan.planner import Kind

    if report.errors:
        return 2
    if not any(each.rows for each in report.splits):
        typer.echo("m3it: nothing could be built.", err=True)
        return 1
    if lost := report.all_rejected():
        names = ", ".join(f"{each.task}/{each.split} ({each.rejected.total():,})" for each in lost)
        typer.echo(f"m3it: every record was rejected of {names}.", err=True)
        return 1
    rejected = sum(each.rejected.total() for each in report.splits)
    if strict and rejected:
        typer.echo(f"m3it: {plural(rejected, 'record')} rejected, which --strict does not let pass.", err=True)
        return 1
    if strict and (parts := [each.name for each in report.notices if each.kind is Kind.INCOMPLETE]):
        typer.echo(f"m3it: files of {', '.join(parts)} are missing, which --strict does not let pass.", err=True)
        return 1
    return 0


def _tell_incomplete(report: "BuildReport", source: Path | None) -> None:
    """What is missing of splits that were built."""
    from m3it_build.cli.notices import line
    from m3it_build.plan.planner import Kind

    for notice in report.notices:
        if notice.kind in (Kind.INCOMPLETE, Kind.UNREAD):
            typer.echo(line(notice, ""))
    for each in _missing(report, source):
        typer.echo(each)


def _tell_templates(report: "BuildReport") -> None:
    """The same in a few words, and without an estimate."""
    answers: Counter[str] = sum((each.answers for each in report.splits), Counter())
    if answers["template"]:
        typer.echo(f"{answers['template']:,} of {plural(answers.total(), 'short answer')} in template sentences")


def _told(templates: "Templates", again: str) -> str:
    """The last line of a build whose short answers are not written out."""
    one = templates.templates == 1
    said = (
        f"{templates.templates:,} of {plural(templates.answers, 'short answer')} "
        f"{'stands in a template sentence' if one else 'stand in template sentences'}"
    )
    if templates.bare:
        said += f", about {templates.bare:,} as short as they are, since no template fits"
    if not templates.calls:
        return f"{said}: {'its paraphrase' if one else 'their paraphrases'} did not pass the filters."
    dollars = templates.dollars
    cost = (
        "price unknown"
        if dollars is None
        else f"{dollars:.2f} US dollars"
        if dollars >= 0.005
        else "less than a US cent"
    )
    return (
        f"{said}. To write {'it' if one else 'them'} out, run this and then the build again:\n  {again}\n"
        f"  (about {plural(templates.calls, 'call')}, {cost} with {templates.model}; exact with --dry-run)"
    )


def _tell(report: "BuildReport") -> None:
    """Print the account of every record."""
    from m3it_build.cli.table import table

    counts = ("read", "rows", "filtered", "rejected", "left out", "shards", "done before")
    if report.splits:
        rows = [
            (
                each.task,
                each.split,
                each.read,
                each.rows,
                each.filtered.total(),
                each.rejected.total(),
                each.left_out,
                each.shards,
                each.kept_shards,
            )
            for each in report.splits
        ]
        typer.echo(table(("task", "split", *counts), rows, total=counts, spare=SPARE))
    if not is_quiet():
        for each in report.splits:
            for fate, reasons in (("filtered", each.filtered), ("rejected", each.rejected)):
                for reason, count in sorted(reasons.items()):
                    typer.echo(f"{each.task}/{each.split}: {count:,} {fate}: {reason}")
    if built := sum(each.rows for each in report.splits):
        lost = any(each.filtered or each.rejected for each in report.splits)
        rejects = f"; what was filtered or rejected: {report.out / '.m3it' / 'rejects'}" if lost else ""
        typer.echo(f"{plural(built, 'row')} in {report.out / 'data'}{rejects}")


def _advise(report: "BuildReport", source: Path | None) -> None:
    """Splits that were passed over and media that are missing; what the user can mend comes last."""
    from m3it_build.cli.notices import told

    for line in told(report.notices, "not built", every=is_verbose()):
        typer.echo(line)
    for line in _missing(report, source):
        typer.echo(line)


def _missing(report: "BuildReport", source: Path | None) -> Iterator[str]:
    """Pictures and clips that were not found, where they were looked for, and what to do."""
    from m3it_build.cli.settings import Places
    from m3it_build.plan.task_sources import looked_in

    for task, missing in report.missing_media().items():
        shown = f" --source {source}" if source != Places().source else ""
        check = f"; what is there: m3it sources {task}{shown} --check" if source is not None else ""
        example = f", as {missing.example}" if missing.example else ""
        yield (
            f"{task}: {plural(missing.records, 'record')} rejected as pictures or clips are not there{example} "
            f"({looked_in(missing.roots, missing.absent)}). See what to fetch: m3it sources {task}{check}. "
            "Then run the same command again: it takes them in"
        )


def _tell_short(report: "BuildReport") -> None:
    """Splits that have fewer rows than were asked for, and why."""
    reasons = {
        "no record is left to take": [each for each in report.short() if not each.left_out],
        "more were lost than are kept in reserve": [each for each in report.short() if each.left_out],
    }
    for why, splits in reasons.items():
        if splits:
            named = ", ".join(f"{each.task}/{each.split} {each.rows:,} of {each.asked:,}" for each in splits)
            typer.echo(f"fewer rows than asked for, as {why}: {named}")


def _as_item(notice: "Notice") -> dict[str, str]:
    return {"name": notice.name, "why": notice.why, "kind": notice.kind.value}


def _as_dict(report: "BuildReport", templates: "Templates | None", again: str) -> dict[str, Any]:
    return {
        "out": str(report.out),
        "splits": [
            {
                "task": each.task,
                "split": each.split,
                "read": each.read,
                "rows": each.rows,
                "filtered": dict(sorted(each.filtered.items())),
                "rejected": dict(sorted(each.rejected.items())),
                "left_out": each.left_out,
                "asked": each.asked,
                "shards": each.shards,
                "done_before": each.kept_shards,
                "made_again": each.renewed_shards,
                "unfinished": each.unfinished_shards,
                "answers": dict(sorted(each.answers.items())),
            }
            for each in report.splits
        ],
        "not_built": [_as_item(notice) for notice in report.notices if notice.kind.passed_over],
        "notes": [_as_item(notice) for notice in report.notices if not notice.kind.passed_over],
        "templates": None if templates is None else {**templates._asdict(), "command": again},
        "errors": report.errors,
    }
