"""What every handle of a job has: whose it is, what is known of it, and waiting for its end."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from qjobwidgets.client import forks
from qjobwidgets.client.answers import passes
from qjobwidgets.client.background import in_thread
from qjobwidgets.client.durations import checked_pause, checked_timeout
from qjobwidgets.client.job_stream import check_callback
from qjobwidgets.client.queueinfo import queue_info
from qjobwidgets.errors import (
    RateLimitedError,
    RuntimeJobTimeoutError,
    ServiceError,
    ServiceUnreachableError,
)
from qjobwidgets.records import JobRecord, JobStatus

if TYPE_CHECKING:
    from qjobwidgets.client.service import RuntimeService

__all__ = ["JobHandle"]

_FIRST_LOOK = 0.05  # a small job on a simulator has ended by then
_SLOWEST_LOOK = 2.0
_PATIENCE = 300.0  # seconds without any answer after which waiting gives up


class _Ends:
    """Of all jobs: few are ever waited for, and it takes time to make a condition.

    Attributes:
        news: Notified whenever a handle learns that its job has ended.
    """

    def __init__(self) -> None:
        self._begin()
        forks.begin_anew(self, _Ends._begin)

    def _begin(self) -> None:
        self.news = threading.Condition()


_ends = _Ends()


class JobHandle:
    """A job of a service, as far as its record tells.

    Two handles of one job are equal. What a handle knows is :attr:`record`; it grows with each
    question, and :meth:`update` lets others hand in what they have learned.

    Args:
        service: The account's client.
        record: What is known of the job.
    """

    JOB_FINAL_STATES: ClassVar = (JobStatus.DONE, JobStatus.CANCELLED, JobStatus.ERROR)
    ERROR: ClassVar = JobStatus.ERROR

    def __init__(self, service: RuntimeService, record: JobRecord) -> None:
        self._service = service
        self._record = record

    def __repr__(self) -> str:
        record = self._record
        return f"<{type(self).__name__}({record.id!r}, {record.program!r}, {record.status!s})>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a job holds credentials and is not pickled: hand on its job_id(), for "
            "RuntimeService().job(job_id) where it is needed"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, JobHandle):
            return NotImplemented
        return self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str]:
        return self._service.key, self._record.id

    @property
    def service(self) -> RuntimeService:
        """The client of the job's account."""
        return self._service

    @property
    def record(self) -> JobRecord:
        """What was last known of the job."""
        return self._record

    def job_id(self) -> str:
        """Return the service's id of the job."""
        return self._record.id

    def update(self, record: JobRecord) -> None:
        """Take over newer facts, as the watcher learns them; a final status never changes again."""
        with _ends.news:
            if record.id != self._record.id or (self._record.final and not record.final):
                return
            self._record = record
            if record.final:
                _ends.news.notify_all()

    def refresh(self) -> None:
        """Ask the service for all that it lists of the job, also when the job has ended."""
        self.update(self._service.api.record(self._record.id, reviving=True))

    # -- status -----------------------------------------------------------------------------------

    def status(self) -> JobStatus | str:
        """Ask for the status, unless it is final; a word that Qiskit lacks comes as it is."""
        if not self._record.final:
            self.refresh()
        return self._record.status

    def done(self) -> bool:
        """Whether the job has ended well."""
        return self.status() == JobStatus.DONE

    def running(self) -> bool:
        """Whether the job runs now."""
        return self.status() == JobStatus.RUNNING

    def cancelled(self) -> bool:
        """Whether the job was cancelled."""
        return self.status() == JobStatus.CANCELLED

    def errored(self) -> bool:
        """Whether the job has failed."""
        return self.status() == JobStatus.ERROR

    def in_final_state(self) -> bool:
        """Whether the job has come to its end."""
        self.status()
        return self._record.final

    # -- waiting ----------------------------------------------------------------------------------

    def wait_for_final_state(
        self,
        timeout: float | None = None,
        poll_interval: float | None = None,
        callback: Callable[..., Any] | None = None,
        *,
        wait: float | None = None,
    ) -> None:
        """Wait until the job has ended; trouble on the way to the service is waited out.

        Args:
            timeout: Longest wait in seconds; ``None`` waits as long as it takes.
            poll_interval: Seconds between looks; by default, and for 0, they are 0.05 s at first
                and grow to 2 s.
            callback: Called on this thread with the job's id, its status and the job, and with
                ``queue_info=`` if it takes that: after each look when an interval was given,
                otherwise when status or queue position have changed. The last call is about the
                final status. What it raises ends the waiting.
            wait: Another word for ``poll_interval``.

        Raises:
            IBMInputValueError: A time is none that one could wait.
            RuntimeJobTimeoutError: It has not ended by then. The job goes on.
            ServiceUnreachableError: Nothing has answered for five minutes.
        """
        if callback is not None:
            check_callback(callback)
        timeout = checked_timeout(timeout)
        interval = checked_pause(poll_interval, "poll_interval") or checked_pause(wait, "wait")
        tell = _Teller(self, callback, each_look=interval is not None)
        looks, start = _Looks(self, interval), time.monotonic()
        while not self._record.final:
            pause = looks.look()
            tell.after_look()
            with _ends.news:  # until the next look, or until somebody hands in the final facts
                if not self._record.final:
                    _ends.news.wait_for(
                        lambda: self._record.final, self._left(start, timeout, pause)
                    )
        tell.at_end()

    async def wait_async(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as the other
        """Await the end of the job, so that a notebook handles clicks meanwhile.

        It may be cancelled at any time; the job goes on.

        Args:
            timeout: Longest wait in seconds; ``None`` waits as long as it takes.

        Raises:
            IBMInputValueError: The timeout is none that one could wait.
            RuntimeJobTimeoutError: It has not ended by then. The job goes on.
            ServiceUnreachableError: Nothing has answered for five minutes.
        """
        timeout = checked_timeout(timeout)
        looks, start = _Looks(self, None), time.monotonic()
        while not self._record.final:
            pause = await in_thread(looks.look, "qjob-wait")
            if not self._record.final:
                await asyncio.sleep(self._left(start, timeout, pause))

    def _left(self, start: float, timeout: float | None, pause: float) -> float:
        """Return how long to sleep of a pause, if there is time left."""
        left = pause if timeout is None else min(pause, start + timeout - time.monotonic())
        if left <= 0:
            raise RuntimeJobTimeoutError(
                f"Job {self._record.id} is still {self._record.status} after {timeout:g} s.",
                fix="It goes on; wait longer, or cancel it.",
            )
        return left


class _Looks:
    """The looks of one who waits: quick at first, then slower, patient with trouble."""

    def __init__(self, job: JobHandle, interval: float | None) -> None:
        self._job = job
        self._interval = interval
        self._pause = interval or _FIRST_LOOK
        self._answered = time.monotonic()

    def look(self) -> float:
        """Ask for the status once; return the seconds until the next look."""
        pause = self._pause
        self._pause = self._interval or min(_SLOWEST_LOOK, pause * 1.5)
        try:
            self._job.status()
            self._answered = time.monotonic()
        except RateLimitedError as error:
            return max(pause, error.retry_after or _SLOWEST_LOOK)
        except (ServiceError, ServiceUnreachableError) as error:
            if not passes(error) or time.monotonic() - self._answered > _PATIENCE:
                raise
        return pause


class _Teller:
    """Calls the callback of a waiting user when there is something to tell."""

    def __init__(
        self, job: JobHandle, callback: Callable[..., Any] | None, *, each_look: bool
    ) -> None:
        self._job = job
        self._callback = callback
        self._each_look = each_look
        self._with_queue = callback is not None and _takes_queue_info(callback)
        self._told: tuple[object, ...] | None = None

    def after_look(self) -> None:
        """Tell what the look has brought."""
        if self._each_look or self._news() != self._told:
            self._tell()

    def at_end(self) -> None:
        """Tell the final status, unless the last look has brought it."""
        if self._news() != self._told:
            self._tell()

    def _news(self) -> tuple[object, ...]:
        return self._job.record.status, self._job.record.queue_position

    def _tell(self) -> None:
        self._told = self._news()
        if self._callback is None:
            return
        record = self._job.record
        more = {"queue_info": queue_info(record)} if self._with_queue else {}
        self._callback(record.id, record.status, self._job, **more)


def _takes_queue_info(callback: Callable[..., Any]) -> bool:
    """Whether a callback is written for the jobs that hand it their place in the queue."""
    try:
        parameters = inspect.signature(callback).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(p.name == "queue_info" or p.kind is p.VAR_KEYWORD for p in parameters)
