"""Lists of jobs: which they hold, and how many match, at a cost that does not grow with the ledger.

The database knows nothing of how often a value occurs, so it is helped where it would go through
all jobs to find a few. And it can only count by going through what it counts; but what a job was
submitted with never changes, except for its tags. So of an earlier count two things have to be
known: how many matching jobs have come since, and whether any job was deleted, or got or lost one
of the tags asked for; then all are counted again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, bindparam, exists, func, select

from qjobwidgets.server.jobs.schema import deletions, jobs, retags, tags
from qjobwidgets.server.jobs.states import FINAL, PENDING

__all__ = ["JobFilter", "JobLists", "each_value"]

_FEW = 500
_COUNTS = 256

# What each list asks is put together once: that takes longer than to answer it.
_NEWEST = select(func.max(jobs.c.number))
_DELETED = select(func.max(deletions.c.revision)).where(deletions.c.owner == bindparam("of"))
_RETAGGED = select(func.max(retags.c.revision)).where(
    retags.c.owner == bindparam("of"), retags.c.tag.in_(bindparam("tags", expanding=True))
)


def each_value(column: Column[str], *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the query of a column's values, as ``value``, each once.

    It goes from each to the next in the index, and not through all rows that have it.
    """
    least = select(func.min(column).label("value")).where(*conditions)
    values = least.cte("each_value", recursive=True)
    following = least.where(column > values.c.value).scalar_subquery()
    values = values.union_all(select(following).where(values.c.value.is_not(None)))
    return select(values.c.value).where(values.c.value.is_not(None))


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
    """How many jobs matched up to a number, when the last of earlier jobs changed in ``change``."""

    jobs: int
    number: int
    change: int


class JobLists:
    """Turns filters into queries, and remembers counts."""

    def __init__(self) -> None:
        self._counts: OrderedDict[JobFilter, _Count] = OrderedDict()
        self._lock = threading.Lock()

    def select(self, connection: Connection, wanted: JobFilter) -> tuple[Select[Any], int]:
        """Return the query of a page, and how many jobs match in all."""
        few = _having_all(connection, wanted)
        matching, number = _narrow(select(jobs), wanted, few)
        # Where few match, they are looked up and sorted; an order by the number itself would have
        # the database go through all in that order.
        key = number + 0 if wanted.pending or few is not None else number
        page = matching.order_by(key.desc() if wanted.newest_first else key.asc())
        count = self._count(connection, wanted, few)
        return page.limit(wanted.limit).offset(wanted.offset), count

    def _count(self, connection: Connection, wanted: JobFilter, few: Sequence[str] | None) -> int:
        if wanted.pending or few is not None:
            return _matching(connection, wanted, few)
        every = self._count_submitted(connection, replace(wanted, pending=None))
        if wanted.pending is None:
            return every
        return every - _matching(connection, replace(wanted, pending=True))

    def _count_submitted(self, connection: Connection, wanted: JobFilter) -> int:
        key = replace(wanted, newest_first=True, limit=0, offset=0)
        change = _last_change(connection, wanted)
        newest = connection.scalar(_NEWEST) or 0
        with self._lock:
            known = self._counts.get(key)
        if known is None or known.change != change or known.number > newest:
            known = _Count(0, 0, change)
        since = _matching(connection, wanted, after=known.number)
        found = _Count(known.jobs + since, newest, change)
        with self._lock:
            self._counts[key] = found
            self._counts.move_to_end(key)
            if len(self._counts) > _COUNTS:
                self._counts.popitem(last=False)
        return found.jobs


def _last_change(connection: Connection, wanted: JobFilter) -> int:
    """Return when a job that was counted may last have ceased to match, or begun to."""
    deleted = connection.scalar(_DELETED, {"of": wanted.owner}) or 0
    if not wanted.tags:
        return deleted
    retagged = connection.scalar(_RETAGGED, {"of": wanted.owner, "tags": wanted.tags}) or 0
    return max(deleted, retagged)


def _having_all(connection: Connection, wanted: JobFilter) -> Sequence[str] | None:
    """Return the jobs that have all the tags, if one of the tags is rare."""
    for rare in wanted.tags:
        query = select(tags.c.job).where(tags.c.owner == wanted.owner, tags.c.tag == rare)
        found = connection.scalars(query.limit(_FEW + 1)).all()
        if len(found) <= _FEW:
            for tag in wanted.tags:
                having = select(tags.c.job).where(tags.c.tag == tag, tags.c.job.in_(found))
                found = connection.scalars(having).all()
            return found
    return None


def _matching(
    connection: Connection, wanted: JobFilter, few: Sequence[str] | None = None, after: int = 0
) -> int:
    """Count the matching jobs, one by one, that came after a number."""
    query, number = _narrow(select(func.count()).select_from(jobs), wanted, few)
    if after:
        query = query.where(number > after)
    return connection.scalar(query) or 0


def _narrow(
    query: Select[Any], wanted: JobFilter, few: Sequence[str] | None = None
) -> tuple[Select[Any], Column[int]]:
    """Return a query for the jobs that match, and the number by which it finds them in order.

    Args:
        query: One for all jobs.
        wanted: Which match.
        few: The jobs that have its tags, if they are known.
    """
    conditions = [
        column == value
        for column, value in (
            (jobs.c.program, wanted.program),
            (jobs.c.backend, wanted.backend),
            (jobs.c.session, wanted.session),
        )
        if value is not None
    ]
    if wanted.pending is not None:
        conditions.append(jobs.c.state.in_(PENDING if wanted.pending else FINAL))
    if wanted.created_after is not None:
        conditions.append(jobs.c.created >= wanted.created_after)
    if wanted.created_before is not None:
        conditions.append(jobs.c.created <= wanted.created_before)
    if few is not None:
        # An expression has no index: where the jobs are known, they are looked up one by one.
        query = query.where(jobs.c.owner + "" == wanted.owner, jobs.c.id.in_(few))
        return query.where(*conditions), jobs.c.number
    if wanted.tags and not conditions:
        first, *more = wanted.tags
        query = query.join(tags, tags.c.number == jobs.c.number)
        query = query.where(tags.c.owner == wanted.owner, tags.c.tag == first)
        return query.where(*(_has(wanted.owner, tag) for tag in more)), tags.c.number
    query = query.where(jobs.c.owner == wanted.owner, *conditions)
    return query.where(*(_has(wanted.owner, tag) for tag in wanted.tags)), jobs.c.number


def _has(owner: str, tag: str) -> ColumnElement[bool]:
    """Return the condition that a job has a tag, besides the one by which it is found."""
    other = tags.alias()
    found = other.c.number == jobs.c.number
    return exists().where(other.c.owner == owner, other.c.tag == tag, found)
