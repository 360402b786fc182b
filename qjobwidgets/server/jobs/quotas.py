"""What each owner may ask of the server: checked in the transaction that submits a job."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from qjobwidgets.server.jobs.schema import jobs, usage
from qjobwidgets.server.jobs.states import PENDING

__all__ = [
    "DEFAULT_QUOTAS",
    "MAX_PENDING",
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


def check_quotas(connection: Connection, owner: str, quotas: Quotas) -> None:
    """Check that an owner may submit one more job.

    Raises:
        QuotaError: They may not.
    """
    limit = quotas.usage_seconds
    if limit is not None and read_usage(connection, owner) >= limit:
        raise QuotaError(usage=True, limit=limit)
    counting = (
        select(func.count())
        .select_from(jobs)
        .where(jobs.c.owner == owner, jobs.c.state.in_(PENDING))
    )
    if connection.execute(counting).scalar_one() >= quotas.pending:
        raise QuotaError(usage=False, limit=quotas.pending)


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
