"""`m3it gate`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, Out, folder
from m3it_build.cli.places import output_folder
from m3it_build.cli.translate import Beam, ComputeType, Device, ModelName, SampleModel, Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from m3it_build.translate.gate import Computed, Explained, Gate, Score
    from m3it_build.translate.languages import Language


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
        typer.Option(
            "--flores", parser=folder, metavar="DIR", help="A folder with FLORES devtest. [default: a fetched one]"
        ),
    ] = None,
    spm: Annotated[
        Path | None,
        typer.Option(
            "--spm",
            parser=folder,
            metavar="FILE",
            help="The SentencePiece model of FLORES-200. [default: the model's own]",
        ),
    ] = None,
    any_spm: Annotated[
        bool, typer.Option("--any-spm", help="Score over another one: not to be compared with other scores.")
    ] = False,
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold",
            metavar="SCORE",
            help="Languages with strictly more pass. [default: 20; --explain: as measured]",
        ),
    ] = None,
    beam: Beam = 4,
    device: Device = "auto",
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
    from m3it_build.core.errors import SettingsError
    from m3it_build.services.mt.models import cache_folder
    from m3it_build.store.output import OutputFolder
    from m3it_build.translate.gate import PUBLISHED_MODEL, THRESHOLD, Verdict, judged, published_gate, saved
    from m3it_build.translate.languages import resolve

    out = output_folder(out)
    fetched = cache_folder() / "flores"
    folder = flores or (fetched if fetched.is_dir() and not explain else None)
    strict = THRESHOLD if threshold is None else threshold
    if folder is not None:
        found = _measured(langs, out, model, folder, spm, strict, beam, device, compute_type, workers, sample, any_spm)
    elif explain and model != PUBLISHED_MODEL and (there := saved(OutputFolder(out).gate)) is not None:
        found = there if threshold is None else judged(there, threshold)
    elif sample or (model or PUBLISHED_MODEL) != PUBLISHED_MODEL:
        raise SettingsError(
            "Scores are published for the model " + PUBLISHED_MODEL + " only. Give the test sentences by --flores DIR, "
            "or get them: m3it models fetch flores"
        )
    else:
        found = published_gate(strict, resolve(langs))
    alarms = [score for score in found.languages.values() if score.verdict is Verdict.ALARM]
    if as_json:
        told: dict[str, Any] = found.model_dump(mode="json")
        typer.echo(json.dumps(told | (_explained_dict(found) if explain else {}), ensure_ascii=False, indent=1))
    else:
        typer.echo(_explained(found) if explain else _told(found))
    for score in alarms:
        typer.echo(f"m3it: {score.code}: a score of {score.score} cannot be right: look at its translations.", err=True)
    sys.exit(1 if alarms else 0)


def _measured(
    langs: str,
    out: Path,
    name: str | None,
    flores: Path,
    spm: Path | None,
    threshold: float,
    beam: int,
    device: str,
    compute_type: str | None,
    workers: int | None,
    sample: bool,
    any_spm: bool,
) -> "Gate":
    from m3it_build.cli.translate import chosen_model, tell_compute_type
    from m3it_build.services.mt.self_test import must_translate_any
    from m3it_build.services.mt.translator import Translator
    from m3it_build.store.lock import Locked
    from m3it_build.store.manifest import load
    from m3it_build.store.output import OutputFolder
    from m3it_build.translate.flores import open_flores
    from m3it_build.translate.gate import Computed, Gate, measure, metric, replaced

    output = OutputFolder(out)
    sentences = open_flores(flores)
    with Locked(output):
        model = chosen_model(output, name, sample=sample)
        ruler = metric(spm or model.spm, any_spm=any_spm)
        wanted = _languages(langs, sample=sample)
        with Translator(model, beam=beam, device=device, compute_type=compute_type, threads=workers) as translator:
            tell_compute_type(translator, compute_type)
            must_translate_any(translator, [language.nllb for language in wanted])
            by = Computed(translator.decoding.compute_type, translator.kernel)
            if (old := replaced(output.gate, translator, ruler)) is not None:
                typer.echo(
                    f"{output.gate}: scores of {old.model} (beam {old.beam}, {len(old.languages)} languages) were not "
                    f"measured in this way (model, search, compute type, --spm, sacreBLEU){_in(old.computed)}; "
                    f"those of {model.name} replace them.",
                    err=True,
                )
            for language, score, known in measure(output.gate, wanted, translator, sentences, ruler, threshold, by):
                how = f" (measured before{_in([score.computed], but=by)})" if known else ""
                refused = f", {score.refused} sentences refused" if score.refused else ""
                typer.echo(f"{language.code}: {score.score:.1f}, {score.verdict}{refused}{how}", err=True)
        return load(output.gate, Gate)


def _languages(langs: str, *, sample: bool) -> "list[Language]":
    from m3it_build.translate.languages import find_language, resolve

    if sample and langs == "all":
        from m3it_build.services.mt.glossary import TARGETS

        return [find_language(code) for code in TARGETS]
    return resolve(langs)


def _in(computed: "Sequence[Computed | None]", but: "Computed | None" = None) -> str:
    """How scores were computed, where that is not known anyway."""
    told = [str(each) for each in computed if each not in {None, but}]
    return f", in {' and '.join(told)}" if told else ""


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


def _explained_dict(found: "Gate") -> dict[str, Any]:
    from m3it_build.translate.gate import explain

    told = explain(found)
    return {
        "beside_table_9": {
            "agreed": told.agreed,
            "kept_under": [_plain(score) for score in told.kept_under],
            "dropped_over": [_plain(score) for score in told.dropped_over],
            "unknown": [_plain(score) for score in told.unknown],
            "outside_flores_101": [language.nllb for language in told.outside],
            "misprinted": {language.printed: language.nllb for language in told.misprinted},
        }
    }


def _plain(score: "Score") -> dict[str, Any]:
    return {"code": score.code, "score": score.score, "verdict": str(score.verdict)}


def _explained(found: "Gate") -> str:
    from m3it_build.translate.gate import explain
    from m3it_build.translate.languages import resolve

    told: Explained = explain(found)

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
