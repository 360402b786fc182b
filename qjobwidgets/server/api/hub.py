"""Waking the streams that wait for a job to change: from any thread into the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["Hub"]


class Hub:
    """Who waits for which job. What changed is read from the ledger, never from here."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the loop the streams run in."""
        self._loop = loop

    def notify(self, job: str) -> None:
        """Wake the streams of a job; may be called on any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._wake, job)

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

    def _wake(self, job: str) -> None:
        for event in self._waiting.get(job, ()):
            event.set()
