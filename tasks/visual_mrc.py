"""VisualMRC: questions about screenshots of web pages.

Tanaka et al., AAAI 2021. One row a question-answer pair, about three a page. The answers are sentences already and are
taken as they are, not paraphrased; hence recognised words serve no one here. The picture is the cropped
`image_filename`, not the whole screenshot, and nothing is drawn or hinted at in the inputs: which regions the answer
needs stays in meta. Table 7 counts 15,000 / 2,500 / 5,000 of about 21,000 / 2,800 / 6,700 pairs: the paper preset
samples. Pages are tall PNG files and are not scaled.

Open until a full download is read: the file names in the Hub repository (JSON and JSONL, `dev` and `val`, with and
without `data/` are all read).
"""

from collections.abc import Callable, Iterator
from typing import Any

from m3it_build.core.sample import Origin, Picture, Reason, Reject, Row, Sample, reject
from m3it_build.core.task import Category, Group, Layout, License, Split, Task
from m3it_build.sources.folder import Folder
from m3it_build.sources.joined import record_id
from m3it_build.sources.json_files import holds_array, read_array, read_jsonl
from m3it_build.sources.tables import read_parquet

MIRROR = "data/test-*.parquet"


def file_names(*splits: str) -> tuple[str, ...]:
    """The pages of a split under any of its names."""
    return tuple(
        f"{folder}{split}.{suffix}" for folder in ("data/", "") for split in splits for suffix in ("jsonl", "json")
    )


def rows(names: tuple[str, ...]) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads one split: a row a question, a page a line or an item."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        file = folder.need(*names)
        pages = enumerate(read_array(file)) if holds_array(file) else read_jsonl(file)
        for place, page in pages:
            key = record_id(page.get("id")) if isinstance(page, dict) else None
            pairs = page.get("qa_data") if isinstance(page, dict) else None
            if key is None:
                yield Reject(f"{file.name}#{place}", "source", Reason.BAD_RECORD, f"page {place} has no usable 'id'")
            elif not isinstance(pairs, list):
                yield Reject(key, "source", Reason.BAD_RECORD, "'qa_data' is no list")
            elif not pairs:
                yield Reject(key, "source", Reason.NO_QUESTION, "the page has no questions")
            else:
                for index, pair in enumerate(pairs):
                    yield Row(f"{key}-{index}", {"page": page, "pair": pair, "index": index}, Origin(file.name, key))

    return read


def mirror_rows(folder: Folder) -> Iterator[Row | Reject]:
    """Reads a mirror's Parquet files of test: a row a question, pictures as cells, no regions."""
    needed = ("image", "id", "qa_idx", "question", "answer", "image_filename")
    for file, number, cells in read_parquet(folder, MIRROR, ("image",), needed):
        key, index = record_id(cells["id"]), cells["qa_idx"]
        if key is None or type(index) is not int:
            yield Reject(f"{file.name}#{number}", "source", Reason.BAD_RECORD, f"row {number} has no usable id")
            continue
        pair = {"question": {"text": cells["question"]}, "answer": {"text": cells["answer"]}}
        fields = {"page": cells, "pair": pair, "index": index, "cell": f"{file.name}#{number}/image"}
        yield Row(f"{key}-{index}", fields, Origin(file.name, key))


def relevant_regions(page: dict[str, Any], pair: dict[str, Any]) -> list[dict[str, Any]]:
    """The regions that the answer needs; ids are numbers in one copy, strings in another."""
    wanted, boxes = pair["answer"].get("relevant"), page.get("bounding_boxes")
    regions = {str(box.get("id")): box for box in boxes if isinstance(box, dict)} if isinstance(boxes, list) else {}
    found = [(str(name), regions.get(str(name), {})) for name in wanted] if isinstance(wanted, list) else []
    return [{"id": name, "structure": box.get("structure"), "shape": box.get("shape")} for name, box in found]


def convert(row: Row) -> Sample | Reject:
    """One question about one page."""
    page, pair = row.fields["page"], row.fields["pair"]
    question, answer = pair["question"]["text"].strip(), pair["answer"]["text"].strip()
    if not question:
        return reject(row, Reason.NO_QUESTION, "the question is empty")
    if not answer:
        return reject(row, Reason.NO_ANSWER)
    name = (page["image_filename"] or "").strip()
    if not name:
        return reject(row, Reason.NO_MEDIA, "the record names no picture")
    return Sample(
        key=row.key,
        images=(Picture((row.fields["cell"],) if "cell" in row.fields else (f"images/{name}", f"data/images/{name}")),),
        inputs=question,
        outputs=answer,
        meta={
            "page_id": page["id"],
            "question_index": row.fields["index"],
            "url": page.get("url"),
            "page_license": page.get("license"),
            "image_file": name,
            "relevant_regions": relevant_regions(page, pair),
        },
    )


def layout(*splits: str) -> Layout:
    """The official file of a split."""
    return Layout((file_names(*splits),), rows(file_names(*splits)))


TASK = Task(
    name="visual-mrc",
    title="VisualMRC: reading comprehension on web pages",
    group=Group.REASONING,
    category=Category.REASONING,
    license=License("LicenseRef-VisualMRC", note="Research use; every page keeps the licence that it names."),
    homepage="github.com/nttmdlab-nlp/VisualMRC",
    citation="Tanaka et al. VisualMRC: Machine Reading Comprehension on Document Images. AAAI 2021.",
    download="""
From the Hub dataset NTT-hil-insight/VisualMRC: three files of pages (train, dev, test) and 10,197 cropped screenshots.
For test, the Parquet file of jeepliu/VisualMRC is read too.
""",
    tree="""
data/train.jsonl        or train.jsonl, train.json
data/dev.jsonl          or val
data/test.jsonl
images/<image_filename> ...
""",
    splits={
        Split.TRAIN: (layout("train"),),
        Split.VALIDATION: (layout("dev", "val", "validation"),),
        Split.TEST: (layout("test"), Layout((MIRROR,), mirror_rows)),
    },
    convert=convert,
)
