"""Our own table, fed as the watcher feeds it."""

from __future__ import annotations

from collections.abc import Sequence

from IPython.display import display

from lab_views.kernel.jobs import AccountInMemory, account
from qjobwidgets import JobsTable, RuntimeJob
from qjobwidgets.records import JobRecord
from qjobwidgets.watch import stop_all

__all__ = ["make"]


class _Table:
    def prepare(self, jobs: Sequence[JobRecord]) -> None:
        self._wire = AccountInMemory(jobs)
        service = account(self._wire)
        self._jobs = [RuntimeJob(service, job) for job in jobs]

    def show(self) -> None:
        self._view = JobsTable(self._jobs)
        display(self._view)

    def change(self, jobs: Sequence[JobRecord]) -> None:
        self._wire.take(jobs)
        watcher = self._view.watcher
        watcher.audience.announce(watcher.board.apply(jobs))

    def close(self) -> None:
        self._view.close()
        stop_all()


make = _Table
