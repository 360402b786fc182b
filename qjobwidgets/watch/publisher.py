"""The publisher: one thread that hands changes to views, and never too often.

Any thread marks a view that has news; the publisher calls its ``publish``. News after a pause goes
out at once, and so does the next, as one job ends when another begins; from then on news is
gathered for the view's ``min_interval``, so that 5000 changes a second become a few messages with
the last state. It is the only thread that writes to live views, as widgets have no locks of their
own. The thread is a daemon, starts with the first news and ends when there has been none for a
while.
"""

from __future__ import annotations

import logging
import threading
import time
from math import inf
from typing import Protocol
from weakref import WeakKeyDictionary

from qjobwidgets.client import forks

__all__ = ["Publishable", "Publisher"]

logger = logging.getLogger(__name__)

_LINGER = 5.0


class Publishable(Protocol):
    """Something that can bring its page up to date.

    Attributes:
        min_interval: Seconds from one message to the next, while many are to be told.
    """

    min_interval: float

    def publish(self) -> None:
        """Send what has changed since the last call."""


class Publisher:
    """Calls ``publish`` of the views marked, in its own thread."""

    def __init__(self) -> None:
        self._begin()
        forks.begin_anew(self, Publisher._begin)

    def _begin(self) -> None:
        self._news = threading.Condition()
        self._due: dict[Publishable, float] = {}
        # weakly, since a view may be marked once more after it was closed and forgotten
        self._earliest: WeakKeyDictionary[Publishable, float] = WeakKeyDictionary()
        self._again = self._sleeps_until = -inf
        self._thread: threading.Thread | None = None
        self._stopped: threading.Thread | None = None
        self._stop = threading.Event()

    def mark(self, view: Publishable) -> None:
        """Note that ``view`` has news; returns at once."""
        with self._news:
            # what a thread that was stopped is in the middle of may mark the view once more
            if view in self._due or threading.current_thread() is self._stopped:
                return
            self._due[view] = due = self._earliest.get(view, -inf)
            if self._thread is None:
                self._stop = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(self._stop,), name="qjob-publisher", daemon=True
                )
                self._thread.start()
            elif due < self._sleeps_until:
                self._news.notify_all()

    def forget(self, view: Publishable) -> None:
        """Drop a view that is closed."""
        with self._news:
            self._due.pop(view, None)
            self._earliest.pop(view, None)

    def stop(self, timeout: float = 2.0) -> None:
        """End the thread; a later :meth:`mark` starts it again."""
        with self._news:
            thread, self._thread = self._thread, None
            self._stopped = thread or self._stopped
            self._stop.set()
            self._due.clear()
            self._news.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def _run(self, stop: threading.Event) -> None:
        while (view := self._next(stop)) is not None:
            try:
                view.publish()
            except Exception:
                # A view that can't be drawn must not stop the others; the log has the reason.
                logger.exception("publishing a view failed")
            del view  # or it would be kept, should it be closed, until the next one has news

    def _next(self, stop: threading.Event) -> Publishable | None:
        """Return the next view that is due, waiting for it; ``None`` to end the thread."""
        idle_until = time.monotonic() + _LINGER
        with self._news:
            while not stop.is_set():
                now = time.monotonic()
                view = min(self._due, key=self._due.__getitem__, default=None)
                if view is None and now >= idle_until:
                    self._thread = None
                    break
                if view is None:
                    # while many are to be told, awake when the view told last may be told again:
                    # one waking for each message, and not another to hear of the news
                    again = now < self._again < idle_until
                    self._sleep_until(self._again if again else idle_until)
                elif self._due[view] <= now:
                    del self._due[view]
                    earliest = self._earliest.get(view, -inf) + view.min_interval
                    self._again = self._earliest[view] = max(now, earliest)
                    return view
                else:
                    self._sleep_until(self._due[view])
            return None

    def _sleep_until(self, moment: float) -> None:
        """Wait, but for news that can't wait as long; called with the lock held."""
        self._sleeps_until = moment
        self._news.wait(moment - time.monotonic())
