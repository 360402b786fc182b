"""Which queued jobs start: a pure decision, alone and on a ledger."""

from __future__ import annotations

import tempfile
import threading
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import Ledger
from qjobwidgets.server.jobs.queries import Queries, QueuedJob, Waiting
from qjobwidgets.server.jobs.session_rules import Mode, NewSession, SessionState
from qjobwidgets.server.jobs.session_steps import SessionClosedError
from qjobwidgets.server.jobs.sessions import Sessions
from qjobwidgets.server.jobs.states import NewJob, State, Ticket, Usage
from qjobwidgets.server.placing.placer import LocalPlacer, choose
from qjobwidgets.server.run.launcher import Launcher
from qjobwidgets.server.run.limits import Limits
from tests.server.conftest import MEMORY, until

LIMITS = {"fast": 3, "slow": 1}
BACKENDS = {"f": "fast", "s": "slow", "x": "unknown"}


def _queue(words: str) -> list[QueuedJob]:
    """Read a queue: the first letter of a word is the backend, the second the session, if any."""
    return [
        QueuedJob(f"{word}{place}", BACKENDS[word[0]], word[1:] or None)
        for place, word in enumerate(words.split())
    ]


def _choose(
    words: str,
    slots: int = 9,
    busy: str = "",
    held: str | None = None,
    **running: int,
) -> list[str]:
    waiting = Waiting(_queue(words), frozenset(busy), {} if held is None else {"slow": held})
    return choose(waiting, running, slots=slots, concurrency=LIMITS)


def test_each_backend_takes_as_many_as_it_may_in_order():
    assert _choose("s s f f f f") == ["s0", "f2", "f3", "f4"]


def test_what_runs_already_counts():
    assert _choose("s f", slow=1, fast=2) == ["f1"]


def test_no_more_than_there_are_slots():
    assert _choose("f s f", slots=2) == ["f0", "s1"]
    assert _choose("f", slots=1, slow=1) == []


def test_a_backend_nobody_knows_starts_nothing_and_blocks_nothing():
    assert _choose("x f") == ["f1"]


def test_a_dedicated_session_runs_one_job_at_a_time_and_others_go_beside_it():
    assert _choose("fA fA fB f") == ["fA0", "fB2", "f3"]
    assert _choose("fA f", busy="A", fast=1) == ["f1"]


def test_a_backend_that_is_kept_for_a_session_starts_only_its_jobs():
    assert _choose("s sB f", held="A") == ["f2"]
    assert _choose("s sA f", held="A") == ["sA1", "f2"]


def test_no_room_for_a_thread_is_no_end_of_the_job(tmp_path: Path):
    """It was called running for ever, and its slot was gone."""
    with closing(Database(tmp_path / "ledger.db")) as database:
        queries = Queries(database)
        quiet = {"on_change": lambda _job: None}
        ledger = Ledger(database, **quiet, on_message=lambda _job: None)
        launcher = Launcher(threads=1, limits=Limits(memory=1 << 30), folder=tmp_path / "scratch")
        placer = LocalPlacer(
            ledger,
            queries,
            Sessions(database, **quiet, on_close=lambda: None),
            launcher,
            slots=1,
            concurrency={"aer_local": 1},
        )
        launcher.start()
        placer.start()
        try:
            # As large as all addresses together: there is no room for another thread from now on.
            size = threading.stack_size((1 << 47) - (1 << 21))
            try:
                job = ledger.submit(NewJob("hello-world", "aer_local", '{"iterations":1}')).job
                until(lambda: queries.stream(job, 0, 1).messages, "a mark")
            finally:
                threading.stack_size(size)
            until(lambda: queries.job(job).state is State.COMPLETED, "the end of the job")
            (mark,) = queries.stream(job, 0, 1).messages
        finally:
            placer.stop()
            launcher.stop()
    assert (mark.kind, mark.data) == ("restarted", '{"reason":"no thread could be started"}')


WORDS = st.lists(st.sampled_from(["f", "fA", "fB", "s", "sC", "sD", "x"]), max_size=12)


@given(
    words=WORDS,
    slots=st.integers(1, 5),
    fast=st.integers(0, 3),
    slow=st.integers(0, 1),
    busy=st.sets(st.sampled_from("ABCD"), max_size=2),
    held=st.sampled_from([None, "C", "D"]),
)
def test_limits_hold_and_nothing_that_could_start_waits(
    words: list[str], slots: int, fast: int, slow: int, busy: set[str], held: str | None
):
    text = " ".join(words)
    chosen = set(_choose(text, slots, "".join(busy), held, fast=fast, slow=slow))
    queue = _queue(text)
    starts = [job for job in queue if job.id in chosen]
    load = {
        "fast": fast + sum(job.backend == "fast" for job in starts),
        "slow": slow + sum(job.backend == "slow" for job in starts),
    }
    assert not starts or sum(load.values()) <= slots
    assert load["fast"] <= LIMITS["fast"]
    assert load["slow"] <= LIMITS["slow"]
    sessions = [job.session for job in starts if job.session is not None]
    assert len(sessions) == len(set(sessions)), "two jobs of a dedicated session"
    assert not busy & set(sessions)
    for place, job in enumerate(queue):
        kept = job.backend == "slow" and held not in {None, job.session}
        taken = job.session in busy or any(
            job.session is not None and earlier.session == job.session and earlier.id in chosen
            for earlier in queue[:place]
        )
        if job.id in chosen:
            assert not kept
            assert not taken
        elif job.backend in LIMITS and not kept and not taken:
            full = load[job.backend] == LIMITS[job.backend] or sum(load.values()) >= slots
            assert full, "a job waits that could start"
            # What took its place stands before it.
            assert all(
                queue.index(other) < place for other in starts if other.backend == job.backend
            )


class QueueMachine(RuleBasedStateMachine):
    """Jobs of sessions, batches and none on two backends, placed and ended in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.database = Database(Path(self.folder.name) / "ledger.db")
        self.queries = Queries(self.database)
        self.sessions = Sessions(self.database, on_change=lambda _job: None, on_close=lambda: None)
        self.ledger = Ledger(
            self.database, on_change=lambda _job: None, on_message=lambda _job: None
        )
        self.groups: list[tuple[str, str | None]] = [("fast", None), ("slow", None)]
        self.dedicated: set[str] = set()
        self.submitted: list[tuple[str, str | None]] = []
        self.running: list[Ticket] = []
        self.started: list[str] = []

    @rule(backend=st.sampled_from(["fast", "slow"]), mode=st.sampled_from(Mode))
    @precondition(lambda self: len(self.groups) < 8)
    def open(self, backend: str, mode: Mode) -> None:
        session = self.sessions.open(NewSession("local", backend, mode, interactive_ttl=10_000))
        self.groups.append((backend, session.id))
        if mode is Mode.DEDICATED:
            self.dedicated.add(session.id)

    @rule(data=st.data())
    def submit(self, data: st.DataObject) -> None:
        backend, session = data.draw(st.sampled_from(self.groups))
        with suppress(SessionClosedError):
            job = self.ledger.submit(NewJob("p", backend, "{}", session=session)).job
            self.submitted.append((job, session))

    @rule()
    def place(self) -> None:
        waiting = self.queries.waiting(LIMITS)
        running = Counter(ticket.backend for ticket in self.running)
        before = {job: self._place_of(job) for job, _ in self.submitted}
        for job in choose(waiting, running, slots=3, concurrency=LIMITS):
            ticket = self.ledger.start(job)
            assert ticket is not None
            if ticket.backend == "slow":
                assert before[job] == 1, "not the first in the queue of a device"
            self.running.append(ticket)
            self.started.append(job)
        self._check_sessions()

    def _place_of(self, job: str) -> int | None:
        found = self.queries.job(job)
        assert found is not None
        return found.position

    def _check_sessions(self) -> None:
        sessions = Counter(self._session_of(ticket.job) for ticket in self.running)
        assert all(sessions[session] <= 1 for session in self.dedicated)
        for session in self.dedicated:
            of_session = [job for job, its in self.submitted if its == session]
            order = [job for job in self.started if job in of_session]
            assert order == [job for job in of_session if job in order], "out of order"

    def _session_of(self, job: str) -> str | None:
        return next(session for known, session in self.submitted if known == job)

    @rule(which=st.integers(0, 2))
    @precondition(lambda self: self.running)
    def end(self, which: int) -> None:
        ticket = self.running.pop(which % len(self.running))
        assert self.ledger.complete(ticket.job, ticket.attempt, "1", Usage(1.0))

    @rule(data=st.data())
    @precondition(lambda self: len(self.groups) > 2)
    def close(self, data: st.DataObject) -> None:
        _, session = data.draw(st.sampled_from(self.groups[2:]))
        assert session is not None
        assert self.sessions.close(session, "local")

    def teardown(self) -> None:
        """Nothing starves: once the sessions are closed, every job gets its turn."""
        for _, session in self.groups[2:]:
            assert session is not None
            self.sessions.close(session, "local")
        for _ in range(len(self.submitted) + 1):
            self.place()
            while self.running:
                self.end(0)
        assert sorted(self.started) == sorted(job for job, _ in self.submitted)
        for _, session in self.groups[2:]:
            assert session is not None
            found = self.sessions.get(session, "local")
            assert found is not None
            assert found.state is SessionState.CLOSED
            jobs = [job for job, its in self.submitted if its == session]
            assert found.usage_seconds == len(jobs)
        self.database.close()
        self.folder.cleanup()


TestQueue = QueueMachine.TestCase
TestQueue.settings = settings(
    max_examples=12,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
