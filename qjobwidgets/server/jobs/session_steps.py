"""What happens to sessions in the transactions that submit, start and end their jobs.

Each function works on the connection of a transaction its caller has begun, and commits nothing.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, insert, select, update

from qjobwidgets.server.jobs.schema import jobs, session_states, sessions
from qjobwidgets.server.jobs.session_rules import (
    Mode,
    NewSession,
    Session,
    SessionState,
    seconds_between,
)
from qjobwidgets.server.jobs.states import PENDING, NewJob, State, timestamp

__all__ = [
    "BackendDiffersError",
    "SessionClosedError",
    "SessionError",
    "SessionUnknownError",
    "attempt_ended",
    "close_when_done",
    "job_ended",
    "job_started",
    "join_session",
    "move",
    "open_session",
    "read_sessions",
    "select_sessions",
]


class SessionError(Exception):
    """A job may not join the session it names."""


class SessionUnknownError(SessionError):
    """There is no such session, or it is another owner's."""


class SessionClosedError(SessionError):
    """The session takes no more jobs."""


class BackendDiffersError(SessionError):
    """The session is on another backend; ``backend`` says which."""

    def __init__(self, backend: str) -> None:
        super().__init__(backend)
        self.backend = backend


def open_session(connection: Connection, new: NewSession, name: str | None = None) -> str:
    """Add an open session and return its id, which is ``name`` if that is given."""
    name = name or secrets.token_hex(10)
    now = timestamp()
    row = {
        "id": name,
        "owner": new.owner,
        "backend": new.backend,
        "mode": new.mode,
        "state": SessionState.OPEN,
        "accepting": True,
        "max_ttl": new.max_ttl,
        "active_ttl": new.active_ttl,
        "interactive_ttl": new.interactive_ttl,
        "created": now,
        "active_seconds": 0.0,
        "usage_seconds": 0.0,
    }
    connection.execute(insert(sessions).values(row))
    _note(connection, name, SessionState.OPEN, now)
    return name


def join_session(connection: Connection, new: NewJob, revision: int) -> int:
    """Check that a job may join the session it names, if any, and return its turn.

    Args:
        connection: A transaction that will add the job.
        new: The job.
        revision: The number of the job's submission among all changes.

    Raises:
        SessionUnknownError: Its owner has no such session.
        BackendDiffersError: The session is on another backend.
        SessionClosedError: The session takes no more jobs.
    """
    if new.session is None:
        return revision
    session = connection.execute(
        select(sessions).where(sessions.c.id == new.session, sessions.c.owner == new.owner)
    ).one_or_none()
    if session is None:
        raise SessionUnknownError
    if session.backend != new.backend:
        raise BackendDiffersError(session.backend)
    if not session.accepting:
        raise SessionClosedError
    if session.mode == Mode.BATCH:
        return revision
    awake = session.state == SessionState.ACTIVE or _has_jobs(connection, session.id, *PENDING)
    if awake and session.turn is not None:
        return int(session.turn)
    connection.execute(update(sessions).where(_is(session.id)).values(turn=revision))
    return revision


def job_started(connection: Connection, session: str | None, now: str) -> None:
    """Note that a job of the session, if it is in one, starts: the session is active."""
    if session is None:
        return
    before = connection.execute(
        update(sessions)
        .where(_is(session))
        .values(last_job_started=now)
        .returning(sessions.c.state, sessions.c.started)
    ).one()
    if before.state != SessionState.ACTIVE:
        values = {"activated": now, "started": before.started or now}
        connection.execute(update(sessions).where(_is(session)).values(values))
        move(connection, session, SessionState.ACTIVE, now)


def job_ended(
    connection: Connection,
    session: str | None,
    now: str,
    *,
    started: bool,
    seconds: float = 0.0,
) -> None:
    """Note that a job of the session, if it is in one, has got its final state.

    Args:
        connection: The transaction that gives it.
        session: The session.
        now: When the job ended.
        started: Whether the job was running.
        seconds: Execution time of its last attempt, if it was not counted yet.
    """
    if session is None:
        return
    if started:
        values = {"last_job_completed": now, "usage_seconds": sessions.c.usage_seconds + seconds}
        connection.execute(update(sessions).where(_is(session)).values(values))
    close_when_done(connection, session, now)


def attempt_ended(connection: Connection, session: str | None, seconds: float) -> None:
    """Count the time of an attempt at a job of the session, if it is in one."""
    if session is not None:
        values = {"usage_seconds": sessions.c.usage_seconds + seconds}
        connection.execute(update(sessions).where(_is(session)).values(values))


def close_when_done(connection: Connection, session: str, now: str) -> None:
    """Close a session that takes no more jobs and has none left."""
    row = connection.execute(
        select(sessions.c.accepting, sessions.c.state).where(_is(session))
    ).one()
    over = row.accepting or row.state == SessionState.CLOSED
    if over or _has_jobs(connection, session, *PENDING):
        return
    connection.execute(update(sessions).where(_is(session)).values(closed=now))
    move(connection, session, SessionState.CLOSED, now)


def move(connection: Connection, session: str, state: SessionState, now: str) -> None:
    """Change the state of a session, and note when."""
    row = connection.execute(
        select(sessions.c.state, sessions.c.activated, sessions.c.active_seconds).where(
            _is(session)
        )
    ).one()
    values: dict[str, Any] = {"state": state}
    if row.state == SessionState.ACTIVE:
        active = seconds_between(row.activated, now)
        values["active_seconds"] = row.active_seconds + active
    connection.execute(update(sessions).where(_is(session)).values(values))
    _note(connection, session, state, now)


def select_sessions() -> Select[Any]:
    """Return the query of sessions that :func:`read_sessions` can read."""
    return select(
        sessions,
        _with_jobs(State.QUEUED).label("queued"),
        _with_jobs(State.RUNNING).label("running"),
    )


def read_sessions(connection: Connection, query: Select[Any]) -> list[Session]:
    """Return the sessions that a query finds, without their history."""
    return [_to_session(row) for row in connection.execute(query)]


def _with_jobs(state: State) -> Any:
    return exists().where(jobs.c.session == sessions.c.id, jobs.c.state == state)


def _has_jobs(connection: Connection, session: str, *states: State) -> bool:
    query = select(jobs.c.number).where(jobs.c.session == session, jobs.c.state.in_(states))
    return connection.scalar(query.limit(1)) is not None


def _is(session: str) -> Any:
    return sessions.c.id == session


def _note(connection: Connection, session: str, state: SessionState, now: str) -> None:
    row = {"session": session, "state": state, "time": now}
    connection.execute(insert(session_states).values(row))


def _to_session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        owner=row.owner,
        backend=row.backend,
        mode=Mode(row.mode),
        state=SessionState(row.state),
        state_reason=row.state_reason,
        accepting=row.accepting,
        max_ttl=row.max_ttl,
        active_ttl=row.active_ttl,
        interactive_ttl=row.interactive_ttl,
        created=row.created,
        started=row.started,
        activated=row.activated,
        closed=row.closed,
        last_job_started=row.last_job_started,
        last_job_completed=row.last_job_completed,
        active_seconds=row.active_seconds,
        usage_seconds=row.usage_seconds,
        queued=bool(row.queued),
        running=bool(row.running),
    )
