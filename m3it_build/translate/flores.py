"""FLORES devtest: the same sentences in every language, one a line."""

from dataclasses import dataclass
from pathlib import Path

from m3it_build.core.errors import MissingSource, SourceError
from m3it_build.translate.languages import ENGLISH, Language


@dataclass(frozen=True)
class Flores:
    """A folder of devtest files."""

    folder: Path
    english: tuple[str, ...]

    def reference(self, language: Language) -> tuple[str, ...]:
        """The sentences in another language.

        Raises:
            MissingSource: there is no file of it.
            SourceError: it has not as many lines as the English one.
        """
        path = find(self.folder, language)
        lines = _lines(path)
        if len(lines) != len(self.english):
            raise SourceError(
                f"{path}: {len(lines)} lines, the English file has {len(self.english)}. Take all files from one FLORES."
            )
        return lines


def open_flores(folder: Path) -> Flores:
    """Read the English sentences of a FLORES-200 or FLORES-101 release, or of a flat folder of `<code>.devtest`.

    Raises:
        MissingSource: no such folder, or no English file in it.
        SourceError: the English file is empty.
    """
    if not folder.is_dir():
        raise MissingSource(f"{folder}: no such folder. Give a FLORES release, or run: m3it models fetch flores")
    path = find(folder, ENGLISH)
    english = _lines(path)
    if not english:
        raise SourceError(f"{path}: is empty.")
    return Flores(folder, english)


def find(folder: Path, language: Language) -> Path:
    """The devtest file of a language.

    Raises:
        MissingSource: there is none.
    """
    names = [f"{code}.devtest" for code in (language.nllb, language.flores101) if code]
    for name in names:
        found = sorted(
            path
            for path in (folder / name, folder / "devtest" / name, *folder.glob(f"*/devtest/{name}"))
            if path.is_file()
        )
        if found:
            return found[0]
    raise MissingSource(f"{folder}: no {' or '.join(names)} here, in devtest/ or in */devtest/.")


def _lines(path: Path) -> tuple[str, ...]:
    try:
        return tuple(path.read_text("utf-8").removesuffix("\n").split("\n")) if path.stat().st_size else ()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read ({error}).") from error
