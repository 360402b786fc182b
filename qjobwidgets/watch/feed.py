"""A job's interim results as a growing series, for as many plots as like to draw it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from qjobwidgets.client import RuntimeService, StreamHandle
from qjobwidgets.errors import QJobError
from qjobwidgets.records import InterimResult, JobRecord
from qjobwidgets.watch.series import Series

__all__ = ["InterimFeed"]


class InterimFeed:
    """The stream of one job and the :class:`Series` it fills.

    Attributes:
        series: The numbers received so far.
        state: ``"connecting"``, ``"open"``, ``"reconnecting"``, ``"ended"``.
        message: Why there is no stream, if there is none.
    """

    def __init__(self, service: RuntimeService, record: JobRecord) -> None:
        self.series = Series(record.program)
        self.state = "connecting"
        self.message: str | None = None
        self._service = service
        self._job_id = record.id
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._handle: StreamHandle | None = None

    def start(self) -> None:
        """Open the stream unless it is open or has ended."""
        with self._lock:
            if self._handle is not None or self.state == "ended":
                return
            try:
                self._handle = self._service.stream(
                    self._job_id, self._take, self._turn, after=self.series.last_seq
                )
            except QJobError as error:
                self.message = str(error)

    def stop(self) -> None:
        """Close the stream; :meth:`start` resumes it after the last message."""
        with self._lock:
            handle, self._handle = self._handle, None
        if handle is not None:
            handle.cancel()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` at each change, from the stream's thread; return how to undo that."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)
                deserted = not self._listeners
            if deserted:
                self.stop()

        return unsubscribe

    def _take(self, message: InterimResult) -> None:
        self.series.take(message)
        self._tell()

    def _turn(self, state: str) -> None:
        self.state = state
        self._tell()

    def _tell(self) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener()
