"""The watcher: one background thread for one account, however many views are open.

The thread sleeps on a condition it can always be woken from, asks what :mod:`.schedule` says,
writes the answers on the :class:`~.board.Board`, and lets the :class:`~.publisher.Publisher` tell
the views. It starts when there is something to watch and ends when there is not. Trouble on the
way to the service becomes a :class:`~.freshness.Freshness`; nothing is raised in the thread.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from qjobwidgets.client import RuntimeService, submissions
from qjobwidgets.errors import (
    IBMNotAuthorizedError,
    QJobError,
    RateLimitedError,
    RuntimeJobNotFound,
)
from qjobwidgets.records import JobRecord
from qjobwidgets.watch import schedule
from qjobwidgets.watch.asker import Asker
from qjobwidgets.watch.board import Board
from qjobwidgets.watch.errands import Errands
from qjobwidgets.watch.feed import Feeds
from qjobwidgets.watch.freshness import Freshness
from qjobwidgets.watch.publisher import Publishable, Publisher

__all__ = ["View", "Watcher"]

logger = logging.getLogger(__name__)

_SLICE = 5.0
"""Longest single wait, so that a machine that slept is noticed within this time after it wakes."""

_JUMP = 30.0
"""Wall-clock seconds gained over the monotonic clock that mean the machine slept."""


class View(Publishable, Protocol):
    """A view, as the watcher sees it.

    Attributes:
        job_ids: The jobs it shows.
        recent: Whether it shows the account's newest jobs as well.
        visible: Whether someone can see it now.
    """

    job_ids: frozenset[str]
    recent: bool
    visible: bool


class Watcher:
    """What the jobs of one account are doing.

    Args:
        service: The account's client.
        requests_per_minute: The most requests it sends in a minute.
    """

    def __init__(self, service: RuntimeService, *, requests_per_minute: int = 120) -> None:
        self.service = service
        self.board = Board()
        self.asker = Asker(service, self.board, requests_per_minute)
        self.publisher = Publisher()
        self.errands = Errands()
        self.feeds = Feeds(service)
        # apart from the other errands: a cancel must not wait until a large result is there
        self._cancels = Errands()
        self._freshness = Freshness()
        self._condition = threading.Condition()
        self._views: list[View] = []
        self._watched: set[str] = set()
        self._awaited: list[str] = []
        self._failures = 0
        self._look_at = 0.0
        self._not_before = 0.0
        self._changed_at = -schedule.FRESH_FOR
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    # -- what others ask of it ------------------------------------------------------------------

    @property
    def freshness(self) -> Freshness:
        """How true the board is."""
        return self._freshness

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None

    def watch(self, records: Iterable[JobRecord]) -> None:
        """Follow these jobs until they are final; what is known of them goes on the board."""
        news = self.board.introduce(records := list(records))
        with self._condition:
            self._watched.update(record.id for record in records)
            self._changed_at = time.monotonic()
            self._wake(0.0)
        self._announce(news)

    def attach(self, view: View) -> None:
        """Keep a view up to date until it is detached."""
        with self._condition:
            self._views.append(view)
            self._watched.update(view.job_ids)
            if view.recent:
                self.asker.sweep_next()
            self._wake(0.0 if view.recent or self._pending(view.job_ids) else None)
        self.publisher.mark(view)

    def detach(self, view: View) -> None:
        """Let go of a view; its jobs are watched on only while another view shows them."""
        with self._condition:
            if view in self._views:
                self._views.remove(view)
            self._let_go(view.job_ids)
        self.publisher.forget(view)

    def look_now(self) -> None:
        """Look at the service at once, also after it has refused us."""
        with self._condition:
            self.asker.sweep_next()
            if self._freshness.state == "refused":
                self._freshness = replace(self._freshness, state="connecting", message=None)
            self._wake(0.0)

    def visibility_changed(self) -> None:
        """Think again about when to look: a view was hidden or came into sight."""
        with self._condition:
            wait = self._wait()
            # never later than planned: a page that scrolls must not put the next look off for ever
            if wait is not None and not self._failures:
                self._look_at = min(self._look_at, time.monotonic() + wait)
            self._wake(None)

    def submitted(self, record: JobRecord) -> None:
        """Take in a job just submitted from this kernel, if a view shows the newest jobs."""
        if any(view.recent for view in list(self._views)):
            self.watch([record])

    def submitting(self) -> None:
        """Tell the views what waits to be submitted from this kernel, or what became of it."""
        message = submissions.state(self.service.key).message
        with self._condition:
            if self._freshness.state not in {"live", "connecting"}:
                return  # whatever is wrong there is worse
            self._freshness = replace(self._freshness, message=message)
        self._announce([], everyone=True)

    def cancel(self, job_id: str) -> None:
        """Cancel a job in the background; the board says "cancelling", then what came of it."""

        def errand() -> None:
            try:
                self.service.cancel_job(job_id)
            except QJobError as error:
                self.board.annotate(job_id, note=str(error))
                self._announce([], everyone=True)
            with self._condition:
                self._changed_at = time.monotonic()
                self._wake(0.0)

        self.board.annotate(job_id, cancelling=True)
        self._announce([], everyone=True)
        self._cancels.run(errand)

    def wait(self, record: JobRecord, timeout: float | None = None) -> bool:
        """Wait until a job is final; return false when ``timeout`` seconds have passed first.

        Raises:
            RuntimeJobNotFound: The job was deleted meanwhile.
            IBMNotAuthorizedError: The service refuses our credentials.
        """
        self.watch([record])
        if self._freshness.state == "refused":
            self.look_now()
        until = None if timeout is None else time.monotonic() + timeout
        with self._condition:
            self._awaited.append(record.id)
            self._wake(0.0)
            try:
                while not ((entry := self.board.get(record.id)) and entry.record.final):
                    if record.id not in self._watched:
                        raise RuntimeJobNotFound(f"Job {record.id} is no longer there.")
                    if self._freshness.state == "refused":
                        raise IBMNotAuthorizedError(self._freshness.message or "Sign in again.")
                    left = _SLICE if until is None else until - time.monotonic()
                    if left <= 0:
                        return False
                    self._condition.wait(min(left, _SLICE))
                return True
            finally:
                self._awaited.remove(record.id)
                self._let_go({record.id})

    def stop(self, timeout: float = 5.0) -> None:
        """End all threads; attaching a view or watching a job starts them again.

        A thread that waits for an answer ends when that comes, at the latest at its time limit.
        """
        with self._condition:
            thread, self._thread = self._thread, None
            self._stop.set()
            self._condition.notify_all()
        self.feeds.stop()
        if thread is not None:
            thread.join(timeout)
        self._cancels.stop()
        self.errands.stop()
        self.publisher.stop()

    # -- the thread -------------------------------------------------------------------------------

    def _wake(self, wait: float | None) -> None:
        """Have the next look after ``wait`` seconds, or as soon after that as one is allowed.

        Called with the condition held.
        """
        if wait is not None:
            self._look_at = time.monotonic() + wait
        self._look_at = max(self._look_at, self._not_before)
        if self._thread is None and self._wait() is not None:
            self._stop = threading.Event()
            self._thread = threading.Thread(
                target=self._run,
                args=(self._stop,),
                name=f"qjob-watch-{self.service.key}",
                daemon=True,
            )
            self._thread.start()
        self._condition.notify_all()

    def _run(self, stop: threading.Event) -> None:
        while self._sleep(stop):
            try:
                self._look()
            except Exception:
                # The thread must outlive any surprise; views say that they are stale meanwhile.
                logger.exception("a look at the service failed")
                self._trouble("offline", "An unexpected answer; the log has the details.")
        self._announce([], everyone=True)

    def _sleep(self, stop: threading.Event) -> bool:
        """Wait until the next look is due; return false when the thread shall end."""
        with self._condition:
            ahead = time.time() - time.monotonic()
            while not stop.is_set() and self._wait() is not None:
                refused = self._freshness.state == "refused"
                left = _SLICE if refused else self._look_at - time.monotonic()
                jumped = time.time() - time.monotonic() - ahead > _JUMP
                if left <= 0 or (jumped and not refused):
                    return True
                self._condition.wait(min(left, _SLICE))
            if not stop.is_set():
                self._thread = None
            return False

    def _wait(self) -> float | None:
        """Return the seconds between looks as things are now; ``None`` for never."""
        recent = any(view.recent for view in self._views)
        records = self.board.records(None if recent else self._watched)
        unknown = self._watched - {record.id for record in records}
        return schedule.interval(
            schedule.Situation(
                pending=len(unknown) + sum(not record.final for record in records),
                running=sum(record.status == "RUNNING" for record in records),
                watched=recent,
                visible=bool(self._awaited) or any(view.visible for view in self._views),
                since_change=time.monotonic() - self._changed_at,
            )
        )

    def _look(self) -> None:
        over = self.asker.budget_wait()
        now = time.monotonic()
        with self._condition:
            self._not_before = now + (over or schedule.LEAST_PAUSE)
            self._look_at = max(self._look_at, self._not_before)
        if over > 0:
            return
        try:
            if self._failures:
                self.service.revive()
            self._ask()
        except IBMNotAuthorizedError as error:
            self._trouble("refused", str(error))
        except RateLimitedError as error:
            self._trouble("live", "Waiting for quota.", wait=error.retry_after)
        except QJobError as error:
            self._trouble("offline", str(error))
        else:
            self._settled(self.asker.news)

    def _ask(self) -> None:
        """Ask for what is watched and has not ended; what is deleted is watched no more."""
        with self._condition:
            recent = any(view.recent for view in self._views)
            known = {record.id for record in self.board.records()} if recent else set()
            pending = self._pending(self._watched | known)
        try:
            self.asker.look(pending, recent=recent)
        finally:
            with self._condition:
                self._watched -= self.asker.missing

    def _pending(self, ids: Iterable[str]) -> set[str]:
        """Return those of the jobs that are not known to be final."""
        return {i for i in ids if (entry := self.board.get(i)) is None or not entry.record.final}

    def _let_go(self, ids: Iterable[str]) -> None:
        """Watch these jobs only if someone else needs them; called with the condition held."""
        needed = set(self._awaited).union(*(view.job_ids for view in self._views))
        self._watched -= set(ids) - needed
        self._condition.notify_all()

    def _settled(self, news: list[JobRecord]) -> None:
        """Note a look that went well."""
        with self._condition:
            self._failures = 0
            if news:
                self._changed_at = time.monotonic()
            wait = self._wait()
            self._look_at = time.monotonic() + schedule.jittered(wait or 0.0, random.random())  # noqa: S311 - spreads requests, guards nothing
            self._freshness = Freshness(
                "live",
                as_of=time.time(),
                interval=wait,
                message=submissions.state(self.service.key).message,
            )
            self._condition.notify_all()
        self._announce(news, everyone=True)

    def _trouble(self, state: str, message: str, wait: float | None = None) -> None:
        """Note a look that failed, and when the next one comes."""
        with self._condition:
            self._failures += 1
            seconds = schedule.retry_wait(self._failures, wait)
            self._look_at = time.monotonic() + seconds
            if wait is not None:
                self._not_before = self._look_at
            self._condition.notify_all()
            same = self._freshness.state == state
            self._freshness = replace(
                self._freshness,
                state=state,
                since=self._freshness.since if same and self._freshness.since else time.time(),
                retry_at=None if state == "refused" else time.time() + seconds,
                message=message,
            )
        self._announce([], everyone=True)

    def _announce(self, news: list[JobRecord], *, everyone: bool = False) -> None:
        """Mark the views that have something new to show."""
        ids = {record.id for record in news}
        for view in list(self._views):
            if everyone or view.recent or ids & view.job_ids:
                self.publisher.mark(view)
