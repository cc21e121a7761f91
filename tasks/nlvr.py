"""NLVR: is the sentence true of the two photos?

Suhr et al., ACL 2019 (NLVR2). The paper cites the corpus of 2017, but the release speaks of a left and a right image
and stores 289 kB a row, so photos: NLVR2 is what it means, and the default here. `corpus = "nlvr"` reads the drawn
boxes of 2017 instead (Suhr et al., ACL 2017), with instructions, licence and citation of its own. Images are [left,
right], never swapped; the target is "True." or "False.", in one spelling (NLVR2 writes "True", NLVR "true").

Of NLVR's six pictures a sentence only the first is used: the others show the same boxes in another order, with the
same label. Test is test1 (NLVR: test). The labels of test2 and of NLVR's hidden set stood behind the leaderboard and
are public since 2022; they are still not built, as M3IT could not have them, and numbers on test1 stay comparable.

A sentence was written for one group of pictures and is judged of up to four of them; sampling keeps its rows together
(but for the last of a draw), so that the authors' second metric, consistency (all pictures of a sentence right), can
be computed on what is drawn. Table 7 counts 29,372 / 2,000 / 0, which is neither corpus: the paper preset samples, and
test is built with --preset full only. 30,000 drawn, of which 628 lack a photo, would give the first number: the authors
estimate that 5 % of the links are dead.

Open until a full download is read: how the photos handed out on request are packed (`images/train/<directory>/` and
flat `dev/`, `test1/` are read, below `nlvr2/` or `images/` or not).
"""

import re
from functools import partial
from typing import Any

from m3it_build.core.sample import Fields, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, Edition, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.rows import jsonl_rows, record_number

from ._names import anywhere, re_encoded

VERDICTS = {"true": "True", "false": "False"}


def rows(folder: SourceFolder, file: FoundFile, *, split: str) -> Rows:
    """One split of a corpus: a record a line."""
    return jsonl_rows(file, "identifier", corpus=folder.options["corpus"], split=split)


def pair(record: Fields, split: str) -> tuple[Picture, ...] | None:
    """NLVR2's left and right photo, named by the identifier without its last part (the sentence's number)."""
    if not re.fullmatch(rf"{split}-\d+-\d+-\d+", record["identifier"]):
        return None
    stem = record["identifier"].rpartition("-")[0]
    inner = f"{split}/{folder_name(record['directory'])}" if split == "train" else split
    tops = ("nlvr2/images/", "nlvr2/", "images/", "")
    files = ([f"{top}{inner}/{stem}-img{place}.png" for top in tops] for place in (0, 1))
    return tuple(Picture(anywhere(re_encoded(each))) for each in files)


def strip(record: Fields, split: str) -> tuple[Picture, ...] | None:
    """NLVR's picture with the three boxes in their first order."""
    if not re.fullmatch(r"\d+-\d+", record["identifier"]):
        return None
    name = f"images/{folder_name(record['directory'])}/{split}-{record['identifier']}-0.png"
    return (Picture(anywhere((f"nlvr/{split}/{name}", f"{split}/{name}"))),)


def sentence_of(identifier: str, corpus: str) -> str:
    """A sentence: NLVR2 names set, pair and sentence, of which the pair differs; NLVR the sentence and its picture."""
    parts = identifier.split("-")
    return f"{parts[1]}-{parts[3]}" if corpus == "nlvr2" else parts[0]


def folder_name(directory: Any) -> str:
    """A picture folder: a number, written as such or as text."""
    name = record_number(directory)
    if name is None:
        raise ValueError(f"directory {directory!r} is no number")
    return name


def convert(row: Row) -> Sample | Reject:
    """One sentence and its pictures."""
    record = row.fields
    sentence, label = record["sentence"].strip(), record["label"].strip()
    if not sentence:
        return reject(row, Reason.EMPTY_TEXT, "the sentence is empty")
    if label.lower() not in VERDICTS:
        reason = Reason.BAD_LABEL if label else Reason.NO_ANSWER
        return reject(row, reason, f"label {label!r} is neither true nor false")
    images = (pair if record["corpus"] == "nlvr2" else strip)(record, record["split"])
    if images is None:
        return reject(row, Reason.BAD_RECORD, f"identifier {row.key!r} is not of the documented form")
    verdict = VERDICTS[label.lower()]
    known = ("directory", "left_url", "right_url", "synset")
    return Sample(
        key=row.key,
        images=images,
        inputs=f"Statement: {sentence}",
        outputs=f"{verdict}.",
        unit=sentence_of(row.key, record["corpus"]),
        meta={
            "identifier": row.key,
            "corpus": record["corpus"],
            "answer": verdict,
            "source_answer": label,
            "search_query": record.get("query"),
            **{name: record[name] for name in known if name in record},
        },
    )


def layouts(name: str, old: str) -> tuple[Layout, ...]:
    """A split as NLVR2 calls it (in the repository, or by itself), and as NLVR did."""
    nlvr2, nlvr = (f"nlvr2/data/{name}.json", f"data/{name}.json"), f"nlvr/{old}/{old}.json"
    return (
        Layout((nlvr2,), partial(rows, split=name), when={"corpus": "nlvr2"}),
        Layout((nlvr,), partial(rows, split=old), when={"corpus": "nlvr"}),
    )


TASK = Task(
    name="nlvr",
    title="NLVR2: statements about pairs of photos",
    group=Group.REASONING,
    category=Category.REASONING,
    license=License("LicenseRef-NLVR2", note="Sentences and labels CC-BY-4.0; the photos are web images without one."),
    homepage="lil.nlp.cornell.edu/nlvr",
    citation="Suhr et al. A Corpus for Reasoning about Natural Language Grounded in Photographs. ACL 2019.",
    editions=(
        Edition(
            {"corpus": "nlvr"},
            title="NLVR: statements about drawn boxes",
            license=License("CC-BY-4.0", redistributable=True, note="Sentences, labels and drawings."),
            homepage="github.com/lil-lab/nlvr",
            citation="Suhr et al. A Corpus of Natural Language for Visual Reasoning. ACL 2017.",
        ),
    ),
    errata="""
About 5 % of the photos' links are dead, as the authors estimate (nlvr2/README.md).
Which photos come in a pair gives some labels away: data/balanced and data/unbalanced list the records of dev and test1
without and with that bias (Suhr and Artzi. NLVR2 Visual Bias Analysis. arXiv 1909.10411, 2019).
In 1 of the 13,949 records of dev and test1 most validators contradict the label.
""",
    download="""
86,373, 6,982 and 6,967 sentences of github.com/lil-lab/nlvr; the photos may stay zipped. For corpus = "nlvr",
everything is in the repository's folder nlvr/ (pictures included).
""",
    tree="""
nlvr2/data/train.json
nlvr2/data/dev.json
nlvr2/data/test1.json
nlvr2/images/train/10/train-10171-0-img0.png ...    or images/train/...
nlvr2/dev/dev-850-0-img0.png ...                    or dev/...
nlvr2/test1/test1-0-1-img0.png ...
nlvr/train/train.json, nlvr/train/images/...        with corpus = "nlvr"
""",
    splits={
        Split.TRAIN: layouts("train", "train"),
        Split.VALIDATION: layouts("dev", "dev"),
        Split.TEST: layouts("test1", "test"),
    },
    unreadable={"data/*.parquet": "the mirror (lmms-lab/NLVR2) is made for evaluation and has no training pairs"},
    convert=convert,
    options={"corpus": ("nlvr2", "nlvr")},
)
