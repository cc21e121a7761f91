"""Stanford image paragraphs: describe a Visual Genome photo in a paragraph.

Krause et al., CVPR 2017. One row an image id of the official split lists, no inputs, the paragraph as output.
Paragraphs are found by id, as their order has nothing to do with the splits. About ten ids have two paragraphs: the
first in the file is kept, as Table 7's counts equal the lists, and the others are rejected as duplicates. The photo
is where its url says, else in the other folder of Visual Genome.
"""

from urllib.parse import urlsplit

from m3it_build.core.sample import Fields, Origin, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import bad_record, record_id

from ._names import anywhere

FOLDERS = ("VG_100K", "VG_100K_2")


def rows(_: SourceFolder, listed: FoundFile, file: FoundFile) -> Rows:
    """One split: the ids of its list, each with its paragraph."""
    entries: dict[str, list[Fields]] = {}
    for entry in read_array(file):
        if isinstance(entry, dict) and (name := record_id(entry.get("image_id"))) is not None:
            entries.setdefault(name, []).append(entry)
    seen = set()
    for place, value in enumerate(read_array(listed)):
        key = record_id(value)
        if key is None:
            yield bad_record(listed, place, f"item {place} is no image id")
        elif key in seen:
            yield Reject(f"{key}#{place}", "source", Reason.DUPLICATE_ID, f"{listed.name}: {key} stands twice")
        elif key not in entries:
            yield Reject(key, "source", Reason.NO_ANNOTATION, f"not in {file.name}")
        else:
            first = next(filter(is_written, entries[key]), entries[key][0])
            yield Row(key, first, Origin(file.name, f"image_id {key}"))
            for number in range(1, len(entries[key])):
                detail = f"{file.name}: paragraph {number + 1} of the picture"
                yield Reject(f"{key}#{number}", "source", Reason.FURTHER_TEXT, detail)
        seen.add(key)


def is_written(entry: Fields) -> bool:
    """Whether there is a paragraph in it."""
    return isinstance(entry.get("paragraph"), str) and bool(entry["paragraph"].strip())


def pictures(url: str) -> tuple[str, ...]:
    """Where a photo lies: the last two parts of its url, else the same name in the other folder."""
    named, _, name = urlsplit(url).path.strip().rpartition("/")
    folders = dict.fromkeys((named.rpartition("/")[2], *FOLDERS))
    return anywhere(f"{folder}/{name}" for folder in folders if folder and name)


def convert(row: Row) -> Sample | Reject:
    """One paragraph."""
    record = row.fields
    paragraph = record["paragraph"].strip()
    if not paragraph:
        return reject(row, Reason.EMPTY_TEXT, "the paragraph is empty")
    paths = pictures(record["url"] or "")
    if not paths:
        return reject(row, Reason.NO_MEDIA, "the record has no url")
    if paths[0].rpartition("/")[2].partition(".")[0] != row.key:
        return reject(row, Reason.BAD_RECORD, f"image_id {row.key}, but the url names {paths[0]}")
    return Sample(
        key=row.key,
        images=(Picture(paths, origin=f"vg:{row.key}"),),
        outputs=paragraph,
        meta={"image_id": row.key, "image_url": record["url"]},
    )


def layout(split: str) -> Layout:
    """The official files of a split."""
    return Layout((f"{split}_split.json", "paragraphs_v1.json"), rows)


TASK = Task(
    name="image-paragraph-captioning",
    title="Stanford image paragraphs",
    group=Group.CAPTIONING,
    category=Category.CAPTIONING,
    license=License(
        "LicenseRef-Visual-Genome", note="None stated for the paragraphs; the photos keep their Flickr terms."
    ),
    homepage="cs.stanford.edu/people/ranjaykrishna/im2p",
    citation="Krause et al. A Hierarchical Approach for Generating Descriptive Image Paragraphs. CVPR 2017. "
    "Krishna et al. Visual Genome: Connecting Language and Vision Using Crowdsourced Dense Image Annotations. "
    "IJCV 2017.",
    errata="About ten pictures have two paragraphs; the first is kept.",
    download="""
paragraphs_v1.json.zip (also called stanford_paragraphs_v1.json.zip), the three lists, and the photos of Visual
Genome, which may lie in a shared folder visual-genome/. All may stay zipped.
""",
    tree="""
paragraphs_v1.json
train_split.json
val_split.json
test_split.json
VG_100K/1159529.jpg ...
VG_100K_2/2415125.jpg ...
""",
    splits={Split.TRAIN: (layout("train"),), Split.VALIDATION: (layout("val"),), Split.TEST: (layout("test"),)},
    convert=convert,
    collections=("visual-genome",),
)
