"""What each owner may ask of the server: checked in the transaction that adds a job or session."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, bindparam, func, insert, select, update

from qjobwidgets.server.config import MAX_PENDING
from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.schema import jobs, sessions, usage
from qjobwidgets.server.jobs.session_rules import SessionState
from qjobwidgets.server.jobs.states import PENDING

__all__ = [
    "DEFAULT_QUOTAS",
    "MAX_SESSIONS",
    "Allowance",
    "Allowances",
    "Quota",
    "QuotaError",
    "Quotas",
    "add_usage",
    "check_jobs",
    "check_sessions",
    "read_usage",
]

MAX_SESSIONS = 1000
"""How many sessions and batches that are not closed an owner may have."""


_USAGE = select(usage.c.seconds, usage.c.limit_seconds).where(usage.c.owner == bindparam("of"))
_COUNT_PENDING = (
    select(func.count())
    .select_from(jobs)
    .where(jobs.c.owner == bindparam("of"), jobs.c.state.in_(PENDING))
)
_ADD_USAGE = (
    update(usage)
    .where(usage.c.owner == bindparam("of"))
    .values(seconds=usage.c.seconds + bindparam("more"))
)


@dataclass(frozen=True, slots=True)
class Quotas:
    """Limits that hold for each owner alone.

    Attributes:
        pending: Most queued and running jobs.
        usage_seconds: Execution time after which nothing is accepted; ``None`` is no limit.
        sessions: Most sessions that are not closed.
    """

    pending: int = MAX_PENDING
    usage_seconds: float | None = None
    sessions: int = MAX_SESSIONS


DEFAULT_QUOTAS = Quotas()


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an owner has used, and may use.

    Attributes:
        used: Execution time of all jobs, in seconds.
        limit: Execution time after which nothing is accepted; ``None`` is no limit.
        pending: Queued and running jobs.
    """

    used: float
    limit: float | None
    pending: int

    @property
    def reached(self) -> bool:
        """Whether nothing more is accepted."""
        return self.limit is not None and self.used >= self.limit


class Quota(Enum):
    """What there may be only so much of: queued and running jobs, their time, open sessions."""

    PENDING = "pending"
    USAGE = "usage"
    SESSIONS = "sessions"


class QuotaError(Exception):
    """One more would be too many.

    Args:
        quota: Of what.
        limit: How many there may be, or how many seconds.
    """

    def __init__(self, quota: Quota, limit: float) -> None:
        super().__init__(quota, limit)
        self.quota = quota
        self.limit = limit


class Allowances:
    """What owners have used, and the limits they have set themselves.

    Args:
        database: Where it is kept.
        quotas: Limits of the server, which hold as well.
    """

    def __init__(self, database: Database, quotas: Quotas) -> None:
        self._database = database
        self.quotas = quotas

    def of(self, owner: str) -> Allowance:
        """Return what an owner has used and may use."""
        with self._database.read() as connection:
            return _allowance(connection, owner, self.quotas)

    def limit(self, owner: str, seconds: float | None) -> None:
        """Set an owner's own limit of execution time; ``None`` takes it away.

        Raises:
            QuotaError: More than that has been used.
        """
        with self._database.write() as connection:
            if seconds is not None and read_usage(connection, owner) > seconds:
                raise QuotaError(Quota.USAGE, seconds)
            add_usage(connection, owner, 0.0)
            connection.execute(
                update(usage).where(usage.c.owner == owner).values(limit_seconds=seconds)
            )


def check_jobs(connection: Connection, owner: str, quotas: Quotas) -> None:
    """Check that an owner may submit one more job.

    Raises:
        QuotaError: They may not.
    """
    allowance = _allowance(connection, owner, quotas)
    if allowance.limit is not None and allowance.reached:
        raise QuotaError(Quota.USAGE, allowance.limit)
    if allowance.pending >= quotas.pending:
        raise QuotaError(Quota.PENDING, quotas.pending)


def check_sessions(connection: Connection, owner: str, quotas: Quotas) -> None:
    """Check that an owner may open one more session.

    Raises:
        QuotaError: They may not.
    """
    states = [state for state in SessionState if state is not SessionState.CLOSED]
    # Not the owner's column as it is, which would have all sessions of the owner read, also those
    # that have been closed: there may be any number of these.
    own = sessions.c.owner + "" == owner
    query = select(func.count()).select_from(sessions).where(sessions.c.state.in_(states), own)
    if connection.execute(query).scalar_one() >= quotas.sessions:
        raise QuotaError(Quota.SESSIONS, quotas.sessions)


def _allowance(connection: Connection, owner: str, quotas: Quotas) -> Allowance:
    row = connection.execute(_USAGE, {"of": owner}).one_or_none()
    own = None if row is None else row.limit_seconds
    limits = [limit for limit in (own, quotas.usage_seconds) if limit is not None]
    pending = connection.execute(_COUNT_PENDING, {"of": owner}).scalar_one()
    return Allowance(0.0 if row is None else row.seconds, min(limits, default=None), pending)


def read_usage(connection: Connection, owner: str) -> float:
    """Return the execution time of all jobs of an owner, also of deleted ones, in seconds."""
    return float(connection.scalar(select(usage.c.seconds).where(usage.c.owner == owner)) or 0.0)


def add_usage(connection: Connection, owner: str, seconds: float) -> None:
    """Count the execution time of a job that has ended."""
    if not connection.execute(_ADD_USAGE, {"of": owner, "more": seconds}).rowcount:
        connection.execute(insert(usage).values(owner=owner, seconds=seconds))
