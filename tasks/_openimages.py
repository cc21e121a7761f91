"""What TextVQA and TextCaps share: Open Images photos and the text that was recognised in them."""

from m3it_build.core.sample import Fields, Picture
from m3it_build.core.task import SourceFolder
from m3it_build.sources.json_files import read_array

from ._names import anywhere
from ._size import stated_size


def openimages_picture(name: str, record: Fields) -> Picture:
    """A photo of train or validation, which share one archive; or a mirror's cell.

    The stated size is that of the file in the archive (its longer side 1,024 pixels), so that a photo of another size
    is no such file. A cell belongs to its record and needs no such proof.
    """
    origin = f"openimages:{name}"
    if cell := record.get("picture"):
        return Picture((cell,), origin=origin)
    files = (f"train_images/{name}.jpg", f"train_val_images/train_images/{name}.jpg")
    size = stated_size(record.get("image_width"), record.get("image_height"))
    return Picture(anywhere(files), origin=origin, size=size)


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
