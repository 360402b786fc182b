"""Waiting for the end of a job that is watched: blocking, or awaited so that clicks work meanwhile.

Who waits is a view that nobody sees: attached to the watcher, its job is asked for at the pace of
a visible one, and all who wait share the watcher's requests.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from qjobwidgets.client.background import call_threadsafe
from qjobwidgets.errors import IBMNotAuthorizedError, QJobError, RuntimeJobNotFound
from qjobwidgets.records import JobRecord

if TYPE_CHECKING:
    from qjobwidgets.watch.watcher import Watcher

__all__ = ["wait", "wait_async"]

_SLICE = 5.0
"""Longest single wait: on some systems an endless one can't be interrupted."""


def wait(watcher: Watcher, record: JobRecord, timeout: float | None = None) -> bool:
    """Wait until a job is final; return false when ``timeout`` seconds have passed first.

    Raises:
        RuntimeJobNotFound: The job was deleted meanwhile.
        IBMNotAuthorizedError: The service refuses our credentials.
    """
    over = threading.Event()
    until = None if timeout is None else time.monotonic() + timeout
    waiter = _Waiter(watcher, record, over.set)
    try:
        while not over.is_set():
            left = _SLICE if until is None else until - time.monotonic()
            if left <= 0:
                return False
            over.wait(min(left, _SLICE))
    finally:
        watcher.detach(waiter)
    return waiter.outcome()


async def wait_async(
    watcher: Watcher,
    record: JobRecord,
    timeout: float | None = None,  # noqa: ASYNC109 - as wait() takes it
) -> bool:
    """Await the end of a job; see :func:`wait`. May be cancelled at any time; the job goes on."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    waiter = _Waiter(watcher, record, lambda: call_threadsafe(loop, over.set))
    try:
        async with asyncio.timeout(timeout):
            await over.wait()
    except TimeoutError:
        return False
    finally:
        watcher.detach(waiter)
    return waiter.outcome()


class _Waiter:
    """One who waits for one job.

    Args:
        watcher: Of the job's account.
        record: What is known of the job.
        tell: Called, from the publisher's thread, when there is nothing more to wait for.
    """

    min_interval = 0.0
    recent = False
    visible = True

    def __init__(self, watcher: Watcher, record: JobRecord, tell: Callable[[], None]) -> None:
        self.job_ids = frozenset({record.id})
        self._watcher = watcher
        self._job_id = record.id
        self._tell = tell
        self._failure: QJobError | None = None
        self._final = False
        if watcher.freshness.state == "refused":
            watcher.look_now()  # the user may have signed in again
        watcher.attach(self)
        watcher.watch([record])

    def publish(self) -> None:
        """See whether the waiting is over."""
        entry, fresh = self._watcher.board.get(self._job_id), self._watcher.freshness
        self._final = entry is not None and entry.record.final
        if self._final:
            pass
        elif self._watcher.board.deleted(self._job_id):
            self._failure = RuntimeJobNotFound(f"Job {self._job_id} is no longer there.")
        elif fresh.state == "refused":
            self._failure = IBMNotAuthorizedError(fresh.message or "Sign in again.")
        else:
            return
        self._tell()

    def outcome(self) -> bool:
        """Return that the job is final, or raise what has ended the waiting."""
        if self._failure is not None and not self._final:
            raise self._failure
        return self._final
