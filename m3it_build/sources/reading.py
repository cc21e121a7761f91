"""What stops the reading of an annotation file: the machine, or the file itself, which is named."""

from collections.abc import Iterator
from contextlib import contextmanager

from m3it_build.core.errors import M3itError, SourceError
from m3it_build.core.machine import machine_error, machine_failed
from m3it_build.core.task import FoundFile


@contextmanager
def reading(file: FoundFile, form: str) -> Iterator[None]:
    """Around whatever reads a file and knows what it should be: no other error than ours comes out.

    Args:
        file: It is named.
        form: What it should be, for a person: `a MATLAB 5 file`.

    Raises:
        MachineError: the machine did not give it.
        SourceError: it is damaged, or something else.
    """
    try:
        yield
    except M3itError:
        raise
    except RecursionError as error:
        raise too_deep(file) from error
    except Exception as error:
        if machine_failed(error):
            raise machine_error(file.path, error) from error
        raise SourceError(
            f"{file.path}: not readable as {form} ({str(error) or type(error).__name__}). Fetch it again."
        ) from error


def too_deep(file: FoundFile, where: str = "") -> SourceError:
    """The error of a file whose values lie within each other by the hundreds."""
    return SourceError(f"{file.path}: {where}values are nested too deeply to be read. Is it the right file?")
