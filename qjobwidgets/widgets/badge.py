"""StatusBadge: the status of one job, in a line of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from qjobwidgets import render
from qjobwidgets.records import JobRecord
from qjobwidgets.widgets.rows import row
from qjobwidgets.widgets.view import View, bundle

__all__ = ["StatusBadge"]


class StatusBadge(View):
    """The live status of one job.

    Args:
        job: A ``RuntimeJob``.
    """

    _esm = bundle("badge.js")
    _css = bundle("badge.css")

    job = traitlets.Dict().tag(sync=True)

    def __init__(self, job: Any) -> None:
        self._record: JobRecord = job.record
        super().__init__(job.service, [job.record], job=row(job.record))

    def update_page(self) -> None:
        entry = self.watcher.board.get(self._record.id)
        if entry is not None:
            self._record = entry.record
            self.job = row(entry.record, cancelling=entry.cancelling, note=entry.note)

    def twin(self) -> Mapping[str, str]:
        return {
            "text/html": render.badge_html(self._record, as_of=self.as_of()),
            "text/plain": render.badge_text(self._record),
        }
