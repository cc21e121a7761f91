"""Settings of what is paid: flag, then environment (`M3IT_PARAPHRASE_...`), then the --config file, then configs/."""

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from m3it_build.answers.prompts import load_templates
from m3it_build.core.errors import SettingsError
from m3it_build.services.chat.budget import Price
from m3it_build.services.chat.client import Usage
from m3it_build.settings import Layer, environment, file_layers, flags, merged, read_config

UNKNOWN_LIMIT = 1000
"""Tokens of a reply that a budget counts with where no limit is set."""


def _parse(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


class ParaphraseSettings(BaseModel):
    """How short answers are paraphrased; model and sampling change answers, the rest only how they are got."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    model: str = Field(min_length=1)
    base_url: str | None = None
    """Of an OpenAI-compatible server; None is OPENAI_BASE_URL, else OpenAI."""
    temperature: float | None = Field(default=None, ge=0)
    max_tokens: int | None = Field(default=None, ge=1)
    extra: Annotated[dict[str, Any], BeforeValidator(_parse)] = {}
    """More fields of the request's body, as `max_completion_tokens` or `reasoning_effort`."""
    concurrency: int = Field(ge=1, le=1024)
    """Calls in flight."""
    requests_per_minute: float | None = Field(default=None, gt=0)
    tokens_per_minute: float | None = Field(default=None, gt=0)
    timeout: float = Field(gt=0)
    """Seconds for a call as a whole."""
    attempts: int = Field(ge=1)
    """Tries for a question in one run."""
    longest_wait: float = Field(ge=0)
    """Seconds: a server that asks for a longer pause ends the run."""
    failures_in_a_row: int = Field(ge=1)
    """Questions that fail one after the other until the run ends."""
    max_cost: float | None = Field(default=None, ge=0)
    """US dollars that one run may spend."""
    prompts: Path | None = None
    """A folder with templates that replace the bundled ones of the same name."""
    prices: dict[str, "ModelPrice"] = {}

    @property
    def sampling(self) -> dict[str, Any]:
        """What goes into a request beside model and messages."""
        given = {"temperature": self.temperature, "max_tokens": self.max_tokens, **self.extra}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def templates(self) -> dict[str, str]:
        """The text of each prompt template."""
        return {name: template.text for name, template in load_templates(self.prompts).items()}

    @property
    def longest_reply(self) -> int:
        """Tokens that a reply may have at most."""
        limits = [self.max_tokens, self.extra.get("max_completion_tokens")]
        return max((limit for limit in limits if isinstance(limit, int)), default=UNKNOWN_LIMIT)

    def price(self, model: str) -> Price | None:
        """What a model costs; a dated name ("gpt-4o-mini-2024-07-18") costs what the plain one does."""
        undated = re.sub(r"-\d{4}-\d{2}-\d{2}$", "", model)
        found = self.prices.get(model) or self.prices.get(undated)
        return Price(found.input, found.output) if found else None

    def dollars(self, model: str, usage: Usage, *, batch: bool = False) -> float | None:
        """What so many tokens of a model cost; None if its price is not known."""
        price = self.price(model)
        return price.of(usage, batch=batch) if price else None


class ModelPrice(BaseModel):
    """US dollars for a million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    input: float = Field(ge=0)
    output: float = Field(ge=0)


ParaphraseSettings.model_rebuild()


def load_paraphrase_settings(config: Path | None, typed: dict[str, Any]) -> ParaphraseSettings:
    """Merge flags (None means not given), environment, file and configs/.

    Raises:
        SettingsError: an unknown name or a wrong value; a limit on cost without a price.
    """
    names = [name for name in ParaphraseSettings.model_fields if name != "prices"]
    own = read_config(config).get("prices", {}) if config else {}
    settings = merged(
        ParaphraseSettings,
        (
            flags(typed),
            environment(names, "M3IT_PARAPHRASE_"),
            *file_layers(config, "paraphrase"),
            Layer({"prices": _bundled("prices.toml") | own}, lambda _: f"{config}: [prices]"),
            Layer(_bundled("paraphrase.toml"), lambda name: f"configs/paraphrase.toml: {name}"),
        ),
    )
    if settings.max_cost is not None and settings.price(settings.model) is None:
        raise SettingsError(
            f"max_cost needs the price of {settings.model!r}. Put [prices.{json.dumps(settings.model)}] with input "
            "and output (US dollars for a million tokens) into a --config file; a server of your own costs 0."
        )
    return settings


def _bundled(name: str) -> dict[str, Any]:
    return tomllib.loads((files("m3it_build.configs") / name).read_text("utf-8"))
