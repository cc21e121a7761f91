"""`m3it card`."""

import json
from typing import Annotated

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson, OutFolder
from m3it_build.cli.places import output_folder
from m3it_build.core.plural import plural

app = group()


@command(app, "card", "m3it card out --repo-id my-org/m3it")
def card(
    out: OutFolder = None,
    repo_id: Annotated[
        str | None,
        typer.Option(
            "--repo-id",
            metavar="ORG/NAME",
            envvar="M3IT_REPO_ID",
            help="Where it will lie on the Hub, for the examples in the card.",
        ),
    ] = None,
    translations_to: Annotated[
        str | None,
        typer.Option(
            "--translations-to",
            metavar="ORG/NAME",
            envvar="M3IT_TRANSLATIONS_TO",
            help="Where translations will lie, if not in the same place.",
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Also over a README.md that was edited.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the dataset card (README.md) and croissant.json from what was built.

    With the card in place, load_dataset(OUT, "okvqa") works on the folder itself.
    """
    from m3it_build.cli.example import example_of
    from m3it_build.publish.built import read_contents
    from m3it_build.publish.card import Place
    from m3it_build.publish.documents import CARD, CROISSANT, documents, unwieldy, write_documents

    out = output_folder(out)
    contents = read_contents(out)
    if translations_to:
        contents = contents.without_translations()
    files = documents(contents, Place(repo_id, translations_to), example_of(out, contents))
    write_documents(out, files, overwrite=overwrite)
    if (warning := unwieldy(contents, files[CARD].decode())) is not None:
        typer.echo(f"warning: {warning}", err=True)
    configs, splits = len(contents.configs), len(contents.splits)
    if as_json:
        told = {
            "card": str(out / CARD),
            "croissant": str(out / CROISSANT),
            "configs": configs,
            "splits": splits,
            "rows": contents.rows,
        }
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    typer.echo(
        f"{out / CARD} and {out / CROISSANT}: "
        f"{plural(configs, 'config')}, {plural(splits, 'split')}, {plural(contents.rows, 'row')}"
    )
