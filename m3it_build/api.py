"""m3it as a library: each command as a function, typed, reading no environment and printing nothing.

A function takes what a command's flags say: names and folders as arguments, all else as one settings model. It returns
what the command would tell. Errors are those of `m3it_build.core.errors`, whose texts say what is wrong, where, and
what to do; `M3itError` is their base. Long work tells a `Progress` how far it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from m3it_build.core.errors import MachineError, MissingSource, OutputError, SettingsError, UnknownName
from m3it_build.core.progress import Progress
from m3it_build.core.task import BatchStep, Split, Task
from m3it_build.plan.settings import BuildSettings
from m3it_build.store.output import OutputFolder

if TYPE_CHECKING:
    from m3it_build.answers.estimate import Templates
    from m3it_build.answers.run import Pair, PassReport
    from m3it_build.answers.settings import ParaphraseSettings
    from m3it_build.download.run import DownloadReport
    from m3it_build.download.settings import DownloadSettings
    from m3it_build.plan.check import TaskCheck
    from m3it_build.plan.contract import CheckReport
    from m3it_build.plan.task_sources import TaskSource
    from m3it_build.publish.run import CardReport, Push, RepositoryReport
    from m3it_build.publish.settings import HubSettings
    from m3it_build.quality.instructions import InstructionStats
    from m3it_build.quality.paper import PaperComparison
    from m3it_build.quality.rows import BuiltRows
    from m3it_build.quality.stats import SplitStats
    from m3it_build.quality.status import Status
    from m3it_build.quality.validate import ValidationReport
    from m3it_build.services.mt.fetching import Fetchable
    from m3it_build.services.mt.models import TranslationModel
    from m3it_build.shards.build import BuildReport
    from m3it_build.shards.estimate import BuildEstimate
    from m3it_build.translate.run import TranslateReport
    from m3it_build.translate.scores import GateReport
    from m3it_build.translate.settings import GateSettings, TranslateSettings, TranslatorSettings

Folder = str | PathLike[str]
Names = str | Iterable[str]

OUT = "m3it-data"
"""The output folder where none is given."""
SOURCES = "m3it-sources"
"""The folder of downloads where none is given."""


def tasks(tasks_dir: Folder | None = None) -> list[Task]:
    """Every task that can be built, in order of group, then name.

    Args:
        tasks_dir: A folder with tasks of your own.

    Raises:
        SettingsError: a task module that cannot be imported.
    """
    from m3it_build.plan.registry import load_registry

    return [entry.task for entry in load_registry(_path(tasks_dir))]


def check_sources(
    tasks: Names | None,
    source: Folder,
    *,
    records: int = 20,
    settings: BuildSettings | None = None,
    tasks_dir: Folder | None = None,
    progress: Progress | None = None,
) -> list[TaskCheck]:
    """Tell what of tasks is there: annotation files, and the pictures and clips of some records of each split.

    Args:
        tasks: A name or several, aliases too; None is every task, those without a folder in `source` too.
        source: The folder of your downloads, with one folder a task; for a single task that folder itself.
        records: So many of each split are looked at, those that a sample takes first: each picture is decoded, each
            clip opened. None are with 0, and then no annotation file is read but for its first bytes.
        settings: Where collections lie, which variants are chosen.
        tasks_dir: A folder with tasks of your own.
        progress: Is told of each step.

    Returns:
        A task each: in which layout a split lies, or what is missing of the one of which most is there.

    Raises:
        UnknownName: a task that does not exist.
        MissingSource: the folder is not there.
    """
    from m3it_build.core.choice import Draw
    from m3it_build.plan.check import TaskCheck, check_task
    from m3it_build.plan.registry import load_registry
    from m3it_build.plan.task_sources import check_names, task_source

    settings, told, place = settings or BuildSettings(), progress or Progress(), Path(source)
    registry = load_registry(_path(tasks_dir))
    check_names(settings, registry)
    names = None if tasks is None else {registry[name].task.name for name in _names(tasks)}
    if not place.is_dir():
        raise MissingSource(f"{place}: no such folder. --source is the folder that holds your downloads.")
    checks = []
    for entry in registry:
        task = entry.task
        if names is not None and task.name not in names:
            continue
        alone = names is not None and len(names) == 1
        if not alone and not (place / task.name).is_dir():
            checks.append(TaskCheck(task.name, here=False))
            continue
        draw = Draw(settings.seed, task.name)
        found = task_source(entry, place, settings, alone=alone)
        checks.append(check_task(found, settings.options_of(task), draw, records, told))
    return checks


def download(
    tasks: Names | None,
    *,
    source: Folder = SOURCES,
    settings: DownloadSettings | None = None,
    build: BuildSettings | None = None,
    only: str | None = None,
    accept: Names = (),
    tasks_dir: Folder | None = None,
    dry_run: bool = False,
    verify: bool = False,
    progress: Progress | None = None,
) -> DownloadReport:
    """Fetch what tasks need into a folder of sources, as far as that needs no person.

    Files stay as they are served, each has its name when it is whole and right, and what was fetched before is not
    fetched again. The client of the Hub reads HF_TOKEN and HF_ENDPOINT, that of HTTP the proxies and SSL_CERT_FILE.

    Args:
        tasks: A name or several, aliases too; None is every task.
        source: The folder of your downloads: files lie in `<task>/`, shared ones in `<collection>/`.
        settings: Mirrors, connections, another table of files.
        build: Where collections lie elsewhere; what is there is not fetched.
        only: "annotations" leaves out pictures and clips.
        accept: Tasks whose forms you filled in or whose terms you accepted; "sha256:..." or "bytes:..." of a file that
            you trust though it is not the one of the table.
        tasks_dir: A folder with tasks of your own.
        dry_run: Fetch nothing.
        verify: Compare the hash of each file that is there.
        progress: Is told of files and bytes, from several threads.

    Returns:
        Each file as it is afterwards; `missing` are those that are needed and not there, and what a person does;
        `failed` those of which the machine failed.

    Raises:
        UnknownName: a task that does not exist.
        SettingsError: no such kind of files, a table that cannot be read.
        OutputError, M3itError: too little room, or a folder that cannot be written; what came is kept.
    """
    from m3it_build.download.run import download as run
    from m3it_build.download.settings import DownloadSettings
    from m3it_build.download.table import Kind
    from m3it_build.plan.registry import load_registry
    from m3it_build.store.patience import is_dir

    if only not in (None, Kind.ANNOTATIONS.value):
        raise SettingsError(f"There is no kind {only!r} of files to fetch only: annotations.")
    registry = load_registry(_path(tasks_dir))

    def here(task: str) -> frozenset[Kind]:
        if not is_dir(Path(source)):
            return frozenset()
        records = 0 if only else 20
        (check,) = check_sources(task, source, records=records, settings=build, tasks_dir=tasks_dir)
        readable = check.here and all(each.readable and not each.parts for each in check.splits)
        kinds = {Kind.ANNOTATIONS: readable, Kind.MEDIA: readable and not only and check.complete}
        return frozenset(kind for kind, found in kinds.items() if found)

    names = (
        [entry.task.name for entry in registry]
        if tasks is None
        else [registry[each].task.name for each in _names(tasks)]
    )
    return run(
        list(dict.fromkeys(names)),
        Path(source),
        settings or DownloadSettings(),
        progress or Progress(),
        media=dict(build.media) if build else {},
        only=Kind(only) if only else None,
        accept=_names(accept),
        dry_run=dry_run,
        verify=verify,
        known=[entry.task.name for entry in registry],
        here=cache(here),
    )


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
        source: The folder of your downloads, with one folder a task; for a single task that folder itself; None is
            `m3it-sources`.
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


def estimate_build(
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
) -> BuildEstimate:
    """What `build` of the same arguments would write and how long it would take; writes nothing into `out`.

    Each split is planned in a temporary folder, and a few of its rows are written there: rows are counted, while
    pictures, bytes and seconds are scaled up. The other arguments are those of `build`.

    Returns:
        An estimate each split, and of the whole; what would not be built, and why.

    Raises:
        UnknownName, MissingSource, SettingsError, OutputError: as of `build`.
    """
    from m3it_build.shards.estimate import estimate_build as run

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
    from m3it_build.answers.settings import ParaphraseSettings

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
    from m3it_build.answers.settings import ParaphraseSettings

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
    from m3it_build.answers.settings import ParaphraseSettings

    written = {(each.task, each.split): each.answers for each in report.splits if each.answers}
    return count(OutputFolder(report.out), written, settings or ParaphraseSettings()) if written else None


def translate(
    langs: Names,
    *,
    tasks: Names | None = None,
    out: Folder = OUT,
    splits: Iterable[str] | None = None,
    sample: bool = False,
    settings: TranslateSettings | None = None,
    translator: TranslatorSettings | None = None,
    cache: Folder | None = None,
    progress: Progress | None = None,
) -> TranslateReport:
    """Translate rows of the evaluation splits and their instructions (paper, 3.2 stage IV).

    Every sentence is kept once it is translated: a run that was interrupted goes on where it stopped, and a finished
    one costs nothing.

    Args:
        langs: `all` that pass the gate, `paper` (the eighty of Table 9), or codes and names, as "de" or
            ["de", "French", "zho_Hans"].
        tasks: Built tasks, a name or several, aliases too; None is the paper's seven, as far as they are built.
        out: The output folder: English rows from `data/`, rows in other languages to `translated/`.
        splits: None is validation and test.
        sample: Use the bundled glossary instead of the settings' model: three languages, no translator, offline.
        settings: How many rows; which published scores pass where no gate was run.
        translator: The model, and how it searches.
        cache: The folder of fetched models; None is `m3it` in the user's cache folder.
        progress: Is told of each language and of its sentences.

    Returns:
        Counts of sentences and shards, and in `configs` what can be counted of each task in each language: rows,
        rejects by reason, shares from 0 to 1 of copied rows and of letters in the script, characters for one English
        character, chrF from 0 to 100 of rows translated back; its `fault` says why one is no translation.

    Raises:
        UnknownName: a language or model that does not exist, a task that was not built.
        ModelError: the model is not here, not whole, or does not translate a known sentence; nothing was written.
        SettingsError: `all` for a model of which there is no gate; a device or compute type that is not to be had.
        OutputError: nothing to translate in the folder; it is locked or cannot be written.
    """
    from m3it_build.translate.run import translate as run
    from m3it_build.translate.settings import TranslateSettings, TranslatorSettings

    return run(
        OutputFolder(Path(out)),
        _names(langs),
        None if tasks is None else _names(tasks),
        _splits(splits),
        settings or TranslateSettings(),
        translator or TranslatorSettings(),
        progress or Progress(),
        sample=sample,
        cache=_path(cache),
    )


def gate(
    langs: Names = "all",
    *,
    out: Folder = OUT,
    sample: bool = False,
    explain: bool = False,
    settings: GateSettings | None = None,
    translator: TranslatorSettings | None = None,
    cache: Folder | None = None,
    progress: Progress | None = None,
) -> GateReport:
    """Tell into which languages a model translates English well enough, by spBLEU (paper, 3.2 stage IV).

    Measures where the sentences of FLORES devtest are there, in the settings' folder or fetched; each score is kept in
    `out`, and `translate` of `all` languages goes by them. Else takes the published scores of the paper's model.

    Args:
        langs: `all` of FLORES-101, `paper` (the eighty of Table 9), or codes and names.
        out: The output folder; scores are kept in `.m3it/gate.json`.
        sample: Measure the bundled glossary instead of the settings' model.
        explain: Compare with Table 9. Fetched sentences are then left alone, as measuring takes hours on a CPU: what
            was measured before in `out` is taken, unless the paper's model is named in `translator`.
        settings: Test sentences, SentencePiece model, threshold.
        translator: The model, and how it searches.
        cache: The folder of fetched models and sentences; None is `m3it` in the user's cache folder.
        progress: Is told of each language.

    Returns:
        Scores from 0 to 100 by the model's codes of languages, whether each passes, and how it was computed; the
        comparison with Table 9 where it was asked for.

    Raises:
        SettingsError: no test sentences, and no published scores of this model; another SentencePiece model than that
            of FLORES-200.
        MissingSource: a folder or file of test sentences that is not there.
        SourceError: files of test sentences that do not fit together.
        UnknownName: a language or model that does not exist.
        ModelError: the model is not here, not whole, or translates into none of the languages.
        OutputError: the folder is locked, cannot be written, or holds something else as gate.json.
    """
    from m3it_build.translate.scores import find_gate
    from m3it_build.translate.settings import GateSettings, TranslatorSettings

    return find_gate(
        OutputFolder(Path(out)),
        _names(langs),
        settings or GateSettings(),
        translator or TranslatorSettings(),
        progress or Progress(),
        sample=sample,
        explained=explain,
        cache=_path(cache),
    )


def models(cache: Folder | None = None) -> list[Fetchable]:
    """Translation models that can be fetched by name, what else was fetched, and FLORES, the gate's test sentences.

    Args:
        cache: The folder of fetched models; None is `m3it` in the user's cache folder.
    """
    from m3it_build.services.mt.fetching import fetchable

    return fetchable(_path(cache))


def fetch_model(
    name: str,
    *,
    repository: str | None = None,
    revision: str | None = None,
    quantization: str | None = None,
    cache: Folder | None = None,
) -> TranslationModel:
    """Download a translation model, convert it if it is a checkpoint of transformers, and put it into place as a whole.

    What was downloaded before is not downloaded again. Address and token are those of the Hub's client, which reads
    HF_ENDPOINT and HF_TOKEN.

    Args:
        name: A known model (`models`), or, with a repository, any name.
        repository: Another one on the Hub, as "org/name".
        revision: Of it; None is the pinned one of a known model, else the newest.
        quantization: Of weights that are converted, as "float16"; None is int8.
        cache: The folder of fetched models; None is `m3it` in the user's cache folder.

    Returns:
        The model; one that is there already is left alone.

    Raises:
        UnknownName: no such model.
        SettingsError: no such quantization, a name that no folder can have.
        ModelError: the converter is missing, the download failed, or the name stands for another model already.
    """
    from m3it_build.services.mt.fetching import QUANTIZATION, fetch
    from m3it_build.services.mt.models import model_in

    return model_in(fetch(name, repository, revision, quantization or QUANTIZATION, cache=_path(cache)))


def fetch_flores(url: str | None = None, *, cache: Folder | None = None) -> Path:
    """Download FLORES-200 (CC-BY-SA-4.0), the test sentences of `gate`.

    Args:
        url: A mirror, or a file; None is the release, which is held to its SHA-256.
        cache: The folder that it is put into; None is `m3it` in the user's cache folder.

    Returns:
        Its folder; one that is there already is left alone.

    Raises:
        ModelError: it cannot be had, or is no archive of this kind.
    """
    from m3it_build.services.mt.fetching import fetch_flores as fetch

    return fetch(url, _path(cache))


def convert_model(checkpoint: Folder, to: Folder | None = None, *, quantization: str | None = None) -> TranslationModel:
    """Convert a checkpoint of transformers, as NLLB's, into a model that `translate` reads.

    Args:
        checkpoint: Its folder, with its SentencePiece model; its card (README.md) tells the licence.
        to: The new folder; None is beside the checkpoint, with -ct2 after its name.
        quantization: Of the weights, as "float16"; None is int8.

    Raises:
        SettingsError: no such quantization.
        ModelError: torch or transformers is missing, the folder is no checkpoint, or `to` is there already.
    """
    from m3it_build.services.mt.fetching import QUANTIZATION, convert
    from m3it_build.services.mt.models import model_in

    return model_in(convert(Path(checkpoint), _path(to), quantization or QUANTIZATION))


def status(out: Folder = OUT, *, settings: ParaphraseSettings | None = None) -> Status:
    """How far an output folder is: planned, done, rejected, filtered, left, spent; also while a command works in it.

    Args:
        out: The output folder; nothing in it is locked or written.
        settings: With the prices of models.

    Returns:
        Counts a split, of translations too, and what the stores of paraphrases and translations hold.

    Raises:
        OutputError: a state file of it cannot be read.
    """
    from m3it_build.answers.settings import ParaphraseSettings
    from m3it_build.quality.status import Sentences, Status, paid, split_statuses
    from m3it_build.translate.memory import stored_counts

    output = OutputFolder(Path(out))
    return Status(
        output.root,
        split_statuses(output),
        paid(output, settings or ParaphraseSettings()),
        [Sentences(each.target, each.stored, each.refused) for each in stored_counts(output.translations)],
    )


def show(
    task: str,
    *,
    out: Folder = OUT,
    split: str | None = None,
    count: int = 3,
    id: str | None = None,
    language: str | None = None,
) -> BuiltRows:
    """Some rows as they were built, with their pictures: always the same ones.

    Args:
        task: Its name or an alias.
        out: The output folder.
        split: train, validation or test; None is the first one of which rows are written.
        count: So many rows, of different pictures where there are such.
        id: Only the row with this `meta.id`, or the part of it after task and split.
        language: The code of one that it was translated into; None is the task itself.

    Raises:
        OutputError: nothing is written of it.
        UnknownName: a task or a language that was not built, an id that no row has.
    """
    from m3it_build.plan.registry import built_name
    from m3it_build.quality.rows import built_rows

    output = OutputFolder(Path(out))
    splits = _splits(None if split is None else [split])
    name = built_name(task, output.tasks())
    return built_rows(output, name, splits[0] if splits else None, language, count, id)


def contact_sheet(rows: BuiltRows) -> bytes | None:
    """The pictures of rows side by side, as PNG; None where they have none.

    Args:
        rows: Of `show`.
    """
    from m3it_build.media.sheet import contact_sheet as draw

    pictures = [
        (f"row {number}" + (f", {place} of {len(row.images)}" if len(row.images) > 1 else ""), image.data)
        for number, row in enumerate(rows.rows, 1)
        for place, image in enumerate(row.images, 1)
    ]
    return draw(pictures) if pictures else None


def validate(out: Folder = OUT, *, progress: Progress | None = None) -> ValidationReport:
    """Load every config and split with `datasets`; check schema, ids, hashes and every picture.

    Args:
        out: The output folder.
        progress: Is told of each shard that was checked, and of each problem when it is found.

    Returns:
        How many rows and shards were checked, and each problem: where it is, and what.

    Raises:
        OutputError: nothing was built there, or a state file of it cannot be read.
    """
    from m3it_build.quality.validate import validate as run

    return run(Path(out), progress or Progress())


def stats(out: Folder = OUT, *, texts: bool = True) -> list[SplitStats]:
    """What was built: rows, rejects, pictures, lengths, instructions, answers.

    Args:
        out: The output folder.
        texts: Read the rows' texts too; else lengths, instructions and answers are not counted, and it is fast.

    Returns:
        Of each split that is no translation, in the order of all lists; sizes in bytes, lengths in characters.

    Raises:
        OutputError: nothing was built there, or a state file of it cannot be read.
    """
    from m3it_build.quality.stats import split_stats

    return split_stats(Path(out), texts=texts)


def write_plots(splits: Sequence[SplitStats], folder: Folder) -> list[Path]:
    """Draw rows by group, lengths of texts and sizes of pictures, each as PNG, SVG and PDF.

    Args:
        splits: Of `stats`, with texts.
        folder: Is made where it is not there.

    Returns:
        The files.

    Raises:
        M3itError: matplotlib is not installed.
    """
    from m3it_build.quality.plots import write_plots as run

    return run(splits, Path(folder))


def compare_with_paper(splits: Sequence[SplitStats]) -> PaperComparison:
    """What was built beside Tables 3 and 7 of the paper: rows by group and by task.

    Args:
        splits: Of `stats`; texts are not needed.
    """
    from m3it_build.quality.paper import compare

    return compare(splits)


def instruction_stats(tasks_dir: Folder | None = None) -> InstructionStats:
    """Table 2 of the paper for our instructions: how many, how long in tokens, how far apart in characters.

    Args:
        tasks_dir: A folder with tasks of your own.

    Raises:
        SettingsError: a task module that cannot be imported.
    """
    from m3it_build.plan.registry import load_registry
    from m3it_build.quality.instructions import instruction_stats as run

    entries = list(load_registry(_path(tasks_dir)))
    return run(
        {entry.task.name: entry.pool() for entry in entries},
        {entry.task.name: entry.task.category for entry in entries},
    )


def card(out: Folder = OUT, *, settings: HubSettings | None = None, overwrite: bool = False) -> CardReport:
    """Write the dataset card (README.md, with a picture) and croissant.json into the output folder.

    With the card in place, `load_dataset(out, "okvqa")` works on the folder itself.

    Args:
        out: The output folder.
        settings: Where the dataset will lie on the Hub, for the examples in the card; with `translations_to` the card
            is that of the tasks alone.
        overwrite: Also over a README.md that was edited.

    Returns:
        The files, what they describe, and why loading by them will be slow, if it will.

    Raises:
        OutputError: nothing was built there, a split is unfinished, or README.md was edited.
    """
    from m3it_build.publish.run import write_card
    from m3it_build.publish.settings import HubSettings

    return write_card(Path(out), settings or HubSettings(), _build_sample, overwrite=overwrite)


def push(
    out: Folder = OUT,
    *,
    settings: HubSettings,
    only: Names | None = None,
    create_pr: bool = False,
    prune: bool = False,
    accept_licenses: bool = False,
    dry_run: bool = False,
    verify: bool = False,
    progress: Progress | None = None,
) -> list[RepositoryReport]:
    """Validate what was built and upload it to the Hub: data first, card and croissant.json last.

    Calling it again goes on where it stopped; what the Hub has is not sent twice. The client of the Hub reads HF_TOKEN,
    or what `hf auth login` left, and HF_ENDPOINT.

    Args:
        out: The output folder.
        settings: Where to; without a `repo_id` to `m3it` of the token's owner.
        only: Tasks to send, with their translations; None is all.
        create_pr: Open a pull request instead of writing to the repository.
        prune: Delete data on the Hub that this build does not have.
        accept_licenses: Also publish what its source does not allow to be passed on.
        dry_run: Find out what would go; needs no token, changes nothing.
        verify: Read every config back from the Hub afterwards, as a user would.
        progress: Is told of files and bytes that were sent, of waiting for the Hub, of what stands against the push.

    Returns:
        A report each repository, of which there are two where translations are kept apart: what was sent and deleted,
        in how many commits, and with `verify` what a user would find wrong.

    Raises:
        SettingsError: a public repository where a private one is wanted, or sources that must stay private.
        UnknownName: a task of `only` that was not built.
        OutputError: nothing was built, a split is unfinished, or an edited card lists other configs.
        HubError: the Hub refuses the token, a name or the card.
        PushError: the folder is not valid, or the Hub did not take it; what was sent stays there.
    """
    ready = prepare_push(
        out,
        settings=settings,
        only=only,
        create_pr=create_pr,
        prune=prune,
        accept_licenses=accept_licenses,
        log_in=not dry_run,
        progress=progress,
    )
    if dry_run:
        return ready.reports
    sent = list(ready.send())
    return list(ready.read_back()) if verify else sent


def prepare_push(
    out: Folder = OUT,
    *,
    settings: HubSettings,
    only: Names | None = None,
    create_pr: bool = False,
    prune: bool = False,
    accept_licenses: bool = False,
    log_in: bool = True,
    progress: Progress | None = None,
) -> Push:
    """The first half of `push`, for whoever wants to show what would go before it goes.

    Args:
        out: As of `push`, like all others.
        settings: As of `push`.
        only: As of `push`.
        create_pr: As of `push`.
        prune: As of `push`.
        accept_licenses: As of `push`.
        log_in: Whether a token is needed, as it is to send.
        progress: As of `push`.

    Returns:
        The push with its `reports`; nothing was changed yet. `send()` sends it, `read_back()` then looks at the Hub.

    Raises:
        SettingsError, UnknownName, OutputError, HubError, PushError: as of `push`.
    """
    from m3it_build.publish.run import prepare
    from m3it_build.quality.validate import validate as check

    folder = Path(out)

    def problems(tasks: Collection[str]) -> list[str]:
        report = check(folder, Progress(), set(tasks) or None)
        if report.unread:
            raise MachineError(f"{report.unread.where}: {report.unread.what} Nothing was sent.")
        if report.is_running:
            raise OutputError(f"{folder}: another m3it is working in this folder. Push when it is over.")
        return [f"{problem.where}: {problem.what}" for problem in report.problems]

    return prepare(
        folder,
        settings,
        [] if only is None else _names(only),
        problems,
        _build_sample,
        progress or Progress(),
        log_in=log_in,
        create_pr=create_pr,
        prune=prune,
        accept_licenses=accept_licenses,
    )


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


def _build_sample(task: str, out: Path) -> bool:
    """Build the bundled sample of a task, two rows a split; returns whether there is one."""
    try:
        build(task, sample=True, out=out, settings=BuildSettings(limit=2, workers=1))
    except (UnknownName, MissingSource):
        return False  # a task of somebody else's
    return True


def _sources(
    tasks: Names | None, source: Folder | None, settings: BuildSettings, tasks_dir: Folder | None, *, sample: bool
) -> Sequence[TaskSource]:
    from m3it_build.plan.task_sources import find_task_sources

    if source is not None and sample:
        raise SettingsError("Give a source, the folder of your downloads, or sample=True, to try it: not both.")
    names = None if tasks is None else _names(tasks)
    if names is not None and not names:
        raise SettingsError("No task is named. Name some, or give None for every task whose folder is there.")
    place = None if sample else _path(SOURCES if source is None else source)
    return find_task_sources(names, source=place, settings=settings, tasks_dir=_path(tasks_dir))


def _as_planned(output: OutputFolder) -> BuildSettings:
    from m3it_build.plan.same_settings import settings_of

    return BuildSettings.model_validate(settings_of(output))


def _names(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _splits(splits: Iterable[str] | None) -> list[Split] | None:
    if splits is None:
        return None
    given, known = _names(splits), [split.value for split in Split]
    if not given:
        raise SettingsError("No split is named. Name some, or give None for those that are there.")
    if wrong := [each for each in given if each not in known]:
        raise SettingsError(f"There is no split {wrong[0]!r}: {', '.join(known)}.")
    return [Split(each) for each in given]


def _path(folder: Folder | None) -> Path | None:
    """A folder; not the empty one, which would be the current folder."""
    if folder is not None and str(folder) in ("", "\0"):
        raise SettingsError("A folder must not be empty. Give one, or None.")
    return None if folder is None else Path(folder)
