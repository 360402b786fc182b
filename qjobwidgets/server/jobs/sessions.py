"""Sessions and batches: opening, closing and cancelling them, and what time does to them.

A session's own life is kept here; what its jobs do to it happens in the transactions of the jobs
(:mod:`~qjobwidgets.server.jobs.session_steps`). Time is level-triggered: :meth:`Sessions.tick`
looks at what the ledger says and at the clock, so a restart loses nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection, select, update

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.quotas import DEFAULT_QUOTAS, Quotas, check_sessions
from qjobwidgets.server.jobs.schema import session_states, sessions
from qjobwidgets.server.jobs.session_rules import (
    Change,
    NewSession,
    Session,
    SessionState,
    due,
)
from qjobwidgets.server.jobs.session_steps import (
    close_when_done,
    move,
    open_session,
    read_sessions,
    select_sessions,
)
from qjobwidgets.server.jobs.states import Reason, ReasonCode, timestamp
from qjobwidgets.server.jobs.transitions import cancel_queued

__all__ = ["Sessions"]

_LOG = logging.getLogger(__name__)

_CANCELLED = Reason(
    "The session was cancelled before the job started.",
    ReasonCode.SESSION_CLOSED,
    "Submit the job again in another session, or without one.",
)
_EXPIRED = Reason(
    "The session's time was over before the job started.",
    ReasonCode.SESSION_CLOSED,
    "Give the session more time (max_time), or open another one for the rest of the jobs.",
)
_BY_OWNER = "Closed by its owner."
_CANCELLED_BY_OWNER = "Cancelled by its owner."
_OUT_OF_TIME = "Its time was over."


class Sessions:
    """All sessions of the ledger.

    Args:
        database: Where they are kept.
        on_change: Called with the id of each job that changed, after the commit.
        on_close: Called after a session was closed, which may have kept a backend from others.
        quotas: How many sessions each owner may have.
    """

    def __init__(
        self,
        database: Database,
        *,
        on_change: Callable[[str], None],
        on_close: Callable[[], None],
        quotas: Quotas = DEFAULT_QUOTAS,
    ) -> None:
        self._database = database
        self._on_change = on_change
        self._on_close = on_close
        self._quotas = quotas

    def open(self, new: NewSession) -> Session:
        """Open a session.

        Raises:
            QuotaError: Its owner has too many of them.
        """
        with self._database.write() as connection:
            check_sessions(connection, new.owner, self._quotas)
            return _one(connection, open_session(connection, new), new.owner)

    def get(self, session: str, owner: str) -> Session | None:
        """Return a session of an owner."""
        with self._database.read() as connection:
            return _find(connection, session, owner)

    def close(self, session: str, owner: str) -> bool:
        """Have a session take no more jobs; those it has still run.

        Returns:
            ``False`` when the owner has no such session.
        """
        return self._shut(session, owner, _BY_OWNER)

    def cancel(self, session: str, owner: str) -> bool:
        """Close a session, and cancel its queued jobs; those that run go on.

        Returns:
            ``False`` when the owner has no such session.
        """
        return self._shut(session, owner, _CANCELLED_BY_OWNER, why_cancelled=_CANCELLED)

    def tick(self) -> None:
        """Do what is due: let sessions rest that have no jobs, end those whose time is over."""
        states = (SessionState.ACTIVE, SessionState.INACTIVE)
        query = select_sessions().where(sessions.c.state.in_(states))
        with self._database.read() as connection:
            started = read_sessions(connection, query)
        for session in started:
            if due(session, timestamp()) is not None:
                self._tell(self._settle(session))

    def _shut(
        self, session: str, owner: str, why: str, why_cancelled: Reason | None = None
    ) -> bool:
        with self._database.write() as connection:
            found = _find(connection, session, owner)
            if found is None:
                return False
            cancelled = _end(connection, found, why, why_cancelled)
        self._tell(cancelled)
        self._on_close()
        return True

    def _settle(self, session: Session) -> list[str]:
        """Look again, now that nobody else writes; return the jobs that were cancelled."""
        with self._database.write() as connection:
            found = _one(connection, session.id, session.owner)
            now = timestamp()
            change = due(found, now)
            if change is Change.EXPIRE:
                _LOG.info("a session has used up its time", extra={"session": session.id})
                return _end(connection, found, _OUT_OF_TIME, _EXPIRED)
            if change is Change.REST:
                move(connection, session.id, SessionState.INACTIVE, now)
        return []

    def _tell(self, changed: list[str]) -> None:
        for job in changed:
            self._on_change(job)


def _find(connection: Connection, session: str, owner: str) -> Session | None:
    query = select_sessions().where(sessions.c.id == session, sessions.c.owner == owner)
    found = read_sessions(connection, query)
    if not found:
        return None
    states = connection.execute(
        select(session_states.c.state, session_states.c.time)
        .where(session_states.c.session == session)
        .order_by(session_states.c.number)
    )
    history = tuple((SessionState(row.state), str(row.time)) for row in states)
    return replace(found[0], history=history)


def _one(connection: Connection, session: str, owner: str) -> Session:
    found = _find(connection, session, owner)
    assert found is not None, "sessions are never deleted"
    return found


def _end(
    connection: Connection, session: Session, why: str, why_cancelled: Reason | None
) -> list[str]:
    """Take no more jobs; with a reason for it cancel the queued ones, and return which."""
    now = timestamp()
    cancelled: list[str] = []
    if why_cancelled is not None:
        cancelled = cancel_queued(connection, session.id, why_cancelled, now)
    if session.accepting:
        values = {"accepting": False, "state_reason": why}
        connection.execute(update(sessions).where(sessions.c.id == session.id).values(values))
    close_when_done(connection, session.id, now)
    return cancelled
