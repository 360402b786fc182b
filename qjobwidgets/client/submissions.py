"""The submissions of this process: who wants to know of each, and what has not become a job yet."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from qjobwidgets.client import forks
from qjobwidgets.client.pacing import Pacer, limit_of
from qjobwidgets.records import JobRecord

if TYPE_CHECKING:
    from qjobwidgets.client.job import RuntimeJob

__all__ = [
    "Outbox",
    "SubmissionState",
    "announce",
    "on_state",
    "outbox",
    "recognise",
    "state",
    "subscribe",
]

logger = logging.getLogger(__name__)

_MOST_UNKNOWN = 100  # tags that are remembered

_T = TypeVar("_T")

_lock = forks.Lock()
_job_listeners: list[Callable[[RuntimeJob], None]] = []
_state_listeners: list[Callable[[str], None]] = []
_outboxes: dict[str, Outbox] = {}


@dataclass(frozen=True, slots=True)
class SubmissionState:
    """What of one account's submissions has not become a job yet.

    Attributes:
        waiting: How many wait for the service's quota.
        next_at: When the first of them is sent, in seconds since the epoch.
        unknown: The tags of submissions of which nobody could find out whether the service has
            taken them. A job that has the tag is the one.
    """

    waiting: int = 0
    next_at: float | None = None
    unknown: tuple[str, ...] = ()

    @property
    def message(self) -> str | None:
        """One line for a view; ``None`` when there is nothing to say."""
        if self.waiting:
            jobs = "1 submission" if self.waiting == 1 else f"{self.waiting} submissions"
            return f"Waiting for quota: {jobs}."
        if self.unknown:
            return f"Not known whether it was submitted: {', '.join(self.unknown)}."
        return None


class Outbox:
    """Where one account's submissions are handed in.

    Args:
        key: The account's identity.
        url: Its service's address.
    """

    def __init__(self, key: str, url: str | None) -> None:
        self._key = key
        self._unknown: dict[str, None] = {}
        self.pacer = Pacer(limit_of(url), self._tell)

    @property
    def state(self) -> SubmissionState:
        """What has not become a job yet."""
        waiting = self.pacer.waiting
        next_at = time.time() + self.pacer.first_wait if waiting else None
        with _lock:
            return SubmissionState(waiting, next_at, tuple(self._unknown))

    def doubt(self, tag: str) -> None:
        """Note that the submission with this tag may have been taken or not."""
        with _lock:
            self._unknown[tag] = None
            while len(self._unknown) > _MOST_UNKNOWN:
                del self._unknown[next(iter(self._unknown))]
        self._tell()

    def settle(self, tag: str) -> None:
        """Note that it is known now."""
        with _lock:
            doubted = tag in self._unknown
            self._unknown.pop(tag, None)
        if doubted:
            self._tell()

    def recognise(self, records: Iterable[JobRecord]) -> None:
        """Settle what was in doubt and is there, as a list of jobs shows."""
        if self._unknown:
            for tag in {tag for record in records for tag in record.tags}:
                self.settle(tag)

    def _tell(self) -> None:
        _call_all(_state_listeners, self._key)


def outbox(key: str, url: str | None = None) -> Outbox:
    """Return the one outbox of an account in this process.

    Args:
        key: The account's identity.
        url: Its service's address, by which the limits of the service are known.
    """
    with _lock:
        if key not in _outboxes:
            _outboxes[key] = Outbox(key, url)
        return _outboxes[key]


def state(key: str) -> SubmissionState:
    """Return what has not become a job yet of an account's submissions.

    Args:
        key: The account's identity, :attr:`RuntimeService.key`.
    """
    with _lock:
        found = _outboxes.get(key)
    return found.state if found else SubmissionState()


def recognise(key: str, records: Iterable[JobRecord]) -> None:
    """Settle what of an account's submissions was in doubt and is among these jobs.

    Args:
        key: The account's identity.
        records: Jobs that its service has listed.
    """
    with _lock:
        found = _outboxes.get(key)
    if found:
        found.recognise(records)


def on_state(callback: Callable[[str], None]) -> Callable[[], None]:
    """Call ``callback`` with the account's key whenever its :func:`state` has changed.

    Args:
        callback: Called on the thread that submits. What it raises is logged.

    Returns:
        What ends the subscription.
    """
    return _add(_state_listeners, callback)


def subscribe(callback: Callable[[RuntimeJob], None]) -> Callable[[], None]:
    """Call ``callback`` after each successful submission, on the thread that submitted.

    Args:
        callback: Takes the job. What it raises is logged; the submission has succeeded anyway.

    Returns:
        What ends the subscription.
    """
    return _add(_job_listeners, callback)


def announce(job: RuntimeJob) -> None:
    """Tell all subscribers of a job just submitted."""
    _call_all(_job_listeners, job)


def _add(
    callbacks: list[Callable[[_T], None]], callback: Callable[[_T], None]
) -> Callable[[], None]:
    with _lock:
        callbacks.append(callback)

    def unsubscribe() -> None:
        with _lock:
            if callback in callbacks:
                callbacks.remove(callback)

    return unsubscribe


def _call_all(callbacks: list[Callable[[_T], None]], news: _T) -> None:
    with _lock:
        present = list(callbacks)
    for callback in present:
        try:
            callback(news)
        except Exception:
            logger.exception("a listener for submissions failed")
