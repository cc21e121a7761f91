"""Every name of the released dataset leads to its task."""

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
FOREIGN = {"refcoco", "vsr"}
"""Shipped with the release, but none of the paper's 40."""


def names() -> list[str]:
    return [part.lstrip() for part in CONFIGS.replace("\n", " ").strip().split(";")]


def test_there_are_54_and_one_ends_with_a_blank() -> None:
    assert len(set(names())) == 54
    assert "iqa-rephrased " in names()


@pytest.mark.parametrize("name", names())
def test_every_config_of_the_release_is_a_name(name: str) -> None:
    wanted = FOLDERS.get(name, name.strip().removesuffix("-rephrased").removesuffix("-open-ended"))
    if wanted in FOREIGN:
        with pytest.raises(UnknownName, match=f"No task '{name}'"):
            load_registry()[name]
    else:
        assert load_registry()[name].task.name == wanted


@pytest.mark.parametrize(("folder", "task"), FOLDERS.items())
def test_every_folder_of_the_release_is_a_name(folder: str, task: str) -> None:
    assert load_registry()[folder].task.name == task
