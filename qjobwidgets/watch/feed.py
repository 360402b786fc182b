"""A job's interim results as a growing series, for as many plots as like to draw it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import ClassVar

from qjobwidgets.client import RuntimeService, StreamHandle, forks
from qjobwidgets.errors import QJobError
from qjobwidgets.records import InterimResult, JobRecord
from qjobwidgets.watch.series import Series

__all__ = ["Feeds", "InterimFeed"]

_MOST_WAITING = 200

Listener = Callable[[], None]


class InterimFeed:
    """The stream of one job and the :class:`Series` it fills.

    Messages may come by the hundred a second, each of which wakes the thread of the streams. There
    they are only put aside, and listeners hear of the first; the numbers in them are read when
    somebody asks for the series, all at once.

    Attributes:
        state: ``"connecting"``, ``"open"``, ``"reconnecting"``, ``"ended"``.
        reconnects: How often the stream was taken up again after it had broken.
        reconnected: When it last was, in seconds since the epoch.
        message: Why there is no stream, if there is none.
    """

    def __init__(self, service: RuntimeService, record: JobRecord) -> None:
        self.job_id = record.id
        self._series = Series(record.program)
        self._waiting: deque[InterimResult] = deque()
        self._reading = threading.Lock()
        self.state = "connecting"
        self.reconnects = 0
        self.reconnected: float | None = None
        self.message: str | None = None
        self.listeners: tuple[Listener, ...] = ()
        self._handle: StreamHandle | None = None
        self._service = service
        self._open()

    @property
    def series(self) -> Series:
        """The numbers received so far."""
        if self._waiting:
            self._read()
        return self._series

    def stop(self) -> None:
        """Close the stream for good."""
        if self._handle is not None:
            self._handle.cancel()

    def _open(self) -> None:
        try:
            self._handle = handle = self._service.stream(self.job_id, self._take, self._turn)
            if handle.ended and handle.failure is not None:  # before we had the handle
                self.message = str(handle.failure)
        except QJobError as error:
            self.message = str(error)

    def _take(self, message: InterimResult) -> None:
        self._waiting.append(message)
        waiting = len(self._waiting)
        if waiting <= 1:  # none, where it was read before it was counted
            self._tell()
        elif waiting >= _MOST_WAITING:
            self._read()

    def _read(self) -> None:
        """Read what was put aside; what comes meanwhile as well, as nobody may hear of that.

        Each waits until it was read, so that who asks for the series meanwhile waits for it too.
        """
        with self._reading:
            while self._waiting:
                try:
                    self._series.take(self._waiting[0])
                finally:
                    self._waiting.popleft()

    def _turn(self, state: str) -> None:
        if state == "open" and self.state == "reconnecting":
            self.reconnects += 1
            self.reconnected = time.time()
        if state == "ended" and self._handle is not None and self._handle.failure is not None:
            self.message = str(self._handle.failure)
        self.state = state
        self._tell()

    def _tell(self) -> None:
        for listener in self.listeners:
            listener()


class Feeds:
    """The open feeds of one account: one per job, which ends with the last who follows it.

    A job followed again later gets a new feed, which the service fills from the beginning.
    """

    kind: ClassVar[type[InterimFeed]] = InterimFeed

    def __init__(self, service: RuntimeService) -> None:
        self._service = service
        self._begin()
        forks.begin_anew(self, Feeds._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._feeds: dict[str, InterimFeed] = {}

    def follow(self, record: JobRecord, listener: Listener) -> InterimFeed:
        """Return the feed of a job; ``listener`` is called at each change, from its thread."""
        with self._lock:
            feed = self._feeds.get(record.id)
            if feed is None:
                feed = self._feeds[record.id] = self.kind(self._service, record)
            feed.listeners += (listener,)
            return feed

    def leave(self, feed: InterimFeed, listener: Listener) -> None:
        """No longer call ``listener``; the feed nobody follows is closed."""
        with self._lock:
            feed.listeners = tuple(other for other in feed.listeners if other != listener)
            if feed.listeners:
                return
            if self._feeds.get(feed.job_id) is feed:
                del self._feeds[feed.job_id]
        feed.stop()

    def stop(self) -> None:
        """Close all feeds."""
        with self._lock:
            feeds, self._feeds = list(self._feeds.values()), {}
        for feed in feeds:
            feed.stop()
