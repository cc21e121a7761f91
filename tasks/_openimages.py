"""What TextVQA and TextCaps share: Open Images photos and the text that was recognised in them."""

from m3it_build.core.sample import Picture
from m3it_build.core.task import SourceFolder
from m3it_build.sources.json_files import read_array

from ._names import anywhere


def openimages_picture(name: str, cell: str | None = None) -> Picture:
    """A photo of train or validation, which share one archive; or a mirror's cell."""
    files = (f"train_images/{name}.jpg", f"train_val_images/train_images/{name}.jpg")
    return Picture((cell,) if cell else anywhere(files), origin=f"openimages:{name}")


def ocr_tokens(folder: SourceFolder, split: str) -> dict[str, str]:
    """Recognised words by picture, joined by blanks; empty where the file is not at hand.

    Only the paraphraser reads them (paper, 3.2), so the file may be missing, and an entry that is none is passed over.
    """
    name = f"TextVQA_Rosetta_OCR_v0.2_{split}.json"
    if not folder.has(name):
        return {}
    tokens = {}
    for entry in read_array(folder.need(name), "data").pick("image_id", "ocr_tokens"):
        image, words = entry.get("image_id"), entry.get("ocr_tokens")
        if isinstance(image, str) and isinstance(words, list):
            tokens[image] = " ".join(word for word in words if isinstance(word, str))
    return tokens
