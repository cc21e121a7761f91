"""Instructions and what they take for granted: drawn only where the row has it.

An entry of `instructions/<task>.toml` may carry two tags, `form` and `needs`; this is their whole vocabulary.
"""

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """What shape of output an instruction asks for."""

    ANY = "any"
    SENTENCE = "sentence"
    """A sentence: never for an output of a word or two."""


class Need(StrEnum):
    """What an instruction speaks of, and a row of its task may lack."""

    OPTIONS = "options"
    """Candidate answers under letters."""
    HISTORY = "history"
    """Turns of a conversation before the last one; the task says so in `Sample.traits`."""
    BOXES = "boxes"
    """Boxes drawn on a picture."""
    ONE_IMAGE = "one image"
    SEVERAL_IMAGES = "several images"
    ONE_SENTENCE = "one sentence"
    """The output is not longer than a sentence."""
    SEVERAL_SENTENCES = "several sentences"
    FIVE_SENTENCES = "five sentences"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One of a task's pool."""

    text: str
    form: Form = Form.ANY
    needs: tuple[Need, ...] = ()

    @property
    def fits_all(self) -> bool:
        """Whether it takes nothing for granted."""
        return self.form is Form.ANY and not self.needs


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What a row has, of the things that instructions may take for granted."""

    sentence: bool
    """The output reads as a sentence, not as a word or a phrase."""
    has: frozenset[Need]


def unmet(instruction: Instruction, facts: RowFacts) -> list[str]:
    """The instruction's tags that the row does not meet; none if it fits."""
    found = [f"needs {need.value}" for need in instruction.needs if need not in facts.has]
    if instruction.form is Form.SENTENCE and not facts.sentence:
        found.insert(0, "needs an output that is a sentence")
    return found


def fitting(pool: tuple[Instruction, ...], facts: RowFacts) -> tuple[int, ...]:
    """The places in the pool of the instructions that fit a row."""
    return tuple(place for place, instruction in enumerate(pool) if not unmet(instruction, facts))
