"""The promises of the ledger, held against any order of events."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
)
from sqlalchemy import update

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.ledger import CRASH_LIMIT, KeyReusedError, Ledger, NotInStateError
from qjobwidgets.server.jobs.queries import JobFilter, Queries
from qjobwidgets.server.jobs.quotas import QuotaError, Quotas
from qjobwidgets.server.jobs.schema import sessions
from qjobwidgets.server.jobs.session_rules import Mode, NewSession, Session, SessionState
from qjobwidgets.server.jobs.session_steps import (
    BackendDiffersError,
    SessionClosedError,
    SessionUnknownError,
)
from qjobwidgets.server.jobs.sessions import Sessions
from qjobwidgets.server.jobs.states import (
    FINAL,
    Job,
    NewJob,
    Reason,
    ReasonCode,
    State,
    Usage,
    timestamp,
)
from tests.server.conftest import MEMORY
from tests.server.list_checks import Seen, check_lists, check_revisions
from tests.server.session_checks import check_history, check_time

OWNERS = ("local", "ada")
REASON = Reason("because", 1, None)
TAGS = st.sampled_from(["red", "blue"])
MOST_SESSIONS = 3
MOST_RESTARTS = 3  # of one run: each takes as long as ten other steps


def _new_session(owner: str, mode: Mode) -> NewSession:
    return NewSession(owner, "b", mode, max_ttl=300, active_ttl=100, interactive_ttl=20)


class LedgerMachine(RuleBasedStateMachine):
    """Users, attempts of any number, sessions, the passing of time, and restarts, in any order."""

    jobs = Bundle("jobs")
    groups = Bundle("groups")
    owners = st.sampled_from(OWNERS)

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.submitted: list[str] = []
        self.final: dict[str, State] = {}
        self.crashes: dict[str, int] = {}
        self.keys: dict[tuple[str, str], tuple[str, str]] = {}
        self.taken: set[str] = set()
        self.seen: dict[str, Seen] = {}
        self.deleted: set[str] = set()
        self.opened: dict[str, NewSession] = {}
        self.restarts = 0
        self.looks = 0
        self.used: dict[str, tuple[str | None, float]] = {}
        self.open()

    def open(self) -> None:
        self.database = Database(Path(self.folder.name) / "ledger.db")
        quotas = Quotas(sessions=MOST_SESSIONS)
        self.ledger = Ledger(
            self.database,
            on_change=lambda _job: None,
            on_message=lambda _job: None,
            quotas=quotas,
        )
        self.sessions = Sessions(
            self.database, on_change=lambda _job: None, on_close=lambda: None, quotas=quotas
        )
        self.queries = Queries(self.database)

    # Jobs

    @rule(target=jobs, owner=owners, private=st.booleans(), tags=st.sets(TAGS).map(tuple))
    def submit(self, owner: str, private: bool, tags: tuple[str, ...]) -> str:
        new = NewJob("p", "b", "{}", owner=owner, private=private, tags=tags)
        return self._submitted(self.ledger.submit(new).job)

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
        return multiple() if done.replayed else self._submitted(done.job)

    def _submitted(self, job: str) -> str:
        self.submitted.append(job)
        return job

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
        before = self.queries.job(job)
        if self.ledger.crash(job, attempt, "killed", Usage(1.0)):
            assert before is not None
            self.crashes[job] = self.crashes.get(job, 0) + 1
            after = self.queries.job(job)
            assert after is not None
            failed = self.crashes[job] >= CRASH_LIMIT
            assert after.state is (State.FAILED if failed else State.QUEUED)
            assert after.usage_seconds == before.usage_seconds + 1.0

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
    @precondition(lambda self: self.submitted and self.restarts < MOST_RESTARTS)
    def restart(self) -> None:
        self.restarts += 1
        self.database.close()
        self.open()
        self.ledger.recover()
        assert self.queries.heartbeats() == [], "a job is called running that no attempt runs"

    # Sessions

    @rule(target=groups, owner=owners, mode=st.sampled_from(Mode))
    def open_session(self, owner: str, mode: Mode) -> Any:
        new = _new_session(owner, mode)
        if self._has_room(owner):
            return self._opened(self.sessions.open(new).id, new)
        with pytest.raises(QuotaError):
            self.sessions.open(new)
        return multiple()

    @rule(target=groups, owner=owners)
    def submit_and_open(self, owner: str) -> Any:
        opens = _new_session(owner, Mode.DEDICATED)
        new = NewJob("p", "b", "{}", owner=owner, opens=opens)
        if self._has_room(owner):
            done = self.ledger.submit(new)
            assert done.session == done.job
            return self._opened(self._submitted(done.job), opens)
        with pytest.raises(QuotaError):
            self.ledger.submit(new)
        return multiple()

    def _has_room(self, owner: str) -> bool:
        own = [name for name, new in self.opened.items() if new.owner == owner]
        return sum(self._session(name).closed is None for name in own) < MOST_SESSIONS

    def _opened(self, session: str, new: NewSession) -> str:
        self.opened[session] = new
        return session

    def _session(self, session: str) -> Session:
        found = self.sessions.get(session, self.opened[session].owner)
        assert found is not None
        return found

    @rule(target=jobs, session=groups, stranger=st.booleans(), backend=st.sampled_from("bbc"))
    def join(self, session: str, stranger: bool, backend: str) -> Any:
        owner = OWNERS[(self.opened[session].owner == OWNERS[0]) is stranger]
        new = NewJob("p", backend, "{}", owner=owner, session=session)
        refusal: type[Exception]
        if stranger:
            refusal = SessionUnknownError
        elif backend != "b":
            refusal = BackendDiffersError
        elif not self._session(session).accepting:
            refusal = SessionClosedError
        else:
            return self._submitted(self.ledger.submit(new).job)
        with pytest.raises(refusal):
            self.ledger.submit(new)
        return multiple()

    @rule(session=groups, owner=owners)
    def close_session(self, session: str, owner: str) -> None:
        own = owner == self.opened[session].owner
        before = self._session(session)
        assert self.sessions.close(session, owner) == own
        after = self._session(session)
        assert after.accepting == (before.accepting and not own)
        assert (after.queued, after.running) == (before.queued, before.running)

    @rule(session=groups, owner=owners)
    def cancel_session(self, session: str, owner: str) -> None:
        own = owner == self.opened[session].owner
        before = self._session(session)
        queued = self._jobs_of(session, State.QUEUED)
        assert self.sessions.cancel(session, owner) == own
        after = self._session(session)
        assert after.accepting == (before.accepting and not own)
        assert after.queued == (before.queued and not own)
        assert after.running == before.running
        for job in queued if own else []:
            found = self.queries.job(job)
            assert found is not None
            assert (found.state, found.reason_code) == (State.CANCELLED, ReasonCode.SESSION_CLOSED)

    def _jobs_of(self, session: str, state: State) -> list[str]:
        found, _ = self.queries.jobs(JobFilter(self.opened[session].owner, session=session))
        return [job.id for job in found if job.state is state]

    @rule(seconds=st.sampled_from([1, 30, 90]))
    def pass_time(self, seconds: int) -> None:
        """Make all sessions older, then see what the ledger does about it."""
        with self.database.write() as connection:
            for row in connection.execute(sessions.select()).all():
                times = ("created", "started", "activated", "last_job_started")
                old = {name: getattr(row, name) for name in (*times, "last_job_completed")}
                values = {
                    name: timestamp(datetime.fromisoformat(time) - timedelta(seconds=seconds))
                    for name, time in old.items()
                    if time is not None
                }
                connection.execute(update(sessions).where(sessions.c.id == row.id).values(values))
        before, earlier = {name: self._session(name) for name in self.opened}, timestamp()
        self.sessions.tick()
        later = timestamp()
        for name, session in before.items():
            check_time(session, earlier, self._session(name), later)

    # What always holds

    @invariant()
    def promises_hold(self) -> None:
        everything: list[Job] = []
        self.looks += 1
        for number, owner in enumerate(OWNERS):
            found, count = self.queries.jobs(JobFilter(owner))
            assert count == len(found)
            assert {job.owner for job in found} <= {owner}
            if self.looks % len(OWNERS) == number:  # most of the time goes here: in turn
                check_lists(self.queries, owner, found)
            check_revisions(self.seen.setdefault(owner, {}), found)
            everything += found
        for job in everything:
            self._check_job(job)
        self._check_queue([job for job in everything if job.state is State.QUEUED])
        for session, new in self.opened.items():
            self._check_session(session, new, [job for job in everything if job.session == session])

    def _check_job(self, job: Job) -> None:
        assert job.id not in self.deleted
        self.used[job.id] = (job.session, job.usage_seconds)
        self._check_final(job)
        assert (job.finished is not None) == job.final
        page = self.queries.stream(job.id, 0, 1000)
        assert page is not None
        assert [message.seq for message in page.messages] == list(range(1, job.last_seq + 1))
        attempts = [message.attempt for message in page.messages]
        assert attempts == sorted(attempts)
        if not job.private:
            result = self.ledger.take_result(job.id)
            assert (result is not None) == (job.state is State.COMPLETED)

    def _check_final(self, job: Job) -> None:
        if job.id in self.final:
            assert job.state is self.final[job.id], "a final state changed"
        elif job.state in FINAL:
            self.final[job.id] = job.state

    def _check_queue(self, queued: list[Job]) -> None:
        """Check the places, and that of a dedicated session only the first job can start."""
        queue = sorted(queued, key=lambda job: job.position or 0)
        assert [job.position for job in queue] == list(range(1, len(queue) + 1))
        heads: list[str] = []
        last: dict[str | None, int] = {}
        for job in queue:
            number = self.submitted.index(job.id)
            assert number > last.get(job.session, -1), "out of order"
            new = self.opened.get(job.session or "")
            if new is None or new.mode is Mode.BATCH or job.session not in last:
                heads.append(job.id)
            last[job.session] = number
        assert [job.id for job in self.queries.waiting({"b": 1000}).queued] == heads

    def _check_session(self, name: str, new: NewSession, jobs: list[Job]) -> None:
        session = self._session(name)
        (stranger,) = set(OWNERS) - {new.owner}
        assert self.sessions.get(name, stranger) is None
        states = {job.state for job in jobs}
        assert session.queued == (State.QUEUED in states)
        assert session.running == (State.RUNNING in states)
        assert not session.running or session.state is SessionState.ACTIVE
        over = not (session.accepting or session.queued or session.running)
        assert (session.state is SessionState.CLOSED) == over == (session.closed is not None)
        check_history(session)
        used = sum(seconds for its, seconds in self.used.values() if its == name)
        assert session.usage_seconds == pytest.approx(used)
        assert 0 <= session.active_left(timestamp()) <= session.active_ttl
        assert self.queries.jobs(JobFilter(new.owner, session=name)) == (jobs, len(jobs))

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(
    max_examples=10,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
