"""`m3it gate`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, Out, folder, setting
from m3it_build.cli.translator_flags import (
    Beam,
    ComputeType,
    Device,
    ModelName,
    SampleModel,
    Workers,
    translator_settings,
)
from m3it_build.translate.languages import SETTLED_AT

if TYPE_CHECKING:
    from m3it_build.translate.gate import Gate, Score
    from m3it_build.translate.table_9 import Explained


GATE = "M3IT_GATE_"

app = group()


@command(
    app,
    "gate",
    "m3it gate --explain",
    "m3it gate --langs all --flores flores200_dataset",
)
def gate(
    langs: Annotated[
        str, typer.Option("--langs", metavar="LANGS", help="all, paper (Table 9), or codes and names.")
    ] = "all",
    out: Out = None,
    model: ModelName = None,
    sample: SampleModel = False,
    flores: Annotated[
        Path | None,
        setting("flores", "A folder with FLORES devtest; without it a fetched one.", "DIR", prefix=GATE, parser=folder),
    ] = None,
    spm: Annotated[
        Path | None,
        setting(
            "spm",
            "The SentencePiece model of FLORES-200, a file; without it the model's own.",
            "FILE",
            prefix=GATE,
            parser=folder,
        ),
    ] = None,
    any_spm: Annotated[
        bool, setting("any-spm", "Score over another one: not to be compared with other scores.", None, prefix=GATE)
    ] = False,
    threshold: Annotated[
        str | None,
        setting(
            "threshold",
            f"Languages with strictly more pass; without it {SETTLED_AT:g}, with --explain as measured.",
            "SCORE",
            prefix=GATE,
        ),
    ] = None,
    beam: Beam = None,
    device: Device = None,
    compute_type: ComputeType = None,
    workers: Workers = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Tell how the paper's Table 9 differs from what was measured in OUT, else from published scores. "
            "Measures only with --flores.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure into which languages a model translates well enough; translate --langs all takes those.

    Each language is kept as soon as it is measured: the same command goes on where it stopped. Without FLORES the known
    model is judged by published scores. Exit 1 if a score cannot be right.
    """
    from m3it_build import api
    from m3it_build.cli.progress import GateProgress
    from m3it_build.cli.settings import Places, read
    from m3it_build.translate.settings import GateSettings

    places = read(Places, {"out": out})
    report = api.gate(
        langs,
        out=places.out,
        sample=sample,
        explain=explain,
        settings=read(GateSettings, {"flores": flores, "spm": spm, "any_spm": any_spm or None, "threshold": threshold}),
        translator=translator_settings(model, beam, device, compute_type, workers, sample=sample),
        cache=places.cache,
        progress=GateProgress(),
    )
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
    else:
        typer.echo(_told(report.gate) if report.explained is None else _explained(report.gate, report.explained))
    for score in report.gate.alarms:
        typer.echo(f"m3it: {score.code}: a score of {score.score} cannot be right: look at its translations.", err=True)
    sys.exit(1 if report.gate.alarms else 0)


def _told(found: "Gate") -> str:
    from m3it_build.cli.table import table

    header = ("language", "code", found.metric, "sentences", "verdict", "computed in")
    rows = [
        (
            score.code,
            nllb,
            "" if score.score is None else f"{score.score:.1f}",
            score.sentences,
            str(score.verdict),
            str(score.computed or ""),
        )
        for nllb, score in found.languages.items()
    ]
    return (
        f"{table(header, rows)}\n{len(found.kept)} of {len(rows)} languages pass: {found.model}, "
        f"more than {found.threshold:g}, {found.signature}"
    )


def _explained(found: "Gate", told: "Explained") -> str:
    from m3it_build.translate.languages import resolve

    def scores(of: "list[Score]") -> str:
        return ", ".join(f"{score.code} {score.score:.1f}" for score in of) or "none"

    unknown = ", ".join(f"{score.code} ({score.verdict})" for score in told.unknown) or "none"
    outside = ", ".join(f"{language.code} {language.spbleu} ({language.name})" for language in told.outside)
    prints = ", ".join(f"{language.printed} for {language.nllb}" for language in told.misprinted)
    return "\n".join(
        [
            (
                f"{found.metric} of {found.model}, threshold {found.threshold:g}: {len(found.kept)} of "
                f"{len(found.languages)} languages pass; Table 9 of the paper lists {len(resolve('paper'))}, "
                f"{told.agreed} of which pass too."
            ),
            *(f"Measured in {computed}" for computed in found.computed),
            f"In Table 9 though they do not pass ({len(told.kept_under)}): {scores(told.kept_under)}",
            f"Not in Table 9 though they pass ({len(told.dropped_over)}): {scores(told.dropped_over)}",
            f"Without a valid score, settled by name: {unknown}",
            f"In Table 9, outside FLORES-101: {outside}",
            f"Misprinted in Table 9: {prints}",
            "No threshold on a score gives the printed list. --langs all takes what passes, --langs paper the list.",
        ]
    )
