"""Files of the Hub, resolved by its own client: at which commit, how big, with which hash, and at which address."""

import fnmatch
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from m3it_build.core.errors import MachineError
from m3it_build.services.door import Address, Again, Refused, masked
from m3it_build.store.patience import patiently


class HubFile(NamedTuple):
    """A file of a repository."""

    path: str
    """In the repository."""
    address: Address
    size: int | None
    hashes: dict[str, str]


class HubFiles(NamedTuple):
    """Files of a repository at a commit."""

    commit: str
    files: list[HubFile]


def endpoint() -> str:
    """The Hub's address: HF_ENDPOINT, else its own."""
    from huggingface_hub import constants

    return (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")


def endpoint_host() -> str:
    """Host and port of `endpoint`."""
    return urlsplit(endpoint()).netloc


def has_token() -> bool:
    """Whether the client of the Hub has a token."""
    return _token() is not None


def _token() -> str | None:
    """That of the client of the Hub.

    Raises:
        MachineError: the file that holds it cannot be read.
    """
    from huggingface_hub import constants, get_token

    return patiently(constants.HF_TOKEN_PATH, get_token)


def hub_files(repository: str, pattern: str, *, revision: str | None = None, kind: str = "dataset") -> HubFiles:
    """The files of a repository whose paths fit a pattern.

    Args:
        repository: As "org/name".
        pattern: With * for anything and ? for a letter; hidden files are left out.
        revision: A commit, a branch; None is the newest.
        kind: dataset or model.

    Raises:
        Refused: there is no such repository, commit or file, or its owner must grant access first.
        Again: the Hub does not answer.
        MachineError: a file of this machine cannot be read.
    """
    from huggingface_hub import HfApi, RepoFile

    base, token = endpoint(), _token()
    with told(repository, revision):
        api = HfApi(endpoint=base, token=token or False)  # which is not looked for again
        commit = api.repo_info(repository, revision=revision, repo_type=kind).sha or ""
        listed = api.list_repo_tree(repository, recursive=True, revision=commit, repo_type=kind)
        found = [
            each
            for each in listed
            if isinstance(each, RepoFile) and not each.path.startswith(".") and fnmatch.fnmatchcase(each.path, pattern)
        ]
    if not found:
        raise Refused(f"{repository}: has no {pattern} at {commit[:12]}.")
    prefix = "datasets/" if kind == "dataset" else ""
    return HubFiles(
        commit,
        [
            HubFile(
                each.path,
                Address(f"{base}/{prefix}{repository}/resolve/{commit}/{quote(each.path)}", token),
                each.size,
                {"sha256": each.lfs.sha256} if each.lfs else {"git": each.blob_id},
            )
            for each in found
        ],
    )


@contextmanager
def told(repository: str, revision: str | None = None) -> Iterator[None]:
    """Turn what the Hub's client raises into a sentence."""
    from huggingface_hub import errors

    try:
        yield
    except (Refused, Again, MachineError):
        raise
    except errors.HFValidationError as error:
        raise Refused(f"{repository}: no repository can have this name.") from error
    except errors.GatedRepoError as error:
        raise Refused(
            f"{repository}: open huggingface.co/datasets/{repository}, accept the terms, set HF_TOKEN, run this again."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise Refused(f"{repository}: not on the Hub, or private (then set HF_TOKEN).") from error
    except errors.RevisionNotFoundError as error:
        raise Refused(f"{repository}: has no revision {revision}.") from error
    except Exception as error:  # beside its own the client raises those of HTTP, of the disk, of interrupted threads
        said = masked(str(error), _token())
        raise Again(f"{repository}: the Hub does not answer ({type(error).__name__}: {said})") from error
