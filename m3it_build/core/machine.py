"""Whose fault an error is: the machine's, which decides nothing about a record, or the data's."""

import errno

from m3it_build.core.errors import MachineError

HANDLES = (errno.EMFILE, errno.ENFILE)
ADVICE = {
    errno.EACCES: "Let this user read it",
    errno.EPERM: "Let this user read it",
    errno.EIO: "Look at the disk (dmesg tells more)",
    errno.ESTALE: "Mount its disk again",
    errno.ENOENT: "It was there a moment ago: is its disk still mounted",
    errno.ENODEV: "Is its disk still mounted",
    errno.ENXIO: "Is its disk still mounted",
    errno.ENOTCONN: "Is its disk still mounted",
    errno.EHOSTDOWN: "Is its disk still mounted",
    errno.EMFILE: "Allow more open files (ulimit -n 1024), or take fewer --workers",
    errno.ENFILE: "Close other programs: the machine has no open files left",
    errno.ENOMEM: "Take fewer --workers: memory is short",
}


def is_of_machine(error: BaseException) -> bool:
    """Whether the system, and not the bytes of a file, made this error.

    Libraries raise OSError without a number for files that they cannot understand, and FFmpeg with numbers of its own:
    what it raises is not to be asked here.
    """
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and (error.errno or 0) > 0)


def machine_error(place: object, error: BaseException) -> MachineError:
    """The error that ends the work for now, with the advice that fits."""
    told = getattr(error, "strerror", None) or str(error) or "memory is short"
    number = getattr(error, "errno", None) or (errno.ENOMEM if isinstance(error, MemoryError) else 0)
    advice = ADVICE.get(number, "Mend that")
    return MachineError(f"{place}: cannot be read ({told}). {advice}, then run the same command again.")


def unexpected(error: BaseException) -> str:
    """What is said of an error that nobody foresaw: the machine's is told as such, another one is ours."""
    if is_of_machine(error):
        place = f"{name}: " if (name := getattr(error, "filename", None)) else ""
        told = getattr(error, "strerror", None) or str(error) or "memory is short"
        number = errno.ENOMEM if isinstance(error, MemoryError) else getattr(error, "errno", 0)
        return f"{place}{told}. {ADVICE.get(number, 'Mend that')}, then run the same command again."
    return f"internal error: {type(error).__name__}: {error}. See where with -v or M3IT_TRACEBACK=1, and report it."
