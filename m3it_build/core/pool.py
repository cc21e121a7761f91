"""A task's instructions, as its file says them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from m3it_build.core.errors import SettingsError
from m3it_build.core.instructions import Form, Instruction, Need
from m3it_build.core.names import closest

E = TypeVar("E", bound=StrEnum)

KEYS = ("language", "instructions", "further")
ENTRY = ("text", "form", "needs")


@dataclass(frozen=True, slots=True)
class Pool:
    """A task's instructions."""

    language: str
    instructions: tuple[Instruction, ...]
    """Those that Table 2 of the paper counts."""
    further: tuple[Instruction, ...] = ()
    """Written beside the paper's number, where few others fit some rows."""
    editions: Mapping[tuple[str, str], "Pool"] = field(default_factory=dict)
    """Pools of their own for an option's values, as `("corpus", "nlvr")`."""

    def under(self, options: Mapping[str, str]) -> "Pool":
        """The pool under these options."""
        return next((self.editions[chosen] for chosen in options.items() if chosen in self.editions), self)

    @property
    def all(self) -> tuple[Instruction, ...]:
        """What rows are given; `meta.instruction_index` is a place in it."""
        return self.instructions + self.further


def parse_pool(content: Mapping[str, Any], where: str, options: Mapping[str, Collection[str]] | None = None) -> Pool:
    """The pool of an instruction file.

    Args:
        content: The file's tables.
        where: Its path, for errors.
        options: Those of the task; a value may have a pool of its own, in a table `[option.value]`.

    Raises:
        SettingsError: a key is missing or unknown, a text is empty or stands twice, or each instruction takes
            something for granted, so that a row may be left without any.
    """
    options = options or {}
    for key in content:
        if key not in KEYS and key not in options:
            raise SettingsError(f"{where}: {key!r} is no key of an instruction file. {closest(key, KEYS)}")
    if not isinstance(content.get("language"), str) or not isinstance(content.get("instructions"), list):
        raise SettingsError(f"{where}: an instruction file needs `language` and a list `instructions`.")
    further = content.get("further", [])
    if not isinstance(further, list):
        raise SettingsError(f"{where}: `further` must be a list, as `instructions`.")
    pool = Pool(
        content["language"],
        tuple(_entry(entry, where) for entry in content["instructions"]),
        tuple(_entry(entry, where) for entry in further),
        dict(_editions(content, options, where)),
    )
    if not pool.instructions or len({each.text for each in pool.all}) < len(pool.all):
        raise SettingsError(f"{where}: instructions must be different, non-empty texts.")
    if not any(each.fits_all for each in pool.all):
        raise SettingsError(
            f"{where}: every instruction has tags, so none may fit some row. Write one without `form` and `needs`."
        )
    return pool


def _editions(
    content: Mapping[str, Any], options: Mapping[str, Collection[str]], where: str
) -> Iterator[tuple[tuple[str, str], Pool]]:
    """The pools of options' values."""
    for option, values in options.items():
        table = content.get(option, {})
        known = ", ".join(f"[{option}.{each}]" for each in values)
        if not isinstance(table, dict):
            raise SettingsError(f"{where}: {option} is no table of pools. There may be {known}.")
        for value, pool in table.items():
            if value not in values or not isinstance(pool, dict):
                raise SettingsError(f"{where}: {option}.{value} is no table of a pool. There may be {known}.")
            yield (option, value), parse_pool({"language": content["language"]} | pool, f"{where} [{option}.{value}]")


def _entry(entry: Any, where: str) -> Instruction:
    """A plain text, or a table of text and tags."""
    table = {"text": entry} if isinstance(entry, str) else entry
    text = table.get("text") if isinstance(table, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise SettingsError(f"{where}: an instruction is a text, or a table with a `text`; {entry!r} is neither.")
    for key in table:
        if key not in ENTRY:
            raise SettingsError(f"{where}: {text!r} has {key!r}, which is no tag. {closest(key, ENTRY)}")
    needs = table.get("needs", [])
    return Instruction(
        text,
        _tag(Form, table.get("form", Form.ANY), "form", f"{where}: {text!r}"),
        tuple(_needs(needs if isinstance(needs, list) else [needs], f"{where}: {text!r}")),
    )


def _needs(values: list[Any], where: str) -> Iterator[Need]:
    for value in values:
        yield _tag(Need, value, "needs", where)


def _tag(kind: type[E], value: Any, key: str, where: str) -> E:
    """The tag of that name.

    Raises:
        SettingsError: there is none; names the closest, or all.
    """
    try:
        return kind(value)
    except ValueError:
        known = [tag.value for tag in kind]
        raise SettingsError(f"{where} has {key} = {value!r}, which is unknown. {closest(str(value), known)}") from None
