"""What every task keeps, bundled or not; one test over the registry."""

import copy
import dataclasses
from pathlib import Path

import pytest

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Reject, Row, Sample
from m3it_build.core.task import Layout, Split
from m3it_build.plan.layouts import need_layout, read_layout
from m3it_build.plan.registry import Registered, load_registry
from m3it_build.plan.rows import pack, read_plan
from m3it_build.plan.writer import PlanWriter
from m3it_build.plan.writer import convert as plan_convert
from m3it_build.sources.folder import Folder

ENTRIES = list(load_registry())
RESERVED = {
    "id", "task", "split", "source", "license", "instruction_index", "images", "paraphrase", "options",
    "answer_index", "regions", "frames", "variant", "schema", "first_of_shard", "language", "translation",
    "images_left_out", "original", "traits",
}  # fmt: skip

ORIGINS: dict[str, set[str]] = {
    **{key: {"coco"} for key in ["coco", "coco-goi", "coco-itm", "coco-text", "coco-cn", "fm-iqa"]},
    **{key: {"coco"} for key in ["vqa-v2", "okvqa", "a-okvqa"]},
    **{key: {"flickr"} for key in ["snli-ve", "multi30k", "flickr8k-cn", "vist"]},
    **{key: {"openimages"} for key in ["text-vqa", "textcap"]},
    **{key: {"youtube"} for key in ["activitynet-qa", "ivqa", "msvd-qa"]},
    **{key: {"msrvtt"} for key in ["msrvtt", "msrvtt-qa"]},
    "image-paragraph-captioning": {"vg"}, "imagenet": {"imagenet"}, "ocr-vqa": {"asin"}, "docvqa": {"ucsf"},
    "something-something": {"something-something"},
    # of several sources, some of which number nothing
    "gqa": {"vg", ""}, "visual-dialog": {"coco", ""}, "st-vqa": {"coco", "imagenet", "vg", ""},
    # pictures of their own
    **{key: {""} for key in ["chinese-food", "clevr", "iqa", "mmchat", "mocheg", "nlvr", "science-qa", "shapes"]},
    **{key: {""} for key in ["vcr", "viquae", "visual-mrc", "winoground"]},
}  # fmt: skip
"""Collections whose ids the pictures and clips of each task have; empty for those that have none."""


@pytest.fixture(params=ENTRIES, ids=lambda entry: entry.task.name)
def entry(request: pytest.FixtureRequest) -> Registered:
    """Each task."""
    return request.param  # type: ignore[no-any-return]


def folder_of(entry: Registered) -> Folder:
    """The bundled sample as a source."""
    return Folder(
        entry.task.name, (Path(str(entry.sample)),), {key: values[0] for key, values in entry.task.options.items()}
    )


def layout_of(entry: Registered, split: Split) -> Layout:
    """The layout in which the sample lies."""
    return need_layout(entry.task, split, folder_of(entry))


def records(entry: Registered, split: Split) -> list[Row | Reject]:
    """The sample's records of a split."""
    return list(read_layout(layout_of(entry, split), folder_of(entry)))


def test_facts_are_there(entry: Registered) -> None:
    task = entry.task
    assert task.name == task.name.lower()
    assert task.title and task.citation and task.homepage and task.download.strip() and task.tree.strip()
    assert task.license.id
    assert "://" not in task.homepage
    assert (entry.module.__doc__ or "").strip(), "the docstring says what M3IT does with the source and what we chose"


def test_instructions_are_different_texts_in_the_tasks_language(entry: Registered) -> None:
    pool = entry.pool()
    texts = [each.text for each in pool.all]
    assert all(text == text.strip() and "\n" not in text for text in texts)
    chinese = [any("\u3400" <= char <= "\u9fff" for char in text) for text in texts]
    assert all(chinese) if pool.language == "zh" else not any(chinese)


def test_the_sample_covers_every_split(entry: Registered) -> None:
    for split in entry.task.splits:
        assert any(isinstance(record, Row) for record in records(entry, split)), split


def test_keys_are_unique(entry: Registered) -> None:
    for split in entry.task.splits:
        keys = [record.key for record in records(entry, split) if isinstance(record, Row)]
        assert len(keys) == len(set(keys))


def test_conversion_is_pure(entry: Registered) -> None:
    for split in entry.task.splits:
        for record in records(entry, split):
            if isinstance(record, Row):
                before = copy.deepcopy(record.fields)
                first = entry.task.convert(record)
                assert entry.task.convert(record) == first
                assert record.fields == before
                if isinstance(first, Sample):
                    assert not RESERVED & set(first.meta)
                    assert not ("answer" in first.meta and (first.answer is not None or first.options is not None))
                    assert first.key == record.key


def test_every_key_of_meta_is_documented(entry: Registered) -> None:
    described = (Path(__file__).parents[1] / "docs/output-format.md").read_text("utf-8")
    for split in entry.task.splits:
        for record in records(entry, split):
            sample = plan_convert(entry.task, record, Draw(0, entry.task.name)) if isinstance(record, Row) else record
            if isinstance(sample, Sample):
                assert {name for name in sample.meta if f"`{name}`" not in described} == set()


def test_pictures_and_clips_tell_their_collections_id(entry: Registered) -> None:
    found = set()
    for split in entry.task.splits:
        for record in records(entry, split):
            sample = plan_convert(entry.task, record, Draw(0, entry.task.name)) if isinstance(record, Row) else record
            if isinstance(sample, Sample):
                found |= {media.origin.partition(":")[0] for media in sample.images}
    assert found == ORIGINS[entry.task.name]


def test_the_plan_does_not_depend_on_record_order(entry: Registered, tmp_path: Path) -> None:
    for split in entry.task.splits:
        layout = layout_of(entry, split)
        plans = []
        for name, turn in (("as it is", list), ("reversed", lambda rows: list(rows)[::-1])):
            turned = dataclasses.replace(layout, rows=lambda *found, turn=turn, rows=layout.rows: turn(rows(*found)))
            path = tmp_path / split / f"{name}.sqlite"
            PlanWriter(path, entry.task, Draw(3, entry.task.name), 7).write(turned, folder_of(entry), 3)
            plans.append([pack(planned) for planned in read_plan(path)])
        assert plans[0] == plans[1]
