"""OCR-VQA: questions about book covers.

Mishra et al., ICDAR 2019. One row a question, up to seven a cover; the questions are templates, the answers repeat the
book's title, author and genre as the shop spells them. Official are about 801,000 / 100,000 / 100,000 pairs; Table 7
counts 11,414 / 4,940 / 0 without saying how they were sampled, so the paper preset takes single questions by hash.
Test has labels: --preset full builds it. An entry of no known split is reported with train.

Keys are ISBNs or ASINs of ten characters that lost their leading zeros in a spreadsheet; the covers are named after the
keys as they are. Official
files have no recognised text; where a mirror has some, it goes to the paraphraser (paper, 3.2). Open until a full
download is read: Amazon's "no image" pictures, which pass for covers.
"""

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from m3it_build.core.sample import Origin, Picture, Reason, Reject, Row, Sample, reject
from m3it_build.core.task import Category, Group, Layout, License, Split, Task
from m3it_build.sources.folder import Folder
from m3it_build.sources.joined import record_id
from m3it_build.sources.json_files import read_object
from m3it_build.sources.tables import read_parquet

FILE = "dataset.json"
SPLITS = {1: Split.TRAIN, 2: Split.VALIDATION, 3: Split.TEST}
SUFFIXES = (".jpg", ".gif", ".png")
"""Copies of the covers have been renamed."""


def rows(split: Split) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads one split out of the one file: a row a question."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        file = folder.need(FILE)
        for key, book in read_object(file).items():
            number = book.get("split") if isinstance(book, dict) else None
            of = SPLITS.get(number) if type(number) is int and key.strip() else None
            if of is None and split is Split.TRAIN:
                yield Reject(key, "source", Reason.BAD_RECORD, f"no key, or split {number!r} is not 1, 2 or 3")
            elif of is split:
                yield from questions(key, book, Origin(file.name, key))

    return read


def mirror_rows(pattern: str) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads a mirror's Parquet files, in which covers are cells."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        needed = ("image", "image_id", "questions", "answers")
        for file, number, book in read_parquet(folder, pattern, ("image", "ocr_info"), needed):
            key = record_id(book["image_id"])
            if key is None:
                yield Reject(f"{file.name}#{number}", "source", Reason.BAD_RECORD, f"row {number} has no usable id")
            else:
                book["imageURL"] = book.get("image_url")
                yield from questions(key, book, Origin(file.name, key), cell=f"{file.name}#{number}/image")

    return read


def questions(key: str, book: dict[str, Any], origin: Origin, cell: str = "") -> Iterator[Row | Reject]:
    """One row a question; one reject for a book whose questions and answers do not pair up."""
    asked, answers = book.get("questions"), book.get("answers")
    if not isinstance(asked, list) or not isinstance(answers, list) or len(asked) != len(answers):
        yield Reject(key, "source", Reason.BAD_RECORD, "questions and answers are no two lists of one length")
    elif not asked:
        yield Reject(key, "source", Reason.NO_QUESTION, "the book has no questions")
    else:
        for place in range(len(asked)):
            yield Row(f"{key}-{place}", {"key": key, "book": book, "place": place, "cell": cell}, origin)


def cover(key: str, url: str) -> tuple[str, ...]:
    """Where a cover lies: under its key, with the suffix of its address or another one; nowhere without an address."""
    if not url:
        return ()
    suffix = PurePosixPath(urlsplit(url).path).suffix
    return tuple(f"images/{key}{each}" for each in dict.fromkeys((suffix, *SUFFIXES)) if each)


def convert(row: Row) -> Sample | Reject:
    """One question of a book."""
    key, book, place = row.fields["key"], row.fields["book"], row.fields["place"]
    question, answer = book["questions"][place].strip(), book["answers"][place].strip()
    if not question:
        return reject(row, Reason.NO_QUESTION, "the question is empty")
    if not answer:
        return reject(row, Reason.NO_ANSWER)
    cell = row.fields["cell"]
    paths = (cell,) if cell else cover(key, (book["imageURL"] or "").strip())
    if not paths:
        return reject(row, Reason.NO_MEDIA, "the record names no cover")
    words = [word for word in book.get("ocr_tokens") or () if isinstance(word, str)]
    return Sample(
        key=row.key,
        images=(Picture(paths, origin=f"asin:{key.zfill(10)}"),),
        inputs=question,
        answer=answer,
        context={"ocr": " ".join(words)} if words else {},
        meta={
            "book_id": key,
            "question_index": place,
            "title": book.get("title"),
            "author": book.get("authorName"),
            "genre": book.get("genre"),
            "image_url": book.get("imageURL"),
        },
    )


def layouts(split: Split, pattern: str) -> tuple[Layout, ...]:
    """The official file, or a mirror's Parquet files."""
    return (Layout((FILE,), rows(split)), Layout((pattern,), mirror_rows(pattern)))


TASK = Task(
    name="ocr-vqa",
    title="OCR-VQA: questions about book covers",
    group=Group.VQA,
    category=Category.VQA,
    license=License("LicenseRef-OCR-VQA", note="None stated, academic use; the covers belong to their publishers."),
    homepage="ocr-vqa.github.io",
    citation="Mishra et al. OCR-VQA: Visual Question Answering by Reading Text in Images. ICDAR 2019.",
    download="""
From ocr-vqa.github.io: dataset.json (about 200 MB) and loadDataset.py, which fetches the 207,572 covers into images/.
The Parquet files of howard-hou/OCR-VQA, covers included, are read too.
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
    convert=convert,
    paraphrased=True,
)
