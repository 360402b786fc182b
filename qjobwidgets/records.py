"""The facts of a job, as frozen values parsed from the wire.

Nothing here knows about HTTP, threads or widgets. What comes from a service is data from outside:
every field is taken by name and type, what is missing is ``None``, and what is unknown (a status
word of tomorrow) is kept and shown as it came.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from enum import Enum
from typing import Any, NamedTuple, TypeGuard

__all__ = [
    "RAN_TOO_LONG",
    "InterimResult",
    "JobRecord",
    "JobStatus",
    "parse_status",
    "parse_time",
    "utc_time",
]

RAN_TOO_LONG = 1305
"""Reason code of a job that was ended because it exceeded its maximum execution time."""


class JobStatus(str, Enum):
    """Status of a job, with the names Qiskit uses.

    Each member equals its own name as a string, as newer clients give it, and the member of that
    name of ``qiskit.providers.JobStatus``, as older ones did: with ``==``, as a key, and ``in`` a
    collection of either. Only ``is`` tells them apart.
    """

    INITIALIZING = "INITIALIZING"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    ERROR = "ERROR"

    def __str__(self) -> str:
        return self.value

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other.name if _of_qiskit(other) else other)

    def __ne__(self, other: object) -> bool:  # str has one of its own
        return str.__ne__(self, other.name if _of_qiskit(other) else other)

    # Qiskit's members have the hash of their name as well
    __hash__ = str.__hash__

    @property
    def final(self) -> bool:
        """Whether this status never changes again."""
        return self in _FINAL


def _of_qiskit(value: object) -> TypeGuard[Enum]:
    """Whether a value is one of Qiskit's own statuses, which this module does not import."""
    kind = type(value)
    return (
        isinstance(value, Enum)
        and kind.__name__ == "JobStatus"
        and kind.__module__.startswith("qiskit.")
    )


_FINAL = frozenset({JobStatus.DONE, JobStatus.CANCELLED, JobStatus.ERROR})
_WIRE = {
    "queued": JobStatus.QUEUED,
    "running": JobStatus.RUNNING,
    "completed": JobStatus.DONE,
    "failed": JobStatus.ERROR,
    "cancelled": JobStatus.CANCELLED,
    "cancelled - ran too long": JobStatus.ERROR,
}


def parse_status(word: str, reason_code: int | None = None) -> JobStatus | str:
    """Return the status a service's word stands for; an unknown word comes back as it is.

    A job cancelled with reason code 1305 ran too long, which Qiskit shows as an error.
    """
    status = _WIRE.get(word.lower())
    if status is None:
        return word
    if status is JobStatus.CANCELLED and reason_code == RAN_TOO_LONG:
        return JobStatus.ERROR
    return status


def parse_time(text: object) -> datetime | None:
    """Return an ISO 8601 time as an aware UTC time; without an offset it is taken as UTC."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
        return utc_time(time.replace(tzinfo=UTC) if time.tzinfo is None else time)
    except (ValueError, OverflowError):  # the latter at either end of the calendar
        return None


def utc_time(time: datetime) -> datetime | None:
    """Return a time in UTC; one in the first or the last year of the calendar is none.

    With these services say that there is no time, and no clock of another zone may have it.

    Raises:
        OverflowError: It is beyond the calendar.
    """
    time = time if time.tzinfo is UTC else time.astimezone(UTC)
    return time if MINYEAR < time.year < MAXYEAR else None


class JobRecord(NamedTuple):
    """What was known of one job at one moment; a tuple, as lists have thousands of them.

    Attributes:
        id: The service's id of the job.
        status: A :class:`JobStatus`, or the service's own word when it is none of these.
        program: Program id, such as ``"sampler"``.
        backend: Backend name.
        created, started, finished: Times (UTC); ``None`` where the service does not tell.
        reason, reason_code, reason_solution: Why the job failed or was cancelled, the service's
            code for it, and its advice.
        tags: The job's tags.
        session_id: The session or batch the job belongs to.
        queue_position: Place in the backend's queue, from 1; ``None`` when not queued or not told.
        usage_seconds: QPU time charged, in seconds.
        estimated_seconds: The service's estimate of the running time, in seconds.
        private: Whether inputs and results are hidden after one reading.
        image: The runtime image it runs in; ``None`` for the service's own choice.
    """

    id: str
    status: JobStatus | str
    program: str | None = None
    backend: str | None = None
    created: datetime | None = None
    started: datetime | None = None
    finished: datetime | None = None
    reason: str | None = None
    reason_code: int | None = None
    reason_solution: str | None = None
    tags: tuple[str, ...] = ()
    session_id: str | None = None
    queue_position: int | None = None
    usage_seconds: float | None = None
    estimated_seconds: float | None = None
    private: bool = False
    image: str | None = None

    @property
    def final(self) -> bool:
        """Whether the job has come to its end."""
        return type(self.status) is JobStatus and self.status in _FINAL  # asked of thousands

    @classmethod
    def from_wire(cls, doc: Mapping[str, Any]) -> JobRecord:
        """Return the record of a job document (``GET /jobs`` or ``GET /jobs/{id}``).

        Raises:
            ValueError: The document has no id or no status.
        """
        state, program = _mapping(doc.get("state")), _mapping(doc.get("program"))
        times, usage = _mapping(doc.get("timestamps")), _mapping(doc.get("usage"))
        job_id, word = doc.get("id"), state.get("status") or doc.get("status")
        if not (isinstance(job_id, str) and isinstance(word, str)):
            raise ValueError("a job document needs an id and a status")  # noqa: TRY004 - bad data, not a bad call
        code = _int(state.get("reason_code", state.get("reasonCode")))
        if code is None and word.lower() == "cancelled - ran too long":
            code = RAN_TOO_LONG
        return cls(
            id=job_id,
            status=parse_status(word, code),
            program=_text(program.get("id")),
            backend=_text(doc.get("backend")),
            created=parse_time(doc.get("created")),
            started=parse_time(times.get("running")),
            finished=parse_time(times.get("finished") or doc.get("ended")),
            reason=_text(state.get("reason")),
            reason_code=code,
            reason_solution=_text(state.get("reason_solution")),
            tags=_texts(doc.get("tags")),
            session_id=_text(doc.get("session_id")),
            queue_position=_int(doc.get("position_in_queue")) or None,
            usage_seconds=_usage(usage),
            estimated_seconds=_number(doc.get("estimated_running_time_seconds")),
            private=doc.get("private") is True,
            image=_text(doc.get("runtime")),
        )


class InterimResult(NamedTuple):
    """One message of a job's stream; a tuple, as hundreds of them may come in a second.

    Attributes:
        seq: Number of the message within the job: 1, 2, 3 ... over all attempts.
        attempt: The attempt that made it, from 1.
        kind: ``"interim"``, ``"final"``, ``"restarted"`` (a new attempt begins), ``"dropped"``
            (messages were discarded over a cap) or ``"status"``.
        data: The message, decoded.
    """

    seq: int
    attempt: int
    kind: str
    data: Any


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}  # of JSON; asking for a Mapping is slower


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple([t for t in value if isinstance(t, str)]) if isinstance(value, list) else ()


def _number(value: object) -> float | None:
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    # a NaN would differ from itself at every look
    return number if math.isfinite(number) else None


def _usage(usage: Mapping[str, Any]) -> float | None:
    seconds = _number(usage.get("qpu_charge_time_seconds"))
    # Before the service has counted anything it says 0, which is not a usage of nothing.
    return None if seconds == 0 and usage.get("status") == "pending" else seconds


def _int(value: object) -> int | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) else None
