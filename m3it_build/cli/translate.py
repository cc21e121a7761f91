"""`m3it translate`."""

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, Out, Verify, setting, tasks_flag
from m3it_build.cli.translator_flags import (
    Beam,
    ComputeType,
    Device,
    ModelName,
    SampleModel,
    Workers,
    translator_settings,
)
from m3it_build.core.plural import plural
from m3it_build.core.task import Split
from m3it_build.translate.languages import SETTLED_AT

if TYPE_CHECKING:
    from m3it_build.translate.run import TranslateReport

app = group()


@command(
    app,
    "translate",
    "m3it translate --langs all --sample --out out",
    "m3it translate --langs de,fr,zh --out out --model nllb-200-distilled-1.3B",
)
def translate(
    langs: Annotated[
        str,
        typer.Option(
            "--langs",
            metavar="LANGS",
            help="all (those that pass the gate), paper (Table 9), or codes and names: de,fra_Latn.",
        ),
    ],
    out: Out = None,
    task: Annotated[
        list[str] | None,
        tasks_flag("--task", "A task (without it the paper's seven, as far as they are built)"),
    ] = None,
    split: Annotated[
        list[Split] | None, typer.Option("--split", metavar="SPLIT", help="A split. [default: validation and test]")
    ] = None,
    model: ModelName = None,
    sample: SampleModel = False,
    per_split: Annotated[
        str | None, setting("per-split", "Rows of each split, chosen by hash; winoground whole.", "N", default=500)
    ] = None,
    beam: Beam = None,
    device: Device = None,
    compute_type: ComputeType = None,
    threshold: Annotated[
        str | None,
        setting("threshold", "Of the published scores, where no gate ran.", "SCORE", default=f"{SETTLED_AT:g}"),
    ] = None,
    back_translate: Annotated[
        str | None,
        setting("back-translate", "Translate so many rows of a config back, and score them.", "N", default=0),
    ] = None,
    workers: Workers = None,
    verify: Verify = False,
    as_json: AsJson = False,
) -> None:
    """Translate rows of the evaluation splits and their instructions, and tell how good the result is.

    Every sentence is kept once it is translated: running the same command again goes on where it stopped, and a
    finished one costs nothing.
    """
    from m3it_build import api
    from m3it_build.cli.progress import TranslateProgress
    from m3it_build.cli.settings import Places, read
    from m3it_build.translate.settings import TranslateSettings

    places = read(Places, {"out": out})
    settings = read(
        TranslateSettings,
        {"per_split": per_split, "threshold": threshold, "back_translate": back_translate, "verify": verify or None},
    )
    translator = translator_settings(model, beam, device, compute_type, workers, sample=sample)
    with TranslateProgress() as progress:
        report = api.translate(
            langs,
            tasks=task or None,
            out=places.out,
            splits=split or None,
            sample=sample,
            settings=settings,
            translator=translator,
            cache=places.cache,
            progress=progress,
        )
    typer.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=1) if as_json else _told(report))
    for quality in report.configs:
        if quality.untranslated.remark and not as_json:
            typer.echo(f"{quality.config}: {quality.untranslated.remark}")
    faults = [f"m3it: {quality.config}: {quality.fault}" for quality in report.configs if quality.fault]
    for fault in faults:
        typer.echo(fault, err=True)
    for error in report.errors:
        typer.echo(f"m3it: {error}", err=True)
    sys.exit(2 if report.errors else 1 if faults else 0)


def _told(report: "TranslateReport") -> str:
    from m3it_build.cli.table import table

    header = ("config", "rows", "rejected", "length ratio", "in script", "copies", "options broken", "chrF back")
    rows = [
        (
            quality.config,
            quality.rows,
            quality.rejected.total(),
            f"{quality.length_ratio:.2f}",
            f"{quality.in_script:.1%}",
            f"{quality.copies:.1%}",
            quality.broken_options,
            "" if quality.chrf is None else f"{quality.chrf:.1f}",
        )
        for quality in report.configs
    ]
    reasons: Counter[str] = sum((quality.rejected for quality in report.configs), Counter())
    lines = [
        table(header, rows, total=("rows", "rejected", "options broken")),
        *(f"{count:,} rejected: {reason}" for reason, count in sorted(reasons.items())),
    ]
    lines.append(
        f"{plural(report.sentences, 'different sentence')}, {report.translated:,} translated now ({report.refused:,} "
        f"refused) by {report.model}, in {report.compute_type} on {report.kernel}, the rest known; "
        f"{plural(report.shards, 'shard')}, {report.kept_shards:,} of them done before; "
        f"{plural(sum(quality.rows for quality in report.configs), 'row')} in {report.out / 'translated'}"
    )
    return "\n".join(lines)
