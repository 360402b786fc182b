"""StatusBadge: the status of one job, on a line of its own or inside one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from qjobwidgets import render
from qjobwidgets.widgets.handles import as_job
from qjobwidgets.widgets.job_view import JobView
from qjobwidgets.widgets.view import bundle

__all__ = ["StatusBadge"]


class StatusBadge(JobView):
    """The live status of one job.

    Args:
        job: A ``RuntimeJob``, a watched job of another library, or a job's id.
        service: The client of the account that an id is of.
        inline: Whether it stands in a line of text or in the cell of a table: then it is the badge
            alone, and what else there is to say of the job is in its tooltip.

    Raises:
        QJobError: An id without a service, or something that is no job.
    """

    _esm = bundle("badge.js")
    _css = bundle("badge.css")

    inline = traitlets.Bool(False).tag(sync=True)

    def __init__(self, job: Any, *, service: Any = None, inline: bool = False) -> None:
        super().__init__(as_job(job, service), inline=inline)

    def twin(self) -> Mapping[str, str]:
        return {
            "text/html": render.badge_html(self.record, as_of=self.as_of(), inline=self.inline),
            "text/plain": render.badge_text(self.record),
        }
