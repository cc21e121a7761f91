"""m3it as a library: each command as a function, typed, reading no environment and printing nothing.

A function takes what a command's flags say: names and folders as arguments, all else as one settings model. It returns
what the command would tell. Errors are those of `m3it_build.core.errors`, whose texts say what is wrong, where, and
what to do; `M3itError` is their base. Long work tells a `Progress` how far it is.
"""

from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path

from m3it_build.answers.estimate import Templates
from m3it_build.answers.run import Pair, PassReport
from m3it_build.answers.settings import ParaphraseSettings
from m3it_build.core.errors import SettingsError
from m3it_build.core.progress import Progress
from m3it_build.core.task import BatchStep, Split, Task
from m3it_build.plan.contract import CheckReport
from m3it_build.plan.settings import BuildSettings
from m3it_build.plan.task_sources import TaskSource
from m3it_build.shards.build import BuildReport
from m3it_build.store.output import OutputFolder

Folder = str | PathLike[str]
Names = str | Iterable[str]

OUT = "m3it-data"
"""The output folder where none is given."""


def tasks(tasks_dir: Folder | None = None) -> list[Task]:
    """Every task that can be built, in order of group, then name.

    Args:
        tasks_dir: A folder with tasks of your own.

    Raises:
        SettingsError: a task module that cannot be imported.
    """
    from m3it_build.plan.registry import load_registry

    return [entry.task for entry in load_registry(_path(tasks_dir))]


def build(
    tasks: Names | None,
    *,
    source: Folder | None = None,
    sample: bool = False,
    out: Folder = OUT,
    splits: Iterable[str] | None = None,
    settings: BuildSettings | None = None,
    tasks_dir: Folder | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """Turn raw sources into rows: pictures, instruction, inputs, outputs, meta (paper, 3.2).

    Every choice is a hash of seed, task, purpose and key: the same input and settings give the same bytes, and a build
    that was interrupted goes on where it stopped.

    Args:
        tasks: A name or several, aliases too; None is every task whose folder is in `source`.
        source: The folder of your downloads, with one folder a task; for a single task that folder itself.
        sample: Read the tiny bundled sources instead.
        out: The output folder: rows in `data/`, state in `.m3it/`.
        splits: train, validation, test; None builds those whose files are there.
        settings: How rows are made.
        tasks_dir: A folder with tasks of your own.
        overwrite: Remove what was built of these tasks before.
        progress: Is told of each step.

    Returns:
        The account of every record: read = rows + filtered + rejected + left out, a split; what was not built, and why.

    Raises:
        UnknownName: a task that does not exist.
        MissingSource: a folder that is not there. Files of single splits are in the report's `errors`.
        SettingsError: settings that contradict each other or those that the folder was built with.
        OutputError: the folder is locked or cannot be written.
    """
    from m3it_build.shards.build import build as run

    settings = settings or BuildSettings()
    sources = _sources(tasks, source, settings, tasks_dir, sample=sample)
    return run(sources, _splits(splits), settings, Path(out), progress or Progress(), overwrite=overwrite)


def paraphrase(
    tasks: Names | None,
    *,
    source: Folder | None = None,
    sample: bool = False,
    out: Folder = OUT,
    splits: Iterable[str] | None = None,
    settings: ParaphraseSettings | None = None,
    build: BuildSettings | None = None,
    tasks_dir: Folder | None = None,
    dry_run: bool = False,
    batch: BatchStep | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> PassReport:
    """Let a chat model write short answers as sentences (paper, 3.2 stage II); the next build takes them.

    Every answer is kept before the next thing happens, and no question is asked twice. The key is OPENAI_API_KEY, which
    the client of OpenAI reads.

    Args:
        tasks: As of `build`; tasks without short answers are passed over.
        source: As of `build`.
        sample: As of `build`.
        out: The output folder.
        splits: As of `build`.
        settings: Which model is asked, how fast, for how much.
        build: With which the rows are made; None is as the folder was planned before, else the defaults.
        tasks_dir: As of `build`.
        dry_run: Count calls, tokens and cost; ask nothing.
        batch: Use the Batch API: hand in, or fetch what is done.
        overwrite: Remove what was built of these tasks before.
        progress: Is told of each step.

    Returns:
        Questions, answers and US dollars a task; `outcome.stop` says why a pass ended early.

    Raises:
        UnknownName, MissingSource, SettingsError, OutputError: as of `build`.
    """
    from m3it_build.answers.run import paraphrase as run

    output = OutputFolder(Path(out))
    build = build or _as_planned(output)
    sources = _sources(tasks, source, build, tasks_dir, sample=sample)
    return run(
        output,
        sources,
        _splits(splits),
        build,
        settings or ParaphraseSettings(),
        progress or Progress(),
        dry_run=dry_run,
        batch=batch,
        overwrite=overwrite,
    )


def paraphrase_pairs(
    tasks: Names | None,
    *,
    count: int,
    source: Folder | None = None,
    sample: bool = False,
    out: Folder = OUT,
    splits: Iterable[str] | None = None,
    settings: ParaphraseSettings | None = None,
    build: BuildSettings | None = None,
    tasks_dir: Folder | None = None,
) -> list[Pair]:
    """The first `count` short answers of each split, and what a build would make of each now; asks nobody.

    The other arguments and the errors are those of `paraphrase`.
    """
    from m3it_build.answers.run import pairs

    output = OutputFolder(Path(out))
    build = build or _as_planned(output)
    sources = _sources(tasks, source, build, tasks_dir, sample=sample)
    return pairs(output, sources, _splits(splits), build, settings or ParaphraseSettings(), count)


def count_templates(report: BuildReport, settings: ParaphraseSettings | None = None) -> Templates | None:
    """Short answers of a build that stand in template sentences, and what asking for paraphrases would cost.

    Args:
        report: Of a build.
        settings: With which they would be asked for.

    Returns:
        Counts, and an estimate from a few rows of each split; None for a build without short answers.
    """
    from m3it_build.answers.estimate import count_templates as count

    written = {(each.task, each.split): each.answers for each in report.splits if each.answers}
    return count(OutputFolder(report.out), written, settings or ParaphraseSettings()) if written else None


def _sources(
    tasks: Names | None, source: Folder | None, settings: BuildSettings, tasks_dir: Folder | None, *, sample: bool
) -> Sequence[TaskSource]:
    from m3it_build.plan.task_sources import find_task_sources

    if (source is None) is not sample:
        raise SettingsError("Give a source, the folder of your downloads, or sample=True, to try it: one of them.")
    names = None if tasks is None else _names(tasks)
    if names is not None and not names:
        raise SettingsError("No task is named. Name some, or give None for every task whose folder is there.")
    return find_task_sources(names, source=_path(source), settings=settings, tasks_dir=_path(tasks_dir))


def _as_planned(output: OutputFolder) -> BuildSettings:
    from m3it_build.plan.same_settings import settings_of

    return BuildSettings.model_validate(settings_of(output))


def _names(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _splits(splits: Iterable[str] | None) -> list[Split] | None:
    if splits is None:
        return None
    known = [split.value for split in Split]
    wrong = [each for each in _names(splits) if each not in known]
    if wrong:
        raise SettingsError(f"There is no split {wrong[0]!r}: {', '.join(known)}.")
    return [Split(each) for each in _names(splits)]


def _path(folder: Folder | None) -> Path | None:
    return None if folder is None else Path(folder)


def new_task(name: str, folder: Folder) -> list[Path]:
    """Start a task of your own: a module, its instructions, a sample and a test, which can be built at once.

    Args:
        name: Lower case, words joined by hyphens.
        folder: A folder of tasks, for `tasks_dir`; made where it is not there. Nothing in it is written over.

    Returns:
        The files that were written, the module first.

    Raises:
        SettingsError: a name that cannot be one, or is another task's.
        OutputError: something is there already, or the folder cannot be written.
    """
    from m3it_build.plan.new_task import write_new_task

    return write_new_task(name, Path(folder))


def check_task(which: Folder, *, tasks_dir: Folder | None = None) -> CheckReport:
    """Hold a task, or all of a folder, to the rules that every task keeps.

    Args:
        which: A task's name, or a folder of tasks.
        tasks_dir: A folder in which the name is also looked for.

    Returns:
        The tasks, and each breach of a rule with what to do; also what a started task leaves to its author.

    Raises:
        UnknownName: neither a task nor a folder.
        SettingsError: a task module that cannot be imported.
    """
    from m3it_build.plan.contract import check

    return check(str(which), _path(tasks_dir))
