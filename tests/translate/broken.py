"""Real CTranslate2 models that do not do what they should: the glossary with other words in it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from m3it_build.services.mt.glossary import END, entries, lexicon, write_model

Glosses = dict[tuple[str, str], str]
"""What becomes of a piece in a language."""
Change = Callable[[Glosses], Glosses]

TESTED = frozenset({"please", "look", "picture", "again", "before", "reply"})
"""Enough of a known sentence to pass the test that a model is put to, and in hardly any row."""


def echo(sound: Glosses) -> Glosses:
    """Everything comes out as it went in."""
    return {(piece, nllb): piece for piece, nllb in sound}


def nothing(sound: Glosses) -> Glosses:
    """Nothing comes out."""
    return dict.fromkeys(sound, END)


def german(sound: Glosses) -> Glosses:
    """Whatever the language, it is German."""
    return {(piece, nllb): sound.get((piece, "deu_Latn"), gloss) for (piece, nllb), gloss in sound.items()}


def echo_but_for_the_test(sound: Glosses) -> Glosses:
    """A few words are right, so that the model passes."""
    return _tested(sound, echo(sound))


def nothing_but_for_the_test(sound: Glosses) -> Glosses:
    """The words of one sentence are right, as are single characters."""
    return _tested(sound, {key: END if len(key[0]) > 2 else gloss for key, gloss in sound.items()} | _echoed(sound))


def _tested(sound: Glosses, broken: Glosses) -> Glosses:
    right = {key: gloss for key, gloss in sound.items() if key[0].strip("\u2581").casefold() in TESTED}
    return broken | right


def _echoed(sound: Glosses) -> Glosses:
    """What else stands in that sentence."""
    return {key: key[0] for key in sound if key[0].strip("\u2581") in {"the", "at", "you"}}


def write_broken(folder: Path, change: Change) -> Path:
    """Write the glossary, changed."""
    sound = lexicon(entries())
    folder.mkdir(parents=True)
    write_model(folder, replace(sound, glosses=change(sound.glosses)))
    return folder
