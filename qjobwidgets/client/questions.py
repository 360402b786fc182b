"""Paths and queries of requests, made of what users give: checked, and nothing leads elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from qjobwidgets.client.inputs import backend_name as name_of
from qjobwidgets.client.inputs import tag_list
from qjobwidgets.errors import (
    BackendNotFoundError,
    IBMInputValueError,
    RuntimeJobNotFound,
    RuntimeProgramNotFound,
)

__all__ = [
    "backend_path",
    "job_path",
    "list_query",
    "program_path",
    "session_path",
    "utc",
    "whole_number",
]


def list_query(  # noqa: PLR0913 - the filters of the service
    *,
    limit: int,
    skip: int,
    descending: bool,
    pending: bool | None = None,
    program_id: str | None = None,
    backend_name: str | None = None,
    job_tags: Sequence[str] = (),
    session_id: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
) -> dict[str, Any]:
    """Return the query of ``GET /jobs`` for these filters; times without a zone are local.

    Raises:
        IBMInputValueError: A filter is of a form that no service could take.
    """
    if not (pending is None or isinstance(pending, bool)):
        raise IBMInputValueError(
            f"pending can't be {pending!r}.",
            fix="Pass True for jobs that have not ended, or False.",
        )
    query = {
        "limit": whole_number(limit, "limit"),
        "offset": whole_number(skip, "skip") or None,
        "pending": None if pending is None else str(pending).lower(),
        "program": program_id,
        "backend": None if backend_name is None else name_of(backend_name),
        "tags": tag_list(job_tags) or None,
        "session_id": session_id,
        "created_after": utc(created_after),
        "created_before": utc(created_before),
        "sort": "ASC" if descending is False else None,
    }
    return {name: value for name, value in query.items() if value is not None}


def whole_number(number: int, name: str) -> int:
    """Return a number of jobs.

    Raises:
        IBMInputValueError: It is none.
    """
    if isinstance(number, int) and number >= 0:
        return number
    raise IBMInputValueError(f"{name} can't be {number!r}.", fix="Pass a whole number from 0 on.")


def utc(time: datetime | None) -> str | None:
    """Return a time as services take it; ``None`` stays ``None``.

    Raises:
        IBMInputValueError: It is no time.
    """
    try:
        return None if time is None else time.astimezone(UTC).isoformat()
    except (AttributeError, TypeError, ValueError, OverflowError):  # the latter at either end
        pass
    raise IBMInputValueError(
        f"{time!r} is no time.", fix="Pass a datetime; without a zone it is local time."
    )


def job_path(job_id: str) -> str:
    """Return the path of a job, which no id can leave.

    Raises:
        RuntimeJobNotFound: No job can have this id.
    """
    part = _path_part(job_id)
    if part is None:
        raise RuntimeJobNotFound(f"{job_id!r} is not a job id.", fix="Check the id.")
    return f"/jobs/{part}"


def session_path(session_id: str) -> str:
    """Return the path of a session, which no id can leave.

    Raises:
        IBMInputValueError: No session can have this id.
    """
    part = _path_part(session_id)
    if part is None:
        raise IBMInputValueError(f"{session_id!r} is not the id of a session.", fix="Check the id.")
    return f"/sessions/{part}"


def backend_path(name: str) -> str:
    """Return the path of a backend, which no name can leave.

    Raises:
        BackendNotFoundError: No backend can have this name.
    """
    part = _path_part(name)
    if part is None:
        raise BackendNotFoundError(f"{name!r} is not the name of a backend.")
    return f"/backends/{part}"


def program_path(program_id: str) -> str:
    """Return the path of a program, which no id can leave.

    Raises:
        RuntimeProgramNotFound: No program can have this id.
    """
    part = _path_part(program_id)
    if part is None:
        raise RuntimeProgramNotFound(f"{program_id!r} is not the id of a program.")
    return f"/programs/{part}"


def _path_part(name: object) -> str | None:
    """Return a name as it stands in a path; ``None`` for one that leads elsewhere there."""
    if not isinstance(name, str) or name in {"", ".", ".."}:
        return None
    return quote(name, safe="", errors="replace")
