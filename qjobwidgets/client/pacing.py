"""How fast one account submits: at the pace its service allows, in the order of asking.

A service that counts submissions refuses those above its limit for a while. A :class:`Pacer` has
them wait for their turn instead, and those that were refused nevertheless for as long as the
service says.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from qjobwidgets.client import forks

__all__ = ["Pacer", "limit_of", "wait_for_room"]

IBM_LIMIT = 5
"""Submissions a minute that IBM Quantum takes from one user."""

_IBM = "cloud.ibm.com"
_WINDOW = 60.0
_SLICE = 5.0  # longest single wait: on some systems an endless one can't be interrupted


def limit_of(url: str | None) -> int | None:
    """Return how many submissions a minute the service at an address takes, as far as is known."""
    host = urlsplit(url).hostname if url else None
    return IBM_LIMIT if host and f".{host}".endswith(f".{_IBM}") else None


def wait_for_room(sent: Iterable[float], now: float, limit: int | None, window: float) -> float:
    """Return the seconds until one more request stays within ``limit`` in any ``window``.

    Args:
        sent: When the last ones were sent, oldest first.
        now: The present time on the same clock.
        limit: How many are allowed; ``None`` for any number.
        window: Seconds over which the service counts.
    """
    recent = [moment for moment in sent if now - moment < window]
    if limit is None or len(recent) < limit:
        return 0.0
    return recent[-limit] + window - now


class Pacer:
    """The line in which the submissions of one account wait for their turn.

    Args:
        limit: How many the service takes in a minute; ``None`` if that is not known.
        tell: Called when somebody begins or ceases to wait, from the thread that does.
    """

    def __init__(self, limit: int | None, tell: Callable[[], None]) -> None:
        self._limit = limit
        self._tell = tell
        self._sent: deque[float] = deque(maxlen=limit or 1)
        self._not_before = 0.0
        self._begin()
        forks.begin_anew(self, Pacer._begin)

    def _begin(self) -> None:
        """Have nobody wait: in a forked process there is none of the threads that did."""
        self._condition = threading.Condition()
        self._line: deque[object] = deque()

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._condition:
            return len(self._line)

    @property
    def first_wait(self) -> float:
        """Seconds until the next one may be sent."""
        with self._condition:
            now = time.monotonic()
            room = wait_for_room(self._sent, now, self._limit, _WINDOW)
            return max(room, self._not_before - now, 0.0)

    def turn(self, *, again: bool = False) -> None:
        """Wait until a submission may be sent; the caller then sends it.

        Args:
            again: Whether it was sent and refused: then it is the next one.
        """
        ticket, waited = object(), False
        with self._condition:
            if again:
                self._line.appendleft(ticket)
            else:
                self._line.append(ticket)
        try:
            while not self._admit(ticket):
                if not waited:
                    waited = True
                    self._tell()
                self._wait(ticket)
        finally:
            with self._condition:
                self._line.remove(ticket)
                self._condition.notify_all()
            if waited:
                self._tell()

    def hold(self, seconds: float) -> None:
        """Let nobody pass for so long: the service has refused one of us."""
        with self._condition:
            self._not_before = max(self._not_before, time.monotonic() + seconds)

    def _admit(self, ticket: object) -> bool:
        with self._condition:
            if self._line[0] is not ticket or self.first_wait > 0:
                return False
            self._sent.append(time.monotonic())
            return True

    def _wait(self, ticket: object) -> None:
        with self._condition:
            wait = self.first_wait if self._line[0] is ticket else _SLICE
            if wait > 0:
                self._condition.wait(min(wait, _SLICE))
