"""e-SNLI-VE: does the picture entail the sentence, contradict it, or neither?

Kayser et al., ICCV 2021 (e-ViL), on the visual entailment task of Xie et al. 2019: Flickr30k photos as premises, the
sentences of SNLI as hypotheses, labels of validation and test corrected. Paper, 3.1: a classification, so the target
is one of the three labels; they are shuffled by hash, as a fixed letter for the most frequent label would be worth
guessing. The explanation stays in meta (the paper does not say that it is part of the target), and `pairID` too: its
last letter is the label of the original pair, which the corrections may have changed (in 1,708 and 1,689 pairs of
validation and test).

SNLI-VE's labels were given to a caption, not to its photo, so a "neutral" sentence may be true of the photo. Do et
al., 2020 (e-SNLI-VE-2.0) had the neutral pairs of validation and test labelled anew, which is the correction that
these files have; those of train were filtered by rule, not by people. 35 pairs of photo and sentence in validation and
37 in test stand more than once (but for case and punctuation), one of each with two labels; all are kept.
"""

from m3it_build.core.sample import Options, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.rows import csv_rows

from ._flickr30k import flickr30k_picture
from ._release import REPHRASED

LABELS = ("entailment", "neutral", "contradiction")
COLUMNS = ("pairID", "Flickr30kID", "hypothesis", "gold_label", "explanation")
"""Before them stands a column without a name: the running number."""


def rows(_: SourceFolder, file: FoundFile) -> Rows:
    """One split: one row a pair."""
    return csv_rows(file, "pairID", COLUMNS)


def convert(row: Row) -> Sample | Reject:
    """One photo and one sentence."""
    record = row.fields
    hypothesis, label, photo = (record[name].strip() for name in ("hypothesis", "gold_label", "Flickr30kID"))
    if not hypothesis:
        return reject(row, Reason.EMPTY_TEXT, "the hypothesis is empty")
    if label not in LABELS:
        return reject(row, Reason.BAD_LABEL if label else Reason.NO_ANSWER, f"gold_label is {label!r}")
    if not photo:
        return reject(row, Reason.NO_MEDIA, "Flickr30kID is empty")
    return Sample(
        key=row.key,
        images=(flickr30k_picture(photo),),
        inputs=f"Hypothesis: {hypothesis}",
        options=Options(label, LABELS),
        meta={"pair_id": row.key, "image_id": photo, "explanation": record["explanation"].strip()},
    )


def layout(split: str) -> Layout:
    """The table of a split, with or without its folder."""
    return Layout(((f"data/esnlive_{split}.csv", f"esnlive_{split}.csv"),), rows)


TASK = Task(
    name="snli-ve",
    title="e-SNLI-VE: visual entailment",
    group=Group.CLASSIFICATION,
    category=Category.CLASSIFICATION,
    license=License(
        "LicenseRef-Flickr30k", note="Photos for non-commercial research, on request; none stated for the annotations."
    ),
    homepage="github.com/maximek3/e-ViL",
    citation="Kayser et al. e-ViL: A Dataset and Benchmark for Natural Language Explanations in Vision-Language Tasks. "
    "ICCV 2021. Xie et al. Visual Entailment: A Novel Task for Fine-Grained Image Understanding. arXiv 1901.06706, "
    "2019. Young et al. From Image Descriptions to Visual Denotations. TACL 2014.",
    errata="""
SNLI-VE's neutral pairs are often wrong; here those of validation and test are labelled anew, those of train are not:
Do et al. e-SNLI-VE-2.0. arXiv 2004.03744, 2020.
35 pairs of photo and sentence in validation and 37 in test stand more than once, one of each with two labels.
""",
    download="""
401,717, 14,339 and 14,740 pairs of github.com/maximek3/e-ViL, and the 31,783 photos of Flickr30k (also Kaggle's copy
hsankesara/flickr-image-dataset), which may stay zipped.
""",
    tree="""
data/esnlive_train.csv
data/esnlive_dev.csv
data/esnlive_test.csv
flickr30k_images/2248275918.jpg ...     or flickr30k-images/, flickr30k_images/flickr30k_images/
""",
    splits={Split.TRAIN: (layout("train"),), Split.VALIDATION: (layout("dev"),), Split.TEST: (layout("test"),)},
    unreadable={
        "snli_ve_*.jsonl": "it is SNLI-VE with its older labels and no explanations, not e-SNLI-VE",
        "esnlive_*.json": "it was made for the authors' model; the table beside it, a .csv, is the data",
    },
    convert=convert,
    collections=("flickr30k",),
    refused_names={"snli-ve-rephrased": REPHRASED},
)
