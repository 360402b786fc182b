"""Our own plot, of a job whose messages come from the loop instead of a service."""

from __future__ import annotations

from collections.abc import Callable

from IPython.display import display

from lab_views.kernel.jobs import AccountInMemory, account, some_jobs
from lab_views.kernel.streams import value
from qjobwidgets import InterimPlot, RuntimeJob
from qjobwidgets.records import InterimResult, JobRecord
from qjobwidgets.watch import Series, stop_all, watcher_for

__all__ = ["make"]


class _Feed:
    """Stands in the place of a stream that is open."""

    state = "open"
    reconnects = 0
    reconnected = None
    message = None

    def __init__(self) -> None:
        self.series = Series("vqe")
        self.tell: Callable[[], None] = lambda: None

    def follow(self, _record: JobRecord, listener: Callable[[], None]) -> _Feed:
        self.tell = listener
        return self

    def leave(self, _feed: _Feed, _listener: Callable[[], None]) -> None:
        self.tell = lambda: None

    def stop(self) -> None:
        """Do nothing."""

    def take(self, number: int) -> None:
        message = InterimResult(number + 1, 1, "interim", {"energy": value(number)})
        self.series.take(message)


class _Chart:
    def show(self, points: int) -> None:
        [job] = some_jobs(1)
        service = account(AccountInMemory([job]))
        self._feed = _Feed()
        watcher_for(service).feeds = self._feed
        for number in range(points):
            self._feed.take(number)
        self._view = InterimPlot(RuntimeJob(service, job), "energy", goal="min")
        display(self._view)

    def push(self, number: int) -> None:
        self._feed.take(number)
        self._feed.tell()

    def close(self) -> None:
        self._view.close()
        stop_all()


make = _Chart
