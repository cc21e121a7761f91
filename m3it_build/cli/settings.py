"""Settings of every command, from one mechanism: flag, then environment, then m3it.toml, then defaults.

The settings file is `--config FILE`, else the first `m3it.toml` in the working directory or above it. Paths in it are
meant from where it lies.
"""

import difflib
import importlib
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.fields import FieldInfo

from m3it_build.cli import config_flag
from m3it_build.cli.config_flag import NAME
from m3it_build.cli.options import listed
from m3it_build.cli.verbosity import note
from m3it_build.core.errors import MachineError, SettingsError
from m3it_build.core.names import closest
from m3it_build.settings import Layer, Place, merged
from m3it_build.store.patience import is_file

M = TypeVar("M", bound=BaseModel)


def _listed(value: Any) -> Any:
    return listed(value) if isinstance(value, str) else value


class Places(BaseModel):
    """Where things are, and what is worked on."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    source: Place = Path("m3it-sources")
    """Your downloads: a folder with one folder a task."""
    out: Place = Path("m3it-data")
    """The output folder."""
    tasks_dir: Place | None = None
    """A folder with tasks of your own."""
    cache: Place | None = None
    """Where fetched translation models lie; without it m3it in the user's cache folder."""
    task: Annotated[list[str], BeforeValidator(_listed)] = []
    """The tasks that are built and paraphrased where no --task and no --all is given."""


@dataclass(frozen=True, slots=True)
class Section:
    """Settings that are read together, and where they stand."""

    table: str | None
    """In a settings file; None is at its top."""
    model: str
    """The pydantic model, `module:Name`, imported when it is asked for."""
    prefix: str = "M3IT_"
    """Of environment variables."""
    tables: tuple[str, ...] = ()
    """Fields that are tables of a settings file themselves, and no variables."""
    named: Mapping[str, str] = field(default_factory=dict)
    """Variables whose names are not prefix and field."""

    def variable(self, name: str) -> str | None:
        """The environment variable of a field; None for one that is a table."""
        if name in self.tables:
            return None
        return self.named.get(name, f"{self.prefix}{name.upper()}")

    def place(self, name: str) -> tuple[str | None, str | None]:
        """Table and key of a field in a settings file."""
        return (name, None) if name in self.tables else (self.table, name)

    def load(self) -> type[BaseModel]:
        """The model."""
        module, _, name = self.model.partition(":")
        kind: type[BaseModel] = getattr(importlib.import_module(module), name)
        return kind


SECTIONS = (
    Section(None, "m3it_build.cli.settings:Places"),
    Section("download", "m3it_build.download.settings:DownloadSettings", "M3IT_DOWNLOAD_"),
    Section("build", "m3it_build.plan.settings:BuildSettings", tables=("media", "options")),
    Section("paraphrase", "m3it_build.answers.settings:ParaphraseSettings", "M3IT_PARAPHRASE_", tables=("prices",)),
    Section(
        "translator",
        "m3it_build.translate.settings:TranslatorSettings",
        named={"model": "M3IT_TRANSLATE_MODEL"},
    ),
    Section("translate", "m3it_build.translate.settings:TranslateSettings"),
    Section("gate", "m3it_build.translate.settings:GateSettings", "M3IT_GATE_"),
    Section("hub", "m3it_build.publish.settings:HubSettings"),
)
TABLES = tuple(name for each in SECTIONS for name in ((each.table, *each.tables) if each.table else each.tables))


class SettingsFile(NamedTuple):
    """A settings file."""

    path: Path
    content: Mapping[str, Any]

    def where(self, table: str | None, key: str | None) -> str:
        """Where something stands in it: its line, as far as it can be found, and its name."""
        current: str | None = None
        said = f"[{table}] {key}" if table and key else key or f"[{table}]"
        for number, line in enumerate(self.path.read_text("utf-8").splitlines(), 1):
            if (header := re.match(r"\s*\[+\s*([^\]\s]+)\s*\]", line)) is not None:
                current = header[1]
                if key is None and current.split(".")[0] == table:
                    return f"{self.path}, line {number}: {said}"
            elif key is not None and current == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
                return f"{self.path}, line {number}: {said}"
        return f"{self.path}: {said}"


def settings_file() -> SettingsFile | None:
    """The settings file: the named one, else the nearest `m3it.toml`; None without one.

    Raises:
        SettingsError: it cannot be read, or holds something else than the tables of a settings file.
    """
    path = config_flag.named()
    if path is None:
        here = Path.cwd()
        above = (folder / NAME for folder in (here, *here.parents))
        path = next(filter(_is_settings_file, above), None)
        if path is not None:
            _say_once(path)
    return None if path is None else _read(path)


def _is_settings_file(path: Path) -> bool:
    try:
        return is_file(path)
    except MachineError as error:
        if isinstance(error.__cause__, PermissionError):  # a folder into which nobody may look
            return False
        raise


@cache
def _say_once(path: Path) -> None:
    """A file that nobody named changes what a command does: it is told."""
    note(f"settings: {path}")


MOST = 1_000_000
"""Bytes of a settings file."""


def _read(path: Path) -> SettingsFile:
    try:
        if not path.is_file() and path.exists():
            raise SettingsError(f"{path}: is no file. A settings file is written by: m3it init")
        with path.open("rb") as stream:
            text = stream.read(MOST + 1)
        if len(text) > MOST:
            raise SettingsError(f"{path}: is larger than {MOST:,} bytes, as no settings file is.")
        file = SettingsFile(path, tomllib.loads(text.decode("utf-8")))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: not TOML ({error}).") from error
    for name, value in file.content.items():
        if name in Places.model_fields:
            continue
        if name in TABLES:
            if not isinstance(value, dict):
                raise SettingsError(f"{file.where(None, name)}: [{name}] must be a table, not {value!r}.")
            continue
        where = file.where(name, None) if isinstance(value, dict) else file.where(None, name)
        home = next((each.table for each in SECTIONS if each.table and name in each.load().model_fields), None)
        hint = f"Put it under [{home}]." if home else _closest_place(name)
        raise SettingsError(f"{where}: there is no such {'table' if isinstance(value, dict) else 'setting'}. {hint}")
    return file


def _closest_place(name: str) -> str:
    """A hint for a name at the top of a file: of what may stand there, or in a table."""
    known = {
        each: f"{each} under [{section.table}]"
        for section in SECTIONS
        if section.table
        for each in section.load().model_fields
    }
    known |= {each: each for each in (*Places.model_fields, *TABLES)}
    close = difflib.get_close_matches(name, list(known), 1, 0.5)
    return f"Did you mean {known[close[0]]}?" if close else closest(name, (*Places.model_fields, *TABLES))


def read(kind: type[M], typed: Mapping[str, Any], *below: Layer) -> M:
    """The settings of a kind that hold now.

    Args:
        kind: One of `SECTIONS`.
        typed: The flags by field; None is a flag that was not given.
        below: More places, that all others win over but the defaults.

    Raises:
        SettingsError: an unknown name or a wrong value, and where it stands.
    """
    return merged(kind, layers(section_of(kind), kind, typed, below))


def section_of(kind: type[BaseModel]) -> Section:
    """The section that a model is of."""
    return next(each for each in SECTIONS if each.model.endswith(f":{kind.__name__}"))


def layers(
    section: Section, kind: type[BaseModel], typed: Mapping[str, Any], below: Sequence[Layer] = ()
) -> list[Layer]:
    """Where the settings of a section may come from, the first one wins."""
    found = [Layer(typed, lambda name: f"--{name.replace('_', '-')}"), _environment(section, kind)]
    if (file := settings_file()) is not None:
        found.append(_from_file(section, kind, file))
    return [*found, *below]


MISSPELT = 0.88
"""How alike a variable is to one of ours that it must be meant for it; others of the prefix are of other commands."""


def _environment(section: Section, kind: type[BaseModel]) -> Layer:
    variables = {name: variable for name in kind.model_fields if (variable := section.variable(name)) is not None}
    for name in sorted(os.environ.keys() - set(variables.values())):
        known = name.startswith(section.prefix) and difflib.get_close_matches(name, variables.values(), 1, MISSPELT)
        if known and name not in _all_variables():
            raise SettingsError(f"{name}: there is no such variable. Did you mean {known[0]}?")
    found = {name: os.environ.get(variable) or None for name, variable in variables.items()}
    return Layer(found, variables.__getitem__)


@cache
def _all_variables() -> frozenset[str]:
    return frozenset(
        variable
        for section in SECTIONS
        for name in section.load().model_fields
        if (variable := section.variable(name)) is not None
    )


def _from_file(section: Section, kind: type[BaseModel], file: SettingsFile) -> Layer:
    content = file.content
    if section.table is None:
        values = {name: value for name, value in content.items() if name in kind.model_fields}
    else:
        own = {name: content[name] for name in section.tables if name in content}
        values = dict(content.get(section.table, {})) | own
    for name, value in values.items():
        if name in kind.model_fields and (at := _paths(kind.model_fields[name])) is not None:
            values[name] = at(value, file.path.parent)
    return Layer(values, lambda name: file.where(*section.place(name)))


def holds(annotation: Any, kind: type) -> bool:
    """Whether values of a kind may stand in a field of this annotation."""
    return annotation is kind or any(holds(each, kind) for each in get_args(annotation))


def _paths(field: FieldInfo) -> Callable[[Any, Path], Any] | None:
    """How the values of a field that holds paths are meant from a folder; None for other fields."""
    if not holds(field.annotation, Path):
        return None

    def meant(value: Any, folder: Path) -> Any:
        if isinstance(value, str) and value:
            with suppress(RuntimeError):  # no such user: a folder of that name, then
                value = Path(value).expanduser()
            return folder / value
        return {name: meant(each, folder) for name, each in value.items()} if isinstance(value, dict) else value

    return meant


class Effective(NamedTuple):
    """A setting as it holds now."""

    table: str | None
    name: str
    value: Any
    origin: str


def effective() -> Iterator[Effective]:
    """All settings as a command without flags would have them, and where each comes from.

    Raises:
        SettingsError: an unknown name or a wrong value, and where it stands.
    """
    for section in SECTIONS:
        kind = section.load()
        places = layers(section, kind, {})
        settings = merged(kind, places)
        for name in kind.model_fields:
            given = next((each for each in places if each.values.get(name) is not None), None)
            origin = "default" if given is None else given.where(name)
            yield Effective(section.table, name, getattr(settings, name), origin)
