"""How fast calls may go: requests and tokens a minute, and a pause for all after a server asks for one."""

import time
from collections.abc import Callable

Clock = Callable[[], float]


class Pace:
    """Spreads amounts evenly over time, so that no minute holds more than is allowed."""

    def __init__(self, per_minute: float | None, clock: Clock = time.monotonic) -> None:
        """Allow `per_minute`; None allows everything."""
        self.seconds_each = 60 / per_minute if per_minute else 0.0
        self.clock = clock
        self.free_at = clock()

    def delay(self, amount: float = 1) -> float:
        """Reserve `amount`; returns the seconds to wait before it may be used."""
        now = self.clock()
        start = max(now, self.free_at)
        self.free_at = start + amount * self.seconds_each
        return start - now

    def correct(self, difference: float) -> None:
        """What was reserved turned out to be so much more (or less)."""
        self.free_at += difference * self.seconds_each


class CoolDown:
    """One pause for all calls."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self.clock = clock
        self.until = clock()

    def start(self, seconds: float) -> None:
        """Let nobody call for so long; a longer pause that runs already stays."""
        self.until = max(self.until, self.clock() + seconds)

    def delay(self) -> float:
        """Seconds that are left of the pause."""
        return max(0.0, self.until - self.clock())
