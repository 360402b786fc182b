"""Push: what the service tells by itself, where it does, brought to the board.

Our own server has a feed of all events of an account (:mod:`qjobwidgets.client.events`). While it
is open a change is on the board as soon as it is told, and looking at lists is only a safety net,
about once a minute. While it is interrupted the watcher looks as often as for any other service.
"""

from __future__ import annotations

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
        self._feed: EventFeed | None = None
        self._offered = has_events(service)
        self.state = "none"

    def start(self) -> None:
        """Listen, if there is a feed and nobody listens yet; called with the watcher's lock."""
        if self._offered and self._feed is None:
            self.state = "connecting"
            self._feed = follow_events(self._service, self)

    def stop(self) -> None:
        """Listen no more, until :meth:`start`."""
        feed, self._feed = self._feed, None
        self.state = "none"
        if feed is not None:
            feed.cancel()

    # -- what the feed says -----------------------------------------------------------------------

    def changed(self, job_id: str, record: JobRecord | None) -> None:
        """Pass on what a job is now."""
        self._listener.told(job_id, record)

    def opened(self, *, resumed: bool) -> None:
        """Note that the feed is live."""
        self.state = "open"
        self._listener.push_turned(resumed=resumed)

    def broken(self, failure: QJobError | None) -> None:
        """Note that the feed is interrupted, or has given up."""
        if failure is None:
            self.state = "interrupted"
        else:
            self._feed, self.state = None, "none"
            # one that refuses our credentials or is being set up may be there the next time
            self._offered = not isinstance(failure, RuntimeJobNotFound)
        self._listener.push_turned(resumed=False)
