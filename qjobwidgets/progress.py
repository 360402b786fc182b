"""Progress in a terminal: one line that tells how jobs do, while somebody waits for them.

On a terminal the line is replaced in place; anywhere else each new state is a line of its own.
It goes to standard error, so that what a program prints stays clean.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self, TextIO

from qjobwidgets import render
from qjobwidgets.records import JobRecord
from qjobwidgets.watch import Watcher, watcher_for
from qjobwidgets.watch.waiting import wait

__all__ = ["ProgressLine", "wait_for"]

_ERASE = "\r\x1b[K"


class ProgressLine:
    """A line that says what is going on, gone when the block around it is left.

    Args:
        stream: Where it is written.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._in_place = self._stream.isatty()
        self._began = time.monotonic()
        self._told = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._in_place and self._told:
            self._stream.write(_ERASE)
            self._stream.flush()

    def tell(self, text: str) -> None:
        """Say what is going on."""
        if self._in_place:
            waited = render.words.duration(time.monotonic() - self._began)
            self._stream.write(f"{_ERASE}{text} · {waited}")
        elif text != self._told:
            self._stream.write(f"{text}\n")
        self._told = text
        self._stream.flush()


def wait_for(
    jobs: Sequence[Any], timeout: float | None = None, line: ProgressLine | None = None
) -> list[Any]:
    """Wait until jobs are final, and return those that are not when the time is over.

    All are asked for together, by the watchers of their accounts; each handle then knows its end.

    Args:
        jobs: Handles of jobs.
        timeout: Seconds to wait at the most, for all of them.
        line: Told how they do meanwhile.

    Raises:
        RuntimeJobNotFound: One was deleted meanwhile.
        IBMNotAuthorizedError: The service refuses our credentials.
    """
    pending: dict[Watcher, list[JobRecord]] = {}
    for job in jobs:
        if not job.record.final:
            pending.setdefault(watcher_for(job.service), []).append(job.record)
    wait(pending, timeout, meanwhile=None if line is None else lambda: line.tell(_state(jobs)))
    for job in jobs:
        _learn(job)
    return [job for job in jobs if not job.record.final]


def _learn(job: Any) -> None:
    entry = watcher_for(job.service).board.get(job.job_id())
    if entry is not None:
        job.update(entry.record)


def _state(jobs: Sequence[Any]) -> str:
    records = [watcher_for(job.service).board.latest(job.record) for job in jobs]
    if len(records) == 1:
        return f"{render.short_id(records[0].id)} {render.badge_text(records[0])}"
    done = sum(record.final for record in records)
    return f"{render.summary(records)} · {done} ended"
