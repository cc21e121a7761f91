"""How rows are made."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from m3it_build.core.errors import SettingsError
from m3it_build.core.task import Answers, Preset, Task
from m3it_build.settings import Place
from m3it_build.store.output import Format, Images


class BuildSettings(BaseModel):
    """How rows are made. Everything here but `workers`, `verify` and `media` changes bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    seed: int = 0
    """Of every choice."""
    preset: Preset = Preset.PAPER
    """The paper's counts (paper), or all records (full)."""
    limit: int | None = Field(default=None, ge=1)
    """At most so many rows a split, those with the smallest hash."""
    format: Format = Format.PARQUET
    """parquet, jsonl or jsonl.zst."""
    images: Images = Images.BASE64
    """How pictures are stored: base64, or bytes (as the Hub shows them; Parquet only)."""
    rows_per_shard: int = Field(default=2000, ge=1)
    """At most so many; rows of one picture stay together."""
    answers: Answers = Answers.PARAPHRASE
    """How short answers are written out: paraphrase (what is stored, else a template), template, original."""
    workers: int | None = Field(default=None, ge=1)
    """Processes, four for each core at most; without it one for each core."""
    verify: bool = False
    """Compare finished shards with their SHA-256; without it their size says that they are whole."""
    media: dict[str, Place] = {}
    """Where collections lie that are not below --source, as `coco2014 = "/data/coco"`."""
    options: dict[str, dict[str, str]] = {}
    """Variants of tasks, as `[options.nlvr]`."""

    @model_validator(mode="after")
    def _fit(self) -> "BuildSettings":
        if self.images is Images.BYTES and self.format is not Format.PARQUET:
            raise ValueError(f"--images bytes needs --format parquet; {self.format} can hold base64 only")
        return self

    def choosing(self) -> dict[str, Any]:
        """Those that change bytes and must agree over one output folder."""
        return self.model_dump(mode="json", exclude={"workers", "verify", "media"})

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
