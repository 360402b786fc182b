"""The ledger: every change of a job is a transaction here, and what is committed is the truth.

Three rules hold it together:

- a transition is one UPDATE guarded by the job's state, and by the attempt where an attempt
  reports: who comes too late changes nothing and is told so;
- a result is written in the transaction that completes its job, a message's number is taken in
  the transaction that stores the message;
- crashes of a job and interruptions by the server are counted apart: only crashes can fail a job.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.quotas import DEFAULT_QUOTAS, Quotas, check_jobs, check_sessions
from qjobwidgets.server.jobs.schema import deletions, inputs, jobs, results
from qjobwidgets.server.jobs.session_steps import job_started, open_session
from qjobwidgets.server.jobs.states import (
    FINAL,
    NewJob,
    Reason,
    ReasonCode,
    State,
    Ticket,
    Usage,
    timestamp,
)
from qjobwidgets.server.jobs.transitions import (
    cancel,
    charge,
    finish,
    first_row,
    held,
    next_revision,
    replace_tags,
    requeue,
    state_of,
    write_log,
    write_messages,
    write_tags,
)

__all__ = ["CRASH_LIMIT", "KeyReusedError", "Ledger", "NotInStateError", "Submitted"]

CRASH_LIMIT = 3
"""The crash of its process that fails a job."""


# What each job needs is put together once: that takes longer than to do it.
_BY_KEY = select(
    jobs.c.id, jobs.c.backend, jobs.c.session, jobs.c.private, jobs.c.fingerprint
).where(jobs.c.owner == bindparam("of"), jobs.c.idempotency_key == bindparam("key"))
_ADD_JOB = insert(jobs).returning(jobs.c.number)
_ADD_INPUTS = insert(inputs)
_ADD_RESULT = insert(results)
_START = (
    update(jobs)
    .where(jobs.c.id == bindparam("of"), jobs.c.state == State.QUEUED)
    .values(state=State.RUNNING, attempt=jobs.c.attempt + 1)
    .returning(
        jobs.c.session,
        jobs.c.attempt,
        jobs.c.program,
        jobs.c.backend,
        jobs.c.limit_seconds,
        jobs.c.log_level,
    )
)
_INPUTS = select(inputs.c.params, inputs.c.source).where(inputs.c.job == bindparam("of"))


class KeyReusedError(Exception):
    """The idempotency key was used for another submission."""


class NotInStateError(Exception):
    """The job's state does not allow the change; ``state`` says what it is."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job in the ledger, and whether it was there already under its idempotency key."""

    job: str
    backend: str
    session: str | None
    private: bool
    replayed: bool


class Ledger:
    """All changes of jobs.

    Args:
        database: Where they are kept.
        on_change: Called with the job's id after each commit that changed it, on the thread that
            made the change.
        on_message: The same for commits that only added messages or log text.
        quotas: How much each owner may submit.
    """

    def __init__(
        self,
        database: Database,
        *,
        on_change: Callable[[str], None],
        on_message: Callable[[str], None],
        quotas: Quotas = DEFAULT_QUOTAS,
    ) -> None:
        self._database = database
        self._on_change = on_change
        self._on_message = on_message
        self._quotas = quotas

    # What users do

    def submitted(self, owner: str, key: str | None, fingerprint: str) -> Submitted | None:
        """Return the job that an owner submitted before under a key, if any.

        To be asked before a submission is checked: what was taken once stays that job, also when
        its program is no more.

        Raises:
            KeyReusedError: The key came with another body before.
        """
        if key is None:
            return None
        with self._database.read() as connection:
            return _submitted_before(connection, owner, key, fingerprint)

    def submit(
        self, new: NewJob, *, key: str | None = None, fingerprint: str | None = None
    ) -> Submitted:
        """Add a queued job, or return the one submitted before under the same key.

        Args:
            new: The job.
            key: Idempotency key of the submission; each owner has keys of their own.
            fingerprint: Digest of the request's body, by which a key used twice is noticed.

        Raises:
            KeyReusedError: The key came with another body before.
            QuotaError: The owner may not submit any more jobs, or open any more sessions.
            SessionError: The job may not join the session it names.
        """
        with self._database.write() as connection:
            known = _submitted_before(connection, new.owner, key, fingerprint)
            if known is not None:
                return known
            check_jobs(connection, new.owner, self._quotas)
            job = secrets.token_hex(10)
            if new.opens is not None:
                check_sessions(connection, new.owner, self._quotas)
                new = replace(new, session=open_session(connection, new.opens, name=job))
            row = first_row(connection, job, new, key, fingerprint)
            number = connection.execute(_ADD_JOB, row).scalar_one()
            given = {"job": job, "params": new.params, "source": new.source}
            connection.execute(_ADD_INPUTS, given)
            write_tags(connection, job, new.owner, number, new.tags)
        self._on_change(job)
        return Submitted(job, new.backend, new.session, new.private, replayed=False)

    def cancel(self, job: str) -> bool:
        """Cancel a pending job; its attempt, if there is one, is fenced off from here on.

        Returns:
            ``False`` when there is no such job.

        Raises:
            NotInStateError: It is final already.
        """
        with self._database.write() as connection:
            if not cancel(connection, job):
                return _require_unknown(connection, job)
        self._on_change(job)
        return True

    def delete(self, job: str) -> bool:
        """Delete a final job and all that belongs to it.

        Returns:
            ``False`` when there is no such job.

        Raises:
            NotInStateError: It is still pending.
        """
        with self._database.write() as connection:
            owner = connection.scalar(
                delete(jobs)
                .where(jobs.c.id == job, jobs.c.state.in_(FINAL))
                .returning(jobs.c.owner)
            )
            if owner is None:
                return _require_unknown(connection, job)
            gone = {"revision": next_revision(connection), "owner": owner, "job": job}
            connection.execute(insert(deletions).values(gone))
        self._on_change(job)
        return True

    def set_tags(self, job: str, new: Sequence[str]) -> bool:
        """Replace the tags of a job; ``False`` when there is no such job."""
        with self._database.write() as connection:
            known = connection.execute(
                select(jobs.c.owner, jobs.c.number).where(jobs.c.id == job)
            ).one_or_none()
            if known is None:
                return False
            revision = replace_tags(connection, job, known.owner, known.number, new)
            connection.execute(update(jobs).where(jobs.c.id == job).values(revision=revision))
        self._on_change(job)
        return True

    def take_result(self, job: str) -> str | None:
        """Return the result of a completed job.

        A private job's can be taken once; result and inputs are deleted with that.
        """
        body = select(results.c.body).where(results.c.job == job)
        with self._database.read() as connection:
            private = connection.scalar(select(jobs.c.private).where(jobs.c.id == job))
            if not private:
                return connection.scalar(body)
        with self._database.write() as connection:
            taken = connection.scalar(body)
            if taken is not None:
                for table in (inputs, results):
                    connection.execute(delete(table).where(table.c.job == job))
            return taken

    # What the placer and the supervisors do

    def start(self, job: str) -> Ticket | None:
        """Begin the next attempt at a queued job; ``None`` when it is not queued any more."""
        now = timestamp()
        with self._database.write() as connection:
            started = {"of": job, "revision": next_revision(connection), "running": now}
            row = connection.execute(_START, started).one_or_none()
            if row is None:
                return None
            job_started(connection, row.session, now)
            given = connection.execute(_INPUTS, {"of": job}).one()
        self._on_change(job)
        return Ticket(
            job=job,
            attempt=row.attempt,
            program=row.program,
            backend=row.backend,
            params=given.params,
            source=given.source,
            limit=row.limit_seconds,
            log_level=row.log_level,
        )

    def beat(self, job: str, attempt: int) -> bool:
        """Renew the lease of a running attempt; whether it still holds the job."""
        with self._database.write() as connection:
            beaten = connection.execute(
                update(jobs).where(*held(job, attempt)).values(heartbeat=jobs.c.heartbeat + 1)
            )
        return bool(beaten.rowcount)

    def publish(
        self, job: str, attempt: int, new: Sequence[tuple[str, str]], log: str = ""
    ) -> bool:
        """Store messages (kind and JSON text, in order) and log text of a running attempt.

        Returns:
            ``False`` when the attempt does not hold the job any more; nothing is stored then.
        """
        with self._database.write() as connection:
            last = connection.scalar(
                update(jobs)
                .where(*held(job, attempt))
                .values(last_seq=jobs.c.last_seq + len(new))
                .returning(jobs.c.last_seq)
            )
            if last is None:
                return False
            write_messages(connection, job, attempt, last - len(new), new)
            if log:
                write_log(connection, job, log)
        self._on_message(job)
        return True

    def complete(self, job: str, attempt: int, result: str, usage: Usage) -> bool:
        """Complete a running job together with its result; whether the attempt held it."""
        with self._database.write() as connection:
            done = finish(connection, job, attempt, State.COMPLETED, usage=usage)
            if done:
                connection.execute(_ADD_RESULT, {"job": job, "body": result})
        self._on_change(job)
        return done

    def fail(self, job: str, attempt: int, reason: Reason, usage: Usage) -> bool:
        """Fail a running job; whether the attempt held it."""
        with self._database.write() as connection:
            done = finish(connection, job, attempt, State.FAILED, reason, usage)
        self._on_change(job)
        return done

    def overrun(self, job: str, attempt: int, reason: Reason, usage: Usage) -> bool:
        """Cancel a job that ran longer than it may; whether the attempt held it."""
        with self._database.write() as connection:
            done = finish(connection, job, attempt, State.CANCELLED, reason, usage)
        self._on_change(job)
        return done

    def crash(self, job: str, attempt: int, how: str, usage: Usage) -> bool:
        """Queue a job again whose process died, or fail it when that was once too often."""
        with self._database.write() as connection:
            crashes = connection.scalar(
                update(jobs)
                .where(*held(job, attempt))
                .values(crashes=jobs.c.crashes + 1)
                .returning(jobs.c.crashes)
            )
            if crashes is None:
                return False
            if crashes >= CRASH_LIMIT:
                reason = Reason(
                    f"The job's process ended {crashes} times: {how}.",
                    ReasonCode.CRASHED,
                    "Look at the job's logs; a smaller circuit may need less memory.",
                )
                finish(connection, job, attempt, State.FAILED, reason, usage)
            else:
                charge(connection, job, usage.seconds)
                requeue(connection, job, attempt, how)
        self._on_change(job)
        return True

    def interrupt(self, job: str, attempt: int, why: str) -> bool:
        """Queue a job again whose attempt the server itself ended; whether the attempt held it."""
        with self._database.write() as connection:
            done = requeue(connection, job, attempt, why, interrupted=True)
        self._on_change(job)
        return done

    def recover(self) -> None:
        """Queue again all jobs that a server left running; to be called before any attempt."""
        with self._database.write() as connection:
            left = connection.execute(
                select(jobs.c.id, jobs.c.attempt).where(jobs.c.state == State.RUNNING)
            ).all()
            for row in left:
                why = "the server was restarted"
                requeue(connection, row.id, row.attempt, why, interrupted=True)


def _submitted_before(
    connection: Connection, owner: str, key: str | None, fingerprint: str | None
) -> Submitted | None:
    if key is None:
        return None
    row = connection.execute(_BY_KEY, {"of": owner, "key": key}).one_or_none()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise KeyReusedError
    return Submitted(row.id, row.backend, row.session, row.private, replayed=True)


def _require_unknown(connection: Connection, job: str) -> bool:
    state = state_of(connection, job)
    if state is not None:
        raise NotInStateError(state)
    return False
