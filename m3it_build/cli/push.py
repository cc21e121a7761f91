"""`m3it push-to-hub`."""

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from m3it_build.cli.commands import command
from m3it_build.cli.options import OutFolder, task_names
from m3it_build.cli.verbosity import is_quiet
from m3it_build.core.plural import plural
from m3it_build.core.text import web_address
from m3it_build.publish.markdown import size_text

if TYPE_CHECKING:
    from m3it_build.publish.card import Place
    from m3it_build.publish.contents import Contents
    from m3it_build.publish.example import Example
    from m3it_build.publish.hub import Hub, RemoteFile
    from m3it_build.publish.push import Plan


@command(
    "push-to-hub",
    "Validate and upload.",
    "m3it push-to-hub out --repo-id my-org/m3it --dry-run",
    "m3it push-to-hub out --repo-id my-org/m3it --private",
)
def push_to_hub(
    out: OutFolder = Path("m3it-data"),
    repo_id: Annotated[
        str,
        typer.Option("--repo-id", metavar="ORG/NAME", envvar="M3IT_REPO_ID", help="The dataset on the Hub."),
    ] = "",
    translations_to: Annotated[
        str | None,
        typer.Option(
            "--translations-to",
            metavar="ORG/NAME",
            envvar="M3IT_TRANSLATIONS_TO",
            help="A dataset of its own for the translations; --repo-id then has only the tasks.",
        ),
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="Create it so that only its owners see it.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would go; change nothing.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="TASK",
            autocompletion=task_names,
            help="A task, with its translations; may be given more than once.",
        ),
    ] = None,
    revision: Annotated[
        str | None, typer.Option("--revision", metavar="REV", help="A branch, or a pull request as refs/pr/1.")
    ] = None,
    create_pr: Annotated[
        bool, typer.Option("--create-pr", help="Open a pull request instead of writing to it.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete data on the Hub that this build does not have.")
    ] = False,
    accept_licenses: Annotated[
        bool, typer.Option("--accept-licenses", help="Publish also what its source does not allow to be passed on.")
    ] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Read every config back from the Hub afterwards.")] = False,
) -> None:
    """Validate what was built and upload it: data first, dataset card and croissant.json last.

    The token comes from HF_TOKEN or from `hf auth login`. Running the same command again goes on where it stopped; what
    the Hub has is not sent twice.
    """
    from m3it_build.cli.example import example_of
    from m3it_build.core.errors import SettingsError
    from m3it_build.publish.contents import read_contents
    from m3it_build.publish.hub import Hub
    from m3it_build.publish.push import push
    from m3it_build.publish.written import write_documents

    if not repo_id:
        raise SettingsError("Give --repo-id ORG/NAME, the dataset on the Hub.")
    tasks = only or []
    contents = read_contents(out, tasks or None)
    parts = _parts(out, contents, repo_id, translations_to)
    example = example_of(out, contents)
    with _Progress() as progress:
        targets = []
        for place, part in parts:
            if _chosen(part, tasks).configs:  # else the tasks of --only have no translations
                target = _Target(out, part, tasks, place, Hub(place.name, revision, progress, create_pr=create_pr))
                target.look(private=private, accept_licenses=accept_licenses, log_in=not dry_run)
                targets.append(target)
        _check_data(out, _chosen(contents, tasks), tasks)
        for target in targets:
            target.plan(example if target.contents.tasks else None, prune=prune)
            _tell(target, files=dry_run, named=len(targets) > 1)
        if dry_run:
            return
        for target in targets:
            target.hub.check_card(target.files["README.md"].decode())
        for target in targets:
            if target.is_private is None:
                target.hub.create(private=private)
            if target.planned.contents == target.contents and target.contents.tasks:
                write_documents(out, target.own, overwrite=True)
            commits = push(target.hub, out, target.planned, target.files, target.remote)
            done = f"done in {plural(commits, 'commit')}" if commits else "everything was there already"
            typer.echo(f"{target.hub.page}: {done}")
    if verify:
        code = max([_verify(target) for target in targets])
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # streams that were left after their first row can abort an interpreter that ends as usual


class _Target:
    """A repository, and what of the output folder is for it."""

    def __init__(self, out: Path, contents: "Contents", tasks: list[str], place: "Place", hub: "Hub") -> None:
        self.out = out
        self.contents = contents
        self.tasks = tasks
        self.place = place
        self.hub = hub
        self.is_private: bool | None = None
        self.remote: dict[str, RemoteFile] = {}
        self.planned: Plan
        self.files: dict[str, bytes] = {}
        """What is sent beside the data."""
        self.own: dict[str, bytes] = {}
        """What of it is ours, to be written into the output folder: not a card that a person has edited."""

    def look(self, *, private: bool, accept_licenses: bool, log_in: bool) -> None:
        """Ask the Hub what is there, and refuse what may not become public."""
        from m3it_build.core.errors import SettingsError

        hub = self.hub
        if log_in or hub.token is not None:
            hub.progress.note(f"logged in as {hub.log_in()}")
        self.is_private = hub.private()
        if private and self.is_private is False:
            raise SettingsError(
                f"{hub.repo_id} is public, and --private does not change that. Make it private on its page first: "
                f"{hub.page}"
            )
        if hub.revision is not None and self.is_private is None:
            raise hub.no_revision()
        public = not (private if self.is_private is None else self.is_private)
        _check_licenses(_chosen(self.contents, self.tasks), public=public, accepted=accept_licenses)
        self.remote = hub.files() if self.is_private is not None else {}

    def plan(self, example: "Example | None", *, prune: bool) -> None:
        """Hold both sides against each other, and write card and croissant.json."""
        from m3it_build.publish.push import plan
        from m3it_build.publish.written import CARD, documents

        self.planned = plan(self.out, self.contents, self.remote, self.tasks, prune=prune)
        self.files = documents(self.planned.contents, self.place, example)
        self.own = self.files
        if self.contents.tasks and (text := _edited(self.out, self.planned.contents, self.place)) is not None:
            self.own = {name: data for name, data in self.files.items() if name != CARD}
            self.files = {**self.files, CARD: text}


def _chosen(contents: "Contents", tasks: list[str]) -> "Contents":
    return contents.of_tasks(tasks) if tasks else contents


def _parts(
    out: Path, contents: "Contents", repo_id: str, translations_to: str | None
) -> list[tuple["Place", "Contents"]]:
    """What goes where."""
    from m3it_build.core.errors import SettingsError
    from m3it_build.publish.card import Place

    if not translations_to:
        return [(Place(repo_id), contents)]
    if translations_to == repo_id:
        raise SettingsError("--translations-to names the same repository as --repo-id. Leave it out, or name another.")
    if not contents.translations:
        raise SettingsError(f"{out} holds no translations for --translations-to. See: m3it translate --help")
    return [
        (Place(repo_id, translations_to), contents.without_translations()),
        (Place(translations_to, repo_id), contents.translations_alone()),
    ]


def _check_licenses(contents: "Contents", *, public: bool, accepted: bool) -> None:
    """Stop before anything that may not be passed on becomes public."""
    from m3it_build.core.errors import SettingsError
    from m3it_build.publish.push import forbidden

    found = forbidden(contents) if public else []
    if not found:
        return
    for config in found:
        typer.echo(
            f"{config.name}: {config.summary.license}, not to be passed on: {web_address(config.summary.homepage)}",
            err=True,
        )
    if not accepted:
        raise SettingsError(
            f"{len(found)} of {len(contents.configs)} configs come from sources that do not allow their pictures "
            "or annotations to be published again (listed above). Use --private, leave them out with --only "
            "TASK, or, if you have the right to, --accept-licenses."
        )


def _check_data(out: Path, contents: "Contents", tasks: list[str]) -> None:
    """Validate, unless these very files were found valid before."""
    from m3it_build.publish.checked import is_checked, remember, state
    from m3it_build.publish.hub import PushError
    from m3it_build.quality.validate import validate

    now = state(out, contents)
    if is_checked(out, now):
        return
    problems = list(validate(out, _Silent(), set(tasks) or None))
    for problem in problems[:20]:
        typer.echo(f"{problem.where}: {problem.what}", err=True)
    if problems:
        raise PushError(f"{out} is not valid ({len(problems)} problems, see m3it validate {out}); nothing was sent.")
    remember(out, now)


def _edited(out: Path, contents: "Contents", place: "Place") -> bytes | None:
    """The card that a person has edited instead of ours, as long as it lists the same configs."""
    from huggingface_hub import DatasetCard

    from m3it_build.core.errors import OutputError
    from m3it_build.publish.metadata import metadata
    from m3it_build.publish.written import edited_card
    from m3it_build.store.layout import Layout

    layout = Layout(out)
    text = edited_card(layout)
    if text is None:
        return None
    try:
        configs = DatasetCard(text.decode()).data.get("configs")
    except ValueError as error:
        raise OutputError(
            f"{layout.card}: its YAML cannot be read ({error}). Mend it, or: m3it card --overwrite {out}"
        ) from error
    if configs != metadata(contents)["configs"]:
        apart = f"--translations-to {place.sibling} " if place.sibling else ""
        raise OutputError(
            f"{layout.card}: was edited by hand, and its configs are not those that the Hub would hold after this "
            f"push. Write it anew with: m3it card --overwrite {apart}{out}"
        )
    return text


def _tell(target: _Target, *, files: bool, named: bool) -> None:
    from m3it_build.publish.written import CARD, unwieldy

    plan = target.planned
    if named:
        typer.echo(f"{target.hub.repo_id}:")
    there = sum(file.size for file in plan.there)
    typer.echo(
        f"to send: {plural(len(plan.send), 'file')}, {size_text(plan.size)}; on the Hub already: "
        f"{plural(len(plan.there), 'file')}, {size_text(there)}; to delete there: {len(plan.delete)}"
    )
    if files:
        for file in plan.send:
            typer.echo(f"  + {file.path} {size_text(file.size)}")
        for path in plan.delete:
            typer.echo(f"  - {path}")
    typer.echo(f"then the card: {plural(len(plan.contents.configs), 'config')}, {plural(plan.contents.rows, 'row')}")
    if (warning := unwieldy(plan.contents, target.files[CARD].decode())) is not None:
        typer.echo(f"warning: {warning}", err=True)
    if plan.stale:
        typer.echo(
            f"{len(plan.stale)} data files on the Hub are not of this build ({plan.stale[0]}, ...); the card does "
            "not list them, --prune deletes them"
        )


def _verify(target: _Target) -> int:
    from m3it_build.publish.verify import verify

    hub, contents = target.hub, target.planned.contents
    problems = list(verify(hub, contents))
    for problem in problems:
        typer.echo(problem, err=True)
    told = f"{plural(len(contents.configs), 'config')} read back from the Hub, {plural(len(problems), 'problem')}"
    typer.echo(f"{hub.repo_id}: {told}")
    return 1 if problems else 0


class _Silent:
    """Hears of what is checked, and says nothing."""

    def odd(self, where: str, what: str) -> None:
        """Something is as the source has it."""

    def shard(self, name: str, rows: int) -> None:
        """A shard was checked."""


class _Progress:
    """Bytes on stderr: a bar on a terminal, a line now and then elsewhere."""

    SECONDS = 10

    def __init__(self) -> None:
        self.bar: Any = None
        self.total = self.done = 0
        self.told = time.monotonic()

    def note(self, text: str) -> None:
        """Something that a person should know."""
        if self.bar is not None:
            self.bar.write(text, file=sys.stderr)
        elif not is_quiet():
            print(text, file=sys.stderr, flush=True)

    def start(self, files: int, size: int) -> None:
        """So much is to be sent."""
        self.total = size
        if files and sys.stderr.isatty() and not is_quiet():
            from tqdm import tqdm

            self.bar = tqdm(total=size, unit="B", unit_scale=True, desc="sent")

    def sent(self, files: int, size: int) -> None:  # noqa: ARG002 - bytes say more than files
        """So much more is there."""
        self.done += size
        if self.bar is not None:
            self.bar.update(size)
        elif self.done == self.total or time.monotonic() - self.told > self.SECONDS:
            self.told = time.monotonic()
            self.note(f"sent {size_text(self.done)} of {size_text(self.total)}")

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.close()
