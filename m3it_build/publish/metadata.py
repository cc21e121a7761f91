"""The card's YAML: what the Hub and `datasets` read; every config and split that exists, and no other."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from m3it_build.core.task import Group
from m3it_build.publish.built import Config, Contents
from m3it_build.store.output import Images

HUB_LICENSES = {
    "Apache-2.0", "CC0-1.0", "CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-NC-2.0", "CC-BY-NC-3.0",
    "CC-BY-NC-4.0", "CC-BY-NC-ND-3.0", "CC-BY-NC-ND-4.0", "CC-BY-NC-SA-2.0", "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "MIT", "PDDL-1.0",
}  # fmt: skip
"""SPDX ids that the Hub knows, in lower case; it rejects a card with any other word than these and `other`."""

CATEGORIES = {
    Group.CAPTIONING: ("image-to-text",),
    Group.CLASSIFICATION: ("image-classification",),
    Group.VQA: ("visual-question-answering",),
    Group.KVQA: ("visual-question-answering",),
    Group.REASONING: ("visual-question-answering",),
    Group.GENERATION: (),
    Group.CHINESE: (),
    Group.VIDEO: ("video-text-to-text",),
}
"""The Hub's words for our groups; `image-text-to-text` fits all of them."""

ALIASES = 80
"""Configs that share one list of features in the YAML: the others name it by its anchor. It keeps the card short, of
which the same five fields for each of hundreds of configs were most of its size and of the time to load it. Parsers
that guard against documents that expand refuse more than a hundred aliases of one anchor."""

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def metadata(contents: Contents) -> dict[str, Any]:
    """The YAML block as plain values, in the order in which it is written.

    What the files cannot say is said here: that `meta` is JSON. A task says it in its `dataset_info`, which also counts
    rows and bytes; a translation, of which there may be hundreds, says it in its line of `configs` alone.
    """
    features = dict(zip((config.name for config in contents.configs), _features(contents.configs), strict=True))
    return {
        "pretty_name": contents.name,
        "language": languages(contents),
        "license": hub_licenses(contents),
        "task_categories": _categories(contents),
        "size_categories": [_size(contents.rows)],
        "tags": ["instruction-tuning", "multimodal", "vision-language", "m3it"],
        "configs": [
            *(_config(config) for config in contents.tasks),
            *({**_config(config), "features": features[config.name]} for config in contents.translations),
        ],
        **({"dataset_info": infos} if (infos := [_info(each, features[each.name]) for each in contents.tasks]) else {}),
    }


def languages(contents: Contents) -> list[str]:
    """Every language that a config is in."""
    return sorted({code for config in contents.configs for code in _languages_of(config)})


def hub_licenses(contents: Contents) -> list[str]:
    """The sources' licences in the Hub's words."""
    ids = {part for config in contents.configs for part in spdx_ids(config.summary.license)}
    return sorted(
        {each.lower() if each in HUB_LICENSES else "other" for each in ids}, key=lambda each: (each == "other", each)
    )


def spdx_ids(expression: str) -> list[str]:
    """The licences that an SPDX expression names."""
    return [part for part in re.split(r"[\s()]+", expression) if part and part not in {"AND", "OR", "WITH"}]


def _languages_of(config: Config) -> list[str]:
    return [config.language] if config.language is not None else config.summary.languages


def _categories(contents: Contents) -> list[str]:
    found = {word for config in contents.configs for word in CATEGORIES[Group(config.summary.group)]}
    return ["image-text-to-text", *sorted(found)]


def _size(rows: int) -> str:
    return next((word for limit, word in SIZES if rows < limit), "1M<n<10M")


def _config(config: Config) -> dict[str, Any]:
    files = [{"split": split.summary.split, "path": split.pattern} for split in config.splits]
    return {"config_name": config.name, "data_files": files}


def _info(config: Config, features: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "config_name": config.name,
        "features": features,
        "splits": [
            {"name": split.summary.split, "num_bytes": split.decoded_bytes, "num_examples": split.rows}
            for split in config.splits
        ],
        "download_size": sum(split.bytes for split in config.splits),
        "dataset_size": sum(split.decoded_bytes for split in config.splits),
    }


def _features(configs: Sequence[Config]) -> Iterator[list[dict[str, str]]]:
    """As `datasets` writes them, for each config; equal ones are one object, which YAML writes once."""
    known: dict[tuple[Images, int], list[dict[str, str]]] = {}
    used: Counter[Images] = Counter()
    for images in (config.splits[0].images for config in configs):
        key = images, used[images] // ALIASES
        used[images] += 1
        if key not in known:
            pictures = {"name": "image_base64_str", "list": "string"}
            if images is Images.BYTES:
                pictures = {"name": "images", "list": "image"}
            known[key] = [
                {"name": "instruction", "dtype": "string"},
                {"name": "inputs", "dtype": "string"},
                pictures,
                {"name": "outputs", "dtype": "string"},
                {"name": "meta", "dtype": "json"},
            ]
        yield known[key]
