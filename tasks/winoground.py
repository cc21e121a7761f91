"""Winoground: which of two captions made of the same words fits the picture?

Thrush et al., CVPR 2022. One record gives two rows, one a picture, as in the release (400 -> 800). The caption of
picture k is caption_k, so the options are shuffled by hash. Test only; the authors ask not to train on it.
"""

from collections.abc import Sequence

from m3it_build.core.sample import Options, Origin, Picture, Reject, Row, Rows, Sample
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task, Translated
from m3it_build.sources.rows import jsonl_rows
from m3it_build.sources.tables import read_parquet


def rows(_: SourceFolder, file: FoundFile) -> Rows:
    """The official file: two rows a line."""
    for pair in jsonl_rows(file, "id"):
        if isinstance(pair, Row):
            for place in (0, 1):
                yield Row(f"{pair.key}-{place}", {**pair.fields, "place": place}, pair.origin)
        else:
            yield pair


def mirror_rows(_: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """The Hub's own conversion to Parquet: pictures are named by their cell."""
    for file, number, record in read_parquet(files, unread=("image_0", "image_1")):
        cells = {f"image_{each}": f"{file.name}#{number}/image_{each}" for each in (0, 1)}
        for place in (0, 1):
            fields = {**record, **cells, "place": place}
            yield Row(f"{record['id']}-{place}", fields, Origin(file.name, str(record["id"])))


def convert(row: Row) -> Sample | Reject:
    """One picture of a pair, with both captions."""
    record, place = row.fields, row.fields["place"]
    name = record[f"image_{place}"]
    paths = (name,) if ".parquet#" in name else (f"images/{name}.png", f"data/images/{name}.png")
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
    download="""
From the Hub dataset facebook/winoground (gated: accept its terms while logged in): data/examples.jsonl and
data/images.zip (800 PNG files, may stay zipped). The Hub's Parquet conversion is read too.
""",
    tree="""
data/examples.jsonl
data/images.zip             or images/ex_0_img_0.png ...
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
