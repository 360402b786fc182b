"""Noticing that the machine slept: what was known then is old, whatever was planned."""

from __future__ import annotations

import time

__all__ = ["SleepClock"]

_JUMP = 30.0
"""Wall-clock seconds gained over the monotonic clock, which stands still in sleep, that mean it."""


class SleepClock:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._ahead = time.time() - time.monotonic()

    @property
    def asleep(self) -> float:
        """Seconds that the machine has slept since then, or its clock was set on."""
        gained = time.time() - time.monotonic() - self._ahead
        return gained if gained > _JUMP else 0.0
