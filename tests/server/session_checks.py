"""What time may do to a session, and which way its states may go."""

from __future__ import annotations

from itertools import pairwise

from qjobwidgets.server.jobs.session_rules import Session, SessionState, seconds_between

__all__ = ["check_history", "check_time"]

# Which state of a session follows which.
_STEPS = {
    SessionState.OPEN: {SessionState.ACTIVE, SessionState.CLOSED},
    SessionState.ACTIVE: {SessionState.INACTIVE, SessionState.CLOSED},
    SessionState.INACTIVE: {SessionState.ACTIVE, SessionState.CLOSED},
    SessionState.CLOSED: set(),
}


def check_history(session: Session) -> None:
    """Check the states a session has been in."""
    history = [state for state, _ in session.history]
    assert (history[0], history[-1]) == (SessionState.OPEN, session.state)
    assert all(after in _STEPS[before] for before, after in pairwise(history))
    assert (session.started is not None) == (SessionState.ACTIVE in history)


def check_time(before: Session, earlier: str, after: Session, later: str) -> None:
    """Check that a session ended or rests if and only if it was time for that."""
    pending = before.queued or before.running
    ended = (before.accepting, before.queued) != (after.accepting, after.queued)
    if before.closed is None:
        assert ended or not _over(before, earlier) or not (before.accepting or before.queued)
        assert not ended or _over(before, later)
        assert not (ended and (after.accepting or after.queued))
    active = before.state is SessionState.ACTIVE
    if active and after.state is SessionState.ACTIVE:
        assert pending or not _rested(before, earlier)
    if active and after.state is SessionState.INACTIVE:
        assert not pending
        assert _rested(before, later)


def _over(session: Session, now: str) -> bool:
    """Whether a session has used up one of its times."""
    if session.started is None:
        return False
    return seconds_between(session.started, now) >= session.max_ttl or session.active_left(now) <= 0


def _rested(session: Session, now: str) -> bool:
    """Whether a session has been without a job for as long as it stays active then."""
    last = session.last_job_completed or session.activated
    return last is not None and seconds_between(last, now) >= session.interactive_ttl
