"""ViQuAE: trivia questions about an entity that only the picture shows.

Lerner et al., SIGIR 2022. One row a question; TriviaQA's own answer is the target, its aliases (which are no votes) are
in meta. Held out (Table 7). The question that names the entity (`original_question`) stays in meta and out of the
inputs, where it would give the picture away. Figure 3 lifts `kilt_id` and `wikipedia_id` into meta; so do we. Table 7
counts 1,236 test rows of 1,257 without a reason, so the paper preset samples. Questions stay as typed.

Names of pictures hold commas, quotes, percent signs and accents; accents are looked for in both Unicode forms, since
archives differ by platform. Open until a full download is read: whether the archive of pictures keeps `images/`.
"""

import unicodedata

from m3it_build.core.fields import fields
from m3it_build.core.sample import Fields, Picture, Rows
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.rows import jsonl_rows

from ._answers import spellings
from ._names import anywhere

FOLDERS = ("images", "viquae_images/images", "viquae_images")


def rows(_: SourceFolder, file: FoundFile) -> Rows:
    """One split, a record a line. `kilt_id` is shared by questions; `id` is not."""
    return jsonl_rows(file, "id")


def picture(record: Fields) -> Picture | None:
    """A picture under its name as given, composed or decomposed."""
    name = (record["image"] or "").strip()
    names = dict.fromkeys((name, unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)))
    return Picture(anywhere(f"{folder}/{each}" for folder in FOLDERS for each in names)) if name else None


def wikipedia_id(record: Fields) -> str | None:
    """The article from which the answer comes: the first that the provenance names."""
    found = record["output"].get("provenance")
    lists = [each.get("wikipedia_id") for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return next((name for names in lists if isinstance(names, list) for name in names if name), None)


convert = fields(
    question="input",
    answer="output.original_answer",
    image=picture,
    meta={
        "image_file": lambda record: record["image"].strip(),
        "kilt_id": "kilt_id",
        "wikidata_id": "wikidata_id",
        "wikipedia_id": wikipedia_id,
        "original_question": "original_question",
        "answers": lambda record: spellings(record["output"].get("answer")),
        "image_url": "url",
    },
)


def layout(split: str) -> Layout:
    """The questions of a split, in the folder of the Hub repository or without it."""
    return Layout(((f"viquae_dataset/{split}.jsonl", f"{split}.jsonl", f"data/{split}.jsonl"),), rows)


TASK = Task(
    name="viquae",
    title="ViQuAE: knowledge questions about pictured entities",
    group=Group.KVQA,
    category=Category.KVQA,
    license=License(
        "LicenseRef-ViQuAE", note="Annotations CC-BY-4.0; each picture under its own Wikimedia Commons licence."
    ),
    homepage="github.com/PaulLerner/ViQuAE",
    citation="Lerner et al. ViQuAE, a Dataset for Knowledge-based Visual Question Answering about Named Entities. "
    "SIGIR 2022.",
    download="""
Questions and pictures of two Hub datasets; a download unpacks the pictures to images/, and the archive is read as it
is, too. The other repositories (all images, Wikipedia) are not needed.
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
