"""`m3it settings`."""

import json
from pathlib import Path
from typing import Any

import typer

from m3it_build.cli.app import command, group
from m3it_build.cli.options import AsJson

app = group()


@command(app, "settings", "m3it settings", "m3it settings --config other.toml --json")
def settings(as_json: AsJson = False) -> None:
    """Print every setting as a command without flags would have it, and where it comes from.

    A flag wins over the environment, that over the settings file (m3it.toml here or in a folder above, or --config),
    that over the default.
    """
    from m3it_build.cli.settings import effective, settings_file
    from m3it_build.cli.table import table

    found = list(effective())
    file = settings_file()
    if as_json:
        told = {
            "file": None if file is None else str(file.path),
            "settings": [
                {"table": each.table, "name": each.name, "value": _plain(each.value), "origin": each.origin}
                for each in found
            ],
        }
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    rows = [(f"[{each.table}]" if each.table else "", each.name, _shown(each.value), each.origin) for each in found]
    typer.echo(table(("table", "setting", "value", "from"), rows))
    typer.echo("No settings file: m3it init writes one." if file is None else f"Settings file: {file.path}")


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Path):
        return str(value)
    return {name: _plain(each) for name, each in value.items()} if isinstance(value, dict) else value


def _shown(value: Any) -> str:
    """A value for a person, in a line."""
    value = _plain(value)
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(name if isinstance(each, dict) else f"{name} {_shown(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
