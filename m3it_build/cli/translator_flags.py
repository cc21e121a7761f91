"""Flags of whatever translates: which model, and how it searches."""

from typing import TYPE_CHECKING, Annotated

import typer

from m3it_build.cli.options import setting
from m3it_build.services.mt.translator import BEAM
from m3it_build.translate.languages import PUBLISHED_MODEL

if TYPE_CHECKING:
    from m3it_build.translate.settings import TranslatorSettings

ModelName = Annotated[
    str | None,
    setting(
        "model",
        "A known name or a CTranslate2 folder.",
        "NAME|DIR",
        default=PUBLISHED_MODEL,
        variable="M3IT_TRANSLATE_MODEL",
    ),
]
SampleModel = Annotated[
    bool, typer.Option("--sample", help="Use the bundled glossary instead of a model: no translator, offline.")
]
Beam = Annotated[str | None, setting("beam", "Width of the search; 1 is about three times as fast.", "N", default=BEAM)]
Device = Annotated[str | None, setting("device", "auto, cpu or cuda.", "DEVICE", default="auto")]
ComputeType = Annotated[
    str | None,
    setting("compute-type", "int8, float32, float16, ...; without it int8, on a GPU float16.", "TYPE"),
]
Workers = Annotated[str | None, setting("workers", "Processes; without it one for each core.", "N")]


def translator_settings(
    model: str | None,
    beam: str | None,
    device: str | None,
    compute_type: str | None,
    workers: str | None,
    *,
    sample: bool,
) -> "TranslatorSettings":
    """What flags, environment and settings file say of a translator; --sample wins over a model that was not typed.

    Raises:
        SettingsError: both were typed; a wrong value, and where it stands.
    """
    from m3it_build.cli.settings import read
    from m3it_build.core.errors import SettingsError
    from m3it_build.translate.settings import TranslatorSettings

    if sample and model is not None:
        raise SettingsError("Give --model or --sample (the bundled glossary), not both.")
    return read(
        TranslatorSettings,
        {"model": model, "beam": beam, "device": device, "compute_type": compute_type, "workers": workers},
    )
