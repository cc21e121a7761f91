"""The dataset in Croissant 1.1 (mlcommons.org/croissant), the vocabulary in which dataset search engines read."""

import json
from typing import Any

from m3it_build.publish.built import BuiltSplit, Config, Contents
from m3it_build.publish.metadata import languages, spdx_ids
from m3it_build.store.output import Format, Images

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataBiases": "cr:dataBiases",
    "dataCollection": "cr:dataCollection",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "equivalentProperty": "cr:equivalentProperty",
    "excludes": "cr:excludes",
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "samplingRate": "cr:samplingRate",
    "personalSensitiveInformation": "cr:personalSensitiveInformation",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification prescribes."""

CITATION = (
    "Li et al. M3IT: A Large-Scale Dataset towards Multi-Modal Multilingual Instruction Tuning. arXiv:2306.04387, 2023."
)

READABLE = {Format.PARQUET, Format.JSONL}
"""Formats whose records a Croissant reader can read; of others only the files are described."""
ENCODINGS = {
    Format.PARQUET: "application/x-parquet",
    Format.JSONL: "application/jsonlines",
    Format.JSONL_ZST: "application/zstd",
}


RECORD_SETS = 100
"""Beyond so many configs only the tasks' records are described: readers take in all of them before the first record."""
META = ("id", "task", "split", "license")
"""What of `meta` is described where it is no text: what every row has."""


def croissant(contents: Contents, repo_id: str | None = None, endpoint: str = "https://huggingface.co") -> str:
    """The whole croissant.json: every file with its SHA-256, and the fields of the configs."""
    versions = sorted({split.summary.version for split in contents.splits})
    licenses = {part for config in contents.configs for part in spdx_ids(config.summary.license)}
    described = contents.configs if len(contents.configs) <= RECORD_SETS else contents.tasks
    document = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": contents.name,
        "description": f"A build of M3IT (arXiv:2306.04387) by m3it: {contents.rows} rows of "
        f"{len({config.task for config in contents.configs})} vision-language tasks with instructions.",
        "url": f"{endpoint}/datasets/{repo_id}" if repo_id else "https://arxiv.org/abs/2306.04387",
        "version": versions[-1],
        "license": [_license(each) for each in sorted(licenses)],
        "inLanguage": languages(contents),
        "citeAs": CITATION,
        "distribution": [part for config in contents.configs for part in _files(config)],
        "recordSet": [_records(config) for config in described if config.splits[0].format in READABLE],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _license(id: str) -> str:
    return id if id.startswith("LicenseRef-") else f"https://spdx.org/licenses/{id}.html"


def _files(config: Config) -> list[dict[str, Any]]:
    """Each shard, and the set of them that the records are read from."""
    encoding = ENCODINGS[config.splits[0].format]
    shards = [
        {
            "@type": "cr:FileObject",
            "@id": shard.file,
            "name": shard.file,
            "contentUrl": shard.file,
            "contentSize": f"{shard.bytes} B",
            "encodingFormat": encoding,
            "sha256": shard.sha256,
        }
        for split in config.splits
        for shard in split.shards
    ]
    name = f"{config.name}/files"
    together = {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "encodingFormat": encoding,
        "includes": [split.pattern for split in config.splits],
    }
    return [*shards, together]


def _records(config: Config) -> dict[str, Any]:
    split = config.splits[0]
    names = "|".join(each.summary.split for each in config.splits)
    of_path = {"extract": {"fileProperty": "fullpath"}, "transform": {"regex": f"(?:.*/)?({names})-[^/]*$"}}
    return {
        "@type": "cr:RecordSet",
        "@id": config.name,
        "name": config.name,
        "description": f"{split.summary.title}: {config.rows} rows.",
        "field": [
            _field(config, "split", "sc:Text", of_path),
            *(_field(config, name, "sc:Text", _column(name)) for name in ("instruction", "inputs")),
            _pictures(config, split),
            _field(config, "outputs", "sc:Text", _column("outputs")),
            *_meta(config, split),
        ],
    }


def _pictures(config: Config, split: BuiltSplit) -> dict[str, Any]:
    column = _column(split.picture_field)
    if split.images is Images.BASE64:
        return _field(config, split.picture_field, "sc:Text", column) | {"isArray": True, "arrayShape": "-1"}
    # version 1.1 prefers `isArray`, but its reader makes pictures of a list only where it is `repeated`
    bytes_of = {**column, "transform": {"jsonPath": "bytes"}}
    return _field(config, split.picture_field, "sc:ImageObject", bytes_of) | {"repeated": True}


def _meta(config: Config, split: BuiltSplit) -> list[dict[str, Any]]:
    """Text in Parquet; in JSON Lines an object, of which some members are given."""
    column = _column("meta")
    if split.format is Format.PARQUET:
        return [_field(config, "meta", "sc:Text", column)]
    return [
        _field(config, f"meta.{name}", "sc:Text", {**column, "transform": {"jsonPath": f"$.{name}"}}) for name in META
    ]


def _field(config: Config, name: str, kind: str, source: dict[str, Any]) -> dict[str, Any]:
    id = f"{config.name}/{name}"
    files = {"fileSet": {"@id": f"{config.name}/files"}}
    return {"@type": "cr:Field", "@id": id, "name": id, "dataType": kind, "source": files | source}


def _column(name: str) -> dict[str, Any]:
    return {"extract": {"column": name}}
