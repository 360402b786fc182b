"""What can be asked of the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select

from qjobwidgets.server.jobs.database import Database
from qjobwidgets.server.jobs.leases import Beat
from qjobwidgets.server.jobs.lists import JobFilter, JobLists, each_value
from qjobwidgets.server.jobs.schema import counters, inputs, jobs, logs, messages, sessions, tags
from qjobwidgets.server.jobs.session_rules import Mode, SessionState, seconds_between
from qjobwidgets.server.jobs.states import PENDING, Job, Message, State

__all__ = [
    "InputsTooLargeError",
    "JobFilter",
    "Queries",
    "QueuedJob",
    "StreamPage",
    "Waiting",
    "read_jobs",
    "read_revision",
]

_RECENT = 100


# What is asked all the time is put together once: that takes longer than to answer it.
_REVISION = select(counters.c.value).where(counters.c.name == "revision")
# By their order in a row: to look for each by its name takes longer than to read the row.
_COLUMNS = [
    jobs.c["limit_seconds" if field.name == "limit" else field.name]
    for field in fields(Job)
    if field.name not in {"tags", "position"}
]
_VALUES = itemgetter(*(list(jobs.c).index(column) for column in _COLUMNS))
_STATE = _COLUMNS.index(jobs.c.state)
_JOB = select(jobs).where(jobs.c.id == bindparam("of"))
_TAGS_OF_JOB = select(tags.c.tag).where(tags.c.job == bindparam("of")).order_by(tags.c.place)
_TAGS_OF_JOBS = (
    select(tags.c.job, tags.c.tag)
    .where(tags.c.job.in_(bindparam("of", expanding=True)))
    .order_by(tags.c.job, tags.c.place)
)
_HOLDER = select(jobs.c.attempt).where(jobs.c.id == bindparam("of"), jobs.c.state == State.RUNNING)
_QUEUE = (
    select(jobs.c.turn, jobs.c.number, jobs.c.id, jobs.c.backend, sessions.c.id.label("session"))
    .outerjoin(sessions, (sessions.c.id == jobs.c.session) & (sessions.c.mode == Mode.DEDICATED))
    .where(
        jobs.c.state == State.QUEUED,
        jobs.c.backend == bindparam("of"),
        jobs.c.turn > bindparam("after"),
    )
    .order_by(jobs.c.turn, jobs.c.number)
    .limit(bindparam("most"))
)
_QUEUED_ON = each_value(jobs.c.backend, jobs.c.state == State.QUEUED)
_BUSY = (
    select(jobs.c.session)
    .join(sessions, sessions.c.id == jobs.c.session)
    .where(jobs.c.state == State.RUNNING, sessions.c.mode == Mode.DEDICATED)
)
# Should there be two for a backend, the one woken first is the last, and stays.
_ACTIVE = (
    select(sessions.c.backend, sessions.c.id)
    .where(sessions.c.state == SessionState.ACTIVE, sessions.c.mode == Mode.DEDICATED)
    .order_by(sessions.c.turn.desc())
)


class InputsTooLargeError(Exception):
    """The inputs of several jobs have more characters than was asked for."""


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A queued job, for the placer; ``session`` is the dedicated session it belongs to."""

    id: str
    backend: str
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a slot.

    Attributes:
        queued: The heads of the queues, each queue in its order.
        busy: The dedicated sessions one of whose jobs is running.
        held: The dedicated session for which a backend is kept, by backend.
    """

    queued: list[QueuedJob]
    busy: frozenset[str]
    held: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StreamPage:
    """Messages that follow a position in a stream, and the job as it was at the same moment."""

    job: Job
    messages: list[Message]


class Queries:
    """Reads of the ledger; each answer is one consistent state of it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lists = JobLists()

    def job(self, job: str, owner: str | None = None) -> Job | None:
        """Return a job; to an owner only their own."""
        with self._database.read() as connection:
            found = _job(connection, job)
        return found if found is None or owner in {None, found.owner} else None

    def revision(self) -> int:
        """Return the number of the last change of any job."""
        with self._database.read() as connection:
            return read_revision(connection)

    def jobs(self, wanted: JobFilter) -> tuple[list[Job], int]:
        """Return a page of the matching jobs, and how many match in all."""
        with self._database.read() as connection:
            page, count = self._lists.select(connection, wanted)
            return read_jobs(connection, page), count

    def params(self, wanted: Sequence[str], most: int | None = None) -> dict[str, str]:
        """Return the inputs of jobs as JSON text, by job id.

        Args:
            wanted: The jobs.
            most: How many characters those of several jobs may have; by default any number.

        Raises:
            InputsTooLargeError: They have more.
        """
        query = select(inputs.c.job, inputs.c.params).where(inputs.c.job.in_(wanted))
        found: dict[str, str] = {}
        size = 0
        with self._database.read() as connection:
            for row in connection.execution_options(yield_per=1).execute(query):
                found[row.job] = row.params
                size += len(row.params)
                if most is not None and size > most and len(found) > 1:
                    raise InputsTooLargeError
        return found

    def stream(self, job: str, after: int, limit: int) -> StreamPage | None:
        """Return up to ``limit`` messages that follow message ``after``."""
        query = (
            select(messages.c.seq, messages.c.attempt, messages.c.kind, messages.c.data)
            .where(messages.c.job == job, messages.c.seq > after)
            .order_by(messages.c.seq)
            .limit(limit)
        )
        with self._database.read() as connection:
            found = _job(connection, job)
            if found is None:
                return None
            page = [Message(*row) for row in connection.execute(query)]
        return StreamPage(found, page)

    def interim_results(self, job: str, size: int) -> Iterator[list[str]]:
        """Yield the interim results of a job in order, as JSON text, in pages of about a size.

        Nothing is held between two pages: who takes them slowly keeps nobody else waiting.
        """
        after, page = 0, [""]
        while page:
            page, room = [], size
            query = (
                select(messages.c.seq, messages.c.data)
                .where(messages.c.job == job, messages.c.kind == "interim", messages.c.seq > after)
                .order_by(messages.c.seq)
            )
            with self._database.read() as connection:
                for row in connection.execution_options(yield_per=16).execute(query):
                    after = row.seq
                    page.append(row.data)
                    room -= len(row.data)
                    if room <= 0:
                        break
            if page:
                yield page

    def logs(self, job: str) -> str:
        """Return what the job's attempts wrote to their standard output and error."""
        query = select(logs.c.text).where(logs.c.job == job).order_by(logs.c.number)
        with self._database.read() as connection:
            return "".join(connection.scalars(query))

    def waiting(self, concurrency: Mapping[str, int]) -> Waiting:
        """Return what waits for a slot, as far as it could get one.

        Args:
            concurrency: How many jobs may run on each backend. Of a dedicated session only the
                first queued job is returned; the rest of a long queue is not read.
        """
        heads: list[tuple[int, QueuedJob]] = []
        with self._database.read() as connection:
            for backend in connection.scalars(_QUEUED_ON).all():
                age = 0
                for row in _heads(connection, backend, concurrency.get(backend, 0)):
                    # The backends share the slots by age, and none may overtake in its queue.
                    age = max(age, row.number)
                    heads.append((age, QueuedJob(row.id, row.backend, row.session)))
            busy = connection.scalars(_BUSY).all()
            active = connection.execute(_ACTIVE).all()
        return Waiting(
            queued=[job for _, job in sorted(heads, key=lambda head: head[0])],
            busy=frozenset(busy),
            held={row.backend: row.id for row in active if concurrency.get(row.backend) == 1},
        )

    def holds(self, job: str, attempt: int) -> bool:
        """Whether the attempt is still the one that runs the job."""
        with self._database.read() as connection:
            return connection.scalar(_HOLDER, {"of": job}) == attempt

    def heartbeats(self) -> list[Beat]:
        """Return the heartbeats of all running jobs."""
        query = select(jobs.c.id, jobs.c.attempt, jobs.c.heartbeat).where(
            jobs.c.state == State.RUNNING
        )
        with self._database.read() as connection:
            return [Beat(*row) for row in connection.execute(query)]

    def pending(self) -> dict[str, int]:
        """Return how many jobs are queued or running, by backend."""
        query = (
            select(jobs.c.backend, func.count().label("jobs"))
            .where(jobs.c.state.in_(PENDING))
            .group_by(jobs.c.backend)
        )
        with self._database.read() as connection:
            return {row.backend: row.jobs for row in connection.execute(query)}

    def recent_waits(self, backend: str) -> list[float]:
        """Return how many seconds the last completed jobs of a backend waited before they ran."""
        query = (
            select(jobs.c.created, jobs.c.running)
            .where(jobs.c.state == State.COMPLETED, jobs.c.backend == backend)
            .order_by(jobs.c.turn.desc(), jobs.c.number.desc())
            .limit(_RECENT)
        )
        with self._database.read() as connection:
            times = connection.execute(query).all()
        return [seconds_between(row.created, row.running) for row in times]


def _job(connection: Connection, job: str) -> Job | None:
    row = connection.execute(_JOB, {"of": job}).one_or_none()
    if row is None:
        return None
    found = connection.scalars(_TAGS_OF_JOB, {"of": job}).all()
    return _to_job(row, found, _positions(connection, [row]).get(row.number))


def read_revision(connection: Connection) -> int:
    """Return the number of the last change of any job."""
    return int(connection.execute(_REVISION).scalar_one())


def read_jobs(connection: Connection, query: Select[Any]) -> list[Job]:
    """Return the jobs whose rows a query selects, with their tags and positions."""
    rows = connection.execute(query).all()
    tags_of = _tags(connection, [row.id for row in rows])
    positions = _positions(connection, rows)
    return [_to_job(row, tags_of.get(row.id, ()), positions.get(row.number)) for row in rows]


def _positions(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, int]:
    """Return the positions, from 1, of the queued among these jobs, by their numbers.

    There is one queue per backend, in the order of turns. Only the index is read, and only as far
    as the last of the jobs asked for.
    """
    last: dict[str, int] = {}
    for row in rows:
        if row.state == State.QUEUED:
            last[row.backend] = max(row.turn, last.get(row.backend, 0))
    positions: dict[int, int] = {}
    for backend, turn in last.items():
        queue = connection.scalars(
            select(jobs.c.number)
            .where(jobs.c.state == State.QUEUED, jobs.c.backend == backend, jobs.c.turn <= turn)
            .order_by(jobs.c.turn, jobs.c.number)
        )
        positions |= {number: position for position, number in enumerate(queue, start=1)}
    return positions


def _heads(connection: Connection, backend: str, limit: int) -> list[Any]:
    """Return the first queued jobs of a backend, of each turn only one.

    Jobs have a turn in common only in a dedicated session, where one runs at a time.
    """
    heads: list[Any] = []
    turn = -1
    while len(heads) < limit:
        most = limit - len(heads)
        bounds = {"of": backend, "after": turn, "most": most}
        page = connection.execute(_QUEUE, bounds).all()
        for row in page:
            if row.turn != turn:
                heads.append(row)
                turn = row.turn
        if len(page) < most:
            break
    return heads


def _tags(connection: Connection, wanted: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for job, tag in connection.execute(_TAGS_OF_JOBS, {"of": wanted}):
        found.setdefault(job, []).append(tag)
    return found


def _to_job(row: Row[Any], tags_of_job: Sequence[str], position: int | None) -> Job:
    values = list(_VALUES(row))
    values[_STATE] = State(values[_STATE])
    values += [tuple(tags_of_job), position]
    return Job(*values)
