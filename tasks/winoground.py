"""Winoground: which of two captions made of the same words fits the picture?

Thrush et al., CVPR 2022. One record gives two rows, one a picture, as in the release (400 -> 800). The caption of
picture k is caption_k, so the options are shuffled by hash. Test only; the authors ask not to train on it.

Diwan et al., EMNLP 2022, looked at all 400 and tagged what is hard about each; both captions are true of a picture in
46 ("Ambiguously Correct"), so 92 rows may have two right options. All are kept, since the benchmark is the 800. Where
their file lies beside the source, the tags of an item (none, one or several) are in meta as `new_tags`: an object of
id and list of tags, `new_tag_assignments.json`. (The table of zhuxiangru/Winoground-T2I has one tag an item, and loses
others.)
"""

from collections.abc import Sequence

from m3it_build.core.sample import Options, Origin, Picture, Reject, Row, Rows, Sample
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task, Translated
from m3it_build.sources.json_files import read_object
from m3it_build.sources.rows import jsonl_rows
from m3it_build.sources.tables import read_parquet

from ._names import anywhere, re_encoded

TAGS = ("new_tag_assignments.json", "data/new_tag_assignments.json")


def new_tags(folder: SourceFolder) -> dict[str, list[str]]:
    """What Diwan et al. found hard about each item, by id; empty without their file."""
    if not folder.has(TAGS):
        return {}
    return {item: [str(tag) for tag in tags] for item, tags in read_object(folder.need(*TAGS)).items()}


def rows(folder: SourceFolder, file: FoundFile) -> Rows:
    """The official file: two rows a line."""
    tags = new_tags(folder)
    for pair in jsonl_rows(file, "id"):
        if isinstance(pair, Row):
            for place in (0, 1):
                yield Row(
                    f"{pair.key}-{place}", {**pair.fields, "place": place, "new_tags": tags.get(pair.key)}, pair.origin
                )
        else:
            yield pair


def mirror_rows(folder: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """The Hub's own conversion to Parquet: pictures are named by their cell."""
    tags = new_tags(folder)
    for file, number, record in read_parquet(files, unread=("image_0", "image_1")):
        cells = {f"image_{each}": f"{file.name}#{number}/image_{each}" for each in (0, 1)}
        for place in (0, 1):
            fields = {**record, **cells, "place": place, "new_tags": tags.get(str(record["id"]))}
            yield Row(f"{record['id']}-{place}", fields, Origin(file.name, str(record["id"])))


def convert(row: Row) -> Sample | Reject:
    """One picture of a pair, with both captions."""
    record, place = row.fields, row.fields["place"]
    name = record[f"image_{place}"]
    paths = (name,) if ".parquet#" in name else anywhere(re_encoded((f"images/{name}.png", f"data/images/{name}.png")))
    captions = (record["caption_0"].strip(), record["caption_1"].strip())
    return Sample(
        key=row.key,
        images=(Picture(paths),),
        options=Options(captions[place], (captions[1 - place],)),
        meta={
            "pair_id": record["id"],
            "image_index": place,
            "captions": list(captions),
            "tag": record.get("tag"),
            "secondary_tag": record.get("secondary_tag"),
            "collapsed_tag": record.get("collapsed_tag"),
            "num_main_preds": record.get("num_main_preds"),
            "new_tags": record["new_tags"],
        },
    )


TASK = Task(
    name="winoground",
    title="Winoground: visio-linguistic compositionality",
    group=Group.REASONING,
    category=Category.REASONING,
    license=License("LicenseRef-Winoground", note="Research only, no redistribution of the Getty Images pictures."),
    homepage="huggingface.co/datasets/facebook/winoground",
    citation="Thrush et al. Winoground: Probing Vision and Language Models for Visio-Linguistic Compositionality. "
    "CVPR 2022.",
    errata="""
Of 46 of the 400 items both captions are true of a picture: Diwan et al. Why is Winoground Hard? EMNLP 2022. Their tags
of all items, new_tag_assignments.json of github.com/ajd12342/why-winoground-hard, are read if the file is there.
""",
    download="""
800 PNG files, which may stay zipped, of a Hub dataset that is gated. The Hub's Parquet conversion is read too.
""",
    tree="""
data/examples.jsonl
data/images.zip             or images/ex_0_img_0.png ...
new_tag_assignments.json    optional
""",
    splits={
        Split.TEST: (
            Layout((("data/examples.jsonl", "examples.jsonl"),), rows),
            Layout(("data/test-*.parquet",), mirror_rows),
        )
    },
    convert=convert,
    translated=Translated.WHOLE,
    held_out=True,
)
