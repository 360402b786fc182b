"""What each owner may ask of the server: checked in the transaction that submits a job."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.schema import jobs, usage
from qjobwidgets.server.jobs.states import PENDING

__all__ = [
    "DEFAULT_QUOTAS",
    "MAX_PENDING",
    "Allowance",
    "Allowances",
    "QuotaError",
    "Quotas",
    "add_usage",
    "check_quotas",
    "read_usage",
]

MAX_PENDING = 10_000
"""How many queued and running jobs an owner may have, unless the server is told otherwise."""


@dataclass(frozen=True, slots=True)
class Quotas:
    """Limits that hold for each owner alone.

    Attributes:
        pending: Most queued and running jobs.
        usage_seconds: Execution time after which nothing is accepted; ``None`` is no limit.
    """

    pending: int = MAX_PENDING
    usage_seconds: float | None = None


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


class QuotaError(Exception):
    """One more job would be too many.

    Args:
        usage: Whether the execution time is used up; otherwise too many jobs are pending.
        limit: The limit.
    """

    def __init__(self, *, usage: bool, limit: float) -> None:
        super().__init__(usage, limit)
        self.usage = usage
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
                raise QuotaError(usage=True, limit=seconds)
            add_usage(connection, owner, 0.0)
            connection.execute(
                update(usage).where(usage.c.owner == owner).values(limit_seconds=seconds)
            )


def check_quotas(connection: Connection, owner: str, quotas: Quotas) -> None:
    """Check that an owner may submit one more job.

    Raises:
        QuotaError: They may not.
    """
    allowance = _allowance(connection, owner, quotas)
    if allowance.limit is not None and allowance.reached:
        raise QuotaError(usage=True, limit=allowance.limit)
    if allowance.pending >= quotas.pending:
        raise QuotaError(usage=False, limit=quotas.pending)


def _allowance(connection: Connection, owner: str, quotas: Quotas) -> Allowance:
    query = select(usage.c.seconds, usage.c.limit_seconds).where(usage.c.owner == owner)
    row = connection.execute(query).one_or_none()
    own = None if row is None else row.limit_seconds
    limits = [limit for limit in (own, quotas.usage_seconds) if limit is not None]
    pending = connection.execute(
        select(func.count())
        .select_from(jobs)
        .where(jobs.c.owner == owner, jobs.c.state.in_(PENDING))
    ).scalar_one()
    return Allowance(0.0 if row is None else row.seconds, min(limits, default=None), pending)


def read_usage(connection: Connection, owner: str) -> float:
    """Return the execution time of all jobs of an owner, also of deleted ones, in seconds."""
    return float(connection.scalar(select(usage.c.seconds).where(usage.c.owner == owner)) or 0.0)


def add_usage(connection: Connection, owner: str, seconds: float) -> None:
    """Count the execution time of a job that has ended."""
    counted = connection.execute(
        update(usage).where(usage.c.owner == owner).values(seconds=usage.c.seconds + seconds)
    ).rowcount
    if not counted:
        connection.execute(insert(usage).values(owner=owner, seconds=seconds))
