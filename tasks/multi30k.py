"""Multi30k: translate a caption between English and German, French or Czech, with the photo at hand.

Elliott et al., VL'16, with the French of WMT17 and the Czech of WMT18; task 1, in which the sentences are translations
of each other (those of task 2 are not). Table 7 counts 90,000 / 6,000 / 12,000, which fits six directions of 15,000 /
1,000 / 2,000: each direction of each line is a row, the six of a line are sampled together, and test is 2016 and 2018
of Flickr, the sets that have Czech. The 2017 sets are not used. Lines belong together by number alone, so files of
different lengths are refused; a row's key is its photo's name, which stands once in each list. The release moved the
languages somewhere that is not known; here the inputs name both.
"""

from collections.abc import Callable, Iterator

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Origin, Picture, Reason, Reject, Row, Sample, reject
from m3it_build.core.task import Category, Group, Layout, License, Split, Task
from m3it_build.sources.folder import File, Folder
from m3it_build.sources.tables import read_lines

from ._flickr30k import flickr30k_picture, flickr_origin

LANGUAGES = {"en": "English", "de": "German", "fr": "French", "cs": "Czech"}
DIRECTIONS = tuple(pair for other in ("de", "fr", "cs") for pair in (("en", other), (other, "en")))
FILES = {
    Split.TRAIN: ("train",),
    Split.VALIDATION: ("val",),
    Split.TEST: ("test_2016_flickr", "test_2018_flickr"),
}


def file_names(name: str) -> tuple[str, ...]:
    """A file of task 1: in a clone, or in a copy of a part of it; the reader adds `.gz`."""
    return tuple(f"{folder}{name}" for folder in ("data/task1/", "dataset/data/task1/", "task1/", ""))


def needed(name: str) -> tuple[tuple[str, ...], ...]:
    """All files of one of the official splits: photo names, then a text for each language."""
    return (file_names(f"image_splits/{name}.txt"), *(file_names(f"raw/{name}.{each}") for each in LANGUAGES))


def rows(names: tuple[str, ...]) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads official splits: six rows a line."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        for name in names:
            file, lines = aligned(folder, name)
            for number, (photo, *sentences) in enumerate(lines, 1):
                if not photo:
                    yield Reject(f"{name}#{number}", "source", Reason.NO_MEDIA, f"line {number} names no photo")
                    continue
                line = {"set": name, "line": number, "photo": photo, **dict(zip(LANGUAGES, sentences, strict=True))}
                for source, target in DIRECTIONS:
                    yield Row(
                        f"{name}:{photo}:{source}-{target}",
                        {**line, "source": source, "target": target},
                        Origin(file.name, f"line {number}"),
                    )

    return read


def aligned(folder: Folder, name: str) -> tuple[File, list[tuple[str, ...]]]:
    """The list of photos, and its lines with the same lines of the texts; only blank lines after the last photo go.

    Raises:
        SourceError: the files do not have equally many lines.
    """
    files = [folder.need(*names) for names in needed(name)]
    photos, *texts = [read_lines(file) for file in files]
    photos = [photo.strip() for photo in photos]
    while photos and not photos[-1]:
        photos.pop()
    for file, lines in zip(files[1:], texts, strict=True):
        while len(lines) > len(photos) and not lines[-1].strip():
            lines.pop()
        if len(lines) != len(photos):
            raise SourceError(
                f"{file.path}: {len(lines)} lines, but {files[0].path} has {len(photos)}. "
                "Lines belong together by their number; fetch both files again."
            )
    return files[0], list(zip(photos, *texts, strict=True))


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
        return Picture(tuple(f"{folder}/{photo}" for folder in folders), origin=flickr_origin(photo))
    return flickr30k_picture(photo)


TASK = Task(
    name="multi30k",
    title="Multi30k: multi-modal machine translation",
    group=Group.GENERATION,
    category=Category.GENERATION,
    license=License("CC-BY-NC-SA-4.0", note="The sentences; photos for non-commercial research, on request."),
    homepage="github.com/multi30k/dataset",
    citation="Elliott et al. Multi30K: Multilingual English-German Image Descriptions. Workshop on Vision and Language "
    "2016.",
    download="""
A clone of github.com/multi30k/dataset (sentences and photo names of task 1; a few MB).
Flickr30k photos (4 GB) on request from shannon.cs.illinois.edu/DenotationGraph, or Kaggle's copy
hsankesara/flickr-image-dataset, and the archive of the 2018 test photos that the repository links to.
Photos may stay zipped.
""",
    tree="""
data/task1/raw/train.en.gz ...                  train, val, test_2016_flickr, test_2018_flickr in en, de, fr, cs
data/task1/image_splits/train.txt ...
flickr30k-images/1000092795.jpg ...             or flickr30k_images/, flickr30k_images/flickr30k_images/
test_2018_flickr_images/22439193117_4183a49ec2.jpg ...
""",
    splits={
        split: (Layout(tuple(file for name in names for file in needed(name)), rows(names)),)
        for split, names in FILES.items()
    },
    convert=convert,
    languages=tuple(LANGUAGES),
    collections=("flickr30k",),
)
