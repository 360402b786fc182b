"""The job a user means: a handle, or an id and the account it is of."""

from __future__ import annotations

from typing import Any

from qjobwidgets.errors import QJobError

__all__ = ["as_job"]


def as_job(job: Any, service: Any = None) -> Any:
    """Return the handle of a job.

    Args:
        job: A handle, or a job's id.
        service: The client of the account that an id is of.

    Raises:
        QJobError: An id without an account, or something that is no job of a service.
    """
    if isinstance(job, str):
        if service is None:
            raise QJobError(
                f"The id {job!r} does not tell which account the job is of.",
                fix=f"Pass service= as well, or the job: service.job({job!r}).",
            )
        return service.job(job)
    if not (hasattr(job, "record") and hasattr(job, "service")):
        raise QJobError(
            f"A {type(job).__name__} is no job of a runtime service.",
            fix="Pass a RuntimeJob, or a job's id and service=.",
        )
    return job
