"""Multi30k: translate a caption between English and German, French or Czech, with the photo at hand.

Elliott et al., VL'16, with the French of WMT17 and the Czech of WMT18; task 1, in which the sentences are translations
of each other (those of task 2 are not). Table 7 counts 90,000 / 6,000 / 12,000, which fits six directions of 15,000 /
1,000 / 2,000: each direction of each line is a row, the six of a line are sampled together, and test is 2016 and 2018
of Flickr, the sets that have Czech (of an old clone 2016 alone, which a build says). The 2017 sets are not used. Lines
belong together by number alone, so files of different lengths are refused; a row's key is its photo's name, which
stands once in each list. The release moved the languages somewhere that is not known; here the inputs name both.
"""

from pathlib import PurePosixPath

from m3it_build.core.sample import Origin, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.tables import read_aligned

from ._flickr30k import flickr30k_picture, flickr_origin
from ._names import anywhere

LANGUAGES = {"en": "English", "de": "German", "fr": "French", "cs": "Czech"}
DIRECTIONS = tuple(pair for other in ("de", "fr", "cs") for pair in (("en", other), (other, "en")))
WITHOUT_2018 = "of test_2016_flickr alone; newer clones of the repository have test_2018_flickr, which belongs to it"
TOPS = ("data/task1/", "dataset/data/task1/", "task1/", "")
"""Task 1 in a clone, or in a copy of a part of it."""


def rows(_: SourceFolder, *files: FoundFile) -> Rows:
    """Official sets, each its photos' names and a text for each language: six rows a line."""
    size = 1 + len(LANGUAGES)
    for start in range(0, len(files), size):
        name = PurePosixPath(files[start].name).stem
        for number, (first, *sentences) in enumerate(read_aligned(*files[start : start + size]), 1):
            photo = first.strip()
            if not photo:
                yield Reject(f"{name}#{number}", "source", Reason.NO_MEDIA, f"line {number} names no photo")
                continue
            line = {"set": name, "line": number, "photo": photo, **dict(zip(LANGUAGES, sentences, strict=True))}
            for source, target in DIRECTIONS:
                yield Row(
                    f"{name}:{photo}:{source}-{target}",
                    {**line, "source": source, "target": target},
                    Origin(files[start].name, f"line {number}"),
                )


def convert(row: Row) -> Sample | Reject:
    """One direction of one line."""
    line = row.fields
    source, target = line["source"], line["target"]
    sentence, translation = line[source].strip(), line[target].strip()
    if not sentence or not translation:
        empty = source if not sentence else target
        return reject(row, Reason.EMPTY_TEXT, f"line {line['line']} of {line['set']}.{empty} is empty")
    return Sample(
        key=row.key,
        images=(picture(line["set"], line["photo"]),),
        inputs=f"Translate from {LANGUAGES[source]} to {LANGUAGES[target]}: {sentence}",
        outputs=translation,
        unit=f"{line['set']}:{line['photo']}",
        meta={
            "source_split": line["set"],
            "line": line["line"],
            "source_language": source,
            "target_language": target,
        },
    )


def picture(name: str, photo: str) -> Picture:
    """A photo of an official split; those of 2018 are not among Flickr30k's and came as an archive of their own."""
    if name == "test_2018_flickr":
        folders = (f"{name}_images", name, f"images/{name}_images", f"images/{name}", "test_2018_images")
        return Picture(anywhere(f"{folder}/{photo}" for folder in folders), origin=flickr_origin(photo))
    return flickr30k_picture(photo)


def layout(*sets: str, note: str = "") -> Layout:
    """All files of official sets."""
    names = [name for each in sets for name in (f"image_splits/{each}.txt", *(f"raw/{each}.{x}" for x in LANGUAGES))]
    return Layout(tuple(tuple(f"{top}{name}" for top in TOPS) for name in names), rows, note=note)


TASK = Task(
    name="multi30k",
    title="Multi30k: multi-modal machine translation",
    group=Group.GENERATION,
    category=Category.GENERATION,
    license=License(
        "LicenseRef-Flickr30k", note="Photos for non-commercial research, on request; sentences CC-BY-NC-SA-4.0."
    ),
    homepage="github.com/multi30k/dataset",
    citation="Elliott et al. Multi30K: Multilingual English-German Image Descriptions. Workshop on Vision and Language "
    "2016. Elliott et al. Findings of the Second Shared Task on Multimodal Machine Translation and Multilingual Image "
    "Description. WMT 2017. Barrault et al. Findings of the Third Shared Task on Multimodal Machine Translation. WMT "
    "2018. Young et al. From Image Descriptions to Visual Denotations. TACL 2014.",
    download="""
Sentences and photo names of task 1 (a clone of github.com/multi30k/dataset is read too), the photos of Flickr30k
(also Kaggle's copy hsankesara/flickr-image-dataset) and those of the 2018 test. Photos may stay zipped.
""",
    tree="""
data/task1/raw/train.en.gz ...                  train, val, test_2016_flickr, test_2018_flickr in en, de, fr, cs
data/task1/image_splits/train.txt ...
flickr30k-images/1000092795.jpg ...             or flickr30k_images/, flickr30k_images/flickr30k_images/
test_2018_flickr_images/22439193117_4183a49ec2.jpg ...
""",
    splits={
        Split.TRAIN: (layout("train"),),
        Split.VALIDATION: (layout("val"),),
        Split.TEST: (
            layout("test_2016_flickr", "test_2018_flickr"),
            layout("test_2016_flickr", note=WITHOUT_2018),
        ),
    },
    unreadable={
        "train.jsonl": "a copy with the sentences alone (bentrevett/multi30k) does not name the photos",
    },
    convert=convert,
    languages=tuple(LANGUAGES),
    collections=("flickr30k",),
)
