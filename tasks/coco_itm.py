"""COCO-ITM: does the caption belong to the picture?

Made from Lin et al., ECCV 2014, with Karpathy's split; there is no dataset of its own. Table 7 has 30,000 / 5,000 /
5,000, the latter two all photos of Karpathy's val and test: one row a picture. How the authors drew negatives is not
known. Ours: pictures of a split are paired in order of their ids, and a pair shows ONE caption twice, with its own
picture ("Yes.") and with the other one ("No."); which picture gives the caption, and which caption, is drawn by hash.
So both answers are exactly balanced, every text stands equally often under each, and neither wording, length,
punctuation nor place gives the answer away. A caption is used only if it shares no content word with any caption of
the other picture; a picture takes the first of the `WINDOW` waiting ones with which that works in both directions, else
the one that shares least. Captions equal but for case and punctuation are never a negative; synonyms are not seen
through. Sampling keeps pairs together. The last picture of an odd split stands alone, against its nearest neighbour,
and a pair whose other photo is missing or broken loses a half. Without Karpathy's file the official captions are read:
then validation is all of val2014, and there is no test.

Such negatives are as easy as they can be (on 5,000 Flickr8k photos 2,498 of 2,500 pairs shared no content word), which
suits training. `negatives = "near"` makes them hard, for evaluation: pictures are paired about much the same things,
and a caption is used only if it shares content words with the captions of the other picture, as many as can be had,
and says at least `FOREIGN` things that none of them says, so that it is not true of it (synonyms are not seen through
here either: a few will be). All else stays: one caption shown twice, both answers balanced, whole pairs. Pictures
without such a partner, a few in a hundred at most, are paired as by default; `meta.shared_words` tells how many words
a caption shares.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from m3it_build.core.sample import Reason, Reject, Row, Rows, Sample, Variant
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.rows import record_id

from ._captions import (
    KARPATHY,
    OFFICIAL,
    entry_picture,
    karpathy_entries,
    mirror,
    mirror_entries,
    official,
    official_entries,
)
from ._coco import COCO
from ._matching import WINDOW, Caption, Captioned, fitting, nearest, pairs, plain
from ._near import near_pairs, nearly_fitting
from ._release import REPHRASED

Choice = Callable[[Captioned, Captioned], tuple[int, list[Caption]]]
"""The captions of one picture that may be shown with another, and how many content words each shares."""


def rows(folder: SourceFolder, file: FoundFile, *, split: Split) -> Rows:
    """One split out of Karpathy's file."""
    return in_pairs(karpathy_entries(file, split), near=is_near(folder))


def mirror_rows(folder: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """A mirror's Parquet files."""
    return in_pairs(mirror_entries(files), near=is_near(folder))


def official_rows(folder: SourceFolder, file: FoundFile, *, subset: str) -> Rows:
    """The official captions of a COCO subset."""
    return in_pairs(official_entries(file, subset), near=is_near(folder))


def is_near(folder: SourceFolder) -> bool:
    """Whether negatives are to be hard."""
    return folder.options["negatives"] == "near"


def in_pairs(entries: Rows, *, near: bool) -> Rows:
    """A row a picture, with the captions of its pair."""
    pictures: dict[str, Captioned] = {}
    for entry in entries:
        picture = shown(entry) if isinstance(entry, Row) else entry
        if isinstance(picture, Reject):
            yield picture
        elif picture.key in pictures:
            yield Reject(picture.key, "source", Reason.DUPLICATE_ID, f"cocoid {picture.key} stands twice")
        else:
            pictures[picture.key] = picture
    last: deque[Captioned] = deque(maxlen=WINDOW)
    for one, two, choose in matched([pictures[key] for key in by_number(pictures)], near=near):
        if one is not two:
            yield from (paired(each, one, two, choose, near=near) for each in (one, two))
            last += (one, two)
        elif found := nearest(one, last):
            yield paired(one, one, found[1], choose, near=near, alone=True)
        else:
            yield Reject(one.key, "source", Reason.FEW_OPTIONS, "no other picture has a caption that differs")


def matched(pictures: Sequence[Captioned], *, near: bool) -> Iterator[tuple[Captioned, Captioned, Choice]]:
    """Every picture in one pair, and how captions of the pair are chosen; those without a near partner come last."""
    alike = set()
    for one, two in near_pairs(pictures) if near else ():
        alike |= {one.key, two.key}
        yield one, two, nearly_fitting
    for one, two in pairs(picture for picture in pictures if picture.key not in alike):
        yield one, two, fitting


def shown(row: Row) -> Captioned | Reject:
    """A picture that can be paired; captions without id or text do not count."""
    sentences = row.fields.get("sentences")
    texts = {}
    for sentence in sentences if isinstance(sentences, list) else ():
        name = record_id(sentence.get("sentid")) if isinstance(sentence, dict) else None
        text = sentence.get("raw") if isinstance(sentence, dict) else None
        if name is not None and isinstance(text, str) and plain(text):
            texts[name] = text.strip()
    if not texts:
        return Reject(row.key, "source", Reason.EMPTY_TEXT, "the picture has no captions")
    try:
        picture = entry_picture(row.fields)
    except (KeyError, TypeError, AttributeError) as error:
        return Reject(row.key, "source", Reason.BAD_RECORD, f"{type(error).__name__}: {error}")
    return Captioned(
        row.key, picture, row.origin, tuple(Caption(name, texts[name], row.key) for name in by_number(texts))
    )


def by_number(names: Iterable[str]) -> list[str]:
    """Ids in the order of their numbers, whatever the order of records."""
    return sorted(names, key=lambda name: (len(name), name))


def paired(
    picture: Captioned, one: Captioned, two: Captioned, choose: Choice, *, near: bool, alone: bool = False
) -> Row:
    """The row of a picture: captions of both by turns, each picture's equally often, in one order for both rows."""
    (shared, mine), (shared_back, theirs) = choose(one, two), choose(two, one)
    turns = max(len(mine), len(theirs))
    captions = [side[turn % len(side)] for turn in range(turns) for side in (mine, theirs)]
    fields = {
        "picture": picture.picture,
        "captions": captions,
        "unit": "" if alone else f"{one.key}+{two.key}",
        "shared": {one.key: shared, two.key: shared_back} if near else {},
    }
    return Row(picture.key, fields, picture.origin)


def convert(row: Row) -> Sample:
    """One picture with the captions of which it may be shown one; `unit` makes both of a pair draw the same."""
    return Sample(
        key=row.key,
        images=(row.fields["picture"],),
        variants=tuple(variant(row, caption) for caption in row.fields["captions"]),
        unit=row.fields["unit"],
        meta={"image_id": row.key, "pair_id": row.fields["unit"]},
    )


def variant(row: Row, caption: Caption) -> Variant:
    """A caption, and whether it is the picture's own."""
    answer = "Yes" if caption.of == row.key else "No"
    return Variant(
        inputs=f"Caption: {caption.text}",
        outputs=f"{answer}.",
        meta={
            "caption_id": caption.id,
            "caption_image_id": caption.of,
            "answer": answer,
            "shared_words": row.fields["shared"].get(caption.of),
        },
    )


def layouts(split: Split) -> tuple[Layout, ...]:
    """Karpathy's file, a mirror's Parquet files, or the official captions."""
    found = (Layout((KARPATHY,), partial(rows, split=split)), Layout((mirror(split),), mirror_rows))
    if split is Split.TEST:
        return found
    subset = OFFICIAL[split]
    return (*found, Layout((official(subset),), partial(official_rows, subset=subset)))


TASK = Task(
    name="coco-itm",
    title="COCO-ITM: does the caption belong to the picture?",
    group=Group.CLASSIFICATION,
    category=Category.CLASSIFICATION,
    license=License("LicenseRef-COCO", note="Captions CC-BY-4.0; the photos keep their Flickr terms."),
    homepage="cocodataset.org",
    citation="Lin et al. Microsoft COCO: Common Objects in Context. ECCV 2014. Chen et al. Microsoft COCO Captions: "
    "Data Collection and Evaluation Server. arXiv 1504.00325, 2015. Karpathy and Fei-Fei. Deep Visual-Semantic "
    "Alignments for Generating Image Descriptions. CVPR 2015.",
    errata="A caption may be true of further photos: CxC (Parekh et al., EACL 2021) and ECCV Caption (Chun et al., "
    "ECCV 2022) list such pairs of Karpathy's test split.",
    download="""
The files of task coco. Instead of dataset_coco.json, the captions of COCO 2014, then without a test split. All may
stay zipped.
""",
    tree="""
dataset_coco.json           or annotations/captions_train2014.json, captions_val2014.json
train2014/COCO_train2014_000000318556.jpg ...
val2014/COCO_val2014_000000331352.jpg ...
""",
    splits={split: layouts(split) for split in Split},
    convert=convert,
    collections=COCO,
    options={"negatives": ("random", "near")},
    aliases=("itm",),
    refused_names={"coco-itm-rephrased": REPHRASED},
)
