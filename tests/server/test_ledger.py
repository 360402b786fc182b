"""The promises of the ledger, held against any order of events."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from qjobwidgets.server.config import StartRefusedError
from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import CRASH_LIMIT, Ledger, NotInStateError
from qjobwidgets.server.jobs.queries import JobFilter, Queries
from qjobwidgets.server.jobs.states import FINAL, NewJob, Reason, State, Usage

REASON = Reason("because", 1, None)


def _ledger(database: Database) -> Ledger:
    return Ledger(database, on_change=lambda _job: None, on_message=lambda _job: None)


class LedgerMachine(RuleBasedStateMachine):
    """Users, attempts of any number, and restarts, in any order."""

    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.final: dict[str, State] = {}
        self.crashes: dict[str, int] = {}
        self.deleted: set[str] = set()
        self.open()

    def open(self) -> None:
        self.database = Database(Path(self.folder.name) / "ledger.db")
        self.ledger = _ledger(self.database)
        self.queries = Queries(self.database)

    @rule(target=jobs)
    def submit(self) -> str:
        return self.ledger.submit(NewJob("p", "b", "{}")).job

    @rule(job=jobs)
    def start(self, job: str) -> None:
        before = self.queries.job(job)
        ticket = self.ledger.start(job)
        assert (ticket is not None) == (before is not None and before.state is State.QUEUED)
        if ticket is not None:
            assert before is not None
            assert ticket.attempt == before.attempt + 1

    @rule(job=jobs, attempt=st.integers(0, 4), count=st.integers(0, 3))
    def publish(self, job: str, attempt: int, count: int) -> None:
        held = self.queries.holds(job, attempt)
        assert self.ledger.publish(job, attempt, [("interim", "1")] * count, "log") == held

    @rule(job=jobs, attempt=st.integers(0, 4), how=st.sampled_from(["complete", "fail", "overrun"]))
    def finish(self, job: str, attempt: int, how: str) -> None:
        held = self.queries.holds(job, attempt)
        if how == "complete":
            done = self.ledger.complete(job, attempt, "1", Usage(1.0))
        else:
            done = getattr(self.ledger, how)(job, attempt, REASON, Usage(1.0))
        assert done == held

    @rule(job=jobs, attempt=st.integers(0, 4))
    def crash(self, job: str, attempt: int) -> None:
        if self.ledger.crash(job, attempt, "killed"):
            self.crashes[job] = self.crashes.get(job, 0) + 1
            after = self.queries.job(job)
            assert after is not None
            failed = self.crashes[job] >= CRASH_LIMIT
            assert after.state is (State.FAILED if failed else State.QUEUED)

    @rule(job=jobs, attempt=st.integers(0, 4))
    def interrupt(self, job: str, attempt: int) -> None:
        held = self.queries.holds(job, attempt)
        assert self.ledger.interrupt(job, attempt, "stopped") == held

    @rule(job=jobs)
    def cancel(self, job: str) -> None:
        if job in self.final:
            with pytest.raises(NotInStateError):
                self.ledger.cancel(job)
        else:
            assert self.ledger.cancel(job) == (job not in self.deleted)

    @rule(job=jobs)
    def delete(self, job: str) -> None:
        if job in self.final or job in self.deleted:
            assert self.ledger.delete(job) == (job in self.final)
            self.deleted.add(job)
            self.final.pop(job, None)
        else:
            with pytest.raises(NotInStateError):
                self.ledger.delete(job)

    @rule()
    def restart(self) -> None:
        self.database.close()
        self.open()
        self.ledger.recover()
        assert not [j for j in self.queries.jobs(JobFilter("local"))[0] if j.state is State.RUNNING]

    @invariant()
    def promises_hold(self) -> None:
        found, count = self.queries.jobs(JobFilter("local"))
        assert count == len(found)
        queue = [job.id for job in reversed(found) if job.state is State.QUEUED]
        assert [job.id for job in self.queries.waiting({"b": 1000}).queued] == queue
        for job in found:
            assert job.id not in self.deleted
            self._check_final(job.id, job.state)
            assert (self.ledger.take_result(job.id) is not None) == (job.state is State.COMPLETED)
            assert (job.finished is not None) == job.final
            place = queue.index(job.id) + 1 if job.state is State.QUEUED else None
            assert job.position == place
            page = self.queries.stream(job.id, 0, 1000)
            assert page is not None
            assert [message.seq for message in page.messages] == list(range(1, job.last_seq + 1))
            attempts = [message.attempt for message in page.messages]
            assert attempts == sorted(attempts)

    def _check_final(self, job: str, state: State) -> None:
        if job in self.final:
            assert state is self.final[job], "a final state changed"
        elif state in FINAL:
            self.final[job] = state

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "ledger.db")
    yield database
    database.close()


@pytest.fixture
def racetrack() -> Iterator[Database]:
    """A ledger in memory, where there is a file system for that: no race is about the disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
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


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path):
    path = tmp_path / "ledger.db"
    Database(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(StartRefusedError, match="newer version"):
        Database(path)
    assert path.read_bytes() == before


def test_a_damaged_database_is_refused_and_left_as_it_is(tmp_path: Path):
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(StartRefusedError, match="can't be used"):
        Database(path)
    assert path.read_bytes() == b"this is no database" * 1000
