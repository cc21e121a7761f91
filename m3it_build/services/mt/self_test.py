"""Lets a loaded model translate what any can: one that cannot is found before it fills a dataset with its copies."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from m3it_build.core.words import words
from m3it_build.core.writing import share
from m3it_build.services.mt.models import ModelError
from m3it_build.services.mt.translator import SOURCE, Outcome

if TYPE_CHECKING:
    from m3it_build.services.mt.translator import Translator

SENTENCES = (
    "The woman saw a white horse under the tree.",
    "Please look at the picture again before you reply.",
    "Two friends asked what they should eat after the game.",
)
"""Everyday words without a name or a number, hardly one of them written alike in a language near to English, and all in
the sample's glossary. One that comes out right is enough: a sound model may miss another in a rare language."""
FOREIGN = 0.5
"""Share of a translation's words that must not be the sentence's, and of its letters that must be of the script."""


def must_translate(translator: "Translator", targets: Iterable[str]) -> None:
    """Hold a model to every language that it is to translate into.

    Raises:
        ModelError: a known sentence came out of it as it went in, in another script, or not at all.
    """
    for target in targets:
        if wrong := _wrong(translator, target):
            raise _refusal(translator, wrong)


def must_translate_any(translator: "Translator", targets: Iterable[str]) -> None:
    """Hold a model to one of the languages: for whom the others are measured anyway.

    Raises:
        ModelError: it gives words of none of them.
    """
    first = None
    for target in targets:
        wrong = _wrong(translator, target)
        if wrong is None:
            return
        first = first or wrong
    if first:
        raise _refusal(translator, first)


def fault(sentence: str, outcome: Outcome, target: str) -> str | None:
    """What is wrong with a translation of a known sentence; None if it has words of the language.

    Args:
        sentence: In English.
        outcome: What the model made of it.
        target: The NLLB code of the language.
    """
    if not isinstance(outcome, str):
        return f"was refused ({outcome.reason}: {outcome.detail})"
    said = words(outcome)
    kept = sum(word in words(sentence) for word in said)
    if not said or kept > FOREIGN * len(said):
        return f"became {outcome!r}, which is no translation"
    if (share(outcome, target[4:]) or 0) < FOREIGN:
        return f"became {outcome!r}, which is not in the script {target[4:]}"
    return None


def _wrong(translator: "Translator", target: str) -> str | None:
    """What became of the first sentence if none came out right; sentences that the model cannot read prove nothing."""
    first = None
    for sentence in filter(translator.reads, SENTENCES):
        [[(_, outcome)]] = translator.stream([sentence], target, SOURCE)
        wrong = fault(sentence, outcome, target)
        if wrong is None:
            return None
        first = first or f"for {target}, {sentence!r} {wrong}"
    return first


def _refusal(translator: "Translator", wrong: str) -> ModelError:
    compute_type = translator.decoding.compute_type
    way_out = "" if compute_type == "float32" else "Try another --compute-type, as float32; else t"
    return ModelError(
        f"{translator.model.folder}: the model {translator.name} does not translate, computing in {compute_type} on "
        f"{translator.kernel}: {wrong}. {way_out or 'T'}ake another --model, or leave the language out."
    )
