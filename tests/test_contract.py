"""What every bundled task keeps: the rules of all tasks, and those of this repository; one test over the registry."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from m3it_build.core.sample import Sample
from m3it_build.plan.contract import breaches, left_to_write
from m3it_build.plan.registry import Registered, load_registry
from m3it_build.publish.markdown import link
from m3it_build.testing import plan

ENTRIES = list(load_registry())
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


def samples(entry: Registered) -> Iterator[Sample]:
    """What becomes of the records of its sample."""
    for split in entry.task.splits:
        yield from (planned.sample for planned in plan(entry.task, Path(str(entry.sample)), split).rows)


def test_each_task_keeps_the_rules_and_has_its_facts(entry: Registered) -> None:
    assert list(map(str, [*breaches(entry), *left_to_write(entry)])) == []
    assert link(entry.task.homepage).startswith("["), "a page that can be linked"


def test_every_key_of_meta_is_documented(entry: Registered) -> None:
    described = (Path(__file__).parents[1] / "docs/output-format.md").read_text("utf-8")
    assert {name for sample in samples(entry) for name in sample.meta if f"`{name}`" not in described} == set()


def test_pictures_and_clips_tell_their_collections_id(entry: Registered) -> None:
    found = {media.origin.partition(":")[0] for sample in samples(entry) for media in sample.images}
    assert found == ORIGINS[entry.task.name]
