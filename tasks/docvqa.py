"""DocVQA: questions about scanned pages (single page, task 1).

Mathew et al., WACV 2021. One row a question. The target is the longest accepted spelling that stands in the page's
recognised text as it is: the metric takes each, but instructions ask for the page's own wording ("18,559" where the
page prints no "$", "$18,559" where it does). It is the first of all where none stands there, or where no recognised
text is at hand. All are in meta; they are no votes, as each stands there once. Questions stay as typed, with or without
"?". Table 7 counts the whole official train and validation; the answers of test are withheld. M3IT shows the pages as
they are, so nothing is scaled down: about 1,700 x 2,200 pixels each. The recognised text goes to the paraphraser, too
(paper, 3.2: OCR for text-heavy tasks), cut to OCR_LIMIT characters.

Both packagings are read: a folder a split, or all pages in `spdocvqa_images`, with the files that add question types.
Open until a full download is read: whether the OCR archive keeps a top folder (all three places are tried).
"""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath

from m3it_build.core.errors import SourceError
from m3it_build.core.fields import fields
from m3it_build.core.sample import Fields, Origin, Picture, Row, Rows
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.core.text import one_line
from m3it_build.sources.json_files import read_json, read_records
from m3it_build.sources.rows import json_rows, record_id, with_fields, without_id
from m3it_build.sources.tables import read_parquet

from ._answers import accepted
from ._names import anywhere, re_encoded

OCR_LIMIT = 1500
"""Characters of a page that go to the paraphraser, which takes no more."""


def rows(folder: SourceFolder, file: FoundFile, *, split: str) -> Rows:
    """One split, with the recognised text of its pages where it is there."""
    pages: dict[str, str] = {}

    def recognised(record: Fields) -> Fields:
        name = record.get("image")
        page = PurePosixPath(name).stem if isinstance(name, str) else ""
        if page not in pages:
            pages[page] = page_text(folder, split, page) if page else ""
        return {"page": pages[page]}

    return with_fields(json_rows(file, read_records(file, "data"), "questionId", split=split), recognised)


def page_text(folder: SourceFolder, split: str, page: str) -> str:
    """What Microsoft's reader recognised on a page; empty where its file is missing, broken or of another form."""
    name = f"ocr_results/{page}.json"
    file = folder.find(f"{split}/{name}", f"spdocvqa_ocr/{page}.json", name, f"spdocvqa_ocr/{name}", globs=False)
    try:
        found = read_json(file)["recognitionResults"] if file else []
        text = " ".join(line["text"].strip() for result in found for line in result["lines"])
    except (SourceError, KeyError, TypeError, AttributeError):  # one page's file: no other suffers
        return ""
    return one_line(text)


def target(record: Fields) -> str | None:
    """The longest accepted spelling that the page has, of equals the first; where it has none, the first of all."""
    spellings, page = [one_line(text) for text in accepted(record)], record.get("page", "")
    return max((text for text in spellings if stands(text, page)), key=len, default=next(iter(spellings), None))


def stands(text: str, page: str) -> bool:
    """Whether a page has a text, not as a part of a longer word or number: "well" is not in "well-known"."""
    before, after = r"(?<!\w)(?<!\w-)(?!(?<=\d[.,/:])\d)", r"(?!\w|-\w)(?!(?<=\d)[.,/:]\d)"
    return re.search(before + re.escape(text) + after, page) is not None


def told(record: Fields) -> str:
    """What the paraphraser is told of the page: its beginning, cut between words."""
    page: str = record.get("page", "")
    return page if len(page) <= OCR_LIMIT else page[:OCR_LIMIT].rpartition(" ")[0]


def mirror_rows(_: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """A mirror's Parquet files, in which pages are cells."""
    unread = ("image", "ocr_results", "other_metadata")
    for file, number, record in read_parquet(files, unread, ("image", "question", "answers")):
        name = record_id(record.get("questionId", record.get("question_id")))
        if name is None:
            yield without_id(file, number, "questionId", "row")
        else:
            yield Row(name, {**record, "image": f"{file.name}#{number}/image", "split": ""}, Origin(file.name, name))


def picture(record: Fields) -> Picture | None:
    """A page: in the split's folder, beside the questions, or in the one folder of the new packaging; or a cell."""
    name, split = (record["image"] or "").strip(), record["split"]
    paths = (f"{split}/{name}", f"spdocvqa_images/{PurePosixPath(name).name}", name, f"spdocvqa_images/{name}")
    document, page = record_id(record.get("ucsf_document_id")), record_id(record.get("ucsf_document_page_no"))
    origin = f"ucsf:{document}_{page}" if document and page else ""
    return Picture(anywhere(re_encoded(paths)) if split else (name,), origin=origin) if name else None


convert = fields(
    question="question",
    answer=target,
    image=picture,
    context={"ocr": told},
    meta={
        "question_id": lambda record: record_id(record.get("questionId", record.get("question_id"))),
        "image_file": "image",
        "doc_id": "docId",
        "ucsf_document_id": "ucsf_document_id",
        "ucsf_document_page_no": "ucsf_document_page_no",
        "question_types": "question_types",
        "answers": accepted,
    },
)


def layouts(split: str, *mirrors: str) -> tuple[Layout, ...]:
    """The old packaging, the new one with question types and the new one without; then the mirrors."""
    old, new = f"{split}_v1.0.json", f"{split}_v1.0_withQT.json"
    official = (f"{split}/{old}", new, f"spdocvqa_qas/{new}", old, f"spdocvqa_qas/{old}")
    return (
        Layout((official,), partial(rows, split=split)),
        *(Layout((pattern,), mirror_rows) for pattern in mirrors),
    )


TASK = Task(
    name="docvqa",
    title="DocVQA: questions about scanned documents",
    group=Group.VQA,
    category=Category.VQA,
    license=License("LicenseRef-DocVQA", note="Research use under the terms of the RRC portal."),
    homepage="rrc.cvc.uab.es/?ch=17",
    citation="Mathew et al. DocVQA: A Dataset for VQA on Document Images. WACV 2021.",
    download="""
Task 1 of rrc.cvc.uab.es/?ch=17; spdocvqa_ocr.tar.gz from there is optional, for paraphrases. All archives may
stay packed. The older train.tar.gz and val.tar.gz are read as well, as are the Parquet files of lmms-lab/DocVQA,
HuggingFaceM4/DocumentVQA (fetched with --mirrors, without a login) and pixparse/docvqa-single-page-questions.
""",
    tree="""
train_v1.0_withQT.json      or train/train_v1.0.json
val_v1.0_withQT.json        or val/val_v1.0.json
spdocvqa_images/xnbl0037_1.png ...      or train/documents/xnbl0037_1.png, val/documents/...
spdocvqa_ocr/xnbl0037_1.json ...        optional; or train/ocr_results/xnbl0037_1.json ...
""",
    splits={
        Split.TRAIN: layouts("train", "DocVQA/train-*.parquet", "data/train-*.parquet"),
        Split.VALIDATION: layouts("val", "DocVQA/val*-*.parquet", "data/val*-*.parquet"),
    },
    unreadable={"InfographicVQA/*.parquet": "InfographicVQA, in the same repository, is another dataset"},
    unlabelled={Split.TEST: "the portal withholds the answers of test"},
    convert=convert,
    paraphrased=True,
)
