"""VisualMRC: questions about screenshots of web pages.

Tanaka et al., AAAI 2021. One row a question-answer pair, about three a page. The answers are sentences already and are
taken as they are, not paraphrased; hence recognised words serve no one here. The picture is the cropped
`image_filename`, not the whole screenshot, and nothing is drawn or hinted at in the inputs: which regions the answer
needs stays in meta. Table 7 counts 15,000 / 2,500 / 5,000 of about 21,000 / 2,800 / 6,700 pairs: the paper preset
samples. Pages are tall PNG files and are not scaled.

Open until a full download is read: the file names in the Hub repository (JSON and JSONL, `dev` and `val`, with and
without `data/` are all read).
"""

from collections.abc import Sequence

from m3it_build.core.fields import fields
from m3it_build.core.sample import Fields, Origin, Picture, Reason, Reject, Row, Rows
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import holds_array, read_array
from m3it_build.sources.rows import bad_record, json_rows, jsonl_rows, record_id
from m3it_build.sources.tables import read_parquet

from ._names import anywhere, re_encoded


def rows(_: SourceFolder, file: FoundFile) -> Rows:
    """One split: a row a question, a page a line or an item."""
    for page in json_rows(file, read_array(file), "id") if holds_array(file) else jsonl_rows(file, "id"):
        pairs = None if isinstance(page, Reject) else page.fields.get("qa_data")
        if isinstance(page, Reject):
            yield page
        elif not isinstance(pairs, list):
            yield Reject(page.key, "source", Reason.BAD_RECORD, "'qa_data' is no list")
        elif not pairs:
            yield Reject(page.key, "source", Reason.NO_QUESTION, "the page has no questions")
        else:
            for index, pair in enumerate(pairs):
                yield Row(f"{page.key}-{index}", {**page.fields, "pair": pair, "index": index}, page.origin)


def mirror_rows(_: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """A mirror's Parquet files of test: a row a question, pictures as cells, no regions."""
    needed = ("image", "id", "qa_idx", "question", "answer", "image_filename")
    for file, number, cells in read_parquet(files, ("image",), needed):
        key, index = record_id(cells["id"]), cells["qa_idx"]
        if key is None or type(index) is not int:
            yield bad_record(file, number, f"row {number} has no usable id")
            continue
        pair = {"question": {"text": cells["question"]}, "answer": {"text": cells["answer"]}}
        fields = {**cells, "pair": pair, "index": index, "picture": f"{file.name}#{number}/image"}
        yield Row(f"{key}-{index}", fields, Origin(file.name, key))


def picture(record: Fields) -> Picture | None:
    """The cropped screenshot, if the record names one; a mirror has it in a cell."""
    name = (record["image_filename"] or "").strip()
    files = anywhere(re_encoded((f"images/{name}", f"data/images/{name}")))
    return Picture((record["picture"],) if "picture" in record else files) if name else None


def relevant_regions(record: Fields) -> list[Fields]:
    """The regions that the answer needs; ids are numbers in one copy, strings in another."""
    wanted, boxes = record["pair"]["answer"].get("relevant"), record.get("bounding_boxes")
    regions = {str(box.get("id")): box for box in boxes if isinstance(box, dict)} if isinstance(boxes, list) else {}
    found = [(str(name), regions.get(str(name), {})) for name in wanted] if isinstance(wanted, list) else []
    return [{"id": name, "structure": box.get("structure"), "shape": box.get("shape")} for name, box in found]


convert = fields(
    question="pair.question.text",
    outputs="pair.answer.text",
    image=picture,
    meta={
        "page_id": "id",
        "question_index": "index",
        "url": "url",
        "page_license": "license",
        "image_file": lambda record: record["image_filename"].strip(),
        "relevant_regions": relevant_regions,
    },
)


def layout(*names: str) -> Layout:
    """The official file of a split, under any of its names."""
    suffixes = ("jsonl", "json")
    files = tuple(f"{top}{name}.{suffix}" for top in ("data/", "") for name in names for suffix in suffixes)
    return Layout((files,), rows)


TASK = Task(
    name="visual-mrc",
    title="VisualMRC: reading comprehension on web pages",
    group=Group.REASONING,
    category=Category.REASONING,
    license=License(
        "LicenseRef-VisualMRC", note="None stated; every page keeps the licence that it names (`page_license`)."
    ),
    homepage="github.com/nttmdlab-nlp/VisualMRC",
    citation="Tanaka et al. VisualMRC: Machine Reading Comprehension on Document Images. AAAI 2021.",
    download="""
Three files of pages (train, dev, test) and 10,197 cropped screenshots, of a Hub dataset that is gated: its terms are
accepted while logged in. For test, the Parquet file of jeepliu/VisualMRC is read too.
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
        Split.TEST: (layout("test"), Layout(("data/test-*.parquet",), mirror_rows)),
    },
    unreadable={"visualmrc/train-*.parquet": "The Cauldron has conversations made of the questions, without their ids"},
    convert=convert,
)
