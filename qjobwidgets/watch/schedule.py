"""When to look at the service, and what to ask: pure decisions, given time as an argument.

The schedule is the one of the design (``docs/architecture.md``): quick for the first seconds after
a change, slower while a job runs, slower still while everything waits, hardly ever while nobody
looks, and never once nothing can change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

__all__ = [
    "FEW_JOBS",
    "LEAST_PAUSE",
    "MANY_PAGES",
    "PAGE",
    "AskJob",
    "AskList",
    "Situation",
    "interval",
    "jittered",
    "plan",
    "retry_wait",
]

PAGE: Final = 200
"""Jobs in one list answer; the most a service gives."""

FRESH_FOR: Final = 10.0
"""Seconds after a submission or a change during which we look every second."""

SWEEP_EVERY: Final = 90.0
"""Seconds between looks at everything, where a tick looks only at a part."""

FEW_JOBS: Final = 3
"""Jobs that are asked for one by one; more are looked for in lists."""

MANY_PAGES: Final = 5
"""Pages of pending jobs that one look reads; of more, it reads only a part."""

_FAILED: Final = (2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
_UNANSWERED: Final = (5.0, 55.0, 120.0, 60.0)

LEAST_PAUSE: Final = 1.0
"""Seconds between the beginnings of two looks, whoever asks for them."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the schedule needs to know.

    Attributes:
        pending: Jobs watched that are not final.
        running: How many of them run.
        watched: Whether any view is open.
        visible: Whether someone can see one of them.
        since_change: Seconds since the last submission or change.
        pushed: Whether the service tells of changes by itself.
        unsure: Whether something watched may be out of date nevertheless: places in a queue that
            has moved, which no service tells by itself, or what a handle remembers.
    """

    pending: int
    running: int
    watched: bool
    visible: bool
    since_change: float
    pushed: bool = False
    unsure: bool = False


def interval(now: Situation) -> float | None:
    """Return the seconds until the next look; ``None`` when there is nothing to wait for."""
    if not now.pending and not now.watched:
        return None
    if not now.visible or not now.pending:
        return 60.0
    if now.pushed:
        return 5.0 if now.unsure else 60.0
    if now.since_change < FRESH_FOR and now.pending <= PAGE:
        return 1.0
    return 5.0 if now.running else 15.0


def jittered(seconds: float, chance: float) -> float:
    """Return ``seconds`` spread by ±20 %, for a ``chance`` drawn evenly from 0 to 1.

    A minute is only made longer: who looks once a minute shall not have looked twice in one.
    """
    return seconds * (1.0 + 0.2 * chance if seconds >= 60.0 else 0.8 + 0.4 * chance)


def retry_wait(failures: int, asked: float | None = None, *, unanswered: bool = False) -> float:
    """Return the seconds to wait after ``failures`` looks in a row that failed.

    Doubles from 2 s to 60 s; never shorter than what the service ``asked`` for. What was sent and
    not answered costs the account a request a minute, however long the outage is: the second try
    comes soon, as most trouble is short, and a later one waits so much longer.

    Args:
        failures: How many.
        asked: Seconds that the service has asked for.
        unanswered: Whether something was sent to somebody who did not answer.
    """
    pauses = _UNANSWERED if unanswered else _FAILED
    return max(pauses[min(failures, len(pauses)) - 1], asked or 0.0)


@dataclass(frozen=True, slots=True)
class AskJob:
    """Ask for one job."""

    job_id: str


@dataclass(frozen=True, slots=True)
class AskList:
    """Ask for a page of the list: all jobs, newest first, or only the pending ones."""

    pending: bool
    skip: int = 0


def plan(pending: Sequence[str], *, recent: bool, sweep_due: bool) -> list[AskJob | AskList]:
    """Return what to ask for in one look.

    Args:
        pending: Ids of the watched jobs that are not final.
        recent: Whether a view shows the account's list, so that jobs of others count too.
        sweep_due: Whether the last full look is too long ago.

    A few jobs are asked for one by one. More are found in the list of pending jobs, in one request
    for 200; what has left that list must then be asked for once, which is the caller's part, as it
    needs the answers. Beyond five pages a tick asks only for the oldest page, where the jobs next
    to run are, and everything is swept when due.
    """
    if not recent and len(pending) <= FEW_JOBS:
        return [AskJob(job_id) for job_id in pending]
    pages = max(1, ceil(len(pending) / PAGE))
    first = pages - 1 if pages > MANY_PAGES and not sweep_due else 0
    asks: list[AskJob | AskList] = [AskList(pending=False)] if recent and sweep_due else []
    return asks + [AskList(pending=True, skip=PAGE * page) for page in range(first, pages)]
