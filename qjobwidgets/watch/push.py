"""Push: what the service tells by itself, where it does, brought to the board.

Our own server has a feed of all events of an account (:mod:`qjobwidgets.client.events`). While it
is open a change is on the board as soon as it is told, and looking at lists is only a safety net,
about once a minute. While it is interrupted the watcher looks as often as for any other service.
"""

from __future__ import annotations

import threading
from typing import Protocol

from qjobwidgets.client import RuntimeService
from qjobwidgets.client.events import EventFeed, follow_events, has_events
from qjobwidgets.errors import QJobError, RuntimeJobNotFound
from qjobwidgets.records import JobRecord

__all__ = ["Push", "PushListener"]


class PushListener(Protocol):
    """Who is told, on the thread of the streams."""

    def told(self, job_id: str, record: JobRecord | None) -> None:
        """Take what a job is now; ``None``: it was deleted."""

    def push_turned(self, *, resumed: bool) -> None:
        """Take note that the feed has opened or was interrupted; see :attr:`Push.state`.

        Args:
            resumed: Whether nothing was missed since it was open the last time.
        """


class Push:
    """The feed of one account, while it is watched.

    A feed that was stopped may be in the middle of saying something, on its own thread. That counts
    for nothing, so each feed has an ear of its own.

    Args:
        service: The account's client.
        listener: Is told of everything.

    Attributes:
        state: ``"none"`` (the service has no feed, as far as is known), ``"connecting"``,
            ``"open"`` or ``"interrupted"``.
    """

    def __init__(self, service: RuntimeService, listener: PushListener) -> None:
        self._service = service
        self._listener = listener
        self._lock = threading.Lock()
        self._ear: _Ear | None = None
        self._feed: EventFeed | None = None
        self._offered = has_events(service)
        self.state = "none"

    def start(self) -> None:
        """Listen, if there is a feed and nobody listens yet; called with the watcher's lock."""
        with self._lock:
            if self._offered and self._ear is None:
                self.state = "connecting"
                self._ear = _Ear(self)
                self._feed = follow_events(self._service, self._ear)

    def stop(self) -> None:
        """Listen no more, until :meth:`start`."""
        with self._lock:
            feed, self._feed, self._ear = self._feed, None, None
            self.state = "none"
        if feed is not None:
            feed.cancel()

    def heard(self, ear: _Ear, job_id: str, record: JobRecord | None) -> None:
        """Pass on what a job is now."""
        if ear is self._ear:
            self._listener.told(job_id, record)

    def turned(
        self, ear: _Ear, state: str, *, resumed: bool = False, failure: QJobError | None = None
    ) -> None:
        """Take note of what has become of a feed, and pass it on."""
        with self._lock:
            if ear is not self._ear:
                return
            self.state = state
            if failure is not None:
                self._feed = self._ear = None
                # one that refuses our credentials or is being set up may be there the next time
                self._offered = not isinstance(failure, RuntimeJobNotFound)
        # without the lock: the watcher starts and stops us with its own lock held
        self._listener.push_turned(resumed=resumed)


class _Ear:
    """Hears one feed."""

    def __init__(self, push: Push) -> None:
        self._push = push

    def changed(self, job_id: str, record: JobRecord | None) -> None:
        """Pass on what a job is now."""
        self._push.heard(self, job_id, record)

    def opened(self, *, resumed: bool) -> None:
        """Note that the feed is live."""
        self._push.turned(self, "open", resumed=resumed)

    def broken(self, failure: QJobError | None) -> None:
        """Note that the feed is interrupted, or has given up."""
        state = "interrupted" if failure is None else "none"
        self._push.turned(self, state, failure=failure)
