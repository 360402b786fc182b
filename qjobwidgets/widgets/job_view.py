"""What the views of one job share."""

from __future__ import annotations

from typing import Any

import traitlets

from qjobwidgets.records import JobRecord
from qjobwidgets.watch.board import GONE
from qjobwidgets.widgets.rows import row, row_of
from qjobwidgets.widgets.view import View

__all__ = ["JobView"]


class JobView(View):
    """Base of the views of one job.

    Args:
        job: A ``RuntimeJob``.
    """

    job = traitlets.Dict().tag(sync=True)

    def __init__(self, job: Any, **traits: Any) -> None:
        self._record: JobRecord = job.record
        super().__init__(job.service, [job.record], job=row(job.record), **traits)

    @property
    def record(self) -> JobRecord:
        """What is known of the job, or was when it was deleted."""
        self._record = self.watcher.board.latest(self._record)
        return self._record

    @property
    def deleted(self) -> bool:
        """Whether the service has the job no more."""
        return self.watcher.board.deleted(self._record.id)

    def update_page(self) -> None:
        entry = self.watcher.board.get(self._record.id)
        if entry is not None:
            self.job = row_of(entry)
        elif self.deleted:
            self.job = row(self._record, note=GONE)
