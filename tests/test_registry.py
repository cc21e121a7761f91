"""Every name of the released dataset leads to its task, and no licence promises more than its pictures allow."""

import pytest

from m3it_build.core.errors import UnknownName
from m3it_build.plan.registry import load_registry

CONFIGS = """
coco; textcap; image-paragraph-captioning; msrvtt; coco-cn; flickr8k-cn; coco-goi; coco-goi-rephrased; coco-text;
imagenet; imagenet-open-ended; imagenet-rephrased; coco-itm; coco-itm-rephrased; iqa; iqa-rephrased ; mocheg;
mocheg-rephrased; refcoco; refcoco-rephrased; snli-ve; snli-ve-rephrased; ss; vsr; vsr-rephrased; winoground;
chinese-food; vqa-v2; shapes; shapes-rephrased; docvqa; ocr-vqa; st-vqa; text-vqa; gqa; okvqa; a-okvqa; viquae;
science-qa; fm-iqa; activitynet-qa; ivqa; msrvtt-qa; msvd-qa; clevr; clevr-rephrased; nlvr; vcr; visual-mrc; multi30k;
vist; mmchat; visual-dialog; visual-dialog-rephrased
"""
"""The 54 configs, one of them with a blank at its end."""
FOLDERS = {
    "vqav2": "vqa-v2",
    "itm": "coco-itm",
    "visual_dialog": "visual-dialog",
    "visual_mrc": "visual-mrc",
    "science_qa": "science-qa",
    "image_paragraph_captioning": "image-paragraph-captioning",
    "chinesefoodnet-10": "chinese-food",
    "ss": "something-something",
}
"""Folders that are not called like their config."""
COCO = ("coco", "coco-goi", "coco-itm", "coco-text", "vqa-v2", "okvqa", "a-okvqa", "visual-dialog", "coco-cn", "fm-iqa")
"""Texts under an open licence about COCO's photos, which stay their Flickr users'."""
OTHERS_PICTURES = (
    "flickr8k-cn", "snli-ve", "multi30k", "image-paragraph-captioning", "gqa", "st-vqa", "ocr-vqa", "docvqa",
    "visual-mrc", "viquae", "mocheg", "mmchat", "vist", "vcr", "winoground", "nlvr", "imagenet", "iqa", "chinese-food",
    "something-something", "activitynet-qa", "ivqa", "msvd-qa", "msrvtt", "msrvtt-qa",
)  # fmt: skip
"""On photos, pages, covers, stills and clips of third parties, with terms of their own or none."""
ONE_LICENCE = {
    "clevr": "CC-BY-4.0",
    "science-qa": "CC-BY-NC-SA-4.0",
    "text-vqa": "CC-BY-4.0",
    "textcap": "CC-BY-4.0",
    "shapes": "LicenseRef-SHAPES",
}
"""Drawn by the authors, or photos under a licence as open as the text's (CC-BY-2.0)."""
FOREIGN = {"refcoco", "vsr"}
"""Shipped with the release, but none of the paper's 40."""
SENTENCES = {"shapes-rephrased", "clevr-rephrased"}
"""Re-issues of short answers as sentences, which is what the paper says of these tasks and what is built."""


def names() -> list[str]:
    return [part.lstrip() for part in CONFIGS.replace("\n", " ").strip().split(";")]


def test_there_are_54_and_one_ends_with_a_blank() -> None:
    assert len(set(names())) == 54
    assert "iqa-rephrased " in names()


@pytest.mark.parametrize("name", names())
def test_every_config_of_the_release_is_a_name(name: str) -> None:
    plain = name.strip()
    task = plain.removesuffix("-rephrased").removesuffix("-open-ended")
    if task in FOREIGN:
        with pytest.raises(UnknownName, match=f"No task '{name}'"):
            load_registry()[name]
    elif task != plain and plain not in SENTENCES:
        with pytest.raises(UnknownName, match=f"^{plain} is not {task}: "):
            load_registry()[name]
    else:
        assert load_registry()[name].task.name == FOLDERS.get(plain, task)


def test_a_config_of_other_rows_says_how_to_build_them() -> None:
    with pytest.raises(UnknownName, match=r'\[options\.imagenet\] form = "open"'):
        load_registry()["imagenet-open-ended"]


def test_a_name_that_is_refused_is_no_name_of_another_task() -> None:
    entries = list(load_registry())
    refused = [name for entry in entries for name in entry.task.refused_names]
    named = {name for entry in entries for name in (entry.task.name, *entry.task.aliases)}
    assert len(set(refused)) == len(refused)
    assert not named & set(refused)


@pytest.mark.parametrize(("folder", "task"), FOLDERS.items())
def test_every_folder_of_the_release_is_a_name(folder: str, task: str) -> None:
    assert load_registry()[folder].task.name == task


def test_the_table_of_licences_has_every_task() -> None:
    tables = (COCO, OTHERS_PICTURES, ONE_LICENCE)
    assert sorted(name for table in tables for name in table) == sorted(entry.task.name for entry in load_registry())


@pytest.mark.parametrize("name", COCO)
def test_rows_with_coco_photos_have_one_licence(name: str) -> None:
    license = load_registry()[name].task.license
    assert (license.id, license.redistributable) == ("LicenseRef-COCO", False)
    assert "Flickr" in license.note


@pytest.mark.parametrize("name", OTHERS_PICTURES)
def test_an_open_licence_of_the_text_is_not_that_of_a_row_with_somebody_elses_picture(name: str) -> None:
    license = load_registry()[name].task.license
    assert license.id.startswith("LicenseRef-")
    assert not license.redistributable
    assert license.note


@pytest.mark.parametrize(("name", "id"), ONE_LICENCE.items())
def test_where_text_and_pictures_have_one_licence_it_is_named(name: str, id: str) -> None:
    assert load_registry()[name].task.license.id == id
