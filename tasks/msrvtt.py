"""MSR-VTT: describe a video clip in a sentence.

Xu et al., CVPR 2016. One row a clip: one of its captions (20, some of them exact repeats, which count once), drawn by
hash. Captions are lower case, without a stop, with typos; they stay. Frames: eight, uniformly; clips are cut already,
so their times are ignored.

M3IT's own note names the split "MSRVTT-7k, 7k/1k/1k". In the literature that is the one around the JSFUSION list (Yu
et al., ECCV 2018): test are its 1,000 clips with the caption that it gives, train the 7,010 clips that are officially
train or validate, validation 1,000 of the 1,990 official test clips outside the list (as in Dong et al., Dual Encoding
for Video Retrieval by Text, TPAMI 2021). Which 1,000 M3IT drew is not said: here the hash draws them with Table 7's
counts, and --preset full has all 1,990. Clips 6513 to 7009, now in train, are msrvtt-qa's validation; the paper trains
on neither task. Without the list, or without the official test file, in which the other 1,990 stand, train and
validation are the official ones (6,513 and 497), and a build says so; without the list test are all 2,990. Test are the
clips of the list whatever it names: where an edited one names others than official test clips, these are left out of
train and validation, so that the splits stay apart. Official splits are ranges of numbers (0 to 6512, 6513 to 7009,
7010 to 9999), and not what a file says: in a circulating edition all clips are marked as train.

A re-release has a list of clips for each split of that 7k, whose captions have no ids; of its 9,000 clips those that
are not among the 7,010 are the 1,990.

Open until a full download is read: MSR_VTT.json, of which only image_id and caption of its annotations are known.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from m3it_build.core.sample import Origin, Reason, Reject, Row, Rows, Sample, Variant, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task, Translated
from m3it_build.sources.json_files import Entries, read_array, read_object
from m3it_build.sources.rows import json_rows, record_id, without_id
from m3it_build.sources.tables import read_csv, read_lines

from ._msrvtt import CLIPS, category_name, msrvtt_clip

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
OFFICIAL = (
    "the official split (6,513 / 497 / 2,990 clips), not the paper's 7k / 1k / 1k, which needs the official test clips "
    "and MSRVTT_JSFUSION_test.csv"
)
NINE = "9,000 clips, not the paper's 7k, of which msrvtt_train_7k.json is the list (the others are its validation)"
LISTED = (
    "the official train and validation (6,513 / 497 clips) beside the test clips of MSRVTT_JSFUSION_test.csv, not the "
    "paper's 7k / 1k / 1k, which needs the official test clips, too"
)


def official(folder: SourceFolder, file: FoundFile, *_: FoundFile, split: Split) -> Rows:
    """The clips of the official split."""
    return rows(folder, file, (split,))


def seven_thousand(folder: SourceFolder, file: FoundFile, *_: FoundFile) -> Rows:
    """Train of the split around the list: train and validation of the official one."""
    return rows(folder, file, (Split.TRAIN, Split.VALIDATION))


def unlisted(folder: SourceFolder, file: FoundFile, *_: FoundFile) -> Rows:
    """Its validation: official test clips that are not in the list."""
    return rows(folder, file, (Split.TEST,))


def rows(folder: SourceFolder, file: FoundFile, splits: Collection[Split]) -> Rows:
    """The clips of these official splits that are not in the list, where there is one, with all their captions.

    What is no clip, or has none, is told once: of the file in which train stands, with train.
    """
    CLIPS.refuse_others(folder)
    tells = Split.TRAIN in splits or not (train := folder.find(*TRAIN_VAL, globs=False)) or train.name != file.name
    names = read_list(folder.need(*JSFUSION)) if folder.has(JSFUSION) else ()
    taken = {CLIPS.number(cells["video_id"].strip()) for _, cells in names}
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
        CLIPS.refuse_name(name, file)
        if (split := CLIPS.split_of(name)) in splits and CLIPS.number(name) not in taken:
            yield Row(name, {"video": video, "sentences": captions.get(name, [])}, Origin(file.name, name))
        elif tells and split is None:
            yield CLIPS.misplaced(name)
    if tells:
        for name in sorted(captions.keys() - known):
            detail = f"{len(captions[name])} captions of a clip that is not among the videos"
            yield Reject(name or f"{file.name}#sentences", "source", Reason.BAD_RECORD, detail)


def listed(content: Entries) -> tuple[Iterable[Any], Iterable[Any]]:
    """The clips and the captions of a file; of the COCO-style edition, too."""
    if "sentences" in content or "annotations" not in content:
        return content.array("videos"), content.array("sentences")
    sentences = [
        {"video_id": each.get("image_id"), "caption": each.get("caption"), "sen_id": each.get("id")}
        for each in content.array("annotations").pick("image_id", "caption", "id")
    ]
    names = dict.fromkeys(name for each in sentences if (name := record_id(each["video_id"])))
    return [{"video_id": name} for name in names], sentences


def jsfusion_rows(folder: SourceFolder, file: FoundFile) -> Rows:
    """The list of 1,000 test clips, one caption each."""
    CLIPS.refuse_others(folder)
    known: dict[str | None, Any] = {}
    if folder.has(TEST):
        videos, _ = listed(read_object(folder.need(*TEST)))
        known = {record_id(video.get("video_id")): video.get("category") for video in videos if isinstance(video, dict)}
    for line, cells in read_list(file):
        name = cells["video_id"].strip()
        if name:
            CLIPS.refuse_name(name, file)
            fields = {"video": {"category": known.get(name)}, "sentences": [{"caption": cells["sentence"]}]}
            yield Row(name, fields, Origin(file.name, name))
        else:
            yield without_id(file, line, "video_id", "line")


def list_rows(_: SourceFolder, file: FoundFile, *others: FoundFile) -> Rows:
    """A re-release's list of the clips of a split, each with its captions, but for those that another list has."""
    taken = {record_id(each.get("video_id")) for other in others for each in read_array(other).pick("video_id")}
    for row in json_rows(file, read_array(file), "video_id"):
        if isinstance(row, Reject):
            yield row
        elif row.key not in taken:
            captions = row.fields.get("caption")
            texts = captions if isinstance(captions, list) else [captions]
            fields = {"video": row.fields, "sentences": [{"caption": text} for text in texts]}
            yield Row(row.key, fields, row.origin)


def read_list(file: FoundFile) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line numbers and cells of the list; copies differ in their delimiter."""
    header = next(iter(read_lines(file)), "")
    return read_csv(file, ("video_id", "sentence"), delimiter=";" if header.count(";") > header.count(",") else ",")


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


def layouts(split: Split) -> tuple[Layout, ...]:
    """The official file of a split, beside the list or without it: what a build says of them differs."""
    file, read = TEST if split is Split.TEST else TRAIN_VAL, partial(official, split=split)
    return (Layout((file, JSFUSION), read, note=LISTED), Layout((file,), read, note=OFFICIAL))


TASK = Task(
    name="msrvtt",
    title="MSR-VTT: captions of video clips",
    group=Group.VIDEO,
    category=Category.CAPTIONING,
    license=License("LicenseRef-MSR-VTT", note="None stated; the clips keep their YouTube terms."),
    homepage="ms-multimedia-challenge.com/2016/dataset",
    citation="Xu et al. MSR-VTT: A Large Video Description Dataset for Bridging Video and Language. CVPR 2016. "
    "Split: Yu et al. A Joint Sequence Fusion Model for Video Question Answering and Retrieval. ECCV 2018.",
    download="""
The challenge's page is gone; copies carry the same files, all of which may stay zipped: 10,000 clips, and 200,000
captions as train_val_annotation.zip and test_videodatainfo.json.zip, or as one of the editions named below.
The list MSRVTT_JSFUSION_test.csv names the 1,000 test clips; without it, the official split is built. The editions
videodatainfo_2017.json, MSRVTT_data.json and annotation/MSR_VTT.json are read too, as are the
lists of friedrichor/MSR-VTT (msrvtt_train_7k.json and so on).
""",
    tree="""
train_val_videodatainfo.json
test_videodatainfo.json
MSRVTT_JSFUSION_test.csv
TrainValVideo/video0.mp4 ...        or video/, videos/, videos/all/
TestVideo/video7010.mp4 ...
""",
    splits={
        Split.TRAIN: (
            Layout((TRAIN_VAL, TEST, JSFUSION), seven_thousand),
            *layouts(Split.TRAIN),
            Layout(("msrvtt_train_7k.json",), list_rows),
            Layout(("msrvtt_train_9k.json",), list_rows, note=NINE),
        ),
        Split.VALIDATION: (
            Layout((TEST, JSFUSION), unlisted),
            *layouts(Split.VALIDATION),
            Layout(("msrvtt_train_9k.json", "msrvtt_train_7k.json"), list_rows),
        ),
        Split.TEST: (
            Layout((JSFUSION,), jsfusion_rows),
            *layouts(Split.TEST)[1:],
            Layout(("msrvtt_test_1k.json",), list_rows),
        ),
    },
    unreadable={"data/*.parquet": "of the Parquet copies (AlexZigma/msr-vtt) nobody tells the splits and columns"},
    convert=convert,
    collections=("msr-vtt",),
    translated=Translated.SAMPLE,
    held_out=True,
)
