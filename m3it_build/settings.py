"""Settings: flag, then environment (`M3IT_...`), then the --config file, then these defaults."""

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from m3it_build.core.errors import SettingsError
from m3it_build.core.task import Preset, Split, Task
from m3it_build.stages.answers import Answers
from m3it_build.store.layout import Format, Images

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

TABLES = ("build", "media", "options", "paraphrase", "prices")
"""What a settings file may hold."""


class BuildSettings(BaseModel):
    """How rows are made. Everything here but `workers` changes bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 0
    """Of every choice."""
    preset: Preset = Preset.PAPER
    limit: int | None = Field(default=None, ge=1)
    """At most so many rows a split, those with the smallest hash."""
    format: Format = Format.PARQUET
    images: Images = Images.BASE64
    rows_per_shard: int = Field(default=2000, ge=1)
    answers: Answers = Answers.PARAPHRASE
    workers: int | None = Field(default=None, ge=1)
    """Processes; None is one for each core."""
    media: dict[str, Path] = {}
    """Where collections lie that are not below --source, as `coco2014 = "/data/coco"`."""
    options: dict[str, dict[str, str]] = {}
    """Variants of tasks, as `[options.nlvr]`."""

    def choosing(self) -> dict[str, Any]:
        """Those that change bytes and must agree over one output folder."""
        return self.model_dump(mode="json", exclude={"workers", "media"})

    def options_of(self, task: Task) -> dict[str, str]:
        """The task's variants: what was chosen, else the first of each.

        Raises:
            SettingsError: a variant that the task does not have.
        """
        chosen = self.options.get(task.name, {})
        for name, value in chosen.items():
            if value not in task.options.get(name, ()):
                known = {key: list(values) for key, values in task.options.items()} or "none"
                raise SettingsError(f"[options.{task.name}] {name} = {value!r}: the task's options are {known}.")
        return {name: chosen.get(name, values[0]) for name, values in task.options.items()}


class PaperCounts(BaseModel):
    """A task's line of Table 7."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train: int
    validation: int
    test: int
    used: bool
    license: str
    contradiction: str = ""
    """Where the paper disagrees with the task's source."""

    def of(self, split: Split) -> int:
        """Rows of a split."""
        return int(getattr(self, split.value))


M = TypeVar("M", bound=BaseModel)


class Layer(NamedTuple):
    """Settings from one place; None is a setting that is not given there."""

    values: Mapping[str, Any]
    where: Callable[[str], str]
    """How a person finds one of them: flag, variable, or file and line."""


def flags(values: Mapping[str, Any]) -> Layer:
    """What was typed."""
    return Layer(values, lambda name: f"--{name.replace('_', '-')}")


MISSPELT = 0.88
"""How alike a variable is to one of ours that it must be meant for it; others of the prefix are of other commands."""


def environment(names: Sequence[str], prefix: str) -> Layer:
    """What the environment says.

    Raises:
        SettingsError: a variable whose name is nearly one of ours.
    """
    variables = {name: f"{prefix}{name.upper()}" for name in names}
    for name in sorted(os.environ.keys() - set(variables.values())):
        if name.startswith(prefix) and (close := difflib.get_close_matches(name, variables.values(), 1, MISSPELT)):
            raise SettingsError(f"{name}: there is no such variable. Did you mean {close[0]}?")
    found = {name: os.environ.get(variable) or None for name, variable in variables.items()}
    return Layer(found, variables.__getitem__)


def merged(kind: type[M], layers: Sequence[Layer]) -> M:
    """One set of settings out of layers, of which the first one wins.

    Raises:
        SettingsError: an unknown name or a wrong value, and where it stands.
    """
    found = [(name, value, layer) for layer in layers for name, value in layer.values.items() if value is not None]
    values = {name: value for name, value, _ in reversed(found)}
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name, *below = map(str, first["loc"])
        where = next((layer.where(name) for key, _, layer in found if key == name), name)
        if first["type"] == "extra_forbidden" and not below:
            raise SettingsError(f"{where}: there is no such setting. {closest(name, kind.model_fields)}") from error
        at = f" ({'.'.join(below)})" if below else ""
        said = given if isinstance(given := first.get("input"), str) and given else repr(given)
        raise SettingsError(f"{where}{at}: {in_words(first)}, not {said}.") from error


def closest(name: str, known: Collection[str]) -> str:
    """A hint for a name that does not exist."""
    close = difflib.get_close_matches(name, list(known), 1, 0.5)
    return f"Did you mean {close[0]}?" if close else f"There are: {', '.join(known)}."


WORDS = {
    "greater_than_equal": "must be at least {ge:g}",
    "greater_than": "must be more than {gt:g}",
    "less_than_equal": "must be at most {le:g}",
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), "must be a whole number"),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "must be a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "path_type": "must be a path",
    **dict.fromkeys(("dict_type", "model_type"), "must be a table"),
    "enum": "must be {expected}",
    "missing": "is missing",
    "extra_forbidden": "there is no such setting",
    "value_error": "{error}",
}
"""What is wrong with a value, by the name that pydantic has for it; the fields are those of the error's context."""


def in_words(error: "ErrorDetails") -> str:
    """What pydantic found wrong with a value, as a person would say it."""
    words = WORDS.get(error["type"])
    return error["msg"] if words is None else words.format_map(error.get("ctx", {}))


def load_settings(
    config: Path | None, typed: Mapping[str, Any], there: Mapping[str, Any] | None = None
) -> BuildSettings:
    """Merge flags (None means not given), environment, file, what is `there` already, and defaults.

    Raises:
        SettingsError: an unknown name or a wrong value, with the place where it stands.
    """
    settings = merged(
        BuildSettings,
        (
            flags(typed),
            environment([name for name in BuildSettings.model_fields if name not in ("media", "options")], "M3IT_"),
            *file_layers(config, "build"),
            *file_layers(config, None, ("media", "options")),
            Layer(there or {}, lambda name: f"{name} of the output folder"),
        ),
    )
    if settings.images is Images.BYTES and settings.format is not Format.PARQUET:
        raise SettingsError(f"--images bytes needs --format parquet; {settings.format} can hold base64 only.")
    return settings


def paper_counts() -> dict[str, PaperCounts]:
    """Table 7 by task."""
    content = tomllib.loads((files("m3it_build.configs") / "paper.toml").read_text("utf-8"))
    return {name: PaperCounts.model_validate(value) for name, value in content.items()}


def read_config(path: Path) -> dict[str, Any]:
    """A settings file by its tables.

    Raises:
        SettingsError: it cannot be read, or holds something else than the tables of a settings file.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{path}: not TOML ({error}).") from error
    for name, table in content.items():
        where = place(path, name if isinstance(table, dict) else None, None if isinstance(table, dict) else name)
        if name not in TABLES:
            home = " Put it under [build]." if name in BuildSettings.model_fields else f" {closest(name, TABLES)}"
            raise SettingsError(f"{where}: there is no such table.{home}")
        if not isinstance(table, dict):
            raise SettingsError(f"{where}: [{name}] must be a table, not {table!r}.")
    return content


def file_layers(path: Path | None, table: str | None, names: Sequence[str] | None = None) -> Sequence[Layer]:
    """A table of a settings file, or the named ones of its tables; none without a file."""
    if path is None:
        return ()
    content = read_config(path)
    values = content.get(table, {}) if table else {name: content.get(name) for name in names or ()}
    return (Layer(values, lambda name: place(path, table or name, name if table else None)),)


def place(path: Path, table: str | None, key: str | None) -> str:
    """Where something stands in a settings file: its line, as far as it can be found, and its name."""
    current: str | None = None
    said = f"[{table}] {key}" if table and key else key or f"[{table}]"
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if (header := re.match(r"\s*\[+\s*([^\]\s]+)\s*\]", line)) is not None:
            current = header[1]
            if key is None and current.split(".")[0] == table:
                return f"{path}, line {number}: {said}"
        elif key is not None and current == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
            return f"{path}, line {number}: {said}"
    return f"{path}: {said}"
