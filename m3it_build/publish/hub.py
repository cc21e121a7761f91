"""The Hub as a push needs it: few calls, each tried again where that can help, every failure told in words.

The client of the Hub tries again inside an upload, but not when it creates a repository, checks a card or commits; and
it never waits for a 409 or 412, by which the Hub says that somebody else is writing.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from m3it_build.core.errors import M3itError
from m3it_build.core.machine import ADVICE, is_of_machine, machine_error
from m3it_build.core.plural import plural
from m3it_build.core.progress import Progress

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

R = TypeVar("R")

OWN = "m3it"
"""The dataset's name where none is given."""
TRIES = 5
FIRST_TRIES = 3
"""While it has not answered at all: more likely a wrong address, or no network."""
LONGEST_WAIT = 300
"""Seconds; a Hub that asks for more is not waited for."""
PASSING = {408, 409, 412, 425, 429}
"""Answers that may be others in a moment, besides 500 and above."""
AGAIN = "Run the same command again."
GO_ON = "What was sent is kept there: run the same command again to go on."


class HubError(M3itError):
    """The Hub cannot be written: token, rights, names."""


class PushError(HubError):
    """A push that was broken off; the same command goes on."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the Hub has it."""

    size: int
    sha256: str | None
    """Of a large file."""
    git_hash: str
    """Of a small one."""


class Hub:
    """One dataset repository, at one revision."""

    def __init__(self, repo_id: str | None, revision: str | None, progress: Progress, *, create_pr: bool) -> None:
        """Find the token; without a `repo_id`, ask the Hub who owns it: the repository is `m3it` of theirs.

        Raises:
            HubError: no repository can have this name; a token is needed, and there is none that the Hub takes.
        """
        from huggingface_hub import HfApi, constants, get_token
        from huggingface_hub.errors import HFValidationError
        from huggingface_hub.utils import disable_progress_bars, validate_repo_id  # type: ignore[attr-defined]
        from huggingface_hub.utils.logging import set_verbosity

        disable_progress_bars()
        set_verbosity(logging.ERROR)
        try:
            validate_repo_id(OWN if repo_id is None else repo_id)
        except HFValidationError as error:
            raise HubError(f"--repo-id {repo_id}: {error}") from error
        if repo_id is not None and repo_id.count("/") != 1:
            raise HubError(f"--repo-id {repo_id}: give the user or organisation too, as ORG/NAME.")
        if constants.is_offline_mode():
            raise HubError("HF_HUB_OFFLINE is set, so the Hub is not asked. Unset it to push.")
        self.revision = revision
        self.create_pr = create_pr
        self.progress = progress
        self.token = get_token()
        self.api = HfApi(token=self.token or False)
        self.endpoint = self.api.endpoint
        self.answered = False
        self.sending = False
        self.repo_id = OWN if repo_id is None else repo_id
        if repo_id is None:
            self.repo_id = f"{self.log_in()}/{OWN}"

    @property
    def page(self) -> str:
        """Where a person looks at it."""
        return f"{self.endpoint}/datasets/{self.repo_id}" + (f"/tree/{self.revision}" if self.revision else "")

    def log_in(self) -> str:
        """The name of the token's owner.

        Raises:
            HubError: no token, or one that the Hub does not take.
        """
        if self.token is None:
            raise HubError(
                f"No token. Make one with write rights at {self.endpoint}/settings/tokens, then set HF_TOKEN or "
                "run: hf auth login"
            )
        return str(self._call("log in", self.api.whoami)["name"])

    def private(self) -> bool | None:
        """Whether only its owners see the repository; None where there is none yet.

        Raises:
            HubError: the name is that of a model.
        """
        from huggingface_hub.errors import RepositoryNotFoundError

        try:
            info = self._call(
                "look at the repository", self.api.dataset_info, self.repo_id, passing=RepositoryNotFoundError
            )
        except RepositoryNotFoundError:
            pass
        else:
            return bool(info.private)
        try:
            self._call(
                "look for a model of that name", self.api.model_info, self.repo_id, passing=RepositoryNotFoundError
            )
        except RepositoryNotFoundError:
            return None
        raise HubError(f"{self.repo_id} is a model, not a dataset. Choose another --repo-id for the dataset.")

    def create(self, *, private: bool) -> None:
        """Make the repository."""
        self._call(
            "create the repository",
            self.api.create_repo,
            self.repo_id,
            repo_type="dataset",
            private=private,
            exist_ok=True,
        )

    def files(self) -> dict[str, RemoteFile]:
        """Every file at the revision.

        Raises:
            HubError: there is no such revision.
        """
        from huggingface_hub import RepoFile

        found = self._call(
            "list the files",
            lambda: list(
                self.api.list_repo_tree(self.repo_id, recursive=True, revision=self.revision, repo_type="dataset")
            ),
        )
        return {
            each.path: RemoteFile(each.size, each.lfs.sha256 if each.lfs else None, each.blob_id)
            for each in found
            if isinstance(each, RepoFile)
        }

    def commit_of_revision(self) -> str | None:
        """The hash of its last commit."""
        info = self._call("look at the repository", lambda: self.api.dataset_info(self.repo_id, revision=self.revision))
        return info.sha

    def check_card(self, text: str) -> None:
        """Let the Hub read the card's YAML before anything is sent.

        Raises:
            HubError: it refuses the card.
        """
        from huggingface_hub import DatasetCard

        try:
            self._call("check the card", DatasetCard(text, ignore_metadata_errors=True).validate, passing=ValueError)
        except ValueError as error:
            raise HubError(
                f"The Hub refuses README.md: {self.clean(_card_errors(str(error)))}. Nothing was sent."
            ) from error

    def upload(self, additions: "Sequence[CommitOperationAdd]") -> None:
        """Send the large ones among some files; they are seen once they are committed."""
        self.sending = True
        self._call(
            "send files",
            lambda: self.api.preupload_lfs_files(
                self.repo_id,
                additions,
                repo_type="dataset",
                revision=self.revision,
                create_pr=self.create_pr,
                free_memory=False,
            ),
        )

    def commit(self, operations: "Sequence[CommitOperationAdd | CommitOperationDelete]", message: str) -> None:
        """Make sent files, small files and deletions seen, all at once."""
        info = self._call(
            "commit",
            lambda: self.api.create_commit(
                self.repo_id,
                operations,
                commit_message=message,
                repo_type="dataset",
                revision=self.revision,
                create_pr=self.create_pr,
            ),
        )
        if self.create_pr and info.pr_revision:
            self.create_pr, self.revision = False, info.pr_revision
            self.progress.note(
                f"pull request {info.pr_url}; should this be interrupted, go on with --revision {self.revision} "
                "and without --create-pr"
            )

    def _call(
        self,
        what: str,
        function: Callable[..., R],
        *arguments: Any,
        passing: type[Exception] | None = None,
        **named: Any,
    ) -> R:
        """Call, and call again while that can help.

        Args:
            what: The call, for a person.
            function: What is called.
            arguments: Its arguments.
            passing: An error that the caller handles.
            named: Its keyword arguments.
        """
        for attempt in count(1):
            try:
                result = function(*arguments, **named)
            except Exception as error:
                status, retry_after = _answer(error)
                self.answered |= status is not None
                if passing is not None and isinstance(error, passing) and not _may_pass(error, status):
                    raise
                wait = retry_after if retry_after is not None else 2 ** (attempt - 1)
                last = attempt == (TRIES if self.answered else FIRST_TRIES)
                if last or wait > LONGEST_WAIT or not _may_pass(error, status):
                    raise self._told(error, status, what, attempt) from error
                reason = f"the Hub answered {status}" if status else type(error).__name__
                self.progress.note(f"{what}: {reason}, trying again in {wait:g} s")
                time.sleep(wait)
            else:
                self.answered = True
                return result
        raise AssertionError  # count() does not end

    def _told(self, error: Exception, status: int | None, what: str, tries: int) -> M3itError:
        from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

        if isinstance(error, M3itError):
            return error
        if status == 401 and not isinstance(error, RepositoryNotFoundError):
            return HubError(
                "The Hub refuses this token (from HF_TOKEN or hf auth login): it is wrong or has expired. Make "
                f"one with write rights at {self.endpoint}/settings/tokens"
            )
        if isinstance(error, RevisionNotFoundError):
            return self.no_revision()
        if status == 403:
            return HubError(
                f"This token may not {what} ({self.repo_id}). Give it write rights for "
                f"{self.repo_id.split('/')[0]} at {self.endpoint}/settings/tokens, or choose another --repo-id. "
                f"The Hub says: {self.clean(str(error))}."
            )
        if isinstance(error, RepositoryNotFoundError):
            return HubError(
                f"{self.repo_id}: no dataset that this token can see. If the name is taken by somebody else, "
                "choose another --repo-id."
            )
        if status is None and (local := _of_this_machine(error)) is not None:
            return machine_error(local.filename or self.clean(str(error)), local)
        if status is None and not _is_connection(error):
            return PushError(f"Could not {what}: {self.clean(_chain(error))}. {GO_ON if self.sending else AGAIN}")
        reason = (
            f"the Hub answered {status} ({self.clean(_chain(error))})"
            if status
            else f"no answer from {self.endpoint} ({type(error).__name__})"
        )
        again = GO_ON if self.sending else AGAIN
        return PushError(
            f"Could not {what} after {plural(tries, 'try', 'tries')}: {reason}. {again}"
            if _may_pass(error, status)
            else f"Could not {what}: {reason}."
        )

    def no_revision(self) -> HubError:
        """The revision is not there; only the Hub's own means make one."""
        return HubError(
            f"{self.repo_id} has no revision {self.revision}. Make the branch first (hf repos branch create "
            f"{self.repo_id} {self.revision} --repo-type dataset), or leave --revision out."
        )

    def clean(self, text: str) -> str:
        """One line, not too long, without the token."""
        line = " ".join(text.split())
        return (line.replace(self.token, "***") if self.token else line)[:400].rstrip(".")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it was raised from; the client wraps errors of an upload."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


def _answer(error: Exception) -> tuple[int | None, float | None]:
    """Status and Retry-After of the Hub's answer."""
    for each in _causes(error):
        response = getattr(each, "response", None)
        if response is not None:
            after = str(response.headers.get("Retry-After", ""))
            return int(response.status_code), float(after) if after.isdigit() else None
    return None, None


def _is_connection(error: Exception) -> bool:
    import httpx2

    return any(isinstance(each, httpx2.TransportError | ConnectionError | TimeoutError) for each in _causes(error))


def _of_this_machine(error: Exception) -> OSError | None:
    """The error of a file that was to be sent, if that is why; one of the network is none."""
    if _is_connection(error):
        return None
    local = (each for each in _causes(error) if isinstance(each, OSError) and (each.filename or each.errno in ADVICE))
    return next(filter(is_of_machine, local), None)


def _may_pass(error: Exception, status: int | None) -> bool:
    if status is not None:
        return status in PASSING or status >= 500
    if _of_this_machine(error) is not None:
        return True
    # an answer of 500 to the check of the card comes as a failure to parse it
    return _is_connection(error) or any(isinstance(each, json.JSONDecodeError) for each in _causes(error))


def _chain(error: Exception) -> str:
    return ": ".join(str(each) for each in _causes(error))


def _card_errors(text: str) -> str:
    """The messages in the Hub's answer."""
    try:
        found = json.loads(text)["errors"]
        return "; ".join(str(each["message"]) for each in found)
    except (ValueError, KeyError, TypeError):
        return text
