"""Which names may stand beside the right one: none that is right as well."""

from collections.abc import Callable, Collection, Iterable


def apart(
    answer: str,
    names: Iterable[str],
    wider: Callable[[str, str], bool],
    pairs: Collection[frozenset[str]] = (),
) -> tuple[str, ...]:
    """The names of which none can be right where `answer` is; the answer itself stays among them.

    Args:
        answer: The right name.
        names: Of all classes.
        wider: Whether the first name says, by its wording, what the second says and less: `begins`, `ends`. It keeps
            two names apart whichever is the answer, as a narrower name is often right as well.
        pairs: Names that mean or show the same, by hand.
    """
    return tuple(
        name
        for name in names
        if name == answer or not (wider(name, answer) or wider(answer, name) or frozenset((name, answer)) in pairs)
    )


def begins(name: str, other: str) -> bool:
    """Whether `other` goes on after the words of `name`: "Holding something" and "Holding something over something"."""
    words = name.split()
    return len(words) < len(other.split()) and other.split()[: len(words)] == words


def ends(name: str, other: str) -> bool:
    """Whether `other` says more before `name`, as where a noun stands last: 饼干 and 苏打饼干, "mask" and "ski mask".

    A Latin word is a whole one: "ant" does not end "elephant".
    """
    before = other.removesuffix(name)
    return bool(before) and before != other and not (before[-1].isascii() and before[-1].isalnum())
