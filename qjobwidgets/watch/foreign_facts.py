"""What can be known of a job of others: of any class that has an id and a status.

Each fact is asked for by the names that Qiskit's job classes and their vendors use; what is not
there, raises or is of another kind is ``None``. All but :func:`first_record` may wait for a
network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from enum import Enum
from typing import Any

from qjobwidgets.records import JobRecord, JobStatus, parse_status, parse_time, utc_time

__all__ = ["first_record", "fresh_record", "status_of"]

_LONGEST_TEXT = 2_000
_MOST_TAGS = 100
_WORDS = {
    "initialized": JobStatus.INITIALIZING,
    "created": JobStatus.INITIALIZING,
    "submitted": JobStatus.QUEUED,
    "pending": JobStatus.QUEUED,
    "in_progress": JobStatus.RUNNING,
    "succeeded": JobStatus.DONE,
    "canceled": JobStatus.CANCELLED,
}


def status_of(value: object) -> JobStatus | str:
    """Return the status that a job's answer stands for; an unknown word comes as it is."""
    word = value.name if isinstance(value, Enum) else str(value)
    if word in JobStatus.__members__:
        return JobStatus[word]
    word = word[:_LONGEST_TEXT]
    return _WORDS.get(word.lower()) or parse_status(word)


def first_record(job: Any) -> JobRecord:
    """Return what can be said of a job without asking anybody.

    Raises:
        TypeError: It has no id.
    """
    job_id = job.job_id() if callable(getattr(job, "job_id", None)) else None
    if not isinstance(job_id, str) or not job_id:
        raise TypeError(f"{type(job).__name__} has no job id. Pass a job that has been submitted.")
    return JobRecord(id=job_id, status=JobStatus.INITIALIZING)


def fresh_record(job: Any, known: JobRecord, *, first: bool = True) -> JobRecord:
    """Ask a job for its status, and for what is not known of it yet.

    Args:
        job: The job.
        known: What is known of it.
        first: Whether it is asked for the first time.

    Raises:
        Exception: Whatever its ``status()`` raises.
    """
    status = status_of(job.status())
    record = known._replace(status=status, queue_position=None)
    if first or (record.final and record.backend is None):
        record = record._replace(**_lasting(job, final=record.final))
    if status == JobStatus.QUEUED:
        record = record._replace(queue_position=_positive(_fact(job, "queue_position")))
    if status == JobStatus.ERROR:
        record = record._replace(reason=_text(_fact(job, "error_message")))
    return record


def _lasting(job: Any, *, final: bool) -> dict[str, Any]:
    """Return the facts that never change."""
    tags = _fact(job, "tags")
    several = isinstance(tags, Iterable) and not isinstance(tags, str | Mapping)
    return {
        "program": _text(_fact(job, "primitive_id", "program_id")),
        # the official client's job waits for its end before it names a backend it does not know
        "backend": _name(_fact(job, "backend")) if final or hasattr(job, "submit") else None,
        "created": _time(_fact(job, "creation_date", "time_created")),
        "tags": tuple(t for t in list(tags)[:_MOST_TAGS] if isinstance(t, str)) if several else (),
        "session_id": _text(_fact(job, "session_id")),
    }


def _fact(job: Any, *names: str) -> Any:
    """Return the first of a job's attributes that there is, called if it is a method."""
    for name in names:
        with suppress(Exception):  # a class of others, asked for what it may not have
            value = getattr(job, name)
            return value() if callable(value) else value
    return None


def _text(value: object) -> str | None:
    return value[:_LONGEST_TEXT] if isinstance(value, str) and value else None


def _name(backend: Any) -> str | None:
    """Return the name of a backend, which is a method in older classes."""
    return _text(backend) or _text(_fact(backend, "name"))


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _time(value: object) -> datetime | None:
    if isinstance(value, datetime):
        with suppress(ValueError, OverflowError, OSError):
            return utc_time(value)  # without a zone it is local time
        return None
    return parse_time(value)
