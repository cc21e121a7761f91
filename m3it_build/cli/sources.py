"""`m3it sources`."""

import sys
from typing import Annotated

import typer

from m3it_build.cli import app
from m3it_build.cli.build import Config, Source, TasksDir


@app.command()
def sources(
    task: Annotated[str, typer.Argument(help="A task.")],
    source: Source = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say what of it is there; exit 1 if a split is incomplete.")
    ] = False,
    config: Config = None,
    tasks_dir: TasksDir = None,
) -> None:
    """Say what to download for a task, from where, under which licence, and how it should lie."""
    from m3it_build.cli.wanted import roots
    from m3it_build.core.errors import SettingsError
    from m3it_build.registry import load_registry
    from m3it_build.settings import load_settings
    from m3it_build.sources.folder import Folder

    entry = load_registry(tasks_dir)[task]
    facts = entry.task
    if not check:
        typer.echo(f"{facts.name}: {facts.title}\n{facts.citation}\n{facts.homepage}\n")
        typer.echo(facts.download.strip() + "\n")
        typer.echo(f"{facts.name}/\n" + "\n".join(f"  {line}" for line in facts.tree.strip("\n").splitlines()) + "\n")
        if facts.collections:
            typer.echo(
                f"Media may also lie in a folder {' or '.join(facts.collections)} beside it, or where [media] says."
            )
        typer.echo(f"Licence: {facts.license.id}. {facts.license.note}".rstrip())
        for split, why in facts.unlabelled.items():
            typer.echo(f"{split} is not built: {why}")
        return
    if source is None:
        raise SettingsError("--check needs --source DIR.")
    settings = load_settings(config, {})
    folder = Folder(facts.name, roots(entry, source, settings, alone=True), settings.options_of(facts))
    complete = True
    for split, layouts in facts.splits.items():
        states = [
            [(names, folder.has(names)) for names in layout.files] for layout in layouts if layout.suits(folder.options)
        ]
        best = max(states, key=lambda state: sum(there for _, there in state) / len(state))
        complete &= all(there for _, there in best)
        for names, there in best:
            label = names if isinstance(names, str) else " or ".join(names)
            typer.echo(f"{split}: {'found  ' if there else 'missing'} {label}")
    sys.exit(0 if complete else 1)
