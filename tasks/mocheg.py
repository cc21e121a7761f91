"""MOCHEG: is a claim supported or refuted by text and pictures, or is there not enough information?

Yao et al., SIGIR 2023. One row a claim: its rows in the table (one a text evidence) are grouped, and its evidence
pictures are all shown, in the order of their numbers. Claims without a picture are rejected, and a picture that cannot
be read (some downloads are web pages or empty) is left out as long as another one can. The evidence texts are stripped
of HTML; of more than `EVIDENCE_LENGTH` characters in all, the longest are cut until the rest fits: any of them may
decide, so none is left out (in the authors' example file a third have more than 2,000). The fact checkers' article,
ruling and own verdict hold the answer and never reach the inputs. The release seems to have had the classes true and
false only; we keep all three, as Yao et al. define them, shuffled by hash, "NEI" spelled out. Table 7 counts 4,991 /
180 / 466 of 11,669 / 1,490 / 2,442 claims by a rule that is not published (43, 12 and 19 %: hardly one rule); how many
claims have a picture only the full download can tell.
"""

import html
import re
from functools import partial

from m3it_build.core.sample import Fields, Options, Origin, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.rows import without_id
from m3it_build.sources.tables import read_csv

from ._release import REPHRASED

VERDICTS = {"supported": "supported", "refuted": "refuted", "NEI": "not enough information"}
COLUMNS = ("claim_id", "Claim", "cleaned_truthfulness", "Evidence")
KEPT = (*COLUMNS, "evidence_id", "Truthfulness", "Snopes URL", "fact_checkor_website")
"""What is remembered of a row; `Origin`, most of the file, is not."""

EVIDENCE_LENGTH = 4000
CUT = " ..."
"""Stands where a text was cut."""
NUMBER = re.compile(r"0*([0-9]+)(\.0+)?")
"""A claim's number: plain, padded with zeros, or as data frames write it."""
PROOF = re.compile(r"0*([0-9]+)-proof-0*([0-9]*)")
TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def rows(folder: SourceFolder, file: FoundFile, *, split: str) -> Rows:
    """One split, grouped by claim."""
    pictures = proofs(folder, split)
    claims: dict[str, list[dict[str, str]]] = {}
    for line, record in read_csv(file, COLUMNS):
        number = NUMBER.fullmatch(record["claim_id"].strip())
        if number is None:
            yield without_id(file, line, "claim_id", "line")
        else:
            claims.setdefault(number[1], []).append({name: known(record.get(name)) for name in KEPT})
    for claim, records in claims.items():
        shown = {"pictures": pictures.get(claim, ()), "shipped": bool(pictures)}
        yield Row(claim, {"records": records, "split": split, **shown}, Origin(file.name, f"claim_id {claim}"))


def proofs(folder: SourceFolder, split: str) -> dict[str, list[str]]:
    """The evidence pictures of each claim, by the numbers in their names; the folder is listed once."""
    prefix = f"{split}/images/"
    found: dict[str, list[tuple[int, str]]] = {}
    for file in folder.glob(f"{prefix}*"):
        name = file.name.removeprefix(prefix)
        if (match := PROOF.match(name)) and "/" not in name:
            found.setdefault(match[1], []).append((int(match[2] or 0), name))
    return {claim: [prefix + name for _, name in sorted(names)] for claim, names in found.items()}


def known(cell: str | None) -> str:
    """A cell's text; empty where a data frame wrote that there is none."""
    text = (cell or "").strip()
    return "" if text.lower() == "nan" else text


def convert(row: Row) -> Sample | Reject:
    """One claim with its evidence."""
    records, pictures = row.fields["records"], row.fields["pictures"]
    claims, verdicts = distinct(records, "Claim"), distinct(records, "cleaned_truthfulness")
    if not claims:
        return reject(row, Reason.EMPTY_TEXT, "the claim is empty")
    if not verdicts:
        return reject(row, Reason.NO_ANSWER, "no verdict")
    if len(claims) > 1 or len(verdicts) > 1:
        return reject(row, Reason.BAD_RECORD, f"{len(claims)} claims and {len(verdicts)} verdicts under one claim_id")
    if verdicts[0] not in VERDICTS:
        return reject(row, Reason.BAD_LABEL, f"cleaned_truthfulness is {verdicts[0]!r}")
    if not pictures:
        reason = Reason.NO_PICTURE if row.fields["shipped"] else Reason.MISSING_MEDIA
        return reject(row, reason, f"no {row.key:0>5}-proof-* in {row.fields['split']}/images")
    records = sorted(records, key=evidence_order)
    evidence = list(dict.fromkeys(filter(None, (plain(record["Evidence"]) for record in records))))
    shown = shortened(evidence)
    return Sample(
        key=row.key,
        images=tuple(Picture((name,), optional=True) for name in pictures),
        inputs="\n".join([f"Claim: {claims[0]}", *(f"Evidence: {text}" for text in shown)]),
        options=Options(VERDICTS[verdicts[0]], tuple(VERDICTS.values())),
        meta={
            "claim_id": int(row.key),
            "source_answer": verdicts[0],
            "truthfulness": next(iter(distinct(records, "Truthfulness")), None),
            "evidence_ids": distinct(records, "evidence_id"),
            "evidence_shortened": shown != evidence,
            "url": next(iter(distinct(records, "Snopes URL")), None),
            "website": next(iter(distinct(records, "fact_checkor_website")), None),
        },
    )


def distinct(records: list[dict[str, str]], name: str) -> list[str]:
    """The different texts of a column; missing ones do not count."""
    return list(dict.fromkeys(record[name] for record in records if record[name]))


def evidence_order(record: Fields) -> tuple[int, str, str]:
    """By number, whatever the order of rows in the file."""
    number = NUMBER.fullmatch(record["evidence_id"])
    return (int(number[1]) if number else -1, record["evidence_id"], record["Evidence"])


def plain(text: str) -> str:
    """Text without tags, entities and line breaks."""
    return " ".join(html.unescape(TAG.sub(" ", text)).split())


def shortened(texts: list[str]) -> list[str]:
    """The texts, `EVIDENCE_LENGTH` characters in all: what is longer than an equal share is cut between two words."""
    left = EVIDENCE_LENGTH
    for place, length in enumerate(sorted(map(len, texts))):
        share = left // (len(texts) - place)
        if length > share:
            return [text if len(text) <= share else text[: share - len(CUT)].rsplit(" ", 1)[0] + CUT for text in texts]
        left -= length
    return texts


def layout(split: str) -> Layout:
    """The official table of a split."""
    return Layout((f"{split}/Corpus2.csv",), partial(rows, split=split))


TASK = Task(
    name="mocheg",
    title="MOCHEG: multi-modal fact checking",
    group=Group.CLASSIFICATION,
    category=Category.CLASSIFICATION,
    license=License(
        "LicenseRef-MOCHEG",
        note="The data CC-BY-4.0; texts and pictures of Snopes, PolitiFact and the web keep their owners' terms.",
    ),
    homepage="github.com/VT-NLP/Mocheg",
    citation="Yao et al. End-to-End Multimodal Fact-Checking and Explanation Generation: A Challenging Dataset and "
    "Models. SIGIR 2023.",
    download="""
One archive with 15,601 claims, 33,880 text evidences and 12,112 evidence pictures, the edition of the paper. Needed
of it: Corpus2.csv and images of train, val and test. zenodo.org/records/6653771 is another edition, of 21,184 claims,
43,148 text evidences and 15,373 evidence pictures.
The folder images beside them (all candidate pictures) and Corpus3.csv are not read.
""",
    tree="""
train/Corpus2.csv
train/images/00281-proof-11-last-years-posters.jpg ...
val/...
test/...
""",
    splits={Split.TRAIN: (layout("train"),), Split.VALIDATION: (layout("val"),), Split.TEST: (layout("test"),)},
    convert=convert,
    errata="""
Some evidence pictures are web pages or empty: they are left out, and told in meta.images_left_out.
""",
    refused_names={"mocheg-rephrased": REPHRASED},
)
