"""`m3it models`: translation models on this machine."""

import json
from pathlib import Path
from typing import Annotated

import typer

from m3it_build.cli import app

models = typer.Typer(no_args_is_help=True, help="Get translation models: list, fetch, convert.")
app.add_typer(models, name="models")

Quantization = Annotated[str, typer.Option("--quantization", help="Of the stored weights: int8, float16, float32, ...")]


@models.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """The models that are known by name, and where they are on this machine."""
    from m3it_build.cli.table import table
    from m3it_build.services.models import cache_folder, known_models

    rows = []
    for name, known in known_models().items():
        folder = cache_folder() / name
        rows.append(
            {
                "name": name,
                "repository": known.repository,
                "revision": known.revision,
                "license": known.license,
                "gigabytes": known.gigabytes,
                "folder": str(folder) if folder.is_dir() else None,
            }
        )
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    header = ("name", "repository", "revision", "licence", "GB to fetch", "here")
    cells = [
        (
            row["name"],
            row["repository"],
            str(row["revision"])[:12],
            row["license"],
            row["gigabytes"],
            row["folder"] or "no",
        )
        for row in rows
    ]
    typer.echo(table(header, cells))


@models.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A known model, or flores (the test set of m3it gate).")],
    repo: Annotated[str | None, typer.Option("--repo", help="Another repository of the Hub.")] = None,
    revision: Annotated[str | None, typer.Option("--revision", help="Of it.")] = None,
    url: Annotated[str | None, typer.Option("--url", help="Of flores: a mirror, or a file.")] = None,
    quantization: Quantization = "int8",
) -> None:
    """Download a model at its pinned revision; a checkpoint of transformers is converted."""
    from m3it_build.services.models import FLORES_LICENSE, FLORES_URL, fetch_flores, model_in
    from m3it_build.services.models import fetch as get

    if name == "flores":
        typer.echo(f"{fetch_flores(url or FLORES_URL)}: FLORES-200, {FLORES_LICENSE}")
        return
    folder = get(name, repo, revision, quantization)
    _tell(folder, model_in(folder).license)


@models.command()
def convert(
    folder: Annotated[Path, typer.Argument(help="A checkpoint of transformers, as NLLB's.")],
    to: Annotated[Path | None, typer.Option("--to", help="[default: the folder's name and -ct2]")] = None,
    quantization: Quantization = "int8",
) -> None:
    """Convert a checkpoint into the form that translate reads; needs torch and transformers."""
    from m3it_build.services.models import convert as run
    from m3it_build.services.models import model_in

    target = run(folder, to or folder.with_name(f"{folder.resolve().name}-ct2"), quantization)
    _tell(target, model_in(target).license)


def _tell(folder: Path, license: str | None) -> None:
    typer.echo(f"{folder}: ready; use it with: m3it translate --model {folder}")
    if license is None:
        typer.echo(f'Its licence is not known: put {{"license": "..."}} into {folder}/m3it-model.json.')
    else:
        note = " (not for commercial use)" if "-NC" in license else ""
        typer.echo(f"Licence: {license}{note}; it goes into every config that the model translates.")
