"""One point per finished job of a session, batch or tag: a curve where nothing streams.

An iterative workload on a service without interim results is a row of small jobs. Each that has
finished gives one point: its expectation values, its usage, its duration. Usage and duration are in
the job's record. Expectation values are in its result, which is fetched once, in the background,
only while they are drawn, and never for a private job, whose result can be read only once.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from qjobwidgets.client import RuntimeJob, RuntimeService
from qjobwidgets.client.answers import passes
from qjobwidgets.errors import (
    IBMNotAuthorizedError,
    LocalRuntimeError,
    QiskitRuntimeError,
    QJobError,
    RateLimitedError,
    ServiceError,
    ServiceUnreachableError,
)
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch import schedule
from qjobwidgets.watch.series import Chunk

if TYPE_CHECKING:
    from qjobwidgets.watch.watcher import Watcher

__all__ = ["EXPECTATION", "Group", "GroupPoints", "default_service"]

logger = logging.getLogger(__name__)

EXPECTATION: Final = "ev"
"""The field of expectation values; further PUBs and elements have names that begin with it."""

_PASSING: Final = (
    IBMNotAuthorizedError,
    LocalRuntimeError,
    RateLimitedError,
    ServiceUnreachableError,
)
"""What says nothing of the result that was asked for."""

_MOST_JOBS: Final = 5000
_MOST_VALUES: Final = 30
_RETRY: Final = 10.0
_LATER: Final = 60.0
"""Seconds after which a result is asked for again that the service could not hand out."""
_NO_VALUES: Final = frozenset({"sampler", "circuit-runner", "qasm3-runner", "noise-learner"})
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)

Row = tuple[int, str, Mapping[str, float]]
"""A finished job: its place among all, its id, its numbers by field."""


def default_service() -> RuntimeService:
    """Return a client of the account that is used when none is named."""
    return RuntimeService()


@dataclass(frozen=True, slots=True)
class Group:
    """Jobs that belong together.

    Attributes:
        kind: What holds them together: ``"session"`` (or batch) or ``"tag"``.
        name: The session's id, or the tag.
    """

    kind: Literal["session", "tag"]
    name: str

    def holds(self, record: JobRecord) -> bool:
        """Whether a job is one of them."""
        return (
            record.session_id == self.name if self.kind == "session" else self.name in record.tags
        )

    @property
    def filters(self) -> dict[str, Any]:
        """What a service is asked to list them."""
        by_session = self.kind == "session"
        return {"session_id": self.name} if by_session else {"job_tags": [self.name]}


@dataclass(frozen=True, slots=True)
class GroupTally:
    """How many jobs of a group there are, and what became of them.

    Attributes:
        jobs: All that are known.
        done, failed, cancelled: How many have ended so.
        private: Done, but with results that only their owner may read, and only once.
        unread: Done, but their results could not be read, for now or for good.
    """

    jobs: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    private: int = 0
    unread: int = 0


class GroupPoints:
    """The finished jobs of a group as points, in the order in which the jobs were created.

    A job may finish before an earlier one, so a point may come between others: then ``epoch``
    changes, and who has the points must take all of them anew.

    Args:
        watcher: Of the account.
        group: The jobs.
        listener: Called, on a background thread, when there is something new to :meth:`update`.

    Attributes:
        epoch: Number of times that points already given have changed.
        tally: How many jobs there are.
        listed: Whether the service has told which jobs there are.
        trouble: Why something could not be asked for.
    """

    def __init__(self, watcher: Watcher, group: Group, listener: Callable[[], None]) -> None:
        self.group = group
        self.epoch = 0
        self.tally = GroupTally()
        self.listed = False
        self.trouble: str | None = None
        self._watcher = watcher
        self._listener = listener
        self._lock = threading.Lock()
        self._wanted = False
        self._closed = False
        self._busy = False
        self._not_before = 0.0
        self._values: dict[str, Mapping[str, float] | None] = {}
        self._later: dict[str, float] = {}
        self._rows: list[Row] = []
        self._fields: list[str] = []
        self._errand(self._list)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def fields(self) -> list[str]:
        """What can be drawn, as far as is known."""
        return list(self._fields)

    @property
    def records(self) -> list[JobRecord]:
        """The jobs known, oldest first."""
        found = [record for record in self._watcher.board.records() if self.group.holds(record)]
        return sorted(found, key=lambda record: (record.created or _LONG_AGO, record.id))

    @property
    def settled(self) -> bool:
        """Whether all that is known has ended and was read."""
        return self.listed and not self._busy and not self._missing(self.records)

    def want(self, fields: Iterable[str]) -> None:
        """Say what is drawn: results are fetched only for expectation values."""
        self._wanted = any(name.startswith(EXPECTATION) for name in fields)

    def update(self) -> None:
        """Take over what the board knows, and fetch what is missing."""
        records = self.records
        with self._lock:
            rows: list[Row] = [
                (order, record.id, _numbers(record) | dict(self._values.get(record.id) or {}))
                for order, record in enumerate(records, 1)
                if record.final
            ]
            if rows[: len(self._rows)] != self._rows:
                self.epoch += 1
            self._rows = rows
            self._fields = _fields(records, rows)
            self.tally = self._tally(records)
        if self._busy or time.monotonic() < self._not_before:
            return
        if not self.listed:
            self._errand(self._list)
        elif self._due(records):
            self._errand(self._fetch)

    def chunk(self, fields: Sequence[str], start: int = 0) -> Chunk:
        """Return the points from number ``start`` on, with these fields."""
        with self._lock:
            rows = self._rows[start:]
            rev = len(self._rows)
        values = [array("d", [row.get(name, math.nan) for _, _, row in rows]) for name in fields]
        return Chunk(
            base=start,
            rev=rev,
            seq=array("d", [order for order, _, _ in rows]).tobytes(),
            values=[column.tobytes() for column in values],
            attempts=[(0, 1)] if rev and not start else [],
            ids=[job_id for _, job_id, _ in rows],
        )

    def close(self) -> None:
        """Ask for nothing more."""
        self._closed = True

    def _missing(self, records: Iterable[JobRecord]) -> list[JobRecord]:
        """Return the jobs whose results are wanted and were not read."""
        if not self._wanted:
            return []
        return [r for r in records if _readable(r) and r.id not in self._values]

    def _due(self, records: Iterable[JobRecord]) -> list[JobRecord]:
        """Return those of them that may be asked for by now, those never asked for first."""
        now = time.monotonic()
        due = [r for r in self._missing(records) if self._later.get(r.id, now) <= now]
        return sorted(due, key=lambda record: record.id in self._later)

    def _tally(self, records: Sequence[JobRecord]) -> GroupTally:
        statuses = [record.status for record in records]
        unread = {*self._later, *(name for name, read in self._values.items() if read is None)}
        return GroupTally(
            jobs=len(records),
            done=statuses.count(JobStatus.DONE),
            failed=statuses.count(JobStatus.ERROR),
            cancelled=statuses.count(JobStatus.CANCELLED),
            private=sum(r.private and r.status == JobStatus.DONE for r in records),
            unread=sum(record.id in unread for record in records),
        )

    def _errand(self, call: Callable[[], None]) -> None:
        def errand() -> None:
            try:
                if not self._closed:
                    call()
            except QJobError as error:
                service = isinstance(error, QiskitRuntimeError) and passes(error)
                soon = service or isinstance(error, RateLimitedError)
                pause = _RETRY if soon else 6 * _RETRY
                self.trouble, self._not_before = str(error), time.monotonic() + pause
            else:
                self.trouble = None
            finally:
                self._busy = False
                self._listener()

        self._busy = True
        self._watcher.errands.run(errand)

    def _list(self) -> None:
        found: list[JobRecord] = []
        while len(found) < _MOST_JOBS and not self._closed:
            page = self._watcher.service.fetch_records(
                limit=schedule.PAGE, skip=len(found), **self.group.filters
            )
            found += page.records
            if len(page.records) < schedule.PAGE:
                break
        if self._closed:  # the watching would begin again
            return
        self._watcher.board.introduce(found)
        self._watcher.watch([record for record in found if not record.final])
        self.listed = True

    def _fetch(self) -> None:
        """Fetch the results that are missing, oldest first, and tell after each.

        One at which the service fails doesn't hold back the others, as nothing may ask for these
        before the next look. Two in a row say that it fails at all.

        Raises:
            QJobError: One could not be asked for.
        """
        failure: ServiceError | None = None
        again = False
        for record in self._due(self.records):
            if self._closed:
                return
            try:
                values = self._read(record)
            except ServiceError as error:
                if again or not passes(error):
                    raise
                failure, again = error, True
                continue
            again = False
            with self._lock:
                self._values[record.id] = values
                self._later.pop(record.id, None)
            self._listener()
        if failure is not None:
            raise failure

    def _read(self, record: JobRecord) -> Mapping[str, float] | None:
        """Return the numbers in a job's result; ``None`` if it is none that can be read.

        Raises:
            QJobError: It could not be asked for. Where the service has failed at it, which may be
                at this one only, all others come before it is asked for again.
        """
        try:
            return _expectations(RuntimeJob(self._watcher.service, record).result())
        except _PASSING as error:
            if isinstance(error, ServiceUnreachableError) and error.sent:
                self._put_off(record)
            raise
        except Exception as error:
            if isinstance(error, ServiceError) and passes(error):
                self._put_off(record)
                raise
            logger.info("the result of job %s could not be read: %s", record.id, error)
            return None

    def _put_off(self, record: JobRecord) -> None:
        with self._lock:
            self._later[record.id] = time.monotonic() + _LATER


def _expectations(result: Any) -> dict[str, float] | None:
    """Return the expectation values in an estimator's result; ``None`` if there are none.

    The value of the first PUB is ``"ev"``, that of PUB 2 ``"ev PUB 2"``; the elements of an array
    are numbered: ``"ev [0]"``, ``"ev [1]"``. Of many values the first thirty are taken.
    """
    found: dict[str, float] = {}
    for index, pub in enumerate(result):
        evs = getattr(getattr(pub, "data", None), "evs", None)
        if evs is None:
            continue
        flat = np.asarray(evs, dtype=np.float64).ravel()[:_MOST_VALUES]
        name = EXPECTATION if index == 0 else f"{EXPECTATION} PUB {index}"
        for at, value in enumerate(flat.tolist()):
            found[name if flat.size == 1 else f"{name} [{at}]"] = value
        if len(found) >= _MOST_VALUES:
            break
    return dict(list(found.items())[:_MOST_VALUES]) or None


def _readable(record: JobRecord) -> bool:
    return (
        record.status == JobStatus.DONE and not record.private and record.program not in _NO_VALUES
    )


def _numbers(record: JobRecord) -> dict[str, float]:
    found: dict[str, float] = {}
    if record.usage_seconds is not None:
        found["usage"] = record.usage_seconds
    if record.started is not None and record.finished is not None:
        found["duration"] = (record.finished - record.started).total_seconds()
    return found


def _fields(records: Sequence[JobRecord], rows: Iterable[Row]) -> list[str]:
    """Return the names of what can be drawn, the most telling first."""
    names = dict.fromkeys(name for _, _, row in rows for name in row)
    values = [name for name in names if name.startswith(EXPECTATION)]
    if not values and any(record.program not in _NO_VALUES for record in records):
        values = [EXPECTATION]
    return [*values, *(name for name in ("usage", "duration") if name in names)]
