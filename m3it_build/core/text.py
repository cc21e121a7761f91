"""White space and ends of texts: one rule for all that the project writes."""

import re
import unicodedata

STOPS = (".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।", "։", "።", "។", "။")
"""Marks that end a sentence, in the scripts that rows are translated into."""
PAUSES = (",", ";", ":", "،", "؛", "，", "；", "：", "、")
"""Marks after which a sentence goes on; a stop behind one would be a mistake."""
CLOSERS = "\"'”’»›)]}」』】）］》〉"
"""What may stand between a sentence's mark and its end."""


_BREAK = re.compile(r"\r\n|\r|\n")


def one_line(text: str) -> str:
    """The text in one line: each run of white space, line breaks too, becomes a blank."""
    return " ".join(text.split())


def tidy(text: str) -> str:
    """The text with each run of white space in a line as one blank; lines stay, their ends and the text's are bare.

    White space is what Unicode calls so, tabs, no-break and ideographic blanks too; only newlines end a line.
    """
    return "\n".join(map(one_line, _BREAK.split(text))).strip()


def web_address(page: str) -> str:
    """A page with its scheme, so that it is a link wherever it is shown: `https`, where none is written."""
    return page if "://" in page else f"https://{page}"


def ends_sentence(text: str) -> bool:
    """Whether a text ends with a mark that ends a sentence, seen through closing quotes and brackets."""
    return text.rstrip(CLOSERS).endswith(STOPS)


def is_visible(text: str) -> bool:
    """Whether there is anything to see in it: no blanks, controls and zero-width characters alone."""
    return any(char.isalnum() or unicodedata.category(char)[0] not in "ZC" for char in text)


def is_ended(text: str) -> bool:
    """Whether a text ends with a mark, seen through closing quotes and brackets."""
    return text.rstrip(CLOSERS).endswith((*STOPS, *PAUSES))


def with_stop(text: str, stop: str | None = None) -> str:
    """The text with a full stop, unless it ends with a mark.

    Args:
        text: Not empty.
        stop: The language's full stop; without it, that of the last letter's script (Chinese or Latin).
    """
    if is_ended(text):
        return text
    return text + (stop or ("。" if "\u3400" <= text.rstrip(CLOSERS)[-1:] <= "\u9fff" else "."))
