"""White space and ends of texts: one rule for all that the project writes."""

import re
import unicodedata

STOPS = (".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।", "։", "።", "។", "။")
"""Marks that end a sentence, in the scripts that rows are translated into."""
PAUSES = (",", ";", ":", "،", "؛", "，", "；", "：", "、")
"""Marks after which a sentence goes on; a stop behind one would be a mistake."""
QUOTES = "\"'”’»›」』》〉"
BRACKETS = ")]}】）］"
CLOSERS = QUOTES + BRACKETS
"""What may stand between a sentence's mark and its end."""


_DAMAGE = re.compile("[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\u202a-\u202e\u2066-\u2069\ufffd-\uffff\ud800-\udfff]")
"""Control characters but ASCII's white space, what turns round the text after it (marks of direction and joiners do
not), what stands where a character was lost or is none, half surrogates."""
_BREAK = re.compile(r"\r\n|\r|\n")
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns round the characters of a line, others' too."""


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


def control(text: str) -> str:
    """The first character that no text should have; empty where there is none."""
    found = _DAMAGE.search(text)
    return f"the character U+{ord(found[0]):04X}" if found else ""


def damage(text: str) -> str:
    """What an encoding, or a hand, did to a text; empty for a sound one.

    Control characters, embeddings, overrides and isolates of direction, lost characters (U+FFFD), and UTF-8 that was
    read as another encoding ("Ã©" for "é"), as far as it can be told (`ftfy`, which is made to take no sound text for
    that).
    """
    if what := control(text):
        return what
    if text.isascii():
        return ""
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    if is_bad(text) and (meant := fix_encoding(text)) != text:
        return f"UTF-8 that was read as another encoding: {text[:60]!r} for {meant[:60]!r}"
    return ""


def is_visible(text: str) -> bool:
    """Whether there is anything to see in it: no blanks, controls and zero-width characters alone."""
    return any(char.isalnum() or unicodedata.category(char)[0] not in "ZC" for char in text)


def visible(text: str) -> str:
    """The text as a terminal may be given it: controls but newlines, separators and turns of direction are escaped."""
    return "".join(
        char
        if char == "\n" or (unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") and char not in _DIRECTIONS)
        else char.encode("unicode_escape").decode()
        for char in text
    )


def is_ended(text: str) -> bool:
    """Whether a text ends with a mark, seen through closing quotes and brackets."""
    return text.rstrip(CLOSERS).endswith((*STOPS, *PAUSES))


def sentence_end(text: str) -> str:
    """The text as a sentence of its own: ended once, seen through closing quotes, by no pause (but ":)" is none)."""
    bare = text.rstrip(QUOTES)
    if bare.endswith(PAUSES):
        text = bare.rstrip("".join(PAUSES) + " ") + text[len(bare) :]
    return with_stop(text) if text else text


def with_stop(text: str, stop: str | None = None) -> str:
    """The text with a full stop, unless it ends with a mark.

    Args:
        text: Not empty.
        stop: The language's full stop; without it, that of the last letter's script (Chinese or Latin).
    """
    if is_ended(text):
        return text
    return text + (stop or ("。" if "\u3400" <= text.rstrip(CLOSERS)[-1:] <= "\u9fff" else "."))
