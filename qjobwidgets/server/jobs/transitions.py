"""The statements a transaction of the ledger is made of.

Each function works on the connection of a transaction its caller has begun, and commits nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from qjobwidgets.server.jobs.quotas import add_usage
from qjobwidgets.server.jobs.schema import counters, jobs, logs, messages, retags, tags
from qjobwidgets.server.jobs.session_rules import seconds_between
from qjobwidgets.server.jobs.session_steps import attempt_ended, job_ended, join_session
from qjobwidgets.server.jobs.states import PENDING, NewJob, Reason, State, Usage, timestamp

__all__ = [
    "cancel",
    "cancel_queued",
    "charge",
    "finish",
    "first_row",
    "held",
    "next_revision",
    "replace_tags",
    "requeue",
    "state_of",
    "write_log",
    "write_messages",
    "write_tags",
]


# What each job needs is put together once: that takes longer than to do it.
_NEXT_REVISION = (
    update(counters)
    .where(counters.c.name == "revision")
    .values(value=counters.c.value + 1)
    .returning(counters.c.value)
)
_HELD = (
    jobs.c.id == bindparam("of"),
    jobs.c.attempt == bindparam("by"),
    jobs.c.state == State.RUNNING,
)
_FINISH = (
    update(jobs)
    .where(*_HELD)
    .values(usage_seconds=jobs.c.usage_seconds + bindparam("seconds"))
    .returning(jobs.c.owner, jobs.c.session)
)


def next_revision(connection: Connection) -> int:
    """Return the number of this change; changes become visible in the order of their numbers.

    The row of the counter stays locked until the transaction ends, so nobody who has seen a number
    can later find a lower one.
    """
    return int(connection.execute(_NEXT_REVISION).scalar_one())


def first_row(
    connection: Connection, job: str, new: NewJob, key: str | None, fingerprint: str | None
) -> dict[str, Any]:
    """Return the row of a new job, which joins the session it names.

    Raises:
        SessionError: It may not.
    """
    revision = next_revision(connection)
    return {
        "id": job,
        "owner": new.owner,
        "revision": revision,
        "turn": join_session(connection, new, revision),
        "session": new.session,
        "program": new.program,
        "backend": new.backend,
        "state": State.QUEUED,
        "created": timestamp(),
        "limit_seconds": new.limit,
        "log_level": new.log_level,
        "runtime": new.runtime,
        "private": new.private,
        "caller": new.caller,
        "attempt": 0,
        "heartbeat": 0,
        "crashes": 0,
        "interruptions": 0,
        "last_seq": 0,
        "usage_seconds": 0.0,
        "figures": {},
        "idempotency_key": key,
        "fingerprint": fingerprint,
    }


def held(job: str, attempt: int) -> tuple[Any, Any, Any]:
    """Return the conditions under which the attempt still runs the job."""
    return jobs.c.id == job, jobs.c.attempt == attempt, jobs.c.state == State.RUNNING


def state_of(connection: Connection, job: str) -> State | None:
    """Return the state of a job; ``None`` when there is no such job."""
    state = connection.scalar(select(jobs.c.state).where(jobs.c.id == job))
    return State(state) if state is not None else None


def write_tags(
    connection: Connection, job: str, owner: str, number: int, new: Sequence[str]
) -> None:
    """Add the tags of a job that has none; ``owner`` and ``number`` are the job's."""
    if new:
        of_job = {"job": job, "owner": owner, "number": number}
        rows = [{**of_job, "place": place, "tag": tag} for place, tag in enumerate(new)]
        connection.execute(insert(tags), rows)


def replace_tags(
    connection: Connection, job: str, owner: str, number: int, new: Sequence[str]
) -> int:
    """Give a job other tags; return the number of this change."""
    revision = next_revision(connection)
    old = connection.scalars(delete(tags).where(tags.c.job == job).returning(tags.c.tag)).all()
    write_tags(connection, job, owner, number, new)
    changed = sorted({*old} ^ {*new})
    if changed:
        known = retags.c.owner == owner, retags.c.tag.in_(changed)
        connection.execute(delete(retags).where(*known))
        rows = [{"owner": owner, "tag": tag, "revision": revision} for tag in changed]
        connection.execute(insert(retags), rows)
    return revision


def write_messages(
    connection: Connection, job: str, attempt: int, last: int, new: Sequence[tuple[str, str]]
) -> None:
    """Add messages (kind and JSON text) numbered from ``last + 1``."""
    if new:
        rows = [
            {"job": job, "seq": seq, "attempt": attempt, "kind": kind, "data": data}
            for seq, (kind, data) in enumerate(new, start=last + 1)
        ]
        connection.execute(insert(messages), rows)


def write_log(connection: Connection, job: str, text: str) -> None:
    """Add text to the log of a job."""
    number = connection.scalar(
        select(func.coalesce(func.max(logs.c.number), 0) + 1).where(logs.c.job == job)
    )
    connection.execute(insert(logs).values(job=job, number=number, text=text))


def finish(  # noqa: PLR0913, PLR0917 - the columns a final state has
    connection: Connection,
    job: str,
    attempt: int,
    state: State,
    reason: Reason | None = None,
    usage: Usage | None = None,
) -> bool:
    """Give a running job its final state; whether the attempt held it."""
    usage = usage or Usage()
    now = timestamp()
    values: dict[str, Any] = {
        "state": state,
        "revision": next_revision(connection),
        "finished": now,
        "figures": dict(usage.figures),
    }
    if reason is not None:
        values |= _columns(reason)
    given = {**values, "of": job, "by": attempt, "seconds": usage.seconds}
    row = connection.execute(_FINISH, given).one_or_none()
    if row is None:
        return False
    add_usage(connection, row.owner, usage.seconds)
    job_ended(connection, row.session, now, started=True, seconds=usage.seconds)
    return True


def cancel(connection: Connection, job: str) -> bool:
    """Cancel a job, and count the time it has been running; whether it was pending.

    No more than its limit is counted: the clock of the machine may have been set meanwhile.
    """
    now = timestamp()
    row = connection.execute(
        update(jobs)
        .where(jobs.c.id == job, jobs.c.state.in_(PENDING))
        .values(state=State.CANCELLED, revision=next_revision(connection), finished=now)
        .returning(jobs.c.session, jobs.c.running, jobs.c.limit_seconds)
    ).one_or_none()
    if row is None:
        return False
    if row.running is not None:
        charge(connection, job, min(seconds_between(row.running, now), row.limit_seconds))
    job_ended(connection, row.session, now, started=row.running is not None)
    return True


def cancel_queued(connection: Connection, session: str, reason: Reason, now: str) -> list[str]:
    """Cancel the queued jobs of a session that is being ended; return which."""
    queued = connection.scalars(
        select(jobs.c.id)
        .where(jobs.c.session == session, jobs.c.state == State.QUEUED)
        .order_by(jobs.c.number)
    ).all()
    if queued:
        cancelled = {"state": State.CANCELLED, "finished": now, **_columns(reason)}
        connection.execute(
            update(jobs)
            .where(jobs.c.id == bindparam("job"))
            .values(revision=bindparam("change"), **cancelled),
            [{"job": job, "change": next_revision(connection)} for job in queued],
        )
    return list(queued)


def charge(connection: Connection, job: str, seconds: float) -> None:
    """Count the time of an attempt that has ended without ending its job."""
    row = connection.execute(
        update(jobs)
        .where(jobs.c.id == job)
        .values(usage_seconds=jobs.c.usage_seconds + seconds)
        .returning(jobs.c.owner, jobs.c.session)
    ).one()
    add_usage(connection, row.owner, seconds)
    attempt_ended(connection, row.session, seconds)


def requeue(
    connection: Connection, job: str, attempt: int, why: str, *, interrupted: bool = False
) -> bool:
    """Queue a running job again at its old position; whether the attempt held it.

    Its stream has a mark that a new attempt begins. Interruptions are the server's own doing, and
    counted apart from crashes.
    """
    last = connection.scalar(
        update(jobs)
        .where(*held(job, attempt))
        .values(
            state=State.QUEUED,
            revision=next_revision(connection),
            running=None,
            last_seq=jobs.c.last_seq + 1,
            interruptions=jobs.c.interruptions + interrupted,
        )
        .returning(jobs.c.last_seq)
    )
    if last is None:
        return False
    mark = orjson.dumps({"reason": why}).decode()
    write_messages(connection, job, attempt + 1, last - 1, [("restarted", mark)])
    return True


def _columns(reason: Reason) -> dict[str, Any]:
    return {
        "reason": reason.text,
        "reason_code": reason.code,
        "reason_solution": reason.solution,
    }
