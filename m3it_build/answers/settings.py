"""How short answers are paraphrased; what is left out is as in configs/paraphrase.toml and configs/prices.toml."""

import json
import re
import tomllib
from collections.abc import Callable
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from m3it_build.answers.prompts import load_templates
from m3it_build.services.chat.budget import Price
from m3it_build.services.chat.client import Usage
from m3it_build.settings import Place

UNKNOWN_LIMIT = 1000
"""Tokens of a reply that a budget counts with where no limit is set."""


def _parse(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _bundled(name: str) -> Callable[[], Any]:
    return lambda: _config("paraphrase.toml")[name]


def _with_bundled_prices(prices: Any) -> Any:
    return _config("prices.toml") | prices if isinstance(prices, dict) else prices


def _config(name: str) -> dict[str, Any]:
    return tomllib.loads((files("m3it_build.configs") / name).read_text("utf-8"))


class ParaphraseSettings(BaseModel):
    """How short answers are paraphrased; model and sampling change answers, the rest only how they are got."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    model: str = Field(default_factory=_bundled("model"), min_length=1)
    """As the server calls it."""
    base_url: str | None = None
    """Of an OpenAI-compatible server; without it OPENAI_BASE_URL, else OpenAI."""
    temperature: float | None = Field(default_factory=_bundled("temperature"), ge=0)
    """How freely the model chooses its words; 0 is the likeliest each time."""
    max_tokens: int | None = Field(default_factory=_bundled("max_tokens"), ge=1)
    """Of an answer."""
    extra: Annotated[dict[str, Any], BeforeValidator(_parse)] = {}
    """More fields of the request's body, as `max_completion_tokens` or `reasoning_effort`."""
    concurrency: int = Field(default_factory=_bundled("concurrency"), ge=1, le=1024)
    """Calls in flight."""
    requests_per_minute: float | None = Field(default=None, gt=0)
    """At most so many calls."""
    tokens_per_minute: float | None = Field(default=None, gt=0)
    """At most so many, of questions and answers."""
    timeout: float = Field(default_factory=_bundled("timeout"), gt=0)
    """Seconds for a call as a whole."""
    attempts: int = Field(default_factory=_bundled("attempts"), ge=1)
    """Tries for a question in one run."""
    longest_wait: float = Field(default_factory=_bundled("longest_wait"), ge=0)
    """Seconds: a server that asks for a longer pause ends the run."""
    failures_in_a_row: int = Field(default_factory=_bundled("failures_in_a_row"), ge=1)
    """Questions that fail one after the other until the run ends."""
    max_cost: float | None = Field(default=None, ge=0)
    """US dollars that one run may spend."""
    prompts: Place | None = None
    """A folder with templates that replace the bundled ones of the same name."""
    prices: Annotated[dict[str, "ModelPrice"], BeforeValidator(_with_bundled_prices)] = Field(
        default_factory=dict, validate_default=True
    )
    """US dollars by model."""

    @model_validator(mode="after")
    def _can_be_limited(self) -> "ParaphraseSettings":
        if self.max_cost is not None and self.price(self.model) is None:
            raise ValueError(
                f"max_cost needs the price of {self.model!r}. Put [prices.{json.dumps(self.model)}] with input and "
                "output (US dollars for a million tokens) into m3it.toml; a server of your own costs 0"
            )
        return self

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
