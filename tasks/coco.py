"""COCO captions, Karpathy split.

Lin et al., ECCV 2014; Chen et al., 2015 (captions); Karpathy and Fei-Fei, CVPR 2015 (the split). One row a caption:
train and restval together give Table 7's 566,747, val and test 25,010 each. No inputs; the caption is the output as
typed, typos included, its ends stripped. Val and test photos lie in val2014, as do those of restval. An entry with an
unknown `split` is reported with train.
"""

from collections.abc import Sequence
from functools import partial

from m3it_build.core.sample import Origin, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.rows import record_id

from ._captions import KARPATHY, entry_picture, karpathy_entries, mirror, mirror_entries
from ._coco import COCO


def rows(_: SourceFolder, file: FoundFile, *, split: Split) -> Rows:
    """One split out of Karpathy's file, a row a caption."""
    return captions(karpathy_entries(file, split))


def mirror_rows(_: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """A mirror's Parquet files, a row a caption."""
    return captions(mirror_entries(files))


def captions(entries: Rows) -> Rows:
    """The captions of each picture."""
    for entry in entries:
        if isinstance(entry, Reject):
            yield entry
            continue
        picture = {name: value for name, value in entry.fields.items() if name != "sentences"}
        sentences = entry.fields.get("sentences")
        if not isinstance(sentences, list) or not sentences:
            yield Reject(f"cocoid {entry.key}", "source", Reason.EMPTY_TEXT, "the picture has no captions")
            continue
        for place, sentence in enumerate(sentences):
            key = record_id(sentence.get("sentid")) if isinstance(sentence, dict) else None
            if key is None:
                yield Reject(f"cocoid {entry.key}#{place}", "source", Reason.BAD_RECORD, "no usable 'sentid'")
            else:
                fields = {"picture": picture, "sentence": sentence}
                yield Row(key, fields, Origin(entry.origin.file, f"{entry.origin.record}, sentid {key}"))


def convert(row: Row) -> Sample | Reject:
    """One caption and its picture."""
    picture, sentence = row.fields["picture"], row.fields["sentence"]
    caption = sentence["raw"].strip()
    if not caption:
        return reject(row, Reason.EMPTY_TEXT, "the caption is empty")
    return Sample(
        key=row.key,
        images=(entry_picture(picture),),
        outputs=caption,
        meta={
            "image_id": picture["cocoid"],
            "caption_id": sentence["sentid"],
            "karpathy_id": picture.get("imgid"),
            "image_file": picture.get("filename"),
            "source_split": picture.get("split"),
        },
    )


def layouts(split: Split) -> tuple[Layout, ...]:
    """Karpathy's file, or a mirror's Parquet files."""
    return (Layout((KARPATHY,), partial(rows, split=split)), Layout((mirror(split),), mirror_rows))


TASK = Task(
    name="coco",
    title="COCO captions",
    group=Group.CAPTIONING,
    category=Category.CAPTIONING,
    license=License("LicenseRef-COCO", note="Captions CC-BY-4.0; the photos keep their Flickr terms."),
    homepage="cocodataset.org",
    citation="Lin et al. Microsoft COCO: Common Objects in Context. ECCV 2014. Chen et al. Microsoft COCO Captions: "
    "Data Collection and Evaluation Server. arXiv 1504.00325, 2015. Karpathy and Fei-Fei. Deep Visual-Semantic "
    "Alignments for Generating Image Descriptions. CVPR 2015.",
    download="""
Karpathy's split (dataset_coco.json in caption_datasets.zip) and the photos of COCO 2014. All may stay zipped.
The Parquet files of yerevann/coco-karpathy (no photos) and bitmind/MS-COCO (with photos) are read too.
""",
    tree="""
dataset_coco.json
train2014/COCO_train2014_000000318556.jpg ...
val2014/COCO_val2014_000000331352.jpg ...
""",
    splits={split: layouts(split) for split in Split},
    convert=convert,
    collections=COCO,
)
