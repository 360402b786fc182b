"""Waking the streams that wait for a job to change: from any thread into the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["ANY_JOB", "Hub"]

ANY_JOB = ""
"""What to wait for to hear of changes of any job."""


class Hub:
    """Who waits for which job. What changed is read from the ledger, never from here."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._lock = threading.Lock()
        self._notified: set[str] = set()

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the loop the streams run in."""
        self._loop = loop

    def notify(self, *jobs: str) -> None:
        """Wake the streams of jobs; may be called on any thread."""
        if self._loop is None:
            return
        with self._lock:
            # The loop is woken once for all that comes until it gets there.
            scheduled = bool(self._notified)
            self._notified.update(jobs)
        if not scheduled:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._wake)

    @contextmanager
    def waiting(self, job: str) -> Iterator[asyncio.Event]:
        """Have an event set whenever the job changes."""
        event = asyncio.Event()
        self._waiting.setdefault(job, set()).add(event)
        try:
            yield event
        finally:
            self._waiting[job].discard(event)
            if not self._waiting[job]:
                del self._waiting[job]

    def _wake(self) -> None:
        with self._lock:
            notified, self._notified = self._notified, set()
        for job in notified:
            for event in self._waiting.get(job, ()):
                event.set()
