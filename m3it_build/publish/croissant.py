"""The dataset in Croissant 1.1 (mlcommons.org/croissant), the vocabulary in which dataset search engines read."""

import json
from typing import Any

from m3it_build.publish.contents import BuiltSplit, Config, Contents
from m3it_build.publish.metadata import languages, spdx_ids
from m3it_build.store.layout import Format, Images

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

ENCODINGS = {
    Format.PARQUET: "application/x-parquet",
    Format.JSONL: "application/jsonlines",
    Format.JSONL_ZST: "application/zstd",
}


def croissant(contents: Contents, repo_id: str | None = None, endpoint: str = "https://huggingface.co") -> str:
    """The whole croissant.json: every file with its SHA-256, every split of every config with its fields."""
    versions = sorted({split.summary.version for split in contents.splits})
    licenses = {part for config in contents.configs for part in spdx_ids(config.summary.license)}
    document = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": "M3IT",
        "description": f"A build of M3IT (arXiv:2306.04387) by m3it: {contents.rows} rows of "
        f"{len(contents.tasks)} vision-language tasks with instructions.",
        "url": f"{endpoint}/datasets/{repo_id}" if repo_id else "https://arxiv.org/abs/2306.04387",
        "version": versions[-1],
        "license": [_license(each) for each in sorted(licenses)],
        "inLanguage": languages(contents),
        "citeAs": CITATION,
        "distribution": [
            part for config in contents.configs for split in config.splits for part in _files(config, split)
        ],
        "recordSet": [_records(config, split) for config in contents.configs for split in config.splits],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _license(id: str) -> str:
    return id if id.startswith("LicenseRef-") else f"https://spdx.org/licenses/{id}.html"


def _id(config: Config, split: BuiltSplit) -> str:
    return f"{config.name}/{split.summary.split}"


def _files(config: Config, split: BuiltSplit) -> list[dict[str, Any]]:
    """Each shard, and the set of them that the records are read from."""
    encoding = ENCODINGS[split.format]
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
        for shard in split.shards
    ]
    name = f"{_id(config, split)}/files"
    together = {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "encodingFormat": encoding,
        "includes": split.pattern,
    }
    return [*shards, together]


def _records(config: Config, split: BuiltSplit) -> dict[str, Any]:
    name = _id(config, split)
    pictures = ("images", "sc:ImageObject") if split.images is Images.BYTES else ("image_base64_str", "sc:Text")
    columns = (("instruction", "sc:Text"), ("inputs", "sc:Text"), pictures, ("outputs", "sc:Text"), ("meta", "sc:Text"))
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{split.summary.title}: {split.rows} rows.",
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column}",
                "name": f"{name}/{column}",
                "dataType": kind,
                **({"isArray": True, "arrayShape": "-1"} if column == pictures[0] else {}),
                "source": {"fileSet": {"@id": f"{name}/files"}, "extract": {"column": column}},
            }
            for column, kind in columns
        ],
    }
