"""`m3it card`."""

from pathlib import Path
from typing import Annotated

import typer

from m3it_build.cli import app


@app.command()
def card(
    out: Annotated[Path, typer.Argument(envvar="M3IT_OUT", help="The output folder.")] = Path("m3it-data"),
    repo_id: Annotated[
        str | None,
        typer.Option("--repo-id", help="Where it will lie on the Hub (ORG/NAME), for the examples in the card."),
    ] = None,
    translations_to: Annotated[
        str | None,
        typer.Option("--translations-to", help="Where translations will lie (ORG/NAME), if not in the same place."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Also over a README.md that was edited.")] = False,
) -> None:
    """Write the dataset card (README.md) and croissant.json from what was built.

    With the card in place, load_dataset(OUT, "okvqa") works on the folder itself.
    """
    from m3it_build.cli.example import example_of
    from m3it_build.publish.card import Place
    from m3it_build.publish.contents import read_contents
    from m3it_build.publish.written import CARD, CROISSANT, documents, unwieldy, write_documents

    contents = read_contents(out)
    if translations_to:
        contents = contents.without_translations()
    files = documents(contents, Place(repo_id, translations_to), example_of(out, contents))
    write_documents(out, files, overwrite=overwrite)
    if (warning := unwieldy(contents, files[CARD].decode())) is not None:
        typer.echo(f"warning: {warning}", err=True)
    typer.echo(
        f"{out / CARD} and {out / CROISSANT}: "
        f"{len(contents.configs)} configs, {len(contents.splits)} splits, {contents.rows:,} rows"
    )
