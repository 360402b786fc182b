"""Noticing attempts that nobody watches any more, without comparing any two clocks.

Whoever watches an attempt counts up the heartbeat of its job. An attempt whose heartbeat stands
still for the length of a lease, as seen by one who keeps looking, is given up: its job is queued
again, and the attempt is fenced off by its number should its watcher come back.

Only time spent looking counts. When this process was stopped, or the whole machine slept, the
watchers may have been stopped too: a pause between two looks counts as one step at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["HEARTBEAT", "LEASE", "Beat", "Leases"]

HEARTBEAT = 3.0
"""Seconds between two heartbeats of an attempt."""
LEASE = 20.0
"""Seconds that a heartbeat may stand still."""
_LONGEST_STEP = 2.0


@dataclass(frozen=True, slots=True)
class Beat:
    """The heartbeat of a running job."""

    job: str
    attempt: int
    heartbeat: int


class Leases:
    """How long each heartbeat has stood still.

    Args:
        lease: Seconds that one may.
    """

    def __init__(self, lease: float = LEASE) -> None:
        self._lease = lease
        self._looked: float | None = None
        self._still: dict[Beat, float] = {}

    def expired(self, beats: Iterable[Beat], now: float) -> list[Beat]:
        """Return the attempts whose lease has run out.

        Args:
            beats: The attempts of others, as they are now.
            now: Monotonic time of this process.
        """
        step = 0.0 if self._looked is None else min(now - self._looked, _LONGEST_STEP)
        self._looked = now
        self._still = {
            beat: self._still[beat] + step if beat in self._still else 0.0 for beat in beats
        }
        return [beat for beat, still in self._still.items() if still >= self._lease]
