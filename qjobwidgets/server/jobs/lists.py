"""Lists of jobs: which they hold, and how many match, at a cost that does not grow with the ledger.

The database knows nothing of how often a value occurs, so it is helped where it would go through
all jobs to find a few. And it can only count by going through what it counts; but what a job was
submitted with never changes. So of an earlier count two things have to be known: how many matching
jobs have come since, and whether any job was deleted; then all are counted again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select, func, select

from qjobwidgets.server.jobs.schema import deletions, jobs, tags
from qjobwidgets.server.jobs.states import FINAL, PENDING

__all__ = ["JobFilter", "JobLists"]

_FEW = 500
_COUNTS = 256


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs a list holds: those that meet every condition given.

    Attributes:
        owner: Whose jobs.
        pending: Whether the job is still queued or running.
        tags: Tags the job must have, all of them.
        created_after, created_before: Inclusive, in the form of the ledger's timestamps.
        newest_first: Order by submission.
    """

    owner: str
    pending: bool | None = None
    program: str | None = None
    backend: str | None = None
    session: str | None = None
    tags: tuple[str, ...] = ()
    created_after: str | None = None
    created_before: str | None = None
    newest_first: bool = True
    limit: int = 200
    offset: int = 0


@dataclass(frozen=True, slots=True)
class _Count:
    """How many jobs matched up to a number, when so much had been deleted."""

    jobs: int
    number: int
    deletion: int | None


class JobLists:
    """Turns filters into queries, and remembers counts."""

    def __init__(self) -> None:
        self._counts: OrderedDict[JobFilter, _Count] = OrderedDict()
        self._lock = threading.Lock()

    def select(self, connection: Connection, wanted: JobFilter) -> tuple[Select[Any], int]:
        """Return the query of a page, and how many jobs match in all."""
        few = _having_all(connection, wanted.tags)
        # Where few match, they are looked up and sorted; an order by the number itself would have
        # the database go through all in that order.
        number = jobs.c.number + 0 if wanted.pending or few is not None else jobs.c.number
        order = number.desc() if wanted.newest_first else number.asc()
        page = _narrow(select(jobs), wanted, few).order_by(order)
        count = self._count(connection, wanted, few)
        return page.limit(wanted.limit).offset(wanted.offset), count

    def _count(self, connection: Connection, wanted: JobFilter, few: Sequence[str] | None) -> int:
        if wanted.tags or wanted.pending:
            return _matching(connection, wanted, few)
        every = self._count_submitted(connection, replace(wanted, pending=None))
        if wanted.pending is None:
            return every
        return every - _matching(connection, replace(wanted, pending=True))

    def _count_submitted(self, connection: Connection, wanted: JobFilter) -> int:
        key = replace(wanted, newest_first=True, limit=0, offset=0)
        deletion = connection.scalar(
            select(func.max(deletions.c.revision)).where(deletions.c.owner == wanted.owner)
        )
        newest = connection.scalar(select(func.max(jobs.c.number))) or 0
        with self._lock:
            known = self._counts.get(key)
        if known is None or known.deletion != deletion or known.number > newest:
            known = _Count(0, 0, deletion)
        since = _matching(connection, wanted, after=known.number)
        found = _Count(known.jobs + since, newest, deletion)
        with self._lock:
            self._counts[key] = found
            self._counts.move_to_end(key)
            if len(self._counts) > _COUNTS:
                self._counts.popitem(last=False)
        return found.jobs


def _having_all(connection: Connection, wanted: Sequence[str]) -> Sequence[str] | None:
    """Return the jobs that have all the tags, if one of the tags is rare."""
    for rare in wanted:
        query = select(tags.c.job).where(tags.c.tag == rare).limit(_FEW + 1)
        found = connection.scalars(query).all()
        if len(found) <= _FEW:
            for tag in wanted:
                having = select(tags.c.job).where(tags.c.tag == tag, tags.c.job.in_(found))
                found = connection.scalars(having).all()
            return found
    return None


def _matching(
    connection: Connection, wanted: JobFilter, few: Sequence[str] | None = None, after: int = 0
) -> int:
    """Count the matching jobs, one by one, that came after a number."""
    query = _narrow(select(func.count()).select_from(jobs), wanted, few)
    if after:
        query = query.where(jobs.c.number > after)
    return connection.scalar(query) or 0


def _narrow(query: Select[Any], wanted: JobFilter, few: Sequence[str] | None = None) -> Select[Any]:
    """Return a query for the jobs that match.

    Args:
        query: One for all jobs.
        wanted: Which match.
        few: The jobs that have its tags, if they are known.
    """
    # An expression has no index: where the jobs are known, they are to be looked up one by one.
    owner = jobs.c.owner if few is None else jobs.c.owner + ""
    query = query.where(owner == wanted.owner)
    if wanted.pending is not None:
        query = query.where(jobs.c.state.in_(PENDING if wanted.pending else FINAL))
    for column, value in (
        (jobs.c.program, wanted.program),
        (jobs.c.backend, wanted.backend),
        (jobs.c.session, wanted.session),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.created_after is not None:
        query = query.where(jobs.c.created >= wanted.created_after)
    if wanted.created_before is not None:
        query = query.where(jobs.c.created <= wanted.created_before)
    if few is not None:
        return query.where(jobs.c.id.in_(few))
    for tag in wanted.tags:
        query = query.where(jobs.c.id.in_(select(tags.c.job).where(tags.c.tag == tag)))
    return query
