"""Prompts that ask a chat model to rewrite a short answer (paper, appendix B): templates filled with a row's texts."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from m3it_build.core.errors import SettingsError
from m3it_build.core.text import one_line

NAMES = ("default", "caption", "ocr", "rationale", "chinese")
CONTEXTS = ("rationale", "ocr", "caption")
"""What a row may know beside question and answer; the most telling first."""
CONTEXT_LENGTH = 1500
"""Characters: a page of OCR tokens costs more than it tells."""

_ROLE = re.compile(r"^\[(system|user|assistant)\]\s*$", re.MULTILINE)
_FIELD = re.compile(r"\{(\w+)\}")


class Turn(NamedTuple):
    """A part of a prompt."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt with `{fields}`; the turns before the last are the task and its worked example."""

    name: str
    text: str
    turns: tuple[Turn, ...]

    @property
    def label(self) -> str:
        """Name and version; the version is a hash of the text."""
        return f"{self.name}@{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"

    @property
    def example(self) -> str:
        """The worked example's answer."""
        return " ".join(turn.text for turn in self.turns if turn.role == "assistant")

    def fill(self, question: str, answer: str, context: Mapping[str, str]) -> tuple[Turn, ...]:
        """The prompt of one row.

        Each text goes in once, on one line: it can neither add a line of its own nor be taken for a field, so a
        question that holds "Answer:", "{answer}" or an order to the model leaves the structure as it is.
        """
        texts = {"question": one_line(question), "answer": one_line(answer)}
        texts |= {name: one_line(context.get(name, ""))[:CONTEXT_LENGTH] for name in CONTEXTS}
        return tuple(Turn(turn.role, _FIELD.sub(lambda match: texts[match[1]], turn.text)) for turn in self.turns)


def parse_template(name: str, text: str, where: str) -> Template:
    """Cut a template's text into turns.

    Raises:
        SettingsError: it does not end with a user's turn that holds question and answer, or names an unknown field.
    """
    parts = _ROLE.split(text)
    turns = tuple(Turn(role, part.strip()) for role, part in zip(parts[1::2], parts[2::2], strict=True))
    fields = set(_FIELD.findall(text))
    if unknown := fields - {"question", "answer", *CONTEXTS}:
        raise SettingsError(
            f"{where}: unknown field {{{min(unknown)}}}; there are question, answer, {', '.join(CONTEXTS)}."
        )
    last = turns[-1] if turns else Turn("", "")
    if parts[0].strip() or last.role != "user" or not {"question", "answer"} <= set(_FIELD.findall(last.text)):
        raise SettingsError(
            f"{where}: needs parts [system], [user], ... and ends with a [user] that holds {{question}} and {{answer}}."
        )
    return Template(name, text, turns)


def load_templates(folder: Path | None = None) -> dict[str, Template]:
    """All templates by name; those of `folder` replace the bundled ones.

    Raises:
        SettingsError: a template cannot be read or is none.
    """
    found = {}
    for name in NAMES:
        own = folder / f"{name}.txt" if folder else None
        place = own if own is not None and own.is_file() else files("m3it_build.configs") / "prompts" / f"{name}.txt"
        try:
            found[name] = parse_template(name, place.read_text("utf-8"), str(place))
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{place}: cannot be read ({error}).") from error
    if folder is not None and not any((folder / f"{name}.txt").is_file() for name in NAMES):
        raise SettingsError(
            f"{folder}: holds no template; their names are {', '.join(f'{name}.txt' for name in NAMES)}."
        )
    return found


def template_name(language: str, context: Mapping[str, str]) -> str:
    """Which template a row takes: by its language, then by what is known about its picture."""
    if language == "zh":
        return "chinese"
    return next((name for name in CONTEXTS if context.get(name, "").strip()), "default")
