"""Translation models on disk: known ones by name, any CTranslate2 folder by its path."""

import difflib
import hashlib
import json
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from m3it_build.core.errors import M3itError, UnknownName
from m3it_build.store.cache import user_cache
from m3it_build.store.digest import file_sha256
from m3it_build.store.patience import files_in, folders_in, is_anything, is_file
from m3it_build.store.state import read_state

FACTS = "m3it-model.json"
"""What a fetched or converted folder says of itself."""
WEIGHTS = "model.bin"
CONFIG = "config.json"
"""CTranslate2's settings of a model."""
COMPUTE_TYPE = "m3it_compute_type"
"""Our key in them."""
VOCABULARIES = ("shared_vocabulary.json", "shared_vocabulary.txt", "source_vocabulary.json", "source_vocabulary.txt")
SPM = "sentencepiece.bpe.model"
SPMS = (SPM, "spm.model", "flores200_sacrebleu_tokenizer_spm.model")
"""Names of the SentencePiece model; any other `*.model` will do where it is the only one."""
NLLB_SPM_SHA256 = "14bb8dfb35c0ffdea7bc01e56cea38b9e3d5efcdcb9c251d6b40538e1aab555a"
"""Of the SentencePiece model of NLLB and FLORES-200, 4,852,054 bytes."""


class ModelError(M3itError):
    """A model that is not there, not whole, or cannot be had."""


class Known(BaseModel):
    """A table of configs/models.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repository: str
    revision: str
    license: str
    gigabytes: float
    """To download."""


class Facts(BaseModel):
    """The content of m3it-model.json."""

    model_config = ConfigDict(frozen=True)

    name: str | None = None
    license: Annotated[str, Field(pattern=r"^[\w.+-]+$")] | None = None
    """SPDX id."""
    repository: str | None = None
    revision: str | None = None
    """A commit."""
    quantization: str | None = None
    """Of weights that were converted here."""
    versions: dict[str, str] = {}
    """Of the packages that converted them."""


@dataclass(frozen=True)
class TranslationModel:
    """A CTranslate2 folder with its SentencePiece model."""

    name: str
    folder: Path
    vocabulary: Path
    spm: Path
    license: str | None = None
    """SPDX id; None where the folder does not say."""
    repository: str | None = None
    revision: str | None = None
    compute_type: str | None = None
    """The only one in which its words are right; None where that is for the user to choose."""

    @cached_property
    def hash(self) -> str:
        """SHA-256 of everything that changes what it says."""
        digest = hashlib.sha256()
        for path in (self.folder / WEIGHTS, self.folder / CONFIG, self.vocabulary, self.spm):
            if is_anything(path):
                digest.update(bytes.fromhex(file_sha256(path)))
        return digest.hexdigest()


@cache
def known_models() -> dict[str, Known]:
    """The models that can be fetched, by name."""
    content = tomllib.loads((files("m3it_build.configs") / "models.toml").read_text("utf-8"))
    return {name: Known.model_validate(value) for name, value in content.items()}


def cached_models(cache: Path) -> list[TranslationModel]:
    """Every whole model in a cache folder."""
    found = []
    for folder in folders_in(cache):
        if not folder.name.startswith("."):
            with suppress(ModelError):
                found.append(model_in(folder))
    return found


def find_model(given: str, cache: Path | None = None) -> TranslationModel:
    """The model of a known name, in a folder, or fetched under a name of one's own.

    Args:
        given: The name, or the folder.
        cache: Where fetched models lie; None is the user's.

    Raises:
        UnknownName: none of these; names the closest.
        ModelError: not fetched yet, or a folder that is no whole model.
    """
    folder, cache = Path(given), cache or user_cache()
    if given in known_models():
        folder = cache / given
        if not folder.is_dir():
            raise ModelError(
                f"The model {given} is not here yet. Run: m3it models fetch {given}; or try the bundled glossary with "
                "--sample."
            )
    elif not folder.is_dir():
        folder = cache / given
        if Path(given).name != given or not folder.is_dir():
            raise unknown_model(given, "neither a known name nor a folder")
    return model_in(folder)


def model_in(folder: Path) -> TranslationModel:
    """The model that a folder holds.

    Raises:
        ModelError: a part is missing; says which and what to do.
        MachineError: nobody can say whether one is.
    """
    if not is_file(folder / WEIGHTS):
        if is_file(folder / CONFIG) and checkpoint_weights([path.name for path in files_in(folder)]):
            raise ModelError(
                f"{folder}: a model of transformers, not of CTranslate2. Run: m3it models convert {folder}"
            )
        raise ModelError(f"{folder}: no {WEIGHTS}. Give a folder that CTranslate2's converter wrote.")
    vocabulary = next((folder / name for name in VOCABULARIES if is_file(folder / name)), None)
    if vocabulary is None:
        raise ModelError(f"{folder}: no vocabulary ({VOCABULARIES[0]}). Convert the model again.")
    spms = [folder / name for name in SPMS if is_file(folder / name)][:1]
    spms = spms or [path for path in files_in(folder) if path.suffix == ".model"]
    if len(spms) != 1:
        what = "no SentencePiece model" if not spms else f"{len(spms)} SentencePiece models"
        raise ModelError(f"{folder}: {what}. Copy the model's own as {SPM} into the folder.")
    facts = read_facts(folder)
    name = facts.name or folder.resolve().name
    return TranslationModel(
        name, folder, vocabulary, spms[0], facts.license, facts.repository, facts.revision, _compute_type(folder)
    )


def _compute_type(folder: Path) -> str | None:
    """The compute type that a model's own settings ask for; they travel with the weights."""
    path = folder / CONFIG
    try:
        settings = json.loads(read_state(path) or b"{}")
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not JSON ({error}). Convert the model again.") from error
    asked = settings.get(COMPUTE_TYPE) if isinstance(settings, dict) else None
    return asked if isinstance(asked, str) else None


def checkpoint_weights(names: Sequence[str]) -> list[str]:
    """The files with the weights of a transformers checkpoint; the same weights may be there in two forms."""
    safe = [name for name in names if name.endswith(".safetensors")]
    return safe or [name for name in names if name.startswith("pytorch_model") and name.endswith(".bin")]


def unknown_model(given: str, what: str) -> UnknownName:
    """The error for a name that is none; it tells the closest."""
    close = difflib.get_close_matches(given, known_models(), 3, 0.4)
    hint = f"Did you mean {' or '.join(close)}?" if close else f"Known: {', '.join(known_models())}."
    return UnknownName(f"No model {given!r}: {what}. {hint}")


def read_facts(folder: Path) -> Facts:
    """What a folder says of itself; nothing where it says nothing.

    Raises:
        MachineError: the machine does not give its file.
        ModelError: that is damaged.
    """
    path = folder / FACTS
    if (data := read_state(path)) is None:
        return Facts()
    try:
        return Facts.model_validate(json.loads(data))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "content"
        raise ModelError(f"{path}: {place}: {first['msg']}. Mend or remove it.") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not JSON ({error}). Remove it.") from error
