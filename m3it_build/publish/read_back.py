"""Reads a pushed dataset back from the Hub, as a user would."""

from collections.abc import Iterator
from typing import Any

from m3it_build.publish.built import Config, Contents
from m3it_build.publish.hub import Hub


def verify(hub: Hub, contents: Contents) -> Iterator[str]:
    """Whatever a user would find wrong: configs, splits, counts, and the first row of each config.

    Only the first row's file is opened: it is streamed, not downloaded.
    """
    import datasets

    datasets.disable_progress_bars()
    # a branch moves with each push; what the client remembers of it must not stand for the new state
    revision = hub.commit_of_revision()
    try:
        names = datasets.get_dataset_config_names(hub.repo_id, revision=revision, token=hub.token)
    except Exception as error:  # noqa: BLE001 - whatever keeps a user from loading it is the finding
        yield f"its configs cannot be listed: {hub.clean(_told(error))}"
        return
    expected = [config.name for config in contents.configs]
    if sorted(names) != sorted(expected):
        yield f"the Hub's configs are {sorted(names)}, not {sorted(expected)}"
        return
    for config in contents.configs:
        try:
            builder = datasets.load_dataset_builder(hub.repo_id, config.name, revision=revision, token=hub.token)
            yield from _config(builder, config)
        except Exception as error:  # noqa: BLE001 - the same
            yield f"{config.name}: cannot be loaded: {hub.clean(_told(error))}"


def _config(builder: Any, config: Config) -> Iterator[str]:
    found = {name: len(files) for name, files in builder.config.data_files.items()}
    expected = {split.summary.split: len(split.shards) for split in config.splits}
    if found != expected:
        yield f"{config.name}: the Hub's splits have {found} files, not {expected}"
        return
    counted = {name: split.num_examples for name, split in (builder.info.splits or {}).items()}
    rows = {split.summary.split: split.rows for split in config.splits}
    if counted not in ({}, rows):  # the card counts the rows of tasks, not those of translations
        yield f"{config.name}: the card counts {counted} rows, not {rows}"
        return
    split = config.splits[0].summary.split
    first = next(iter(builder.as_streaming_dataset(split=split)), None)
    if first is None or not str(first["meta"]["id"]).startswith(f"{config.name}/{split}/"):
        yield f"{config.name}: the first row that the Hub gives is not one of {split}"


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
