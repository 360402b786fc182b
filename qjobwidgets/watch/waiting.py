"""Waiting for the end of jobs that are watched: blocking, or awaited so that clicks work meanwhile.

Who waits is a view that nobody sees: attached to the watcher, its jobs are asked for at the pace of
visible ones, and all who wait share the watcher's requests.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from qjobwidgets.client.background import call_threadsafe
from qjobwidgets.client.durations import checked_timeout
from qjobwidgets.errors import IBMNotAuthorizedError, QJobError, RuntimeJobNotFound
from qjobwidgets.records import JobRecord

if TYPE_CHECKING:
    from qjobwidgets.watch.watcher import Watcher

__all__ = ["wait", "wait_async"]

_SLICE = 5.0
"""Longest single wait: on some systems an endless one can't be interrupted."""

_GLANCE = 0.5
"""Seconds between two calls of what is done meanwhile."""


def wait(
    jobs: Mapping[Watcher, Iterable[JobRecord]],
    timeout: float | None = None,
    *,
    meanwhile: Callable[[], None] | None = None,
) -> bool:
    """Wait until jobs are final; return false when ``timeout`` seconds have passed first.

    Args:
        jobs: What is known of the jobs, by the watchers of their accounts.
        timeout: Seconds to wait at the most, for all of them.
        meanwhile: Called on this thread twice a second, and when the time is over.

    Raises:
        IBMInputValueError: ``timeout`` is no time.
        RuntimeJobNotFound: One was deleted meanwhile.
        IBMNotAuthorizedError: A service refuses our credentials.
    """
    news = threading.Event()
    timeout = checked_timeout(timeout)
    until = None if timeout is None else time.monotonic() + timeout
    waiters: list[_Waiter] = []
    try:
        for watcher, records in jobs.items():
            waiters.append(_Waiter(watcher, records, news.set))
        while not _all_over(waiters):
            still = [watcher for watcher in jobs if watcher.still]
            for watcher in still:
                watcher.bring_up()
            longest = _GLANCE if still or meanwhile is not None else _SLICE
            left = longest if until is None else min(longest, until - time.monotonic())
            if left <= 0:
                return False
            told = news.wait(left)
            news.clear()
            if meanwhile is not None and not told:
                meanwhile()
    finally:
        for waiter in waiters:
            waiter.leave()
    return True


async def wait_async(
    watcher: Watcher,
    record: JobRecord,
    timeout: float | None = None,  # noqa: ASYNC109 - as wait() takes it
) -> bool:
    """Await the end of a job; see :func:`wait`. May be cancelled at any time; the job goes on."""
    timeout = checked_timeout(timeout)
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    waiter = _Waiter(watcher, [record], lambda: call_threadsafe(loop, news.set))
    try:
        if waiter.over():
            return True
        async with asyncio.timeout(timeout):
            while watcher.still and not news.is_set():
                watcher.bring_up()
                await asyncio.sleep(_GLANCE)
            await news.wait()
    except TimeoutError:
        return waiter.over()
    finally:
        waiter.leave()
    return waiter.over()


def _all_over(waiters: Iterable[_Waiter]) -> bool:
    ended = [waiter.over() for waiter in waiters]  # each, for it may raise
    return all(ended)


class _Waiter:
    """One who waits for jobs of one account.

    Args:
        watcher: Of the account.
        records: What is known of the jobs.
        tell: Called, from the publisher's thread, when there is nothing more to wait for.
    """

    min_interval = 0.0
    recent = False
    visible = True
    silent = False

    def __init__(
        self, watcher: Watcher, records: Iterable[JobRecord], tell: Callable[[], None]
    ) -> None:
        records = list(records)
        self.job_ids = frozenset(record.id for record in records)
        self._watcher = watcher
        self._tell = tell
        self._failure: QJobError | None = None
        self._final = not records
        if watcher.freshness.state == "refused":
            watcher.look_now()  # the user may have signed in again
        watcher.attach(self)
        watcher.watch(records)
        self.publish()  # what is known already needs no time

    def publish(self) -> None:
        """See whether the waiting is over."""
        board, fresh = self._watcher.board, self._watcher.freshness
        known = {job_id: board.get(job_id) for job_id in self.job_ids}
        left = [one for one, entry in known.items() if entry is None or not entry.record.final]
        gone = next((job_id for job_id in left if board.deleted(job_id)), None)
        self._final = not left
        if self._final:
            pass
        elif gone is not None:
            self._failure = RuntimeJobNotFound(f"Job {gone} is no longer there.")
        elif fresh.state == "refused":
            self._failure = IBMNotAuthorizedError(fresh.message or "Sign in again.")
        else:
            return
        self._tell()

    def over(self) -> bool:
        """Return whether the jobs are final, or raise what has ended the waiting."""
        if self._failure is not None and not self._final:
            raise self._failure
        return self._final

    def leave(self) -> None:
        """Wait no more."""
        self._watcher.detach(self)
