"""The plan of one watcher: when its next look is due, and what hastens it or holds it back.

What is looked at how often is decided in :mod:`.schedule`; here it meets the clock. A plan has no
lock: the watcher's condition guards it.
"""

from __future__ import annotations

import random
import time

from qjobwidgets.watch import schedule
from qjobwidgets.watch.sleeping import SleepClock

__all__ = ["Plan"]


class Plan:
    """When to look next.

    Attributes:
        failures: Looks in a row that have failed.
    """

    def __init__(self) -> None:
        self.failures = 0
        self._look_at = 0.0
        self._not_before = 0.0
        self._changed_at = time.monotonic() - schedule.FRESH_FOR
        self._hastened = False
        self._clock = SleepClock()

    @property
    def woken(self) -> bool:
        """Whether the machine has slept since the last look began, and one is allowed again."""
        asleep = self._clock.asleep
        return asleep > 0 and self.held <= asleep

    @property
    def left(self) -> float:
        """Seconds until the next look."""
        return self._look_at - time.monotonic()

    @property
    def held(self) -> float:
        """Seconds before which no look is allowed; none if it is below 0."""
        return self._not_before - time.monotonic()

    @property
    def since_change(self) -> float:
        """Seconds since the last submission or change."""
        return time.monotonic() - self._changed_at

    def changed(self) -> None:
        """Note that something has changed."""
        self._changed_at = time.monotonic()

    def hasten(self, wait: float) -> None:
        """Somebody wants a look after ``wait`` seconds, or as soon after that as is allowed.

        Not later than somebody else wants it: views opened one by one must not put it off.
        """
        wanted = time.monotonic() + wait
        if self._hastened:
            wanted = min(wanted, self._look_at)
        self._look_at = max(wanted, self._not_before)
        self._hastened = True

    def no_later_than(self, wait: float) -> None:
        """Look after ``wait`` seconds unless it is planned for before, or there is trouble.

        Never later than planned: a page that scrolls must not put the next look off for ever.
        """
        if not self.failures:
            self._look_at = max(min(self._look_at, time.monotonic() + wait), self._not_before)

    def no_sooner_than(self, wait: float) -> None:
        """Give something that has begun so many seconds before the next look."""
        self._look_at = max(self._look_at, time.monotonic() + wait)

    def begin(self, over: float) -> None:
        """Note that a look begins, or would if it was not ``over`` the budget for so long."""
        self._not_before = time.monotonic() + (over or schedule.LEAST_PAUSE)
        self._look_at = max(self._look_at, self._not_before)
        self._hastened = False
        self._clock = SleepClock()

    def hold(self, seconds: float) -> None:
        """Look after so many seconds, whoever wants it sooner.

        Kernels of one account that wait for the same moment take turns by chance.
        """
        self._hold(seconds + random.random())  # noqa: S311 - spreads requests, guards nothing

    def settle(self, interval: float | None, blocked: float) -> None:
        """Note a look that went well.

        Args:
            interval: Seconds to the next look, by the schedule.
            blocked: Seconds until there is room for what it has left out; 0 for nothing.
        """
        self.failures = 0
        pause = schedule.jittered(interval or 0.0, random.random())  # noqa: S311 - spreads requests, guards nothing
        if not self._hastened:  # somebody wants another look since this one began
            self._look_at = time.monotonic() + min(pause, blocked or pause)

    def fail(self, asked: float | None, *, unanswered: bool) -> float:
        """Note a look that failed; return the seconds to the next; see :func:`.retry_wait`."""
        self.failures += 1
        seconds = schedule.retry_wait(self.failures, asked, unanswered=unanswered)
        self._look_at = time.monotonic() + seconds
        if asked is not None:
            self._hold(seconds)
        return seconds

    def _hold(self, seconds: float) -> None:
        """Allow no look for so many seconds, whether the machine is awake or sleeps."""
        self._not_before = self._look_at = time.monotonic() + seconds
        self._clock = SleepClock()
