"""Attempts that nobody watches any more, and jobs that are interrupted again and again."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.leases import Beat, Leases
from qjobwidgets.server.jobs.ledger import Ledger
from qjobwidgets.server.jobs.queries import Queries
from qjobwidgets.server.jobs.states import NewJob, State
from qjobwidgets.server.placing.rests import Rests
from tests.server.conftest import until


def test_a_heartbeat_that_stands_still_for_a_lease_is_given_up():
    leases, beat = Leases(3.0), Beat("job", 1, 7)
    assert [leases.expired([beat], now) for now in (10.0, 11.0, 12.0, 12.9)] == [[]] * 4
    assert leases.expired([beat], 13.0) == [beat]


def test_a_heartbeat_that_moves_renews_the_lease_and_so_does_another_attempt():
    leases = Leases(3.0)
    for now in range(20):
        assert leases.expired([Beat("job", 1, now // 2)], now) == []
    for now in range(20, 23):
        assert leases.expired([Beat("job", 2, 9)], now) == []
    assert leases.expired([Beat("job", 2, 9)], 23) == [Beat("job", 2, 9)]


def test_time_in_which_nobody_looked_is_no_time():
    """A machine that slept for an hour would have given up all that slept with it."""
    leases, beat = Leases(3.0), Beat("job", 1, 7)
    leases.expired([beat], 0.0)
    assert leases.expired([beat], 3600.0) == []
    assert leases.expired([beat], 3601.0) == [beat]


def test_jobs_interrupted_again_and_again_rest_longer_each_time():
    rests, now, waited = Rests(), 0.0, []
    for _ in range(8):
        rests.interrupted("bad", now)
        begin = now
        while "bad" in rests.resting(now):
            now += 0.5
        waited.append(now - begin)
    assert waited == [0, 1, 2, 4, 8, 16, 30, 30]
    rests.interrupted("other", now)
    assert rests.resting(now) == set()


def test_an_attempt_that_ends_by_itself_makes_up_for_interruptions():
    rests = Rests()
    for _ in range(3):
        rests.interrupted("job", 0.0)
    assert rests.resting(0.0) == {"job"}
    rests.ended("job")
    rests.interrupted("job", 0.0)
    assert rests.resting(0.0) == set()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Start placers that share a ledger, each in a process of its own."""
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.server.second_placer", str(tmp_path), name, "4"]
        started.append(subprocess.Popen(command, cwd=Path(__file__).parents[2]))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def _stopped_between_writes(placer: subprocess.Popen[bytes], ledger: Path) -> bool:
    """Stop a placer, unless it is in the middle of writing, which would keep all others out."""
    placer.send_signal(signal.SIGSTOP)
    stopped = psutil.Process(placer.pid)
    until(lambda: stopped.status() == psutil.STATUS_STOPPED, "the stop")
    with closing(sqlite3.connect(ledger, timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            placer.send_signal(signal.SIGCONT)
            return False
    return True


def test_a_placer_stopped_past_its_lease_is_fenced_off_when_it_goes_on(
    tmp_path: Path, place: Callable[[str], subprocess.Popen[bytes]]
):
    """Its attempt has a result by then, and so has the attempt of the other: one counts."""
    with closing(Database(tmp_path / "ledger.db")) as database:
        ledger = Ledger(database, on_change=lambda _job: None, on_message=lambda _job: None)
        queries = Queries(database)
        job = ledger.submit(NewJob("sample-program", "slow_local", '{"iterations":4}')).job

        def facts() -> tuple[State, int]:
            found = queries.job(job)
            assert found is not None
            return found.state, found.attempt

        first = place("first")
        until(lambda: facts() == (State.RUNNING, 1), "the first attempt")
        until(lambda: _stopped_between_writes(first, tmp_path / "ledger.db"), "a moment of rest")
        place("second")
        until(lambda: facts()[1] == 2, "the second attempt")
        first.send_signal(signal.SIGCONT)
        until(lambda: facts() == (State.COMPLETED, 2), "the end of the second attempt")

        page = queries.stream(job, 0, 100)
        assert page is not None
        marks = [message for message in page.messages if message.kind == "restarted"]
        assert len(marks) == 1
        attempts = [message.attempt for message in page.messages]
        assert attempts == sorted(attempts)
        assert [message.seq for message in page.messages] == list(range(1, page.job.last_seq + 1))
        assert sum(attempt == 2 for attempt in attempts) == 1 + 4
        assert ledger.take_result(job) == '"Hello, World!"'
