"""MSR-VTT: describe a video clip in a sentence.

Xu et al., CVPR 2016. One row a clip: one of its captions (20, some of them exact repeats, which count once), drawn by
hash. M3IT's own note names the split "7k/1k/1k". Here train and validation are the clips that the official file marks
so (6,513 and 497; which 1,000 clips M3IT used for validation is not said), test are the 1,000 clips of the JSFUSION
list with the caption that it gives, or, without that list, the official test clips. Captions are lower case, without
a stop, with typos; they stay. Frames: eight, uniformly; clips are cut already, so their times are ignored.

Open until a full download is read: MSR_VTT.json, of which only image_id and caption of its annotations are known.
"""

import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from m3it_build.core.sample import Origin, Reason, Reject, Row, Rows, Sample, Variant, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task, Translated
from m3it_build.sources.json_files import Entries, read_object
from m3it_build.sources.rows import record_id, without_id
from m3it_build.sources.tables import read_csv, read_lines

from ._msrvtt import category_name, msrvtt_clip

WHOLE = (
    "videodatainfo_2017.json",
    *(f"{folder}MSRVTT_data.json" for folder in ("", "msrvtt_data/", "annotation/", "raw_data/")),
    "annotation/MSR_VTT.json",
    "MSR_VTT.json",
)
"""Editions that hold all 10,000 clips in one file."""
TRAIN_VAL = ("train_val_videodatainfo.json", "annotation/train_val_videodatainfo.json", *WHOLE)
TEST = ("test_videodatainfo.json", "annotation/test_videodatainfo.json", *WHOLE)
JSFUSION = tuple(f"{folder}MSRVTT_JSFUSION_test.csv" for folder in ("", "msrvtt_data/", "annotation/", "raw_data/"))
FIRST = ((7010, "test"), (6513, "validate"), (0, "train"))
"""The first clip of each official split, which not all editions name."""
NAMES = {Split.TRAIN: ("train",), Split.VALIDATION: ("validate", "val"), Split.TEST: ("test",)}
KNOWN = tuple(name for names in NAMES.values() for name in names)


def rows(_: SourceFolder, file: FoundFile, *, split: Split) -> Rows:
    """The clips of one split with all their captions."""
    captions: dict[str, list[Any]] = {}
    videos, sentences = listed(read_object(file))
    for sentence in sentences:
        name = record_id(sentence.get("video_id")) if isinstance(sentence, dict) else None
        captions.setdefault(name or "", []).append(sentence)
    known = set()
    for place, video in enumerate(videos):
        name = record_id(video.get("video_id")) if isinstance(video, dict) else None
        if name is None:
            yield without_id(file, place, "video_id", "video")
            continue
        known.add(name)
        if video.get("split") in NAMES[split]:
            yield Row(name, {"video": video, "sentences": captions.get(name, [])}, Origin(file.name, name))
        elif split is not Split.VALIDATION and video.get("split") not in KNOWN:
            yield Reject(name, "source", Reason.BAD_RECORD, f"{file.name}: split {video.get('split')!r}")
    if split is not Split.VALIDATION:  # else they would be told twice of one file
        for name in sorted(captions.keys() - known):
            detail = f"{len(captions[name])} captions of a clip that is not among the videos"
            yield Reject(name or f"{file.name}#sentences", "source", Reason.BAD_RECORD, detail)


def listed(content: Entries) -> tuple[Iterable[Any], Iterable[Any]]:
    """The clips and the captions of a file; of the COCO-style edition, in which splits are ranges of numbers."""
    if "sentences" in content or "annotations" not in content:
        return content.array("videos"), content.array("sentences")
    sentences = [
        {"video_id": each.get("image_id"), "caption": each.get("caption"), "sen_id": each.get("id")}
        for each in content.array("annotations").pick("image_id", "caption", "id")
    ]
    names = dict.fromkeys(name for each in sentences if (name := record_id(each["video_id"])))
    return [{"video_id": name, "split": split_of(name)} for name in names], sentences


def split_of(name: str) -> str | None:
    """The official split of clip `video<number>`."""
    number = re.fullmatch(r"video(\d{1,4})", name)
    return next((split for first, split in FIRST if int(number[1]) >= first), None) if number else None


def jsfusion_rows(folder: SourceFolder, file: FoundFile) -> Rows:
    """The list of 1,000 test clips, one caption each; copies differ in their delimiter."""
    known: dict[str | None, Any] = {}
    if folder.has(TEST):
        videos, _ = listed(read_object(folder.need(*TEST)))
        known = {record_id(video.get("video_id")): video.get("category") for video in videos if isinstance(video, dict)}
    header = next(iter(read_lines(file)), "")
    delimiter = ";" if header.count(";") > header.count(",") else ","
    for line, cells in read_csv(file, ("video_id", "sentence"), delimiter=delimiter):
        name = cells["video_id"].strip()
        if name:
            fields = {"video": {"category": known.get(name)}, "sentences": [{"caption": cells["sentence"]}]}
            yield Row(name, fields, Origin(file.name, name))
        else:
            yield without_id(file, line, "video_id", "line")


def convert(row: Row) -> Sample | Reject:
    """One clip with its different captions."""
    texts: dict[str, Any] = {}
    for sentence in row.fields["sentences"]:
        text = sentence.get("caption")
        if isinstance(text, str) and text.strip():
            known = texts.get(text.strip())
            number = sentence.get("sen_id")
            texts[text.strip()] = number if known is None else min(known, number if number is not None else known)
    if not texts:
        return reject(row, Reason.NO_ANNOTATION, "the clip has no caption")
    return Sample(
        key=row.key,
        images=(msrvtt_clip(row.key.removeprefix("video")),),
        variants=tuple(Variant(outputs=text, meta={"caption_id": texts[text]}) for text in sorted(texts)),
        meta={"video_id": row.key, "category": category_name(row.fields["video"].get("category"))},
    )


def layout(split: Split) -> Layout:
    """The official file of a split."""
    return Layout((TEST if split is Split.TEST else TRAIN_VAL,), partial(rows, split=split))


TASK = Task(
    name="msrvtt",
    title="MSR-VTT: captions of video clips",
    group=Group.VIDEO,
    category=Category.CAPTIONING,
    license=License("LicenseRef-MSR-VTT", note="None stated."),
    homepage="ms-multimedia-challenge.com/2016/dataset",
    citation="Xu et al. MSR-VTT: A Large Video Description Dataset for Bridging Video and Language. CVPR 2016.",
    download="""
The challenge's page is gone; copies carry the same files: train_val_annotation.zip, test_videodatainfo.json.zip
(200,000 captions, 30 MB), train_val_videos.zip and test_videos.zip (10,000 clips, 6 GB), all of which may stay zipped.
The list MSRVTT_JSFUSION_test.csv names the 1,000 test clips. The editions videodatainfo_2017.json, MSRVTT_data.json
and annotation/MSR_VTT.json are read too.
""",
    tree="""
train_val_videodatainfo.json
MSRVTT_JSFUSION_test.csv            else test_videodatainfo.json
TrainValVideo/video0.mp4 ...        or video/, videos/, videos/all/
TestVideo/video7010.mp4 ...
""",
    splits={
        Split.TRAIN: (layout(Split.TRAIN),),
        Split.VALIDATION: (layout(Split.VALIDATION),),
        Split.TEST: (Layout((JSFUSION,), jsfusion_rows), layout(Split.TEST)),
    },
    convert=convert,
    collections=("msr-vtt",),
    translated=Translated.SAMPLE,
    held_out=True,
)
