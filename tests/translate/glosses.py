"""What the sample's glossary makes of a text, word by word and without any model."""

import re
from typing import Any

from m3it_build.services.mt.glossary import TARGETS, entries

WORD = re.compile(r"( ?)([A-Za-z]+(?:'s)?)")
LETTER = re.compile(r"(^Options:$|^\([A-Z]+\) )", re.MULTILINE)


def gloss(text: str, nllb: str) -> str:
    """Every known word replaced; "Options:", letters, numbers and unknown words stay."""
    column = TARGETS.index(nllb) + 1
    table = {line[0]: line[column] for line in entries()}

    def word(match: re.Match[str]) -> str:
        space, found = match.groups()
        low = found[0].lower() + found[1:]
        if found in table:
            glossed = table[found]
        elif low in table:
            glossed = table[low][0].upper() + table[low][1:]
        else:
            return str(match[0])
        return glossed if nllb == "zho_Hans" else space + glossed

    return "".join(part if LETTER.fullmatch(part) else WORD.sub(word, part) for part in LETTER.split(text))


def expected(row: dict[str, Any], nllb: str) -> tuple[str, str]:
    """Inputs and outputs of a row of the sample."""
    outputs = gloss(row["outputs"], nllb)
    if nllb == "zho_Hans" and row["meta"].get("options"):
        outputs = outputs.removesuffix(".") + "。"
    return gloss(row["inputs"], nllb), outputs
