"""Our own plot, of a job whose messages come from the loop instead of a service."""

from __future__ import annotations

from IPython.display import display

from lab_views.kernel.jobs import AccountInMemory, account, some_jobs
from lab_views.kernel.streams import value
from qjobwidgets import InterimPlot, RuntimeJob
from qjobwidgets.records import InterimResult
from qjobwidgets.watch import stop_all, watcher_for
from qjobwidgets.watch.feed import InterimFeed

__all__ = ["make"]


class _Feed(InterimFeed):
    """A stream that is open, whose messages come from the loop instead of a service."""

    def _open(self) -> None:
        self.state = "open"

    def push(self, number: int) -> None:
        self._take(InterimResult(number + 1, 1, "interim", {"energy": value(number)}))


class _Chart:
    def show(self, points: int) -> None:
        [job] = some_jobs(1)
        service = account(AccountInMemory([job]))
        feeds = watcher_for(service).feeds
        feeds.kind = _Feed
        self._feed = feeds.follow(job._replace(program="vqe"), lambda: None)
        for number in range(points):
            self._feed.push(number)
        self._view = InterimPlot(RuntimeJob(service, job), "energy", goal="min")
        display(self._view)

    def push(self, number: int) -> None:
        self._feed.push(number)

    def close(self) -> None:
        self._view.close()
        stop_all()


make = _Chart
