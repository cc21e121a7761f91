"""OCR-VQA: questions about book covers.

Mishra et al., ICDAR 2019. One row a question, up to seven a cover; the questions are templates, the answers repeat the
book's title, author and genre as the shop spells them, with what a shop adds and a cover often does not show: "(Volume
3)", "(Spanish Edition)" (of 5,700 titles of the collection that it was made from 29 % end in a bracket). Titles and
authors that an encoding damaged (1.3 % of the same) are rejected, as such texts are in every task. Official are about
801,000 / 100,000 / 100,000 pairs; Table 7 counts 11,414 / 4,940 / 0 without saying how they were sampled, so the paper
preset takes single questions by hash. Test has labels: --preset full builds it. An entry of no known split is reported
with train.

Keys are ISBNs or ASINs of ten characters that lost their leading zeros in a spreadsheet; the covers are named after the
keys as they are. Official files have no recognised text; where a mirror has some, it goes to the paraphraser (paper,
3.2). Open until a full download is read: Amazon's "no image" pictures, which pass for covers.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from m3it_build.core.fields import fields
from m3it_build.core.sample import Fields, Origin, Picture, Reason, Reject, Row, Rows
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_object
from m3it_build.sources.rows import parquet_rows

from ._names import anywhere

SPLITS = {1: Split.TRAIN, 2: Split.VALIDATION, 3: Split.TEST}
SUFFIXES = (".jpg", ".gif", ".png")
"""Copies of the covers have been renamed."""


def rows(_: SourceFolder, file: FoundFile, *, split: Split) -> Rows:
    """One split out of the one file: a row a question."""
    for key, book in read_object(file).items():
        number = book.get("split") if isinstance(book, dict) else None
        of = SPLITS.get(number) if type(number) is int and key.strip() else None
        if of is None and split is Split.TRAIN:
            yield Reject(key, "source", Reason.BAD_RECORD, f"no key, or split {number!r} is not 1, 2 or 3")
        elif of is split:
            yield from questions(key, book, Origin(file.name, key))


def mirror_rows(_: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """A mirror's Parquet files, in which covers are cells."""
    needed = ("image", "questions", "answers")
    for row in parquet_rows(files, "image_id", "image", columns=needed, unread=("ocr_info",)):
        if isinstance(row, Row):
            yield from questions(row.key, {**row.fields, "imageURL": row.fields.get("image_url")}, row.origin)
        else:
            yield row


def questions(key: str, book: Fields, origin: Origin) -> Rows:
    """One row a question; one reject for a book whose questions and answers do not pair up."""
    asked, answers = book.get("questions"), book.get("answers")
    if not isinstance(asked, list) or not isinstance(answers, list) or len(asked) != len(answers):
        yield Reject(key, "source", Reason.BAD_RECORD, "questions and answers are no two lists of one length")
    elif not asked:
        yield Reject(key, "source", Reason.NO_QUESTION, "the book has no questions")
    else:
        for place, (question, answer) in enumerate(zip(asked, answers, strict=True)):
            pair = {"key": key, "place": place, "question": question, "answer": answer}
            yield Row(f"{key}-{place}", {**book, **pair}, origin)


def cover(record: Fields) -> Picture | None:
    """A cell, or a file under the key, with the suffix of its address or another one; none without an address."""
    key, url = record["key"], (record["imageURL"] or "").strip()
    if "picture" not in record and not url:
        return None
    suffixes = dict.fromkeys((PurePosixPath(urlsplit(url).path).suffix, *SUFFIXES))
    files = anywhere(f"images/{key}{suffix}" for suffix in suffixes if suffix)
    return Picture((record["picture"],) if "picture" in record else files, origin=f"asin:{key.zfill(10)}")


def recognised(record: Fields) -> str:
    """The words on the cover, where a mirror has them."""
    return " ".join(word for word in record.get("ocr_tokens") or () if isinstance(word, str))


convert = fields(
    question="question",
    answer="answer",
    image=cover,
    context={"ocr": recognised},
    meta={
        "book_id": "key",
        "question_index": "place",
        "title": "title",
        "author": "authorName",
        "genre": "genre",
        "image_url": "imageURL",
    },
)


def layouts(split: Split, pattern: str) -> tuple[Layout, ...]:
    """The official file, or a mirror's Parquet files."""
    return (Layout(("dataset.json",), partial(rows, split=split)), Layout((pattern,), mirror_rows))


TASK = Task(
    name="ocr-vqa",
    title="OCR-VQA: questions about book covers",
    group=Group.VQA,
    category=Category.VQA,
    license=License("LicenseRef-OCR-VQA", note="None stated, academic use; the covers belong to their publishers."),
    homepage="ocr-vqa.github.io",
    citation="Mishra et al. OCR-VQA: Visual Question Answering by Reading Text in Images. ICDAR 2019.",
    download="""
The Parquet files of howard-hou/OCR-VQA, covers included, or dataset.json of ocr-vqa.github.io, whose loadDataset.py
fetches the 207,572 covers into images/.
""",
    tree="""
dataset.json
images/967097339.jpg ...        named after the key, leading zeros missing
""",
    splits={
        Split.TRAIN: layouts(Split.TRAIN, "data/train-*.parquet"),
        Split.VALIDATION: layouts(Split.VALIDATION, "data/val*-*.parquet"),
        Split.TEST: layouts(Split.TEST, "data/test-*.parquet"),
    },
    errata="""
Titles carry the shop's suffixes ("(Volume 3)", "(Spanish Edition)"), which the cover often does not show. About 1 % of
titles and authors may be damaged by an encoding; their questions are rejected.
""",
    unreadable={"ocrvqa.json": "it is the list that LAVIS made, of another form; dataset.json is the data"},
    convert=convert,
    paraphrased=True,
)
