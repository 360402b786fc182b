"""What was submitted from here, found again by a later kernel.

The journal on this machine knows the jobs of each account, with the notebook they were submitted
from and the names and notes of the user (:mod:`qjobwidgets.client.journal`). Services do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qjobwidgets.client import RuntimeJob, RuntimeService
from qjobwidgets.client.journal import Entry, journal, notebook
from qjobwidgets.records import JobRecord
from qjobwidgets.watch.registry import watcher_for

__all__ = ["UNKNOWN", "SubmittedJob", "submitted_here"]

UNKNOWN = "Not asked yet"
"""The status of a job that is only known from the journal."""


@dataclass(frozen=True, slots=True)
class SubmittedJob:
    """A job that was submitted from here.

    Attributes:
        job: Its handle.
        submitted: When it was submitted.
        notebook: From which notebook, as far as the front end has told.
        name, note: The user's words.
    """

    job: RuntimeJob
    submitted: datetime | None
    notebook: str | None
    name: str | None
    note: str | None


def submitted_here(
    service: RuntimeService, *, anywhere: bool = False, limit: int = 200
) -> list[SubmittedJob]:
    """Return the jobs of an account that this notebook has submitted, newest first.

    Nothing is asked for: the handles begin to tell the truth in a view, or when they are asked.
    Where the front end does not name its notebooks these are all jobs of this machine.

    Args:
        service: The account's client.
        anywhere: Whether jobs from other notebooks of this machine count too.
        limit: How many at most.
    """
    here = None if anywhere else notebook()
    entries = journal().entries(service.key, here, limit=limit)
    return [_submitted(service, entry) for entry in entries]


def _submitted(service: RuntimeService, entry: Entry) -> SubmittedJob:
    record = JobRecord(
        id=entry.job,
        status=UNKNOWN,
        program=entry.program,
        backend=entry.backend,
        created=entry.submitted,
    )
    job = RuntimeJob(service, watcher_for(service).board.latest(record))
    return SubmittedJob(job, entry.submitted, entry.notebook, entry.name, entry.note)
