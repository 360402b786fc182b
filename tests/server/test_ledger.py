"""The promises of the ledger, held against any order of events."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from qjobwidgets.server.config import StartRefusedError
from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import CRASH_LIMIT, KeyReusedError, Ledger, NotInStateError
from qjobwidgets.server.jobs.queries import JobFilter, Queries
from qjobwidgets.server.jobs.states import FINAL, Job, NewJob, Reason, State, Usage

REASON = Reason("because", 1, None)
# A file system in memory, where there is one: what is not about the disk need not wait for it.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
TAGS = st.sampled_from(["red", "blue"])


def _ledger(database: Database) -> Ledger:
    return Ledger(database, on_change=lambda _job: None, on_message=lambda _job: None)


class LedgerMachine(RuleBasedStateMachine):
    """Users, attempts of any number, and restarts, in any order."""

    jobs = Bundle("jobs")
    owners = st.sampled_from(["local", "ada"])

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.final: dict[str, State] = {}
        self.crashes: dict[str, int] = {}
        self.keys: dict[tuple[str, str], tuple[str, str]] = {}
        self.taken: set[str] = set()
        self.seen: dict[str, dict[str, tuple[int, object]]] = {}
        self.deleted: set[str] = set()
        self.open()

    def open(self) -> None:
        self.database = Database(Path(self.folder.name) / "ledger.db")
        self.ledger = _ledger(self.database)
        self.queries = Queries(self.database)

    @rule(target=jobs, owner=owners, private=st.booleans(), tags=st.sets(TAGS).map(tuple))
    def submit(self, owner: str, private: bool, tags: tuple[str, ...]) -> str:
        new = NewJob("p", "b", "{}", owner=owner, private=private, tags=tags)
        return self.ledger.submit(new).job

    @rule(target=jobs, owner=owners, key=st.sampled_from("xy"), body=st.sampled_from("12"))
    def submit_with_key(self, owner: str, key: str, body: str) -> Any:
        new = NewJob("p", "b", "{}", owner=owner)
        known = self.keys.get((owner, key))
        if known is not None and known[0] in self.deleted:
            known = None
        if known is not None and known[1] != body:
            with pytest.raises(KeyReusedError):
                self.ledger.submit(new, key=key, fingerprint=body)
            return multiple()
        done = self.ledger.submit(new, key=key, fingerprint=body)
        assert done.replayed == (known is not None)
        assert known is None or done.job == known[0]
        self.keys[owner, key] = (done.job, body)
        return multiple() if done.replayed else done.job

    @rule(job=jobs, tags=st.sets(TAGS).map(tuple))
    def set_tags(self, job: str, tags: tuple[str, ...]) -> None:
        assert self.ledger.set_tags(job, tags) == (job not in self.deleted)
        found = self.queries.job(job)
        assert found is None or found.tags == tags

    @rule(job=jobs, attempt=st.integers(0, 4))
    def beat(self, job: str, attempt: int) -> None:
        held = self.queries.holds(job, attempt)
        before = self.queries.job(job)
        assert self.ledger.beat(job, attempt) == held
        assert self.queries.job(job) == before, "a heartbeat is no change that anybody sees"

    @rule(job=jobs)
    def take_result(self, job: str) -> None:
        found = self.queries.job(job)
        there = found is not None and found.state is State.COMPLETED and job not in self.taken
        assert (self.ledger.take_result(job) is not None) == there
        if there and found is not None and found.private:
            self.taken.add(job)

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
        everything: list[Job] = []
        for owner in ("local", "ada"):
            found, count = self.queries.jobs(JobFilter(owner))
            assert count == len(found)
            assert {job.owner for job in found} <= {owner}
            self._check_lists(owner, found)
            self._check_revisions(owner, found)
            everything += found
        heads = [job.id for job in self.queries.waiting({"b": 1000}).queued]
        queued = {job.id for job in everything if job.state is State.QUEUED}
        assert set(heads) == queued
        for job in everything:
            assert job.id not in self.deleted
            self._check_final(job.id, job.state)
            assert (job.finished is not None) == job.final
            place = heads.index(job.id) + 1 if job.state is State.QUEUED else None
            assert job.position == place
            page = self.queries.stream(job.id, 0, 1000)
            assert page is not None
            assert [message.seq for message in page.messages] == list(range(1, job.last_seq + 1))
            attempts = [message.attempt for message in page.messages]
            assert attempts == sorted(attempts)
            if not job.private:
                result = self.ledger.take_result(job.id)
                assert (result is not None) == (job.state is State.COMPLETED)

    def _check_lists(self, owner: str, every: list[Job]) -> None:
        """Compare each kind of list with what is picked from the list of all."""
        for pending in (True, False):
            expected = [job for job in every if job.final is not pending]
            assert self.queries.jobs(JobFilter(owner, pending=pending)) == (expected, len(expected))
        for tag in ("red", "blue"):
            expected = [job for job in every if tag in job.tags]
            assert self.queries.jobs(JobFilter(owner, tags=(tag,))) == (expected, len(expected))
        page = JobFilter(owner, newest_first=False, limit=2, offset=1)
        assert self.queries.jobs(page) == (every[::-1][1:3], len(every))

    def _check_revisions(self, owner: str, found: list[Job]) -> None:
        """Check that whatever of a job has changed, its revision is higher than any seen before."""
        seen = self.seen.setdefault(owner, {})
        newest = max((revision for revision, _ in seen.values()), default=0)
        for job in found:
            facts = replace(job, revision=0, position=None, last_seq=0)
            if job.id not in seen or seen[job.id][1] != facts:
                assert job.revision > newest
            seen[job.id] = (job.revision, facts)

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


def test_a_database_with_a_damaged_page_is_refused_and_left_as_it_is(tmp_path: Path):
    """A file whose first page was whole was opened, and failed some day at the damaged one."""
    path = tmp_path / "ledger.db"
    with closing(Database(path)) as database:
        ledger = _ledger(database)
        for _ in range(50):
            ledger.submit(NewJob("p", "b", '"' + "x" * 2000 + '"'))
    damaged = bytearray(path.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        query = "select rootpage from sqlite_master where name = 'inputs'"
        (page,) = connection.execute(query).fetchone()
        size = connection.execute("pragma page_size").fetchone()[0]
    damaged[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(damaged)
    with pytest.raises(StartRefusedError, match="damaged"):
        Database(path)
    assert path.read_bytes() == bytes(damaged)


def test_a_damaged_database_is_refused_and_left_as_it_is(tmp_path: Path):
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(StartRefusedError, match="can't be used"):
        Database(path)
    assert path.read_bytes() == b"this is no database" * 1000
