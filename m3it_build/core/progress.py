"""Who is told how far long work is."""

from m3it_build.core.errors import M3itError
from m3it_build.core.machine import unexpected


class Progress:
    """Hears of every step and keeps it to itself: subclass it, and override what you want to hear.

    Methods are called from the thread that works, `moved` from any thread; none may take long, none may raise.
    """

    def note(self, text: str) -> None:
        """Something that a person should know, and that changes nothing."""

    def warn(self, text: str) -> None:
        """Something that a person should know before the result is used."""

    def unexpected(self, error: Exception) -> None:
        """An error that nobody foresaw ended a part of the work: for whoever wants to see where it arose."""

    # build
    def expect(self, rows: int, splits: int) -> None:
        """About so many rows more or fewer are to be written in all, of so many more or fewer splits to plan."""

    def reading(self, split: str) -> None:
        """A split's annotations are being read."""

    def read(self, records: int) -> None:
        """So many records of it so far."""

    def planned(self, split: str, rows: int, shards: int) -> None:
        """A split is planned."""

    def kept(self, records: int) -> None:
        """So many were done by an earlier run."""

    def moved(self, split: str, records: int) -> None:
        """So many went through."""

    def written(self, shard: str, rows: int, rejected: int) -> None:
        """A shard was committed, now or by an earlier run."""

    # paraphrase
    def asking(self, questions: int) -> None:
        """So many questions are open, and will be asked."""

    def answered(self, retries: int, dollars: float) -> None:
        """One more answer is kept; so many tries were repeated and so much was spent so far."""

    def failed(self, reason: str) -> None:
        """A question stays open."""

    # translate
    def language(self, code: str, known: int, missing: int) -> None:
        """A language begins, of which so many sentences are known already."""

    def translated(self, sentences: int, refused: int) -> None:
        """So many more sentences are kept."""

    # gate
    def measured(self, language: str, score: float, told: str) -> None:
        """A language has a score, from 0 to 100, of now or of an earlier run; `told` is more of it, in words."""

    # download
    def fetching(self, files: int, size: int) -> None:
        """So many files are to be fetched, of so many bytes, as far as that is known."""

    def came(self, place: str, more: int) -> None:
        """So many more bytes of a file are there; fewer, where it begins anew. From any thread."""

    def fetched(self, place: str, size: int) -> None:
        """A file is whole. From any thread."""

    def unfetched(self, place: str, why: str) -> None:
        """A file could not be had. From any thread."""

    # validate
    def checked(self, shard: str, rows: int) -> None:
        """A shard was checked."""

    def problem(self, where: str, what: str) -> None:
        """Something is off."""

    def odd(self, where: str, what: str) -> None:
        """Something that a reader may stumble over, and that is no fault of the build: the source has it so."""

    # push
    def sending(self, files: int, size: int) -> None:
        """So many files and bytes are to be sent."""

    def sent(self, files: int, size: int) -> None:
        """So many more are there."""


def told(error: Exception, progress: Progress) -> str:
    """What is said in the end of an error that ended a part of the work."""
    if isinstance(error, M3itError):
        return str(error)
    progress.unexpected(error)
    return unexpected(error)
