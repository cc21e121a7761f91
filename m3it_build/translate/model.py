"""The model that settings ask for, and how it is opened."""

from pathlib import Path

from m3it_build.core.progress import Progress
from m3it_build.engine.cores import workers
from m3it_build.services.mt.models import TranslationModel, find_model
from m3it_build.services.mt.translator import Translator
from m3it_build.store.output import OutputFolder
from m3it_build.translate.settings import TranslatorSettings


def chosen_model(
    output: OutputFolder, settings: TranslatorSettings, *, sample: bool, cache: Path | None
) -> TranslationModel:
    """The model of some settings, or the bundled glossary instead, written into the output folder's state.

    Raises:
        UnknownName, ModelError: a model that is not there.
    """
    if not sample:
        return find_model(settings.model, cache)
    from m3it_build.services.mt.glossary import write_glossary

    folder = output.state / "glossary"
    write_glossary(folder)
    return find_model(str(folder))


def open_translator(model: TranslationModel, settings: TranslatorSettings, progress: Progress) -> Translator:
    """Load a model; a person hears of one that computes in another way than it was asked to.

    Raises:
        SettingsError: no such device, or one that cannot compute so; a model that cannot be loaded.
    """
    asked = settings.compute_type
    translator = Translator(
        model,
        beam=settings.beam,
        device=settings.device,
        compute_type=asked,
        threads=settings.workers and workers(settings.workers, progress),
    )
    if asked not in {None, (real := translator.decoding.compute_type)}:
        progress.note(f"{translator.name} is right in {real} only: --compute-type {asked} is not used.")
    return translator
