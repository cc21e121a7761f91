"""`m3it models`: translation models on this machine."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, folder

if TYPE_CHECKING:
    from m3it_build.services.mt.models import TranslationModel

app = group("Get translation models: list, fetch, convert.")

Quantization = Annotated[
    str | None,
    typer.Option(
        "--quantization",
        metavar="TYPE",
        help="Of weights that are converted: int8, float16, float32, ...  [default: int8]",
    ),
]


@command(app, "list", short_help="What there is, and what is here.")
def list_models(
    as_json: AsJson = False,
) -> None:
    """What can be fetched by name, what else was fetched, and where it is on this machine."""
    from m3it_build import api
    from m3it_build.cli.table import table

    found = api.models(cache=_cache())
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], indent=1, default=str))
        return
    header = ("name", "repository", "revision", "licence", "GB to fetch", "here")
    cells = [
        (
            each.name,
            each.repository or "",
            (each.revision or "")[:12],
            each.license or "unknown",
            each.gigabytes or "",
            str(each.folder or "no"),
        )
        for each in found
    ]
    typer.echo(table(header, cells))


@command(
    app,
    "fetch",
    "m3it models fetch nllb-200-distilled-1.3B",
    "m3it models fetch flores",
    short_help="Download a model.",
)
def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A known model, or flores (the test set of m3it gate).")],
    repo: Annotated[
        str | None, typer.Option("--repo", metavar="ORG/NAME", help="Another repository of the Hub.")
    ] = None,
    revision: Annotated[str | None, typer.Option("--revision", metavar="REV", help="Of it.")] = None,
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="Of flores: a mirror, or a file.")] = None,
    quantization: Quantization = None,
) -> None:
    """Download a model at its pinned revision; a checkpoint of transformers is converted.

    HF_ENDPOINT and HF_TOKEN are those of the Hub's client. Running the same command again goes on where it stopped.
    """
    from m3it_build import api
    from m3it_build.core.errors import SettingsError
    from m3it_build.services.mt.fetching import FLORES, FLORES_LICENSE

    cache = _cache()
    was_there = name in {each.name for each in api.models(cache=cache) if each.folder}
    if name == FLORES:
        if repo or revision:
            raise SettingsError("--repo and --revision are for models; flores has --url.")
        folder = api.fetch_flores(url, cache=cache)
        typer.echo(f"{folder}: {'there already' if was_there else 'ready'}: FLORES-200, {FLORES_LICENSE}")
        return
    if url:
        raise SettingsError("--url is for flores; a model has --repo.")
    model = api.fetch_model(name, repository=repo, revision=revision, quantization=quantization, cache=cache)
    _tell(model, name, was_there=was_there)


@command(app, "convert", "m3it models convert nllb-200-distilled-600M", short_help="Convert a checkpoint.")
def convert(
    checkpoint: Annotated[
        Path, typer.Argument(parser=folder, metavar="DIR", help="A checkpoint of transformers, as NLLB's.")
    ],
    to: Annotated[
        Path | None, typer.Option("--to", parser=folder, metavar="DIR", help="[default: the folder's name and -ct2]")
    ] = None,
    quantization: Quantization = None,
) -> None:
    """Convert a checkpoint into the form that translate reads; needs torch and transformers."""
    from m3it_build import api

    model = api.convert_model(checkpoint, to, quantization=quantization)
    _tell(model, str(model.folder))


def _cache() -> Path | None:
    from m3it_build.cli.settings import Places, read

    return read(Places, {}).cache


def _tell(model: "TranslationModel", given: str, *, was_there: bool = False) -> None:
    state = "there already" if was_there else "ready"
    typer.echo(f"{model.folder}: {state}; use it with: m3it translate --model {given}")
    if model.license is None:
        typer.echo(f'Its licence is not known: put {{"license": "..."}} into {model.folder}/m3it-model.json.')
    else:
        note = " (not for commercial use)" if "-NC" in model.license.upper() else ""
        typer.echo(f"Licence: {model.license}{note}; it goes into every config that the model translates.")
