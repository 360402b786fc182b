"""What has changed among the jobs of an owner since a moment.

Each change of a job has a number, its revision, and changes become visible in the order of their
numbers. A row keeps the number of its last change only: whoever reads on from a number finds each
job that changed since once, as it is now.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.queries import read_jobs, read_revision
from qjobwidgets.server.jobs.schema import deletions, jobs
from qjobwidgets.server.jobs.states import Job

__all__ = ["Change", "ChangePage", "Changes"]


@dataclass(frozen=True, slots=True)
class Change:
    """The last change of a job; ``job`` is ``None`` when it was to delete it."""

    revision: int
    id: str
    job: Job | None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes in their order.

    Attributes:
        changes: The changes.
        cursor: Where to read on.
        complete: Whether there were no more at that moment.
    """

    changes: list[Change]
    cursor: int
    complete: bool


class Changes:
    """Reads of changes.

    Args:
        database: Where the jobs are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, owner: str, after: int, limit: int) -> ChangePage:
        """Return up to ``limit`` changes of an owner's jobs that follow change ``after``."""
        changed = (
            select(jobs)
            .where(jobs.c.owner == owner, jobs.c.revision > after)
            .order_by(jobs.c.revision)
            .limit(limit)
        )
        deleted = (
            select(deletions.c.revision, deletions.c.job)
            .where(deletions.c.owner == owner, deletions.c.revision > after)
            .order_by(deletions.c.revision)
            .limit(limit)
        )
        with self._database.read() as connection:
            last = read_revision(connection)
            found = [Change(job.revision, job.id, job) for job in read_jobs(connection, changed)]
            found += [Change(row.revision, row.job, None) for row in connection.execute(deleted)]
        found.sort(key=lambda change: change.revision)
        if len(found) < limit:
            return ChangePage(found, last, complete=True)
        return ChangePage(found[:limit], found[limit - 1].revision, complete=False)
