"""Reading again what the machine did not give at once."""

import time
from collections.abc import Callable
from typing import TypeVar

from m3it_build.core.machine import REFUSED, is_of_machine, machine_error

T = TypeVar("T")

WAITS = (0.1, 0.5, 2.0)
"""Seconds before each further try: a mount that is coming back, files that others close, memory that is given back."""


def patiently(place: object, work: Callable[[], T]) -> T:
    """What `work` gives; tried again where the machine is at fault, never where the data is.

    Args:
        place: What is read, for a person.
        work: May be called several times.

    Raises:
        MachineError: the machine fails each time.
    """
    for wait in (*WAITS, None):
        try:
            return work()
        except (OSError, MemoryError, ImportError) as error:
            if not is_of_machine(error):
                raise
            if wait is None or getattr(error, "errno", None) in REFUSED:
                raise machine_error(place, error) from error
            time.sleep(wait)
    raise AssertionError  # the last try ends it
