"""`m3it translate`."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, Out, task_names
from m3it_build.cli.places import output_folder
from m3it_build.cli.verbosity import note
from m3it_build.core.plural import plural
from m3it_build.core.task import Split, Translated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from m3it_build.services.mt.models import TranslationModel
    from m3it_build.services.mt.translator import Translator
    from m3it_build.store.output import OutputFolder
    from m3it_build.translate.report import Quality
    from m3it_build.translate.run import Target, TranslateReport

DEFAULT_MODEL = "nllb-200-distilled-1.3B"
"""Paper, 3.2 stage IV."""

ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME|DIR",
        envvar="M3IT_TRANSLATE_MODEL",
        help=f"A known name or a CTranslate2 folder. [default: {DEFAULT_MODEL}]",
    ),
]
SampleModel = Annotated[
    bool, typer.Option("--sample", help="Use the bundled glossary instead of a model: no translator, offline.")
]
Device = Annotated[str, typer.Option("--device", metavar="DEVICE", envvar="M3IT_DEVICE", help="auto, cpu or cuda.")]
Beam = Annotated[
    int,
    typer.Option(
        "--beam", min=1, metavar="N", envvar="M3IT_BEAM", help="Width of the search; 1 is about three times as fast."
    ),
]

ComputeType = Annotated[
    str | None,
    typer.Option(
        "--compute-type",
        metavar="TYPE",
        envvar="M3IT_COMPUTE_TYPE",
        help="int8, float32, float16, ... [default: int8, on a GPU float16]",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", min=1, metavar="N", envvar="M3IT_WORKERS", help="Processes. [default: one for each core]"
    ),
]


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
        typer.Option(
            "--task",
            metavar="TASK",
            autocompletion=task_names,
            help="A task. [default: the paper's seven, as far as they are built]",
        ),
    ] = None,
    split: Annotated[
        list[Split] | None, typer.Option("--split", metavar="SPLIT", help="A split. [default: validation and test]")
    ] = None,
    model: ModelName = None,
    sample: SampleModel = False,
    per_split: Annotated[
        int,
        typer.Option(
            "--per-split",
            min=1,
            metavar="N",
            envvar="M3IT_PER_SPLIT",
            help="Rows of each split, chosen by hash; winoground whole.",
        ),
    ] = 500,
    beam: Beam = 4,
    device: Device = "auto",
    compute_type: ComputeType = None,
    threshold: Annotated[
        float, typer.Option("--threshold", metavar="SCORE", help="Of the published scores, where no gate ran.")
    ] = 20.0,
    back_translate: Annotated[
        int,
        typer.Option(
            "--back-translate", min=0, metavar="N", help="Translate so many rows of a config back, and score them."
        ),
    ] = 0,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Translate rows of the evaluation splits and their instructions, and tell how good the result is.

    Every sentence is kept once it is translated: running the same command again goes on where it stopped, and a
    finished one costs nothing.
    """
    from m3it_build.cli.progress import TranslateProgress
    from m3it_build.services.mt.translator import Translator, computing
    from m3it_build.store.output import OutputFolder
    from m3it_build.translate.chosen import EVALUATION
    from m3it_build.translate.report import report
    from m3it_build.translate.run import translate as run

    out = output_folder(out)
    output = OutputFolder(out)
    tasks = _tasks(output, task)
    chosen = chosen_model(output, model, sample=sample)
    asked = computing(chosen, device, compute_type).compute_type
    targets = _targets(langs, output, chosen, threshold, asked, sample=sample)
    splits = list(dict.fromkeys(split or EVALUATION))
    with Translator(chosen, beam=beam, device=device, compute_type=compute_type, threads=workers) as translator:
        tell_compute_type(translator, compute_type)
        with TranslateProgress() as progress:
            done = run(out, tasks, splits, targets, translator, progress, per_split=per_split, workers=workers)
        found = report(output, done.plans, [target.code for target in targets], translator, back_translate)
    if as_json:
        told = _as_dict(done, found) | {"model": chosen.name, "compute_type": asked, "kernel": translator.kernel}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        typer.echo(_told(out, done, found, f"{chosen.name}, in {asked} on {translator.kernel}"))
    faults = [f"m3it: {quality.config}: {quality.fault}" for quality in found if quality.fault]
    for fault in faults:
        typer.echo(fault, err=True)
    sys.exit(1 if faults else 0)


def tell_compute_type(translator: "Translator", asked: str | None) -> None:
    """Say so where a model computes in another way than it was asked to."""
    if asked not in {None, (real := translator.decoding.compute_type)}:
        typer.echo(f"{translator.name} is right in {real} only: --compute-type {asked} is not used.", err=True)


def chosen_model(output: "OutputFolder", name: str | None, *, sample: bool) -> "TranslationModel":
    """The model that flags ask for.

    Raises:
        SettingsError: both a model and the sample; a model that is not there.
    """
    from m3it_build.core.errors import SettingsError
    from m3it_build.services.mt.models import find_model

    if not sample:
        return find_model(name or DEFAULT_MODEL)
    if name is not None:
        raise SettingsError("Give --model or --sample (the bundled glossary), not both.")
    from m3it_build.services.mt.glossary import write_glossary

    folder = output.state / "glossary"
    write_glossary(folder)
    return find_model(str(folder))


def _tasks(output: "OutputFolder", names: list[str] | None) -> list[str]:
    """The tasks to translate; a name may be an alias."""
    from m3it_build.core.errors import OutputError
    from m3it_build.plan.registry import load_registry

    built = output.built_tasks()
    if not built:
        raise OutputError(
            f"{output.root}: no rows are here. Build them first, as: m3it build --task okvqa --out {output.root}"
        )
    if names:
        registry = load_registry()
        return list(dict.fromkeys(name if name in built else registry[name].task.name for name in names))
    tasks = [entry.task for entry in load_registry() if entry.task.name in built]
    found = [task.name for task in tasks if task.translated is not Translated.NO]
    if not found:
        raise OutputError(
            f"{output.root}: none of the tasks that the paper translates was built here ({', '.join(built)} was). "
            "Choose with --task."
        )
    return found


def _targets(
    langs: str, output: "OutputFolder", model: "TranslationModel", threshold: float, compute_type: str, *, sample: bool
) -> "list[Target]":
    """The languages, with their scores where a gate chose them."""
    from m3it_build.translate.languages import find_language, resolve
    from m3it_build.translate.run import Target

    if langs != "all":
        return [Target(language.code, language.nllb) for language in resolve(langs)]
    if sample:
        from m3it_build.services.mt.glossary import TARGETS

        languages = [find_language(code) for code in TARGETS]
        note(
            f"The sample model is a glossary, not a translator. It knows {len(languages)} languages: "
            f"{', '.join(language.code for language in languages)}."
        )
        return [Target(language.code, language.nllb) for language in languages]
    from m3it_build.translate.gate import gated

    gate = gated(output.gate, model, threshold, compute_type)
    note(gate.told)
    return [Target(find_language(nllb).code, nllb, score, gate.metric) for nllb, score in gate.kept]


def _as_dict(done: "TranslateReport", found: "Sequence[Quality]") -> dict[str, Any]:
    return {
        "sentences": done.sentences,
        "translated": done.translated,
        "refused": done.refused,
        "configs": [quality.as_dict() for quality in found],
    }


def _told(out: Path, done: "TranslateReport", found: "Sequence[Quality]", by: str) -> str:
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
        for quality in found
    ]
    reasons: Counter[str] = sum((quality.rejected for quality in found), Counter())
    lines = [
        table(header, rows, total=("rows", "rejected", "options broken")),
        *(f"{count:,} rejected: {reason}" for reason, count in sorted(reasons.items())),
    ]
    lines.append(
        f"{plural(done.sentences, 'different sentence')}, {done.translated:,} translated now ({done.refused:,} "
        f"refused) by {by}, the rest known; {plural(done.shards, 'shard')}, {done.kept_shards:,} of them done before; "
        f"{plural(sum(quality.rows for quality in found), 'row')} in {out / 'translated'}"
    )
    return "\n".join(lines)
