"""What time does to a session: a pure decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from qjobwidgets.server.jobs.session_rules import Change, Mode, Session, SessionState, due
from qjobwidgets.server.jobs.states import timestamp

START = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _at(seconds: float) -> str:
    return timestamp(START + timedelta(seconds=seconds))


# Open since 0 s; its one job ran from 10 s to 20 s.
IDLE = Session(
    id="s",
    owner="local",
    backend="b",
    mode=Mode.DEDICATED,
    state=SessionState.ACTIVE,
    state_reason=None,
    accepting=True,
    max_ttl=1000,
    active_ttl=500,
    interactive_ttl=60,
    created=_at(0),
    started=_at(10),
    activated=_at(10),
    closed=None,
    last_job_started=_at(10),
    last_job_completed=_at(20),
    active_seconds=0.0,
    usage_seconds=10.0,
    queued=False,
    running=False,
)
BUSY = replace(IDLE, running=True)
QUEUED = replace(IDLE, queued=True)
RESTING = replace(IDLE, state=SessionState.INACTIVE, active_seconds=70.0)
REFUSING = replace(BUSY, accepting=False)


def test_a_dedicated_session_uses_its_backend_between_jobs_too_and_a_batch_does_not():
    """The usage of both was the execution time of their jobs."""
    assert IDLE.used(_at(30)) == 20
    assert RESTING.used(_at(500)) == 70
    assert replace(RESTING, state=SessionState.ACTIVE, activated=_at(200)).used(_at(205)) == 75
    assert replace(IDLE, state=SessionState.OPEN, activated=None).used(_at(30)) == 0
    assert replace(IDLE, mode=Mode.BATCH).used(_at(30)) == 10


@pytest.mark.parametrize(
    ("session", "at", "wanted"),
    [
        (IDLE, 79, None),
        (IDLE, 80, Change.REST),
        (BUSY, 80, None),
        (QUEUED, 80, None),
        # A clock set back makes it rest rather than keep its backend for an hour.
        (IDLE, -3600, Change.REST),
        (BUSY, -3600, None),
        # All the time it may be active, from 10 s on.
        (BUSY, 509, None),
        (BUSY, 510, Change.EXPIRE),
        (QUEUED, 510, Change.EXPIRE),
        # While it rests, only the time it may last goes on.
        (RESTING, 1009, None),
        (RESTING, 1010, Change.EXPIRE),
        (replace(RESTING, state=SessionState.ACTIVE, activated=_at(900), running=True), 905, None),
        # What takes no more jobs has nothing left to lose but queued ones.
        (REFUSING, 2000, None),
        (replace(REFUSING, queued=True), 2000, Change.EXPIRE),
        (replace(IDLE, state=SessionState.CLOSED, accepting=False), 2000, None),
        # Before its first job starts, no time counts.
        (replace(IDLE, state=SessionState.OPEN, started=None, activated=None), 10**6, None),
    ],
)
def test_what_is_due(session: Session, at: float, wanted: Change | None):
    assert due(session, _at(at)) is wanted


def test_active_time_is_what_was_used_before_and_since():
    assert BUSY.active_left(_at(110)) == 400
    assert RESTING.active_left(_at(900)) == 430
    again = replace(RESTING, state=SessionState.ACTIVE, activated=_at(900))
    assert again.active_left(_at(1000)) == 330
    assert again.active_left(_at(10_000)) == 0
