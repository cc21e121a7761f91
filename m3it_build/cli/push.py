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

if TYPE_CHECKING:
    from m3it_build.publish.contents import Contents
    from m3it_build.publish.hub import Hub
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
    from m3it_build.core.errors import SettingsError
    from m3it_build.publish.contents import read_contents
    from m3it_build.publish.hub import Hub
    from m3it_build.publish.push import plan, push
    from m3it_build.publish.written import documents, write_documents

    if not repo_id:
        raise SettingsError("Give --repo-id ORG/NAME, the dataset on the Hub.")
    tasks = only or []
    contents = read_contents(out, tasks or None)
    mine = contents.of_tasks(tasks) if tasks else contents
    with _Progress() as progress:
        hub = Hub(repo_id, revision, progress, create_pr=create_pr)
        if not dry_run or hub.token is not None:
            progress.note(f"logged in as {hub.log_in()}")
        is_private = hub.private()
        if private and is_private is False:
            raise SettingsError(
                f"{repo_id} is public, and --private does not change that. Make it private on its page first: "
                f"{hub.page}"
            )
        if revision is not None and is_private is None:
            raise hub.no_revision()
        public = not (private if is_private is None else is_private)
        _check_licenses(mine, public=public, accepted=accept_licenses)
        _check_data(out, mine, tasks)
        remote = hub.files() if is_private is not None else {}
        planned = plan(out, contents, remote, tasks, prune=prune)
        files = _edited(out, planned.contents, documents(planned.contents, repo_id, hub.endpoint))
        _tell(planned, files=dry_run)
        if dry_run:
            return
        hub.check_card(files["README.md"].decode())
        if is_private is None:
            hub.create(private=private)
        if planned.contents == contents:
            write_documents(out, files, overwrite=True)
        commits = push(hub, out, planned, files, remote)
    done = f"done in {plural(commits, 'commit')}" if commits else "everything was there already"
    typer.echo(f"{hub.page}: {done}")
    if verify:
        code = _verify(hub, planned.contents)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # streams that were left after their first row can abort an interpreter that ends as usual


def _check_licenses(contents: "Contents", *, public: bool, accepted: bool) -> None:
    """Stop before anything that may not be passed on becomes public."""
    from m3it_build.core.errors import SettingsError
    from m3it_build.publish.push import forbidden

    found = forbidden(contents) if public else []
    if not found:
        return
    for config in found:
        typer.echo(
            f"{config.name}: {config.summary.license}, not to be passed on ({config.summary.homepage})", err=True
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


def _edited(out: Path, contents: "Contents", files: dict[str, bytes]) -> dict[str, bytes]:
    """The card that a person has edited instead of ours, as long as it lists the same configs."""
    from huggingface_hub import DatasetCard

    from m3it_build.core.errors import OutputError
    from m3it_build.publish.metadata import metadata
    from m3it_build.publish.written import CARD, edited_card
    from m3it_build.store.layout import Layout

    layout = Layout(out)
    text = edited_card(layout)
    if text is None:
        return files
    try:
        configs = DatasetCard(text.decode()).data.get("configs")
    except ValueError as error:
        raise OutputError(
            f"{layout.card}: its YAML cannot be read ({error}). Mend it, or: m3it card --overwrite {out}"
        ) from error
    if configs != metadata(contents)["configs"]:
        raise OutputError(
            f"{layout.card}: was edited by hand, and its configs are not those that the Hub would hold after this "
            f"push. Write it anew with: m3it card --overwrite {out}"
        )
    return {**files, CARD: text}


def _tell(plan: "Plan", *, files: bool) -> None:
    there = sum(file.size for file in plan.there)
    typer.echo(
        f"to send: {plural(len(plan.send), 'file')}, {_size(plan.size)}; on the Hub already: "
        f"{plural(len(plan.there), 'file')}, {_size(there)}; to delete there: {len(plan.delete)}"
    )
    if files:
        for file in plan.send:
            typer.echo(f"  + {file.path} {_size(file.size)}")
        for path in plan.delete:
            typer.echo(f"  - {path}")
    typer.echo(f"then the card: {plural(len(plan.contents.configs), 'config')}, {plural(plan.contents.rows, 'row')}")
    if plan.stale:
        typer.echo(
            f"{len(plan.stale)} data files on the Hub are not of this build ({plan.stale[0]}, ...); the card does "
            "not list them, --prune deletes them"
        )


def _verify(hub: "Hub", contents: "Contents") -> int:
    from m3it_build.publish.verify import verify

    problems = list(verify(hub, contents))
    for problem in problems:
        typer.echo(problem, err=True)
    typer.echo(f"{plural(len(contents.configs), 'config')} read back from the Hub, {plural(len(problems), 'problem')}")
    return 1 if problems else 0


def _size(size: float) -> str:
    for unit in ("B", "KB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}" if unit != "B" else f"{size} B"
        size /= 1000
    return f"{size:,.1f} GB"


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
            self.note(f"sent {_size(self.done)} of {_size(self.total)}")

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.close()
