"""Who asks, and for what: to anybody else than its owner, a job does not exist."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from qjobwidgets.server.api.errors import job_not_found
from qjobwidgets.server.jobs.states import Job
from qjobwidgets.server.runtime import Runtime

__all__ = ["owner_of", "require_job"]


def owner_of(connection: HTTPConnection) -> str:
    """Return who asks, as the guard has found."""
    owner: str = connection.state.owner
    return owner


def require_job(runtime: Runtime, connection: HTTPConnection, job: str) -> Job:
    """Return a job of whoever asks.

    Raises:
        ApiError: There is none.
    """
    found = runtime.queries.job(job, owner_of(connection))
    if found is None:
        raise job_not_found()
    return found
