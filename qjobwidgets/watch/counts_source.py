"""Where a view's counts come from: one job, whose result is read once, and not without being asked.

- Nothing is fetched before the job is done.
- A private job's result is gone from the service once it was read, so reading it is left to a
  click; the job's handle keeps what was read.
- A large result stays at the service until someone wants it: the answer is dropped once it is
  known to have more than :data:`LOOK` bytes.
- A service out of reach is asked again by whoever looks, not before ``retry_at``.

The source follows its job itself, as the job may be of another account than the view.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from qjobwidgets.client.downloads import IN_MEMORY
from qjobwidgets.errors import (
    QJobError,
    RateLimitedError,
    ResultTooLargeError,
    ServiceUnreachableError,
)
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch.board import GONE
from qjobwidgets.watch.outcomes import Register
from qjobwidgets.watch.results import Reading, read_result
from qjobwidgets.watch.watcher import Watcher

__all__ = ["LOOK", "CountsSource", "CountsState", "Sight"]

logger = logging.getLogger(__name__)

LOOK: Final = 16 * 2**20
"""Bytes of a result that are fetched without asking."""

RETRY: Final = 10.0
"""Seconds after which a service out of reach is asked again."""

CountsState = Literal["waiting", "loading", "ready", "none", "failed", "private", "large", "away"]


@dataclass(frozen=True, slots=True)
class Sight:
    """What a source has to show.

    Attributes:
        state: ``"none"`` is a result without counts, ``"away"`` a service out of reach.
        message: What is the matter, where there is something to say.
        action: What a click would do, where it waits for one.
        retry_at: When to ask again by itself, in seconds since the epoch.
        registers: The counts, when ready.
    """

    state: CountsState
    message: str | None = None
    action: str | None = None
    retry_at: float | None = None
    registers: tuple[Register, ...] = ()


_LOADING: Final = Sight("loading")
_PRIVATE: Final = Sight(
    "private",
    "This job is private: its result can be read once, then the service deletes it.",
    "Read it once",
)


class CountsSource:
    """The counts of one job, for a view.

    It is a view of its own to the watcher.

    Args:
        job: A ``RuntimeJob``.
        watcher: The watcher of its account.
        changed: Called, on any thread, when there is something new to see.
    """

    min_interval = 0.25
    recent = False
    silent = False  # who holds it says whether it is visible

    def __init__(self, job: Any, watcher: Watcher, changed: Callable[[], None]) -> None:
        self.job = job
        self.visible = True
        self.job_ids: frozenset[str] = frozenset({job.job_id()})
        self._watcher = watcher
        self._changed = changed
        self._record: JobRecord = job.record
        self._fetched: Sight | None = None
        self._asked = False

    def follow(self) -> None:
        """Have the watcher follow the job."""
        self._watcher.board.introduce([self._record])
        self._watcher.attach(self)

    def leave(self) -> None:
        """Let go of the job."""
        self._watcher.detach(self)

    def publish(self) -> None:
        """Hear of news of the job."""
        self._changed()

    @property
    def record(self) -> JobRecord:
        """What is known of the job."""
        self._record = self._watcher.board.latest(self._record)
        return self._record

    def look(self) -> Sight:
        """Return what there is to show, and see to it that more will come."""
        record, fetched = self.record, self._fetched
        if fetched is not None and not self._due(fetched):
            return fetched
        if not record.final:
            gone = self._watcher.board.deleted(record.id)
            return Sight("failed", GONE) if gone else Sight("waiting")
        if record.status is not JobStatus.DONE:
            return Sight("failed", _ending(record))
        if record.private and not self._asked:
            return _PRIVATE
        asked, self._asked, self._fetched = self._asked, False, _LOADING
        self._watcher.errands.run(lambda: self._fetch(asked=asked))
        return _LOADING

    def ask(self, seen: object) -> None:
        """Do what is offered: ask again, or read what is private or large.

        Args:
            seen: The state of the :class:`Sight` that offered it. Where there is another one by
                now, nothing is done: of two pages that ask again, the second one has not agreed to
                what came of the first one's asking.
        """
        fetched = self._fetched
        if seen != ("private" if fetched is None else fetched.state):
            return
        if fetched is not None and fetched.state == "away":
            # to ask again is not to say that the result may be as large as it is
            self._fetched = None
        elif self.record.private if fetched is None else fetched.action is not None:
            self._asked = True
        self._changed()

    def _due(self, fetched: Sight) -> bool:
        """Whether the result is to be fetched once more."""
        if fetched.state == "away":
            return time.time() >= (fetched.retry_at or 0.0)
        return self._asked and fetched.action is not None

    def _fetch(self, *, asked: bool) -> None:
        try:
            self._fetched = _sight(self._read(asked=asked))
        except ResultTooLargeError as error:
            self._fetched = _too_large(error)
        except (RateLimitedError, ServiceUnreachableError) as error:
            wait = getattr(error, "retry_after", None) or RETRY
            self._fetched = Sight("away", str(error), "Try again", time.time() + wait)
            # who has asked for it once need not do so again
            self._asked = asked
        except QJobError as error:
            self._fetched = Sight("failed", str(error))
        except Exception as error:
            # whatever a service may answer: a view must not wait for ever
            logger.exception("reading a result failed")
            self._fetched = Sight("failed", f"The result can't be read ({type(error).__name__}).")
        self._changed()

    def _read(self, *, asked: bool) -> Reading:
        record = self.record
        self.job.update(record)
        if record.private:
            reading: Reading = self.job.result(decoder=read_result)
            return reading
        text = self.job.service.api.result(record.id, at_most=None if asked else LOOK)
        if not text:
            raise QJobError(f"Job {record.id} has no result at the service any more.")
        return read_result(text)


def _sight(reading: Reading) -> Sight:
    if reading.registers:
        return Sight("ready", registers=tuple(found.slimmed() for found in reading.registers))
    return Sight("none", f"This result has no counts. It has {reading.content}.")


def _too_large(error: ResultTooLargeError) -> Sight:
    if error.path is not None:
        return Sight("failed", str(error))
    size = "it" if error.size is None else f"{max(1, round(error.size / 1e6))} MB"
    to_file = error.size is not None and error.size > IN_MEMORY
    message = "The result is large." if error.size is None else f"The result is large: {size}."
    return Sight("large", message, f"Save {size} to a file" if to_file else f"Load {size}")


def _ending(record: JobRecord) -> str:
    """Return why a job that has ended has no counts."""
    why = " ".join(part for part in (record.reason, record.reason_solution) if part)
    if record.status is JobStatus.CANCELLED:
        return why or "The job was cancelled; it has no counts."
    return why or "The job failed; it has no counts."
