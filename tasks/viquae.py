"""ViQuAE: trivia questions about an entity that only the picture shows.

Lerner et al., SIGIR 2022. One row a question; TriviaQA's own answer is the target, its aliases are in meta. Held out
(Table 7). The question that names the entity (`original_question`) stays in meta and out of the inputs, where it would
give the picture away. Figure 3 lifts `kilt_id` and `wikipedia_id` into meta; so do we. Table 7 counts 1,236 test rows
of 1,257 without a reason, so the paper preset samples. Questions stay as typed.

Names of pictures hold commas, quotes, percent signs and accents; accents are looked for in both Unicode forms, since
archives differ by platform. Open until a full download is read: whether the archive of pictures keeps `images/`.
"""

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from m3it_build.core.sample import Origin, Picture, Reason, Reject, Row, Sample, reject
from m3it_build.core.task import Category, Group, Layout, License, Split, Task
from m3it_build.sources.folder import Folder
from m3it_build.sources.joined import record_id
from m3it_build.sources.json_files import read_jsonl

from ._answers import spellings


def file_names(split: str) -> tuple[str, ...]:
    """The questions of a split, in the folder of the Hub repository or without it."""
    return (f"viquae_dataset/{split}.jsonl", f"{split}.jsonl", f"data/{split}.jsonl")


def rows(split: str) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads one split, a record a line. `kilt_id` is shared by questions; `id` is not."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        file = folder.need(*file_names(split))
        for line, record in read_jsonl(file):
            key = record_id(record.get("id")) if isinstance(record, dict) else None
            if key is None:
                yield Reject(f"{file.name}#{line}", "source", Reason.BAD_RECORD, f"line {line} has no usable 'id'")
            else:
                yield Row(key, record, Origin(file.name, key))

    return read


def pictures(name: str) -> tuple[str, ...]:
    """Where a picture lies, its name as given, composed or decomposed."""
    names = dict.fromkeys((name, unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)))
    return tuple(f"{folder}/{each}" for folder in ("images", "viquae_images/images", "viquae_images") for each in names)


def wikipedia_id(output: dict[str, Any]) -> str | None:
    """The article from which the answer comes: the first that the provenance names."""
    found = output.get("provenance")
    lists = [each.get("wikipedia_id") for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return next((name for names in lists if isinstance(names, list) for name in names if name), None)


def convert(row: Row) -> Sample | Reject:
    """One question about one picture."""
    record = row.fields
    if not record["input"].strip():
        return reject(row, Reason.NO_QUESTION, "the question is empty")
    output = record["output"]
    if not output["original_answer"].strip():
        return reject(row, Reason.NO_ANSWER)
    name = (record["image"] or "").strip()
    if not name:
        return reject(row, Reason.NO_MEDIA, "the record names no picture")
    return Sample(
        key=row.key,
        images=(Picture(pictures(name)),),
        inputs=record["input"],
        answer=output["original_answer"],
        meta={
            "image_file": name,
            "kilt_id": record.get("kilt_id"),
            "wikidata_id": record.get("wikidata_id"),
            "wikipedia_id": wikipedia_id(output),
            "original_question": record.get("original_question"),
            "answers": spellings(output.get("answer")),
            "image_url": record.get("url"),
        },
    )


def layout(split: str) -> Layout:
    """The official file of a split."""
    return Layout((file_names(split),), rows(split))


TASK = Task(
    name="viquae",
    title="ViQuAE: knowledge questions about pictured entities",
    group=Group.KVQA,
    category=Category.KVQA,
    license=License("CC-BY-4.0", note="Annotations; each picture under its own Wikimedia Commons licence."),
    homepage="github.com/PaulLerner/ViQuAE",
    citation="Lerner et al. ViQuAE, a Dataset for Knowledge-based Visual Question Answering about Named Entities. "
    "SIGIR 2022.",
    download="""
From the Hub: dataset PaulLerner/viquae_dataset (train.jsonl, validation.jsonl, test.jsonl; a few MB) and images.tar.gz
of dataset PaulLerner/viquae_images (a few hundred MB). Unpack the pictures: single ones cannot be read from a .tar.gz
fast. The other repositories (all images, Wikipedia) are not needed.
""",
    tree="""
viquae_dataset/train.jsonl          or train.jsonl
viquae_dataset/validation.jsonl
viquae_dataset/test.jsonl
images/512px-Jackie_Wilson.png ...
""",
    splits={Split.TRAIN: (layout("train"),), Split.VALIDATION: (layout("validation"),), Split.TEST: (layout("test"),)},
    convert=convert,
    paraphrased=True,
    held_out=True,
)
