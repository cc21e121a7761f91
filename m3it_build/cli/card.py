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
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Also over a README.md that was edited.")] = False,
) -> None:
    """Write the dataset card (README.md) and croissant.json from what was built.

    With the card in place, load_dataset(OUT, "okvqa") works on the folder itself.
    """
    from m3it_build.publish.contents import read_contents
    from m3it_build.publish.written import CARD, CROISSANT, documents, write_documents

    contents = read_contents(out)
    write_documents(out, documents(contents, repo_id), overwrite=overwrite)
    typer.echo(
        f"{out / CARD} and {out / CROISSANT}: "
        f"{len(contents.configs)} configs, {len(contents.splits)} splits, {contents.rows:,} rows"
    )
