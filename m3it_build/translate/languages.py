"""The languages that rows can be translated into, and every name by which people call them."""

import difflib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from m3it_build.core.errors import UnknownName

PUBLISHED_MODEL = "nllb-200-distilled-1.3B"
"""The paper's (3.2 stage IV), and the one whose scores configs/languages.toml holds."""
TRADITIONAL = "zh-Hant"
"""ISO 639 has one code for both scripts of Chinese; the simplified one has it in Table 9."""
SETTLED_AT = 20.0
"""The threshold for which `Language.passes` speaks (paper, 3.2 stage IV)."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language in one script."""

    nllb: str
    """The model's code: `deu_Latn`."""
    name: str
    iso639_3: str
    script: str
    """ISO 15924."""
    iso639_1: str | None = None
    flores101: str | None = None
    """None for the two of Table 9 that FLORES-101 does not have."""
    paper: str | None = None
    """The code of Table 9; None if it is not there."""
    printed: str | None = None
    """What Table 9 prints instead of the model's code, where it is wrong."""
    spbleu: float | None = None
    """Published score of NLLB-200-distilled-1.3B from English; None where there is no valid one."""
    test_set: str = "flores101"
    """Whose devtest the score is of."""
    passes: bool | None = None
    """Whether it has more than SETTLED_AT; only for what has no score."""

    @property
    def code(self) -> str:
        """As configs are named: `de` of `okvqa-de`."""
        if self.nllb == "zho_Hant":
            return TRADITIONAL
        return self.paper or self.iso639_1 or self.iso639_3

    @property
    def aliases(self) -> set[str]:
        """Everything that it may be called, in lower case."""
        names = {self.nllb, self.name, self.code, self.paper, self.printed, self.flores101}
        if self.iso639_1:
            names.add(f"{self.iso639_1}-{self.script}")
        if self.nllb != "zho_Hant":  # ISO 639 does not tell scripts: its codes stand for the simplified one
            names |= {self.iso639_1, self.iso639_3}
        return {name.casefold() for name in names if name}


ENGLISH = Language("eng_Latn", "English", "eng", "Latn", "en", "eng")
"""What rows are translated from, so not among the languages."""


@cache
def languages() -> tuple[Language, ...]:
    """All of configs/languages.toml, in order of the model's codes."""
    content = tomllib.loads((files("m3it_build.configs") / "languages.toml").read_text("utf-8"))
    return tuple(Language(nllb=code, **facts) for code, facts in content.items())


def find_language(text: str) -> Language:
    """The language of a code (paper, NLLB, FLORES-101, ISO 639, `sr-Cyrl`) or an English name, in any case.

    Raises:
        UnknownName: there is none, names the closest; English.
    """
    wanted = text.strip().casefold()
    by_alias = _by_alias()
    if wanted in by_alias:
        return by_alias[wanted]
    if wanted in ENGLISH.aliases:
        raise UnknownName(f"{text.strip()}: English is what is translated. Name languages to translate it into.")
    words = [name for name in by_alias if wanted in re.findall(r"\w+", name)]
    close = dict.fromkeys(by_alias[name] for name in words or difflib.get_close_matches(wanted, by_alias, 5, 0.6))
    told = " or ".join(f"{language.code} ({language.name}, {language.nllb})" for language in list(close)[:3])
    hint = f"Did you mean {told}?" if told else "Use codes of ISO 639 (de), NLLB (deu_Latn) or FLORES-101, or names."
    raise UnknownName(f"No language {text.strip()!r}. {hint}")


def resolve(langs: str | Sequence[str]) -> list[Language]:
    """What --langs asks for: `all` of FLORES-101, `paper` (the eighty of Table 9), or several; each once.

    Args:
        langs: One of these two words, or codes and names, with commas between them or one by one.

    Raises:
        UnknownName: a language that does not exist, or none at all.
    """
    if is_all(langs):
        return [language for language in languages() if language.flores101]
    parts = _parts(langs)
    if _is(parts, "paper"):
        return [language for language in languages() if language.paper]
    found = [find_language(part) for part in parts]
    if not found:
        raise UnknownName("--langs names no language. Use all, paper, or codes as de,fr.")
    return list(dict.fromkeys(found))


def is_all(langs: str | Sequence[str]) -> bool:
    """Whether no language is named."""
    return _is(_parts(langs), "all")


def _parts(langs: str | Sequence[str]) -> list[str]:
    texts = [langs] if isinstance(langs, str) else langs
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]


def _is(parts: Sequence[str], word: str) -> bool:
    return [part.casefold() for part in parts] == [word]


@cache
def _by_alias() -> dict[str, Language]:
    found: dict[str, Language] = {}
    for language in languages():
        for alias in language.aliases:
            if found.setdefault(alias, language) is not language:
                raise ValueError(f"configs/languages.toml: {alias!r} stands for two languages")
    return found
