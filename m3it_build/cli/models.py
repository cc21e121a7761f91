"""`m3it models`: translation models on this machine."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, folder

if TYPE_CHECKING:
    from m3it_build.services.mt.models import TranslationModel

app = group("Get translation models: list, fetch, convert.")

Quantization = Annotated[
    str,
    typer.Option("--quantization", metavar="TYPE", help="Of weights that are converted: int8, float16, float32, ..."),
]


@command(app, "list", short_help="What there is, and what is here.")
def list_models(
    as_json: AsJson = False,
) -> None:
    """What can be fetched by name, what else was fetched, and where it is on this machine."""
    from m3it_build.cli.table import table
    from m3it_build.services.mt.fetching import FLORES, FLORES_LICENSE, FLORES_URL
    from m3it_build.services.mt.models import cache_folder, cached_models, known_models

    rows = [
        _row(name, known.repository, known.revision, known.license, known.gigabytes)
        for name, known in known_models().items()
    ]
    rows += [
        _row(model.folder.name, model.repository, model.revision, model.license, None)
        for model in cached_models()
        if model.folder.name not in known_models()
    ]
    rows.append(_row(FLORES, FLORES_URL, None, FLORES_LICENSE, 0.03))
    for row in rows:
        folder = cache_folder() / row["name"]
        row["folder"] = str(folder) if folder.is_dir() else None
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    header = ("name", "repository", "revision", "licence", "GB to fetch", "here")
    cells = [
        (
            row["name"],
            row["repository"] or "",
            (row["revision"] or "")[:12],
            row["license"] or "unknown",
            row["gigabytes"] or "",
            row["folder"] or "no",
        )
        for row in rows
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
    quantization: Quantization = "int8",
) -> None:
    """Download a model at its pinned revision; a checkpoint of transformers is converted.

    HF_ENDPOINT and HF_TOKEN are those of the Hub's client. Running the same command again goes on where it stopped.
    """
    from m3it_build.core.errors import SettingsError
    from m3it_build.services.mt.fetching import FLORES, FLORES_LICENSE, FLORES_URL, fetch_flores
    from m3it_build.services.mt.fetching import fetch as get
    from m3it_build.services.mt.models import cache_folder, model_in

    was_there = (cache_folder() / name).is_dir()
    if name == FLORES:
        if repo or revision:
            raise SettingsError("--repo and --revision are for models; flores has --url.")
        folder = fetch_flores(url or FLORES_URL)
        typer.echo(f"{folder}: {'there already' if was_there else 'ready'}: FLORES-200, {FLORES_LICENSE}")
        return
    if url:
        raise SettingsError("--url is for flores; a model has --repo.")
    _tell(model_in(get(name, repo, revision, quantization)), name, was_there=was_there)


@command(app, "convert", "m3it models convert nllb-200-distilled-600M", short_help="Convert a checkpoint.")
def convert(
    checkpoint: Annotated[
        Path, typer.Argument(parser=folder, metavar="DIR", help="A checkpoint of transformers, as NLLB's.")
    ],
    to: Annotated[
        Path | None, typer.Option("--to", parser=folder, metavar="DIR", help="[default: the folder's name and -ct2]")
    ] = None,
    quantization: Quantization = "int8",
) -> None:
    """Convert a checkpoint into the form that translate reads; needs torch and transformers."""
    from m3it_build.services.mt.fetching import convert as run
    from m3it_build.services.mt.models import model_in

    whole = checkpoint.resolve()
    target = run(checkpoint, to or whole.with_name(f"{whole.name}-ct2"), quantization)
    _tell(model_in(target), str(target))


def _row(
    name: str, repository: str | None, revision: str | None, license: str | None, gigabytes: float | None
) -> dict[str, Any]:
    return {
        "name": name,
        "repository": repository,
        "revision": revision,
        "license": license,
        "gigabytes": gigabytes,
        "folder": None,
    }


def _tell(model: "TranslationModel", given: str, *, was_there: bool = False) -> None:
    state = "there already" if was_there else "ready"
    typer.echo(f"{model.folder}: {state}; use it with: m3it translate --model {given}")
    if model.license is None:
        typer.echo(f'Its licence is not known: put {{"license": "..."}} into {model.folder}/m3it-model.json.')
    else:
        note = " (not for commercial use)" if "-NC" in model.license.upper() else ""
        typer.echo(f"Licence: {model.license}{note}; it goes into every config that the model translates.")
