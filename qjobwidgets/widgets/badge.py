"""StatusBadge: the status of one job, in a line of text."""

from __future__ import annotations

from collections.abc import Mapping

from qjobwidgets import render
from qjobwidgets.widgets.view import JobView, bundle

__all__ = ["StatusBadge"]


class StatusBadge(JobView):
    """The live status of one job.

    Args:
        job: A ``RuntimeJob``.
    """

    _esm = bundle("badge.js")
    _css = bundle("badge.css")

    def twin(self) -> Mapping[str, str]:
        return {
            "text/html": render.badge_html(self.record, as_of=self.as_of()),
            "text/plain": render.badge_text(self.record),
        }
