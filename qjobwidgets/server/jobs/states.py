"""States of a job on the wire, reasons, and the values that enter and leave the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Any

from qjobwidgets.records import RAN_TOO_LONG
from qjobwidgets.server.jobs.session_rules import NewSession, seconds_between

__all__ = [
    "FINAL",
    "LOCAL_OWNER",
    "PENDING",
    "Job",
    "Message",
    "NewJob",
    "Reason",
    "ReasonCode",
    "State",
    "Ticket",
    "Usage",
    "timestamp",
]


LOCAL_OWNER = "local"
"""Who owns the jobs of a server that has one user."""


class State(StrEnum):
    """State of a job, as the service writes it."""

    QUEUED = "Queued"
    RUNNING = "Running"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


PENDING = (State.QUEUED, State.RUNNING)
FINAL = (State.COMPLETED, State.FAILED, State.CANCELLED)


class ReasonCode(IntEnum):
    """Why a job has no result."""

    INPUT_REFUSED = 1210
    UNSUPPORTED_CIRCUIT = 1211
    SESSION_CLOSED = 1217
    RAN_TOO_LONG = RAN_TOO_LONG
    OUT_OF_MEMORY = 1306
    PROGRAM_ERROR = 1307
    CRASHED = 1308
    RESULT_TOO_LARGE = 1309
    TOO_MANY_PROCESSES = 1310


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a job has no result: a sentence, a code, and what to do about it."""

    text: str
    code: int
    solution: str | None = None


@dataclass(frozen=True, slots=True)
class NewJob:
    """A submission that passed the checks that need no decoding.

    Attributes:
        params: The program's inputs as JSON text; the server never looks into it again.
        source: Text of the program, if it is an uploaded one.
        owner: Who submits it.
        session: The session or batch it belongs to.
        opens: A session to be opened for it, which gets the job's id.
        limit: Maximum execution time in seconds.
        caller: What the client calls itself.
    """

    program: str
    backend: str
    params: str
    source: str | None = None
    owner: str = LOCAL_OWNER
    session: str | None = None
    opens: NewSession | None = None
    tags: tuple[str, ...] = ()
    limit: int = 10_800
    log_level: str = "WARNING"
    runtime: str | None = None
    private: bool = False
    caller: str | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """What it takes to make one attempt at a job."""

    job: str
    attempt: int
    program: str
    backend: str
    params: str
    source: str | None
    limit: int
    log_level: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What an attempt used: seconds of execution, and figures about its circuits."""

    seconds: float = 0.0
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a job's stream; ``data`` is JSON text."""

    seq: int
    attempt: int
    kind: str
    data: str


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the ledger. Times are ISO 8601 (UTC) text, as the wire has them."""

    id: str
    owner: str
    revision: int
    program: str
    backend: str
    state: State
    created: str
    running: str | None
    finished: str | None
    reason: str | None
    reason_code: int | None
    reason_solution: str | None
    limit: int
    log_level: str
    runtime: str | None
    private: bool
    caller: str | None
    session: str | None
    attempt: int
    last_seq: int
    usage_seconds: float
    figures: Mapping[str, Any]
    tags: tuple[str, ...]
    position: int | None

    @property
    def final(self) -> bool:
        """Whether the state never changes again."""
        return self.state in FINAL

    def used(self, now: str) -> float:
        """Return the execution time so far, in seconds, with that of an attempt under way."""
        if self.state is not State.RUNNING or self.running is None:
            return self.usage_seconds
        return self.usage_seconds + min(seconds_between(self.running, now), self.limit)


def timestamp(time: datetime | None = None) -> str:
    """Return a time (now, unless given) in the one form that sorts as text."""
    time = (time or datetime.now(UTC)).astimezone(UTC)
    return f"{time.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
