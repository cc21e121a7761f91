"""Whose fault an error is: the machine's, which decides nothing about a record, or the data's."""

import errno
import mmap

from m3it_build.core.errors import MachineError

HANDLES = (errno.EMFILE, errno.ENFILE)
REFUSED = (errno.EACCES, errno.EPERM)
"""What waiting does not mend."""
ADVICE = {
    errno.EACCES: "Let this user read it",
    errno.EPERM: "Let this user read it",
    errno.EIO: "Look at the disk (dmesg tells more)",
    errno.ESTALE: "Mount its disk again",
    errno.ENOENT: "It was there a moment ago: see that its disk is still mounted",
    errno.ENODEV: "See that its disk is still mounted",
    errno.ENXIO: "See that its disk is still mounted",
    errno.ENOTCONN: "See that its disk is still mounted",
    errno.EHOSTDOWN: "See that its disk is still mounted",
    errno.EMFILE: "Allow more open files (ulimit -n 1024), or take fewer --workers",
    errno.ENFILE: "Close other programs: the machine has no open files left",
    errno.ENOMEM: "Take fewer --workers",
}
SPARE = 256 << 20
"""Bytes that a machine has to spare while memory is not short."""


def is_of_machine(error: BaseException) -> bool:
    """Whether the system, and not the bytes of a file, made this error.

    Libraries raise OSError without a number for files that they cannot understand, and FFmpeg with numbers of its own:
    what it raises is not to be asked here. A part of a library that cannot be loaded is no file's fault.
    """
    return isinstance(error, MemoryError | ImportError) or (isinstance(error, OSError) and (error.errno or 0) > 0)


def memory_is_short(need: int = SPARE) -> bool:
    """Whether what was just undone for want of memory was the machine's fault: `need` bytes cannot be had.

    Where they can, a file asked for an absurd amount. Decoders fail in many ways where they get no memory.
    """
    try:
        mmap.mmap(-1, need).close()  # asked for, and not touched: that would take half a second
    except (OSError, ValueError):
        return True
    return False


def machine_failed(error: BaseException) -> bool:
    """As `is_of_machine`, right after the error: one that came of an absurd wish for memory is the file's."""
    return is_of_machine(error) and (not isinstance(error, MemoryError) or memory_is_short())


def machine_error(place: object, error: BaseException) -> MachineError:
    """The error that ends the work for now, with the advice that fits."""
    told, advice = _told(error)
    return MachineError(f"{place}: cannot be read ({told}). {advice}, then run the same command again.")


def unexpected(error: BaseException) -> str:
    """What is said of an error that nobody foresaw: the machine's is told as such, another one is ours."""
    if is_of_machine(error):
        told, advice = _told(error)
        place = f"{name}: " if (name := getattr(error, "filename", None)) else ""
        return f"{place}{told}. {advice}, then run the same command again."
    return f"internal error: {type(error).__name__}: {error}. See where with -v or M3IT_TRACEBACK=1, and report it."


def _told(error: BaseException) -> tuple[str, str]:
    """What happened, and what to do about it."""
    told = getattr(error, "strerror", None) or str(error) or "there is too little memory"
    number = errno.ENOMEM if isinstance(error, MemoryError) else getattr(error, "errno", None)
    return told, ADVICE.get(number or 0, "Mend that")
