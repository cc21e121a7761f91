"""`m3it card`."""

import json
from typing import Annotated

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, OutFolder, setting
from m3it_build.cli.places import output_folder
from m3it_build.core.plural import plural

app = group()


@command(app, "card", "m3it card out --repo-id my-org/m3it")
def card(
    out: OutFolder = None,
    repo_id: Annotated[
        str | None,
        setting("repo-id", "Where it will lie on the Hub, for the examples in the card.", "ORG/NAME"),
    ] = None,
    translations_to: Annotated[
        str | None,
        setting("translations-to", "Where translations will lie, if not in the same place.", "ORG/NAME"),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Also over a README.md that was edited.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the dataset card (README.md) and croissant.json from what was built.

    With the card in place, load_dataset(OUT, "okvqa") works on the folder itself.
    """
    from m3it_build import api
    from m3it_build.cli.settings import read
    from m3it_build.publish.settings import HubSettings

    settings = read(HubSettings, {"repo_id": repo_id, "translations_to": translations_to})
    report = api.card(output_folder(out), settings=settings, overwrite=overwrite)
    if report.warning is not None:
        typer.echo(f"warning: {report.warning}", err=True)
    contents = report.contents
    configs, splits = len(contents.configs), len(contents.splits)
    if as_json:
        told = {
            "card": str(report.card),
            "croissant": str(report.croissant),
            "configs": configs,
            "splits": splits,
            "rows": contents.rows,
        }
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    typer.echo(
        f"{report.card} and {report.croissant}: "
        f"{plural(configs, 'config')}, {plural(splits, 'split')}, {plural(contents.rows, 'row')}"
    )
