"""StatusBadge: the status of one job, in a line of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qjobwidgets import render
from qjobwidgets.widgets.handles import as_job
from qjobwidgets.widgets.view import JobView, bundle

__all__ = ["StatusBadge"]


class StatusBadge(JobView):
    """The live status of one job.

    Args:
        job: A ``RuntimeJob``, a watched job of another library, or a job's id.
        service: The client of the account that an id is of.

    Raises:
        QJobError: An id without a service, or something that is no job.
    """

    _esm = bundle("badge.js")
    _css = bundle("badge.css")

    def __init__(self, job: Any, *, service: Any = None) -> None:
        super().__init__(as_job(job, service))

    def twin(self) -> Mapping[str, str]:
        return {
            "text/html": render.badge_html(self.record, as_of=self.as_of()),
            "text/plain": render.badge_text(self.record),
        }
