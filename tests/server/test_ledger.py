"""Races between threads that change the ledger, and what a commit means."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import Ledger, NotInStateError
from qjobwidgets.server.jobs.queries import Queries
from qjobwidgets.server.jobs.quotas import DEFAULT_QUOTAS, Allowances
from qjobwidgets.server.jobs.schema import jobs
from qjobwidgets.server.jobs.session_rules import NewSession
from qjobwidgets.server.jobs.sessions import Sessions
from qjobwidgets.server.jobs.states import NewJob, State, Usage, timestamp
from tests.server.conftest import MEMORY


def _ledger(database: Database) -> Ledger:
    return Ledger(database, on_change=lambda _job: None, on_message=lambda _job: None)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "ledger.db")
    yield database
    database.close()


@pytest.fixture
def racetrack() -> Iterator[Database]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        database = Database(Path(folder) / "ledger.db")
        yield database
        database.close()


def test_cancel_and_complete_race_to_one_end_with_a_result_only_if_completed(racetrack: Database):
    ledger, queries = _ledger(racetrack), Queries(racetrack)
    chance = random.Random(1)
    ends = set()
    for _ in range(1000):
        job = ledger.submit(NewJob("p", "b", "{}")).job
        assert ledger.start(job) is not None
        gate = threading.Barrier(2)
        # Whoever is called first mostly wins: now the one has a start, now the other.
        starts = [chance.uniform(0, 0.001) for _ in range(2)]

        def complete(job: str, gate: threading.Barrier, start: float) -> None:
            gate.wait()
            time.sleep(start)
            ledger.complete(job, 1, "1", Usage())

        rival = threading.Thread(target=complete, args=(job, gate, starts[0]))
        rival.start()
        gate.wait()
        time.sleep(starts[1])
        with suppress(NotInStateError):
            ledger.cancel(job)
        rival.join()
        end = queries.job(job)
        assert end is not None
        ends.add(end.state)
        assert (ledger.take_result(job) == "1") == (end.state is State.COMPLETED)
    assert ends == {State.COMPLETED, State.CANCELLED}


def test_commits_are_durable_and_readers_never_wait(database: Database):
    with database.write() as connection:
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
        with database.read() as reader:
            assert reader.exec_driver_sql("select count(*) from jobs").scalar() == 0


def test_the_time_of_crashed_attempts_is_counted(database: Database):
    """A job that failed by its third crash had used nothing, and cost its owner nothing."""
    ledger, queries = _ledger(database), Queries(database)
    sessions = Sessions(database, on_change=lambda _job: None, on_close=lambda: None)
    session = sessions.open(NewSession("local", "b")).id
    ends: list[Callable[[str], bool]] = [
        lambda job: ledger.crash(job, 3, "killed", Usage(2.0)),
        lambda job: ledger.complete(job, 3, "1", Usage(2.0)),
        ledger.cancel,
    ]
    used = []
    for end in ends:
        job = ledger.submit(NewJob("p", "b", "{}", session=session)).job
        for attempt in (1, 2):
            assert ledger.start(job) is not None
            assert ledger.crash(job, attempt, "killed", Usage(2.0))
        assert ledger.start(job) is not None
        assert end(job)
        found, its = queries.job(job), sessions.get(session, "local")
        assert found is not None
        assert its is not None
        used.append(found.usage_seconds)
        assert its.usage_seconds == pytest.approx(sum(used))
        assert Allowances(database, DEFAULT_QUOTAS).of("local").used == pytest.approx(sum(used))
    assert used[:2] == [6.0, 6.0]
    assert used[2] >= 4.0  # and the time from its start to its cancel


def test_a_clock_set_forward_costs_a_cancelled_job_no_more_than_its_limit(database: Database):
    """An hour by which the clock was set while the job ran was an hour of its execution time."""
    ledger, queries = _ledger(database), Queries(database)
    job = ledger.submit(NewJob("p", "b", "{}", limit=5)).job
    assert ledger.start(job) is not None
    with database.write() as connection:
        an_hour_ago = timestamp(datetime.now(UTC) - timedelta(hours=1))
        connection.execute(update(jobs).values(running=an_hour_ago))
    assert ledger.cancel(job)
    found = queries.job(job)
    assert found is not None
    assert found.usage_seconds == 5.0
