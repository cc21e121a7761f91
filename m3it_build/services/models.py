"""Translation models on disk: known ones by name, any CTranslate2 folder by its path; fetched as a whole or not."""

import difflib
import hashlib
import json
import os
import shutil
import tarfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import util
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from m3it_build.core.errors import M3itError, UnknownName

FACTS = "m3it-model.json"
"""What a fetched or converted folder says of itself."""
SPM = "sentencepiece.bpe.model"
NLLB_SPM_SHA256 = "14bb8dfb35c0ffdea7bc01e56cea38b9e3d5efcdcb9c251d6b40538e1aab555a"
"""Of the SentencePiece model of NLLB and FLORES-200, 4,852,054 bytes."""
VOCABULARIES = ("shared_vocabulary.json", "shared_vocabulary.txt", "source_vocabulary.json", "source_vocabulary.txt")
CONVERTER = "pip install transformers torch sentencepiece"
FLORES_URL = "https://dl.fbaipublicfiles.com/nllb/flores200_dataset.tar.gz"
FLORES_LICENSE = "CC-BY-SA-4.0"


class ModelError(M3itError):
    """A model that is not there, not whole, or cannot be had."""


class Known(BaseModel):
    """A line of configs/models.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repository: str
    revision: str
    license: str
    gigabytes: float
    """To download."""


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

    @cached_property
    def hash(self) -> str:
        """SHA-256 of everything that changes what it says."""
        digest = hashlib.sha256()
        for path in (self.folder / "model.bin", self.folder / "config.json", self.vocabulary, self.spm):
            if path.exists():
                with path.open("rb") as stream:
                    digest.update(hashlib.file_digest(stream, "sha256").digest())
        return digest.hexdigest()


@cache
def known_models() -> dict[str, Known]:
    """The models that can be fetched, by name."""
    content = tomllib.loads((files("m3it_build.configs") / "models.toml").read_text("utf-8"))
    return {name: Known.model_validate(value) for name, value in content.items()}


def cache_folder() -> Path:
    """Where fetched models lie: `$M3IT_CACHE`, else `m3it` in the user's cache folder."""
    if given := os.environ.get("M3IT_CACHE"):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "m3it"


def find_model(given: str) -> TranslationModel:
    """The model of a name or in a folder.

    Raises:
        UnknownName: neither a known name nor a folder; names the closest.
        ModelError: not fetched yet, or a folder that is no whole model.
    """
    if given in known_models():
        folder = cache_folder() / given
        if not folder.is_dir():
            raise ModelError(f"The model {given} is not here yet. Run: m3it models fetch {given}")
        return model_in(folder)
    folder = Path(given)
    if not folder.is_dir():
        close = difflib.get_close_matches(given, known_models(), 3, 0.4)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"Known: {', '.join(known_models())}."
        raise UnknownName(f"No model {given!r}: neither a known name nor a folder. {hint}")
    return model_in(folder)


def model_in(folder: Path) -> TranslationModel:
    """The model that a folder holds.

    Raises:
        ModelError: a part is missing; says which and what to do.
    """
    if not (folder / "model.bin").is_file():
        if ((folder / "config.json").is_file() and any(folder.glob("*.safetensors"))) or any(folder.glob("*.pt*")):
            raise ModelError(
                f"{folder}: a model of transformers, not of CTranslate2. Run: m3it models convert {folder}"
            )
        raise ModelError(f"{folder}: no model.bin. Give a folder that CTranslate2's converter wrote.")
    vocabulary = next((folder / name for name in VOCABULARIES if (folder / name).is_file()), None)
    if vocabulary is None:
        raise ModelError(f"{folder}: no vocabulary ({VOCABULARIES[0]}). Convert the model again.")
    named = [folder / SPM] if (folder / SPM).is_file() else sorted(folder.glob("*.model"))
    if len(named) != 1:
        what = "no SentencePiece model" if not named else f"{len(named)} SentencePiece models"
        raise ModelError(f"{folder}: {what}. Copy the model's own as {SPM} into the folder.")
    facts = _facts(folder)
    name = str(facts.get("name") or folder.resolve().name)
    return TranslationModel(
        name, folder, vocabulary, named[0], facts.get("license"), facts.get("repository"), facts.get("revision")
    )


def fetch(name: str, repository: str | None = None, revision: str | None = None, quantization: str = "int8") -> Path:
    """Download a known model at its pinned revision, convert it if need be, and put it into the cache as a whole.

    Args:
        name: A known model, or, with a repository, any name.
        repository: Another one on the Hub.
        revision: Of it.
        quantization: Of the weights that are stored.

    Returns:
        The folder.

    Raises:
        UnknownName: no such model.
        ModelError: the converter is missing, or the download failed.
    """
    known = known_models().get(name)
    if known is None and repository is None:
        raise UnknownName(f"No model {name!r}. Known: {', '.join(known_models())}.")
    target = cache_folder() / name
    if target.is_dir():
        return target
    if repository is None and known is not None:
        repository, revision = known.repository, revision or known.revision
    repository = repository or ""
    listed = _listed(repository, revision)
    converted = "model.bin" in listed
    if not converted:
        _need_converter()
    from huggingface_hub import snapshot_download

    patterns = ["*.json", "*.txt", "*.model", *(["model.bin"] if converted else ["*.safetensors", "*.bin"])]
    if any(file.endswith(".safetensors") for file in listed):
        patterns = [pattern for pattern in patterns if converted or pattern != "*.bin"]
    with _told(repository):
        source = Path(snapshot_download(repository, revision=revision, allow_patterns=patterns))
    facts = {
        "name": name,
        "repository": repository,
        "revision": source.name if revision is None else revision,
        "license": known.license if known else None,
    }
    if converted:
        with _new_folder(target) as folder:
            for file in sorted(source.iterdir()):
                if file.is_file():
                    shutil.copyfile(file, folder / file.name)
            _check_spm(folder, known)
            (folder / FACTS).write_bytes(_json(facts))
            model_in(folder)
        return target
    return convert(source, target, quantization, facts)


def convert(source: Path, target: Path, quantization: str = "int8", facts: dict[str, Any] | None = None) -> Path:
    """Convert a checkpoint of transformers with CTranslate2's own converter.

    Args:
        source: The checkpoint's folder, with its SentencePiece model.
        target: The new folder; it appears when it is whole.
        quantization: Of the weights.
        facts: Name, repository, revision and licence; None takes what the folder tells.

    Raises:
        ModelError: the converter is missing, or the folder is no checkpoint that it knows.
    """
    spm = source / SPM
    if not (source / "config.json").is_file():
        raise ModelError(f"{source}: no config.json. Give the folder of a transformers checkpoint, as NLLB's.")
    if not spm.is_file():
        raise ModelError(f"{source}: no {SPM}. Put the checkpoint's own SentencePiece model there.")
    _need_converter()
    if target.exists():
        raise ModelError(f"{target}: is there already. Remove it, or choose another --to.")
    from ctranslate2.converters import TransformersConverter

    with _new_folder(target) as folder:
        try:
            TransformersConverter(str(source), copy_files=[SPM]).convert(
                str(folder), quantization=quantization, force=True
            )
        except Exception as error:
            raise ModelError(f"{source}: cannot be converted ({type(error).__name__}: {error}).") from error
        _check_spm(folder, known_models().get(str((facts or {}).get("name"))))
        (folder / FACTS).write_bytes(_json({"name": source.name, "license": None, **(facts or _facts(source))}))
        model_in(folder)
    return target


def fetch_flores(url: str = FLORES_URL) -> Path:
    """Download FLORES-200 (CC-BY-SA-4.0) and unpack it into the cache as a whole; returns the folder.

    Raises:
        ModelError: it cannot be had, or is no archive of this kind.
    """
    target = cache_folder() / "flores"
    if target.is_dir():
        return target
    archive = cache_folder() / f".flores.{os.getpid()}.tar.tmp"
    try:
        cache_folder().mkdir(parents=True, exist_ok=True)
        _download(url, archive)
        with _new_folder(target) as folder, tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
            if not any(folder.rglob("*.devtest")):
                raise ModelError(f"{url}: holds no .devtest files; it is not FLORES.")
    except (OSError, tarfile.TarError, EOFError) as error:
        raise ModelError(
            f"{url}: FLORES cannot be had ({error}). Use --url with a copy, or m3it gate --flores DIR."
        ) from error
    finally:
        archive.unlink(missing_ok=True)
    return target


def _download(url: str, path: Path) -> None:
    if "://" not in url:
        shutil.copyfile(url, path)
        return
    import httpx2

    try:
        with httpx2.stream("GET", url, follow_redirects=True, timeout=60) as answer, path.open("wb") as stream:
            answer.raise_for_status()
            for part in answer.iter_bytes():
                stream.write(part)
    except httpx2.HTTPError as error:
        raise OSError(str(error)) from error


def _need_converter() -> None:
    if missing := [name for name in ("torch", "transformers") if util.find_spec(name) is None]:
        raise ModelError(
            f"A transformers checkpoint must be converted, and {' and '.join(missing)} is not installed. "
            f"Run: {CONVERTER}"
        )


def _listed(repository: str, revision: str | None) -> list[str]:
    from huggingface_hub import HfApi

    with _told(repository):
        return list(HfApi().list_repo_files(repository, revision=revision))


@contextmanager
def _told(repository: str) -> Iterator[None]:
    """Turn what the Hub's client raises into a message."""
    try:
        yield
    except Exception as error:
        told = " ".join(str(error).split())[:300]
        raise ModelError(
            f"{repository}: cannot be fetched ({type(error).__name__}: {told}). What was downloaded is kept: run the "
            "same command again."
        ) from error


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """A folder that gets its name when all of it is there."""
    folder = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        yield folder
        folder.replace(target)
    except OSError as error:
        raise ModelError(f"{target}: cannot be written ({error}). Make room, or set M3IT_CACHE.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_spm(folder: Path, known: Known | None) -> None:
    """NLLB's own SentencePiece model, byte for byte: with another one every sentence is cut wrongly."""
    if known is None:
        return
    path = folder / SPM
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != NLLB_SPM_SHA256:
            raise ModelError(
                f"{SPM} of {known.repository} is not NLLB's (sha256). Remove the download and fetch it again."
            )


def _facts(folder: Path) -> dict[str, Any]:
    path = folder / FACTS
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_bytes()))
    except ValueError as error:
        raise ModelError(f"{path}: not JSON ({error}). Remove it.") from error


def _json(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, indent=1).encode() + b"\n"
