"""What a session is, and when its time is over: facts and pure decisions.

A *dedicated* session runs its jobs one after the other; on a backend that runs one job at a time
the backend is kept for it while it is active. A *batch* only groups jobs. Both become active when
a job of theirs starts, and inactive when no job has come for ``interactive_ttl`` seconds; the next
job wakes them. They close when they accept no more jobs and the last one has ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum

__all__ = [
    "INTERACTIVE_TTL",
    "MAX_TTL",
    "Change",
    "Mode",
    "NewSession",
    "Session",
    "SessionState",
    "due",
    "seconds_between",
]

MAX_TTL = 28_800
"""Longest time of a session, in seconds; what asks for more gets this."""
INTERACTIVE_TTL = 60
"""How long a session stays active without a job unless its owner says otherwise, in seconds."""


class Mode(StrEnum):
    """Execution mode of a session."""

    DEDICATED = "dedicated"
    BATCH = "batch"


class SessionState(StrEnum):
    """State of a session, as the service writes it."""

    OPEN = "open"
    ACTIVE = "active"
    INACTIVE = "inactive"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to be opened.

    Attributes:
        owner: Who opens it.
        max_ttl: Seconds it may last from the start of its first job.
        active_ttl: Seconds it may be active altogether.
        interactive_ttl: Seconds it stays active without a job.
    """

    owner: str
    backend: str
    mode: Mode = Mode.DEDICATED
    max_ttl: int = MAX_TTL
    active_ttl: int = MAX_TTL
    interactive_ttl: int = INTERACTIVE_TTL


@dataclass(frozen=True, slots=True)
class Session:
    """A session as the ledger has it. Times are ISO 8601 (UTC) text, as the wire has them.

    Attributes:
        started: When its first job started: ``max_ttl`` counts from here.
        activated: When it last became active.
        active_seconds: How long it was active before that.
        usage_seconds: Execution time of its jobs.
        queued, running: Whether it has such jobs.
        history: Each state it has been in, with the time it got there.
    """

    id: str
    owner: str
    backend: str
    mode: Mode
    state: SessionState
    state_reason: str | None
    accepting: bool
    max_ttl: int
    active_ttl: int
    interactive_ttl: int
    created: str
    started: str | None
    activated: str | None
    closed: str | None
    last_job_started: str | None
    last_job_completed: str | None
    active_seconds: float
    usage_seconds: float
    queued: bool
    running: bool
    history: tuple[tuple[SessionState, str], ...] = ()

    def active_for(self, now: str) -> float:
        """Return for how many seconds the session has been active."""
        if self.state is SessionState.ACTIVE and self.activated is not None:
            return self.active_seconds + seconds_between(self.activated, now)
        return self.active_seconds

    def active_left(self, now: str) -> float:
        """Return for how many more seconds the session may be active."""
        return max(0.0, self.active_ttl - self.active_for(now))

    def used(self, now: str) -> float:
        """Return what the session has used, in seconds.

        A dedicated session has its backend as long as it is active; a batch uses it for its jobs.
        """
        return self.active_for(now) if self.mode is Mode.DEDICATED else self.usage_seconds


class Change(Enum):
    """What time does to a session."""

    EXPIRE = "expire"
    REST = "rest"


def due(session: Session, now: str) -> Change | None:
    """Return what has to be done about a session at this time, if anything.

    Only the session's own times are compared with the present one. A clock that was set back
    makes a session rest at once rather than keep its backend until the old time comes again.
    """
    if session.state is SessionState.CLOSED or session.started is None:
        return None
    if session.accepting or session.queued:
        over = seconds_between(session.started, now) >= session.max_ttl
        if over or session.active_left(now) <= 0:
            return Change.EXPIRE
    if session.state is SessionState.ACTIVE and not (session.queued or session.running):
        last = session.last_job_completed or session.activated or session.started
        if not 0 <= _difference(last, now) < session.interactive_ttl:
            return Change.REST
    return None


def seconds_between(earlier: str, later: str) -> float:
    """Return the seconds from one time to a later one; 0 when a clock was set back between."""
    return max(0.0, _difference(earlier, later))


def _difference(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
