"""Workloads of an owner: the jobs that are in no session, and the sessions, as one list.

The list is read by cursor. A cursor is a place in the order of creation, not a count, so pages
neither repeat nor miss anything when something is added or deleted meanwhile; and finding the
place costs the same at the end of a long list as at its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    false,
    func,
    select,
    tuple_,
)

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.lists import each_value
from qjobwidgets.server.jobs.schema import jobs, sessions, tags
from qjobwidgets.server.jobs.session_rules import Mode, SessionState
from qjobwidgets.server.jobs.states import State

__all__ = [
    "Place",
    "Workload",
    "WorkloadFilter",
    "WorkloadMode",
    "WorkloadPage",
    "WorkloadStatus",
    "Workloads",
]

_TAGS_FOUND = 100
_Condition = ColumnElement[bool]


class WorkloadMode(StrEnum):
    """What a workload is."""

    JOB = "job"
    SESSION = "session"
    BATCH = "batch"


class WorkloadStatus(StrEnum):
    """Status of a workload, as the service writes it."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELED = "canceled"
    FAILED = "failed"


_STATUS_OF_JOBS = {
    State.QUEUED: WorkloadStatus.PENDING,
    State.RUNNING: WorkloadStatus.IN_PROGRESS,
    State.COMPLETED: WorkloadStatus.COMPLETED,
    State.CANCELLED: WorkloadStatus.CANCELED,
    State.FAILED: WorkloadStatus.FAILED,
}
_STATUS_OF_SESSIONS = {
    SessionState.OPEN: WorkloadStatus.PENDING,
    SessionState.ACTIVE: WorkloadStatus.IN_PROGRESS,
    SessionState.INACTIVE: WorkloadStatus.IN_PROGRESS,
    SessionState.CLOSED: WorkloadStatus.COMPLETED,
}
_MODE_OF_SESSIONS = {Mode.DEDICATED: WorkloadMode.SESSION, Mode.BATCH: WorkloadMode.BATCH}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the order of creation: right at the workload created then, with this id."""

    created: str
    id: str


@dataclass(frozen=True, slots=True)
class WorkloadFilter:
    """Which workloads a list holds: those that meet every condition given.

    Attributes:
        search: Text in the id or in a tag.
        statuses: One of these; none means any.
        tags: Tags it must have, all of them; a session has those of its jobs.
        created_after, created_before: Inclusive, in the form of the ledger's timestamps.
    """

    owner: str
    backend: str | None = None
    search: str | None = None
    statuses: tuple[WorkloadStatus, ...] = ()
    mode: WorkloadMode | None = None
    created_after: str | None = None
    created_before: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workload:
    """A job that is in no session, or a session."""

    place: Place
    owner: str
    backend: str
    mode: WorkloadMode
    status: WorkloadStatus
    status_reason: str | None
    ended: str | None
    accepting: bool | None
    usage_seconds: float
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkloadPage:
    """A page, how many workloads match in all, and whether some stand before and after it."""

    workloads: list[Workload]
    count: int
    has_previous: bool
    has_next: bool


class Workloads:
    """Reads of workloads, and of tags; each answer is one consistent state of the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        wanted: WorkloadFilter,
        *,
        limit: int,
        newest_first: bool,
        after: Place | None = None,
        before: Place | None = None,
    ) -> WorkloadPage:
        """Return a page of workloads.

        Args:
            wanted: Which.
            limit: How many at most.
            newest_first: The order.
            after: The page begins right after this place; from the start, unless given.
            before: The page ends right before this place, instead.
        """
        backwards = before is not None
        start = before if backwards else after
        with self._database.read() as connection:
            rows = _rows(connection, wanted, start, limit + 1, down=newest_first != backwards)
            found = rows[:limit]
            if backwards:
                found.reverse()
            more = len(rows) > limit
            # On the other side stands at least what the cursor was made from, unless it is gone.
            edge = found[-1 if backwards else 0].place if found else start
            behind = edge is not None and bool(
                _rows(connection, wanted, edge, 1, down=newest_first == backwards)
            )
            return WorkloadPage(
                workloads=_with_tags(connection, found),
                count=_count(connection, wanted),
                has_previous=more if backwards else behind,
                has_next=behind if backwards else more,
            )

    def tags(self, owner: str, search: str) -> list[str]:
        """Return tags of an owner's jobs that have a text in them, in their order, each once."""
        found = each_value(tags.c.tag, tags.c.owner == owner)
        tag = found.selected_columns["value"]
        query = found.where(tag.icontains(search, autoescape=True)).order_by(tag)
        query = query.limit(_TAGS_FOUND)
        with self._database.read() as connection:
            return list(connection.scalars(query))


def _rows(
    connection: Connection, wanted: WorkloadFilter, start: Place | None, limit: int, *, down: bool
) -> list[Workload]:
    """Return workloads that follow a place, without their tags.

    Args:
        connection: A transaction.
        wanted: Which.
        start: The place; ``None`` is the beginning.
        limit: How many at most.
        down: From the newer to the older.
    """
    found: list[Workload] = []
    for table, conditions, read in (
        (jobs, _job_conditions(wanted), _read_job),
        (sessions, _session_conditions(wanted), _read_session),
    ):
        query = select(table).where(*conditions)
        if start is not None:
            place, given = tuple_(table.c.created, table.c.id), tuple_(start.created, start.id)
            query = query.where(place < given if down else place > given)
        columns = (table.c.created, table.c.id)
        order = [column.desc() if down else column.asc() for column in columns]
        found += map(read, connection.execute(query.order_by(*order).limit(limit)))
    return sorted(found, key=lambda workload: workload.place, reverse=down)[:limit]


def _count(connection: Connection, wanted: WorkloadFilter) -> int:
    counting = (
        select(func.count()).select_from(table).where(*conditions)
        for table, conditions in (
            (jobs, _job_conditions(wanted)),
            (sessions, _session_conditions(wanted)),
        )
    )
    return sum(int(connection.execute(query).scalar_one()) for query in counting)


def _job_conditions(wanted: WorkloadFilter) -> list[_Condition]:
    states = [state for state, status in _STATUS_OF_JOBS.items() if status in wanted.statuses]
    conditions = [*_common(jobs, wanted, states), jobs.c.session.is_(None)]
    conditions += (
        jobs.c.id.in_(_jobs_with(wanted.owner, tags.c.tag == tag)) for tag in wanted.tags
    )
    if wanted.search is not None:
        tagged = _jobs_with(wanted.owner, _contains(tags.c.tag, wanted.search))
        conditions.append(_contains(jobs.c.id, wanted.search) | jobs.c.id.in_(tagged))
    if wanted.mode not in {None, WorkloadMode.JOB}:
        conditions.append(false())
    return conditions


def _session_conditions(wanted: WorkloadFilter) -> list[_Condition]:
    states = [state for state, status in _STATUS_OF_SESSIONS.items() if status in wanted.statuses]
    conditions = _common(sessions, wanted, states)
    conditions += (
        sessions.c.id.in_(_sessions_with(wanted.owner, tags.c.tag == tag)) for tag in wanted.tags
    )
    if wanted.search is not None:
        tagged = _sessions_with(wanted.owner, _contains(tags.c.tag, wanted.search))
        conditions.append(_contains(sessions.c.id, wanted.search) | sessions.c.id.in_(tagged))
    if wanted.mode is not None:
        modes = [mode for mode, name in _MODE_OF_SESSIONS.items() if name is wanted.mode]
        conditions.append(sessions.c.mode.in_(modes))
    return conditions


def _common(table: Table, wanted: WorkloadFilter, states: Sequence[str]) -> list[_Condition]:
    conditions = [table.c.owner == wanted.owner]
    if wanted.statuses:
        conditions.append(table.c.state.in_(states))
    if wanted.backend is not None:
        conditions.append(table.c.backend == wanted.backend)
    if wanted.created_after is not None:
        conditions.append(table.c.created >= wanted.created_after)
    if wanted.created_before is not None:
        conditions.append(table.c.created <= wanted.created_before)
    return conditions


def _contains(column: ColumnElement[str], text: str) -> _Condition:
    return column.icontains(text, autoescape=True)


def _jobs_with(owner: str, tag: _Condition) -> Select[Any]:
    return select(tags.c.job).where(tags.c.owner == owner, tag)


def _sessions_with(owner: str, tag: _Condition) -> Select[Any]:
    return (
        select(jobs.c.session)
        .join(tags, tags.c.job == jobs.c.id)
        .where(tags.c.owner == owner, tag, jobs.c.session.is_not(None))
    )


def _read_job(row: Row[Any]) -> Workload:
    return Workload(
        place=Place(row.created, row.id),
        owner=row.owner,
        backend=row.backend,
        mode=WorkloadMode.JOB,
        status=_STATUS_OF_JOBS[State(row.state)],
        status_reason=row.reason,
        ended=row.finished,
        accepting=None,
        usage_seconds=row.usage_seconds,
    )


def _read_session(row: Row[Any]) -> Workload:
    return Workload(
        place=Place(row.created, row.id),
        owner=row.owner,
        backend=row.backend,
        mode=_MODE_OF_SESSIONS[Mode(row.mode)],
        status=_STATUS_OF_SESSIONS[SessionState(row.state)],
        status_reason=row.state_reason,
        ended=row.closed,
        accepting=row.accepting,
        usage_seconds=row.usage_seconds,
    )


def _with_tags(connection: Connection, found: Sequence[Workload]) -> list[Workload]:
    """Return the workloads with the tags of their jobs, each once."""
    alone = [work.place.id for work in found if work.mode is WorkloadMode.JOB]
    together = [work.place.id for work in found if work.mode is not WorkloadMode.JOB]
    tags_of: dict[str, list[str]] = {}
    for column, ids in ((jobs.c.id, alone), (jobs.c.session, together)):
        query = (
            select(column.label("workload"), tags.c.tag)
            .join(tags, tags.c.job == jobs.c.id)
            .where(column.in_(ids))
            .group_by(column, tags.c.tag)
            .order_by(func.min(jobs.c.number), func.min(tags.c.place))
        )
        for row in connection.execute(query):
            tags_of.setdefault(row.workload, []).append(row.tag)
    return [replace(workload, tags=tuple(tags_of.get(workload.place.id, ()))) for workload in found]
