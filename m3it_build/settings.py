"""Settings: flag, then environment (`M3IT_...`), then the --config file, then these defaults."""

import os
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from m3it_build.core.errors import SettingsError
from m3it_build.core.task import Preset, Split, Task
from m3it_build.stages.answers import Answers
from m3it_build.store.layout import Format, Images

OTHER_TABLES = ("paraphrase", "prices")
"""Tables of a settings file that say nothing of a build."""


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

    def of(self, split: Split) -> int:
        """Rows of a split."""
        return int(getattr(self, split.value))


def load_settings(config: Path | None, flags: dict[str, Any], there: Mapping[str, Any] | None = None) -> BuildSettings:
    """Merge flags (None means not given), environment, file, what is `there` already, and defaults.

    Raises:
        SettingsError: an unknown name or a wrong value, with the place where it stands.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    environment = {
        name: text
        for name in BuildSettings.model_fields
        if (text := os.environ.get(f"M3IT_{name.upper()}")) is not None
    }
    try:
        settings = BuildSettings.model_validate({**(there or {}), **_build_part(config), **environment, **given})
    except ValidationError as error:
        raise wrong_setting(error) from error
    if settings.images is Images.BYTES and settings.format is not Format.PARQUET:
        raise SettingsError(f"--images bytes needs --format parquet; {settings.format} can hold base64 only.")
    return settings


def wrong_setting(error: ValidationError) -> SettingsError:
    """The first thing that is wrong, and where it stands."""
    first = error.errors()[0]
    name = ".".join(map(str, first["loc"]))
    return SettingsError(f"Setting {name!r}: {first['msg']} (got {first.get('input')!r}).")


def paper_counts() -> dict[str, PaperCounts]:
    """Table 7 by task."""
    content = tomllib.loads((files("m3it_build.configs") / "paper.toml").read_text("utf-8"))
    return {name: PaperCounts.model_validate(value) for name, value in content.items()}


def read_config(path: Path) -> dict[str, Any]:
    """A settings file by its tables.

    Raises:
        SettingsError: it cannot be read.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not TOML ({error}).") from error


def _build_part(path: Path | None) -> dict[str, Any]:
    content = read_config(path) if path else {}
    return {**content.pop("build", {}), **{name: table for name, table in content.items() if name not in OTHER_TABLES}}
