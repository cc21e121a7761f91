"""Settings of one kind out of several places, and what is wrong with them in words."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError

from m3it_build.core.errors import SettingsError
from m3it_build.core.names import closest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def _path(value: Any) -> Any:
    if value == "" or "\0" in str(value):
        raise ValueError("must be a path, without NUL characters" if value else "must not be empty")
    return value


Place = Annotated[Path, BeforeValidator(_path)]
"""A path of a setting; not the empty one, which would be the working directory."""

M = TypeVar("M", bound=BaseModel)


class Layer(NamedTuple):
    """Settings from one place; None is a setting that is not given there."""

    values: Mapping[str, Any]
    where: Callable[[str], str]
    """How a person finds one of them: flag, variable, or file and line."""


def merged(kind: type[M], layers: Sequence[Layer]) -> M:
    """One set of settings out of layers, of which the first one wins.

    Raises:
        SettingsError: an unknown name or a wrong value, and where it stands.
    """
    found = [(name, value, layer) for layer in layers for name, value in layer.values.items() if value is not None]
    values = {name: value for name, value, _ in reversed(found)}
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:
            raise SettingsError(f"{in_words(first)}.") from error
        name, *below = map(str, first["loc"])
        where = next((layer.where(name) for key, _, layer in found if key == name), name)
        if first["type"] == "extra_forbidden" and not below:
            raise SettingsError(f"{where}: there is no such setting. {closest(name, kind.model_fields)}") from error
        at = f" ({'.'.join(below)})" if below else ""
        given = str(first["input"]) if isinstance(first.get("input"), Path) else first.get("input")
        said = given if isinstance(given, str) and given.isprintable() and given else repr(given)
        raise SettingsError(f"{where}{at}: {in_words(first)}, not {said}.") from error


WORDS = {
    "greater_than_equal": "must be at least {ge:g}",
    "greater_than": "must be more than {gt:g}",
    "less_than_equal": "must be at most {le:g}",
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), "must be a whole number"),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "must be a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "path_type": "must be a path",
    **dict.fromkeys(("dict_type", "model_type"), "must be a table"),
    **dict.fromkeys(("enum", "literal_error"), "must be {expected}"),
    "missing": "is missing",
    "extra_forbidden": "there is no such setting",
    "value_error": "{error}",
}
"""What is wrong with a value, by the name that pydantic has for it; the fields are those of the error's context."""


def in_words(error: "ErrorDetails") -> str:
    """What pydantic found wrong with a value, as a person would say it."""
    words = WORDS.get(error["type"])
    return error["msg"] if words is None else words.format_map(error.get("ctx", {}))
