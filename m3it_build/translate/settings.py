"""By what, and how much, is translated and measured."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from m3it_build.services.mt.translator import BEAM
from m3it_build.settings import Place
from m3it_build.translate.languages import PUBLISHED_MODEL, SETTLED_AT


class TranslatorSettings(BaseModel):
    """The model that translates, and how it searches; all but the workers changes translations."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    model: str = Field(default=PUBLISHED_MODEL, min_length=1)
    """A known name or a CTranslate2 folder."""
    beam: int = Field(default=BEAM, ge=1, le=64)
    """Width of the search; 1 is about three times as fast."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """auto, cpu or cuda."""
    compute_type: str | None = None
    """int8, float32, float16, ...; without it int8, on a GPU float16."""
    workers: int | None = Field(default=None, ge=1)
    """Processes; without it one for each core."""


class TranslateSettings(BaseModel):
    """What is translated."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    per_split: int = Field(default=500, ge=1)
    """Rows of each split, chosen by hash; winoground whole."""
    threshold: float = SETTLED_AT
    """Of the published scores, where no gate ran."""
    back_translate: int = Field(default=0, ge=0)
    """Translate so many rows of a config back, and score them."""
    verify: bool = False
    """Compare finished shards with their SHA-256; without it their size says that they are whole."""


class GateSettings(BaseModel):
    """How languages are measured."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    flores: Place | None = None
    """A folder with FLORES devtest; without it a fetched one."""
    spm: Place | None = None
    """The SentencePiece model of FLORES-200, a file; without it the model's own."""
    any_spm: bool = False
    """Score over another one: not to be compared with other scores."""
    threshold: float | None = Field(
        default=None,
        description=f"Languages with strictly more pass; without it {SETTLED_AT:g}, with --explain as measured.",
    )
