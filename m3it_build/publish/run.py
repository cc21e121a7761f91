"""The card of an output folder, and its way to the Hub: licences, validation, documents, data, reading back."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from m3it_build.core.errors import SettingsError
from m3it_build.core.progress import Progress
from m3it_build.core.text import web_address
from m3it_build.publish.built import Contents, read_contents
from m3it_build.publish.card import Address
from m3it_build.publish.documents import CARD, CROISSANT, card_to_send, documents, unwieldy, write_documents
from m3it_build.publish.example import BuildSample, Example, example_of
from m3it_build.publish.hub import Hub, PushError, RemoteFile
from m3it_build.publish.read_back import verify
from m3it_build.publish.settings import HubSettings
from m3it_build.publish.upload import Upload, compare, send
from m3it_build.publish.validated import remember, state, was_found_valid
from m3it_build.store.output import OutputFolder

Validate = Callable[[Collection[str]], Sequence[str]]
"""Says what is wrong with the output folder, of some tasks or, where none is named, of all."""
SHOWN = 20
"""So much of what is wrong is told before a push is refused."""


@dataclass(frozen=True)
class CardReport:
    """A card that was written."""

    card: Path
    croissant: Path
    contents: Contents
    """What it describes."""
    warning: str | None
    """Why loading by it will be slow."""


def write_card(out: Path, settings: HubSettings, build_sample: BuildSample, *, overwrite: bool) -> CardReport:
    """Write README.md, its picture and croissant.json.

    Args:
        out: The output folder.
        settings: Where the dataset will lie, for the examples in the card.
        build_sample: For the row that is shown, where no source lets one of its own be.
        overwrite: Also over a README.md that was edited.

    Raises:
        OutputError: nothing was built, a split is unfinished, or README.md was edited.
    """
    contents = read_contents(out)
    if settings.translations_to:
        contents = contents.without_translations()
    address = Address(settings.repo_id, settings.translations_to)
    files = documents(contents, address, example_of(out, contents, build_sample))
    write_documents(out, files, overwrite=overwrite)
    return CardReport(out / CARD, out / CROISSANT, contents, unwieldy(contents, files[CARD].decode()))


@dataclass(frozen=True)
class RepositoryReport:
    """A repository of a push."""

    repo_id: str
    page: str
    """Where a person looks at it."""
    upload: Upload
    """What was or would be sent and deleted."""
    warning: str | None
    """Why loading by its card will be slow."""
    private: bool
    """Whether only its owners see it; of a new one, once it is made."""
    new: bool
    """Whether the Hub has none of that name yet."""
    commits: int | None = None
    """None before it was sent; 0 where everything was there already."""
    problems: list[str] | None = None
    """What a user of the Hub would find wrong; None where it was not read back."""


@dataclass(frozen=True)
class _Repository:
    """What the Hub has under a name, and what of the output folder is for it."""

    hub: Hub
    address: Address
    contents: Contents
    is_private: bool | None
    """None where there is no such repository yet."""
    remote: dict[str, RemoteFile]


@dataclass(frozen=True)
class _Delivery:
    """What goes to a repository."""

    repository: _Repository
    upload: Upload
    documents: dict[str, bytes]
    """What is sent beside the data."""
    own: dict[str, bytes]
    """What of it is ours, to be written into the output folder: not a card that a person has edited."""

    def report(self, *, private: bool) -> RepositoryReport:
        hub, there = self.repository.hub, self.repository.is_private
        warning = unwieldy(self.upload.contents, self.documents[CARD].decode())
        seen = private if there is None else there
        return RepositoryReport(hub.repo_id, hub.page, self.upload, warning, seen, new=there is None)


class Push:
    """A push that may be sent: licences and data are in order, and it is known what the Hub lacks."""

    def __init__(self, out: Path, deliveries: Sequence[_Delivery], *, private: bool) -> None:
        self.out = out
        self.deliveries = deliveries
        self.private = private
        self.reports = [each.report(private=private) for each in deliveries]
        """A report each repository: the tasks' first, then that of translations where they are kept apart."""

    def send(self) -> Iterator[RepositoryReport]:
        """Send one repository after the other, each with a report when it is done.

        Raises:
            HubError: the Hub refuses the token, a name or a card; nothing was sent.
            PushError: the Hub did not take it; what was sent stays there, and another push goes on.
            OutputError: a file is not what its manifest says.
        """
        for each in self.deliveries:
            each.repository.hub.check_card(each.documents[CARD].decode())
        for place, each in enumerate(self.deliveries):
            repository = each.repository
            if repository.is_private is None:
                repository.hub.create(private=self.private)
            if each.upload.contents == repository.contents and repository.contents.tasks:
                write_documents(self.out, each.own, overwrite=True)
            commits = send(repository.hub, self.out, each.upload, each.documents, repository.remote)
            self.reports[place] = replace(self.reports[place], commits=commits)
            yield self.reports[place]

    def read_back(self) -> Iterator[RepositoryReport]:
        """Load every config from the Hub, as a user would; one repository after the other."""
        for place, each in enumerate(self.deliveries):
            problems = list(verify(each.repository.hub, each.upload.contents))
            self.reports[place] = replace(self.reports[place], problems=problems)
            yield self.reports[place]


def prepare(
    out: Path,
    settings: HubSettings,
    only: Collection[str],
    validate: Validate,
    build_sample: BuildSample,
    progress: Progress,
    *,
    log_in: bool,
    create_pr: bool,
    prune: bool,
    accept_licenses: bool,
) -> Push:
    """Find out what a push would do, and refuse one that must not be; changes nothing.

    Args:
        out: The output folder.
        settings: Where to.
        only: Tasks to send, with their translations; empty is all.
        validate: Is called unless these very files were found valid before.
        build_sample: For the row that the card shows, where no source lets one of its own be.
        progress: Is told who logged in, and of what stands against the push.
        log_in: Whether a token is needed; it is not to look at what is public.
        create_pr: Open a pull request instead of writing to the repository.
        prune: Delete data on the Hub that this build does not have.
        accept_licenses: Also publish what its source does not allow to be passed on.

    Raises:
        SettingsError: a public repository where a private one is wanted, or sources that must stay private.
        UnknownName: a task of `only` that was not built.
        OutputError: nothing was built, a split is unfinished, or an edited card lists other configs.
        HubError: the Hub refuses the token or a name.
        PushError: the folder is not valid, or the Hub did not answer.
    """
    contents = read_contents(out, only or None)
    repo_id = settings.repo_id
    if repo_id is None:
        repo_id = Hub(None, None, progress, create_pr=False).repo_id
    parts = _parts(out, contents, repo_id, settings.translations_to)
    example = example_of(out, contents, build_sample)
    repositories = []
    for address, part in parts:
        chosen = _chosen(part, only)
        if chosen.configs:  # else the tasks of `only` have no translations
            hub = Hub(address.name, settings.revision, progress, create_pr=create_pr)
            wanted = settings.private if "private" in settings.model_fields_set else None
            is_private = _look(hub, private=wanted, log_in=log_in)
            if not (settings.private if is_private is None else is_private):
                _check_licences(chosen, progress, accepted=accept_licenses)
            remote = hub.files() if is_private is not None else {}
            repositories.append(_Repository(hub, address, part, is_private, remote))
    _check_data(out, _chosen(contents, only), only, validate, progress)
    deliveries = [
        _deliver(out, each, only, example if each.contents.tasks else None, prune=prune) for each in repositories
    ]
    return Push(out, deliveries, private=settings.private)


def _parts(out: Path, contents: Contents, repo_id: str, translations_to: str | None) -> list[tuple[Address, Contents]]:
    """What goes where."""
    if not translations_to:
        return [(Address(repo_id), contents)]
    if translations_to == repo_id:
        raise SettingsError("--translations-to names the same repository as --repo-id. Leave it out, or name another.")
    if not contents.translations:
        raise SettingsError(f"{out} holds no translations for --translations-to. See: m3it translate --help")
    return [
        (Address(repo_id, translations_to), contents.without_translations()),
        (Address(translations_to, repo_id), contents.translations_alone()),
    ]


def _chosen(contents: Contents, only: Collection[str]) -> Contents:
    return contents.of_tasks(only) if only else contents


def _look(hub: Hub, *, private: bool | None, log_in: bool) -> bool | None:
    """Whether only its owners see the repository; None where there is none yet. A push changes that of none."""
    if log_in or hub.token is not None:
        hub.progress.note(f"logged in as {hub.log_in()}")
    is_private = hub.private()
    if private and is_private is False:
        raise SettingsError(
            f"{hub.repo_id} is public, and --private does not change that. Make it private on its page first: "
            f"{hub.page}"
        )
    if private is False and is_private:
        hub.progress.warn(
            f"{hub.repo_id} is private, and --public does not change that. Make it public on its page: {hub.page}"
        )
    if hub.revision is not None and is_private is None:
        raise hub.no_revision()
    return is_private


def _check_licences(contents: Contents, progress: Progress, *, accepted: bool) -> None:
    """Stop before anything that may not be passed on becomes public."""
    found = [config for config in contents.configs if not config.summary.redistributable]
    for config in found:
        page = web_address(config.summary.homepage)
        progress.warn(f"{config.name}: {config.summary.license}, not to be passed on: {page}")
    if found and not accepted:
        raise SettingsError(
            f"{len(found)} of {len(contents.configs)} configs come from sources that do not allow their pictures "
            "or annotations to be published again (listed above). Push to a private dataset (without --public), leave "
            "them out with --only TASK, or, if you have the right to, --accept-licenses."
        )


def _check_data(out: Path, contents: Contents, only: Collection[str], validate: Validate, progress: Progress) -> None:
    """Validate, unless these very files were found valid before."""
    now = state(out, contents)
    if was_found_valid(out, now):
        return
    problems = validate(only)
    for problem in problems[:SHOWN]:
        progress.warn(problem)
    if problems:
        raise PushError(f"{out} is not valid ({len(problems)} problems, see m3it validate {out}); nothing was sent.")
    remember(out, now)


def _deliver(
    out: Path, repository: _Repository, only: Collection[str], example: Example | None, *, prune: bool
) -> _Delivery:
    """Hold both sides against each other, and make card and croissant.json."""
    upload = compare(out, repository.contents, repository.remote, only, prune=prune)
    files = documents(upload.contents, repository.address, example)
    if repository.contents.tasks:
        edited = card_to_send(OutputFolder(out), upload.contents, repository.address)
        if edited is not None:
            own = {name: data for name, data in files.items() if name != CARD}
            return _Delivery(repository, upload, {**files, CARD: edited}, own)
    return _Delivery(repository, upload, files, files)
