"""VIST: tell a story about five photos.

Huang et al., NAACL 2016. One row a story: five pictures in the order that the worker arranged, no inputs, the five
pieces joined by a blank, each with a stop if it ends without a mark, or with a comma and the next one begins with a
capital. A piece may have no or several sentences.
`original_text` is used, not `text`, in which names are placeholders ("[male]") and stops stand apart. A story whose
photos are not all there and readable is rejected, as in the paper (fewer stories than the official files).
"""

from functools import partial
from itertools import pairwise

from m3it_build.core.sample import Fields, Origin, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task, Translated
from m3it_build.core.text import PAUSES, sentence_end, with_stop
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import collect, json_rows, record_id

from ._names import anywhere

SENTENCES = 5
SUFFIXES = ("jpg", "png", "gif", "jpeg")


def rows(_: SourceFolder, file: FoundFile, *, split: str) -> Rows:
    """One split: sentences, each in a list of its own, grouped to stories, whatever their order in the file."""
    entries = read_array(file, "annotations")
    sentences = (entry[0] if isinstance(entry, list) and len(entry) == 1 else entry for entry in entries)
    stories: dict[str, list[Fields]] = {}
    yield from collect(json_rows(file, sentences, "story_id"), stories)
    for story, found in stories.items():
        yield Row(story, {"sentences": found, "split": split}, Origin(file.name, story))


def convert(row: Row) -> Sample | Reject:
    """One story of five sentences."""
    sentences = sorted(row.fields["sentences"], key=lambda sentence: int(sentence["worker_arranged_photo_order"]))
    order = [int(sentence["worker_arranged_photo_order"]) for sentence in sentences]
    if order != list(range(SENTENCES)):
        return reject(row, Reason.BAD_RECORD, f"sentences at positions {order}, not 0 to 4")
    texts = [sentence["original_text"].strip() for sentence in sentences]
    if not all(texts):
        return reject(row, Reason.EMPTY_TEXT, "a sentence of the story is empty")
    photos = [record_id(sentence["photo_flickr_id"]) for sentence in sentences]
    if None in photos:
        return reject(row, Reason.NO_MEDIA, "a sentence names no photo")
    folder = row.fields["split"]
    return Sample(
        key=row.key,
        images=tuple(
            Picture(anywhere(f"{folder}/{photo}.{suffix}" for suffix in SUFFIXES), origin=f"flickr:{photo}")
            for photo in photos
        ),
        outputs=" ".join(ended(text, following) for text, following in pairwise([*texts, ""])),
        meta={"story_id": row.key, "album_id": sentences[0].get("album_id"), "image_ids": photos},
    )


def ended(text: str, following: str) -> str:
    """A piece as the end of a sentence, unless a comma leads over to a piece that begins with a small letter."""
    goes_on = next(filter(str.isalpha, following), "").islower()
    return sentence_end(text) if text.endswith(PAUSES) and not goes_on else with_stop(text)


def layout(split: str) -> Layout:
    """The stories of a split; the folder is the archive's, or was left out."""
    name = f"{split}.story-in-sequence.json"
    return Layout(((f"sis/{name}", name),), partial(rows, split=split))


TASK = Task(
    name="vist",
    title="VIST: visual storytelling",
    group=Group.GENERATION,
    category=Category.GENERATION,
    license=License(
        "LicenseRef-VIST",
        note="None stated for the stories; photos of Flickr users, under the Creative Commons licence that each names.",
    ),
    homepage="visionandlanguage.net/VIST",
    citation="Huang et al. Visual Storytelling. NAACL 2016.",
    download="""
Stories of Images-in-Sequence, and the photos of visionandlanguage.net/VIST/dataset.html, which a download
unpacks to one folder a split.
""",
    tree="""
sis/train.story-in-sequence.json
sis/val.story-in-sequence.json
sis/test.story-in-sequence.json
train/1741642.jpg ...
val/...
test/...
""",
    splits={Split.TRAIN: (layout("train"),), Split.VALIDATION: (layout("val"),), Split.TEST: (layout("test"),)},
    convert=convert,
    translated=Translated.SAMPLE,
    errata="""
About 40 photos of the archives are broken and others are gone from Flickr: of 5,055 stories of test about 50 are lost
(github.com/lichengunc/vist_api, issue 1). Several stories share the same five photos.
""",
)
