"""Gets translation models and FLORES: downloaded, converted, checked, and put into place as a whole or not at all."""

import gzip
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from m3it_build.core.errors import SettingsError
from m3it_build.services.door import Address, Again, Door, Refused
from m3it_build.services.hub import endpoint_host, hub_files
from m3it_build.services.mt.models import (
    FACTS,
    NLLB_SPM_SHA256,
    SPM,
    WEIGHTS,
    Facts,
    ModelError,
    TranslationModel,
    cached_models,
    checkpoint_weights,
    known_models,
    model_in,
    read_facts,
    unknown_model,
)
from m3it_build.services.transfer import Expected, Unwritable, make_parents, transfer
from m3it_build.store.cache import user_cache
from m3it_build.store.digest import file_sha256
from m3it_build.store.patience import files_in, if_there, is_anything, is_dir, is_file, retried
from m3it_build.store.regular_file import buffered

CONVERTER = ("torch", "transformers")
QUANTIZATION = "int8"
"""Of weights that are converted."""

FLORES = "flores"
FLORES_URL = "https://dl.fbaipublicfiles.com/nllb/flores200_dataset.tar.gz"
FLORES_SHA256 = "b8b0b76783024b85797e5cc75064eb83fc5288b41e9654dabc7be6ae944011f6"
"""Of the release, 25,585,843 bytes; stated in the specification of Croissant 1.0."""
FLORES_LICENSE = "CC-BY-SA-4.0"
FLORES_GIGABYTES = 0.03
FLORES_LARGEST = 1 << 30
"""Bytes, unpacked; the release has a tenth of it."""


@dataclass(frozen=True, slots=True)
class Fetchable:
    """What can be fetched by name, or was."""

    name: str
    repository: str | None
    """Of the Hub, or an address."""
    revision: str | None
    """A commit."""
    license: str | None
    """SPDX id; None where it is not known."""
    gigabytes: float | None
    """To download; None for what was fetched from elsewhere."""
    folder: Path | None
    """Where it is; None if it is not here."""


def fetchable(cache: Path | None = None) -> list[Fetchable]:
    """The known models, what else was fetched, and FLORES.

    Args:
        cache: Where fetched models lie; None is the user's.
    """
    cache = cache or user_cache()
    known = known_models()

    def here(name: str) -> Path | None:
        return folder if is_dir(folder := cache / name) else None

    return [
        *(
            Fetchable(name, each.repository, each.revision, each.license, each.gigabytes, here(name))
            for name, each in known.items()
        ),
        *(
            Fetchable(model.folder.name, model.repository, model.revision, model.license, None, model.folder)
            for model in cached_models(cache)
            if model.folder.name not in known
        ),
        Fetchable(FLORES, FLORES_URL, None, FLORES_LICENSE, FLORES_GIGABYTES, here(FLORES)),
    ]


def fetch(
    name: str,
    repository: str | None = None,
    revision: str | None = None,
    quantization: str = QUANTIZATION,
    *,
    cache: Path | None = None,
) -> Path:
    """Download a known model at its pinned revision, convert it if need be, and put it into the cache as a whole.

    Args:
        name: A known model, or, with a repository, any name.
        repository: Another one on the Hub.
        revision: Of it.
        quantization: Of the weights, where they are converted.
        cache: Where fetched models lie; None is the user's.

    Returns:
        The folder; one that is there already is left alone.

    Raises:
        UnknownName: no such model.
        SettingsError: no such quantization, a name that no folder can have.
        ModelError: the converter is missing, the download failed, or the name stands for another model already.
    """
    known = known_models().get(name)
    if repository is None:
        if known is None:
            raise unknown_model(name, "not a known name; give --repo for a model of the Hub")
        repository, revision = known.repository, revision or known.revision
    if name == FLORES or not re.fullmatch(r"\w[\w.-]*", name):
        raise SettingsError(f"{name!r} cannot be the name of a model. Take letters, digits, dots and hyphens.")
    _check_quantization(quantization)
    target = (cache or user_cache()) / name
    parts = target.with_name(f".{name}.parts")
    with _alone(target):
        if is_dir(target):
            _check_same(target, repository, revision)
            shutil.rmtree(parts, ignore_errors=True)
            return target
        with _told(repository, revision):
            source = _downloaded(repository, revision, parts)
        license = known.license if known else _card_license(source)
        facts = Facts(name=name, license=license, repository=repository, revision=source.name)
        if not is_file(source / WEIGHTS):
            _convert(source, target, quantization, facts)
        else:
            with _useless(parts):
                found = model_in(source)
                if known:
                    _check_spm(found)
            with _new_folder(target) as folder:
                for file in files_in(source):
                    if not file.name.startswith("."):
                        os.link(file, folder / file.name)
                _write_facts(folder, facts)
        shutil.rmtree(parts)
    return target


def convert(source: Path, target: Path | None = None, quantization: str = QUANTIZATION) -> Path:
    """Convert a checkpoint of transformers with CTranslate2's own converter.

    Args:
        source: The checkpoint's folder, with its SentencePiece model; its card (README.md) tells the licence.
        target: The new folder; it appears when it is whole. None is beside the checkpoint, with -ct2 after its name.
        quantization: Of the weights.

    Returns:
        The new folder.

    Raises:
        SettingsError: no such quantization.
        ModelError: the converter is missing, or the folder is no checkpoint that it knows.
    """
    _check_quantization(quantization)
    if not is_file(source / "config.json"):
        raise ModelError(f"{source}: no config.json. Give the folder of a transformers checkpoint, as NLLB's.")
    if not is_file(source / SPM):
        raise ModelError(f"{source}: no {SPM}. Put the checkpoint's own SentencePiece model there.")
    _need_converter()
    facts = read_facts(source)
    whole = source.resolve()
    target = target or whole.with_name(f"{whole.name}-ct2")
    name, license = facts.name or whole.name, facts.license or _card_license(source)
    with _alone(target):
        if is_anything(target):
            raise ModelError(f"{target}: is there already. Remove it, or choose another --to.")
        _convert(source, target, quantization, facts.model_copy(update={"name": name, "license": license}))
    return target


def fetch_flores(url: str | None = None, cache: Path | None = None) -> Path:
    """Download FLORES-200 (CC-BY-SA-4.0) and unpack it into the cache as a whole.

    Args:
        url: Another address, or a file; only the release itself, which None stands for, is held to its SHA-256.
        cache: Where it is put; None is the user's.

    Returns:
        The folder; one that is there already is left alone.

    Raises:
        ModelError: it cannot be had, or is no archive of this kind.
    """
    url, target = url or FLORES_URL, (cache or user_cache()) / FLORES
    archive = target.with_name(f"{FLORES}.archive")
    with _alone(target):
        if is_dir(target):
            return target
        try:
            _fetch_flores(url, archive)
            with _new_folder(target) as folder:
                if not any(name.endswith(".devtest") for name in _unpack(archive, folder)):
                    raise ModelError(f"{url}: holds no .devtest files; it is not FLORES.")
        except Unwritable as error:
            raise ModelError(str(error)) from error
        except OSError as error:
            raise _unwritable(target, error) from error
        except (Refused, tarfile.TarError) as error:
            raise ModelError(
                f"{url}: FLORES cannot be had ({error}). Use --url with a copy, or m3it gate --flores DIR."
            ) from error
        finally:
            with suppress(OSError):  # the next run writes over it
                archive.unlink(missing_ok=True)
    return target


def _unpack(archive: Path, folder: Path) -> list[str]:
    """Regular files only, as no link can lead anywhere then; their names."""
    try:
        with buffered(archive) as stored, tarfile.open(fileobj=stored) as packed:
            members = [member for member in packed if member.isreg()]
            if (size := sum(member.size for member in members)) > FLORES_LARGEST:
                raise tarfile.TarError(f"{size:,} bytes unpacked are too many")
            while packed.fileobj and packed.fileobj.read(1 << 20):
                pass  # to the end, behind the last file: there gzip finds out whether all was right
            packed.extractall(folder, members, filter="data")
            return [member.name for member in members]
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise tarfile.TarError(f"the archive is damaged: {error}") from error


def _fetch_flores(url: str, archive: Path) -> None:
    """A file is copied; only the release itself is held to its hash."""
    if "://" not in url:
        if not is_file(Path(url)):
            raise Refused(f"{url}: no such file")
        with buffered(Path(url)) as stream, archive.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
        return
    hashes = {"sha256": FLORES_SHA256} if url == FLORES_URL else {}
    with closing(Door(allow_private=url != FLORES_URL)) as door:
        transfer([Address(url)], archive, Expected(hashes=hashes), door=door)


def _downloaded(repository: str, revision: str | None, parts: Path) -> Path:
    """A folder named by its commit: CTranslate2's files if the repository has them, else a checkpoint's.

    What an earlier run left of a file is continued.
    """
    found = hub_files(repository, "*", revision=revision, kind="model")
    listed = [each.path for each in found.files if "/" not in each.path]
    weights = [WEIGHTS] if WEIGHTS in listed else checkpoint_weights(listed)
    if SPM not in listed and not (WEIGHTS in listed and any(name.endswith(".model") for name in listed)):
        raise ModelError(f"{repository}: no SentencePiece model ({SPM}) there. Choose another --repo.")
    if not weights:
        raise ModelError(f"{repository}: neither {WEIGHTS} nor a checkpoint of transformers. Choose another --repo.")
    if weights != [WEIGHTS]:
        _need_converter()  # before gigabytes are downloaded
    small = [name for name in listed if name.endswith((".json", ".txt", ".model")) or name == "README.md"]
    folder = parts / found.commit
    with closing(Door(own=[endpoint_host()])) as door:
        for each in found.files:
            target = folder / each.path
            if each.path in {*small, *weights} and not is_anything(target):
                transfer([each.address], target, Expected(each.size, each.hashes), door=door)
    return folder


def _convert(source: Path, target: Path, quantization: str, facts: Facts) -> None:
    from ctranslate2.converters import TransformersConverter

    with _new_folder(target) as folder:
        try:
            TransformersConverter(str(source), copy_files=[SPM]).convert(
                str(folder), quantization=quantization, force=True
            )
        except Exception as error:  # the converter raises whatever transformers raises
            told = " ".join(str(error).split())[:300]
            raise ModelError(f"{source}: cannot be converted ({type(error).__name__}: {told}).") from error
        versions = {package: metadata.version(package) for package in ("ctranslate2", *CONVERTER)}
        _write_facts(folder, facts.model_copy(update={"quantization": quantization, "versions": versions}))
        model = model_in(folder)
        if facts.name in known_models():
            _check_spm(model)


def _need_converter() -> None:
    if missing := [name for name in CONVERTER if util.find_spec(name) is None]:
        ready = " or ".join(name for name in known_models() if "-ct2" in name)
        raise ModelError(
            f"A transformers checkpoint must be converted, and {' and '.join(missing)} is not installed. "
            f"Run: pip install {' '.join(CONVERTER)} (or fetch what others have converted: {ready})"
        )


def _check_quantization(quantization: str) -> None:
    from ctranslate2.specs.model_spec import ACCEPTED_MODEL_TYPES

    if quantization not in ACCEPTED_MODEL_TYPES:
        raise SettingsError(f"--quantization {quantization}: not one of {', '.join(ACCEPTED_MODEL_TYPES)}.")


def _check_same(folder: Path, repository: str, revision: str | None) -> None:
    """A branch may have moved, so only a commit is compared."""
    facts = read_facts(folder)
    commit = revision if re.fullmatch(r"[0-9a-f]{40}", revision or "") else facts.revision
    if (facts.repository, facts.revision) != (repository, commit):
        raise ModelError(
            f"{folder}: holds {facts.repository} at {facts.revision}, not {repository} at {commit}. Remove the folder, "
            "or choose another name."
        )


def _check_spm(model: TranslationModel) -> None:
    """NLLB's own SentencePiece model, byte for byte: with another one every sentence is cut wrongly."""
    if (found := file_sha256(model.spm)) != NLLB_SPM_SHA256:
        raise ModelError(
            f"{model.spm}: is not NLLB's (sha256 {found}, not {NLLB_SPM_SHA256}). Remove the file and fetch again, or "
            "choose another --repo."
        )


@contextmanager
def _useless(parts: Path) -> Iterator[None]:
    """Remove what came whole and is no model."""
    try:
        yield
    except ModelError:
        shutil.rmtree(parts, ignore_errors=True)
        raise


@contextmanager
def _told(repository: str, revision: str | None) -> Iterator[None]:
    """Turn what the Hub's client and the transfer raise into a message about a model."""
    from huggingface_hub import errors

    try:
        yield
    except (Refused, Again) as error:
        cause = error.__cause__
        if isinstance(cause, errors.HFValidationError):
            raise SettingsError(f"--repo {repository}: no repository can have this name ({cause}).") from error
        if isinstance(cause, errors.GatedRepoError):
            raise ModelError(f"{repository}: its owner must grant access first; then set HF_TOKEN.") from error
        if isinstance(cause, errors.RepositoryNotFoundError):
            raise ModelError(f"{repository}: no such model. Check --repo; a private one needs HF_TOKEN.") from error
        if isinstance(cause, errors.RevisionNotFoundError):
            raise ModelError(f"{repository}: has no revision {revision}. Check --revision.") from error
        raise ModelError(
            f"{repository}: cannot be fetched ({str(error).rstrip('.')}). What came is kept: run the same command "
            "again."
        ) from error
    except Unwritable as error:
        raise ModelError(str(error)) from error


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Keep two processes from making one folder."""
    from filelock import FileLock, Timeout

    path = target.with_name(f".{target.name}.lock")
    try:
        retried(lambda: make_parents(path))
        lock = retried(lambda: FileLock(path).acquire(timeout=0))
    except Timeout as error:
        raise ModelError(f"{target}: another m3it is making it. Wait for it.") from error
    except OSError as error:
        raise _unwritable(target, error) from error
    with lock:
        try:
            yield
        finally:
            with suppress(OSError):  # a lock that stays is in nobody's way
                path.unlink(missing_ok=True)


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """A folder that gets its name when all of it is there; what a killed process left goes first."""
    folder = target.with_name(f".{target.name}.tmp")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        yield folder
        folder.replace(target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unwritable(target: Path, error: OSError) -> ModelError:
    return ModelError(f"{target}: cannot be written ({error}). Make room, or choose another place (M3IT_CACHE, --to).")


def _card_license(folder: Path) -> str | None:
    """The SPDX id in a repository's card; None where there is none, or terms of its own."""
    path = folder / "README.md"
    try:
        text = if_there(path, lambda: path.read_text("utf-8")) or ""
    except UnicodeDecodeError:
        return None
    front = re.match(r"---\n(.*?)\n---", text, re.DOTALL)
    found = re.search(r"^license:[ \"']*([\w.-]+)[ \"']*$", front[1], re.MULTILINE) if front else None
    if found is None:
        return None
    if found[1].startswith(("cc-by-", "cc0-")):
        return found[1].upper()
    return {"apache-2.0": "Apache-2.0", "mit": "MIT"}.get(found[1])


def _write_facts(folder: Path, facts: Facts) -> None:
    (folder / FACTS).write_text(facts.model_dump_json(indent=1) + "\n", "utf-8")
