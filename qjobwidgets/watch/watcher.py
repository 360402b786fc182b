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
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from qjobwidgets.client import RuntimeService
from qjobwidgets.errors import (
    IBMNotAuthorizedError,
    QJobError,
    RateLimitedError,
    RuntimeJobNotFound,
)
from qjobwidgets.records import JobRecord
from qjobwidgets.watch import schedule
from qjobwidgets.watch.board import Board
from qjobwidgets.watch.errands import Errands
from qjobwidgets.watch.feed import InterimFeed
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
        self.requests_per_minute = requests_per_minute
        self.board = Board()
        self.publisher = Publisher()
        self.errands = Errands()
        self.total: int | None = None
        self._freshness = Freshness()
        self._condition = threading.Condition()
        self._views: list[View] = []
        self._watched: set[str] = set()
        self._feeds: dict[str, InterimFeed] = {}
        self._sent: deque[float] = deque(maxlen=1000)
        self._awaited: list[str] = []
        self._failures = 0
        self._look_at = 0.0
        self._changed_at = -schedule.FRESH_FOR
        self._swept_at = -schedule.SWEEP_EVERY
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    # -- what others ask of it ------------------------------------------------------------------

    @property
    def freshness(self) -> Freshness:
        """How true the board is."""
        return self._freshness

    @property
    def requests_last_minute(self) -> int:
        """Requests sent in the last minute."""
        now = time.monotonic()
        return sum(now - t < 60.0 for t in list(self._sent))

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None

    def watch(self, records: Iterable[JobRecord]) -> None:
        """Follow these jobs until they are final; what is known of them goes on the board."""
        news = self.board.apply(records := list(records))
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
                self._swept_at = -schedule.SWEEP_EVERY
            self._wake(0.0)
        self.publisher.mark(view)

    def detach(self, view: View) -> None:
        """Let go of a view; its jobs are watched on only while another view shows them."""
        with self._condition:
            if view in self._views:
                self._views.remove(view)
            needed = set(self._awaited).union(*(other.job_ids for other in self._views))
            self._watched -= view.job_ids - needed
            self._condition.notify_all()
        self.publisher.forget(view)

    def look_now(self) -> None:
        """Look at the service at once, also after it has refused us."""
        with self._condition:
            self._swept_at = -schedule.SWEEP_EVERY
            if self._freshness.state == "refused":
                self._freshness = replace(self._freshness, state="connecting", message=None)
            self._wake(0.0)

    def visibility_changed(self) -> None:
        """Think again about when to look: a view was hidden or came into sight."""
        with self._condition:
            self._wake(self._wait())

    def feed(self, record: JobRecord) -> InterimFeed:
        """Return the stream of a job's interim results, opening it if no one has yet."""
        with self._condition:
            feed = self._feeds.get(record.id)
            if feed is None:
                feed = self._feeds[record.id] = InterimFeed(self.service, record)
        feed.start()
        return feed

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
        self.errands.run(errand)

    def wait(self, record: JobRecord, timeout: float | None = None) -> bool:
        """Wait until a job is final; return false when ``timeout`` seconds have passed first.

        Raises:
            RuntimeJobNotFound: The job was deleted meanwhile.
        """
        self.watch([record])
        until = None if timeout is None else time.monotonic() + timeout
        with self._condition:
            self._awaited.append(record.id)
            self._wake(0.0)
            try:
                while not ((entry := self.board.get(record.id)) and entry.record.final):
                    if record.id not in self._watched:
                        raise RuntimeJobNotFound(f"Job {record.id} is no longer there.")
                    left = _SLICE if until is None else until - time.monotonic()
                    if left <= 0:
                        return False
                    self._condition.wait(min(left, _SLICE))
                return True
            finally:
                self._awaited.remove(record.id)

    def stop(self, timeout: float = 5.0) -> None:
        """End all threads; attaching a view or watching a job starts them again.

        A thread that waits for an answer ends when that comes, at the latest at its time limit.
        """
        with self._condition:
            thread, self._thread = self._thread, None
            self._stop.set()
            self._condition.notify_all()
            feeds, self._feeds = list(self._feeds.values()), {}
        for feed in feeds:
            feed.stop()
        if thread is not None:
            thread.join(timeout)
        self.errands.stop()
        self.publisher.stop()

    # -- the thread -------------------------------------------------------------------------------

    def _wake(self, wait: float | None) -> None:
        """Have the next look after ``wait`` seconds; called with the condition held."""
        if wait is not None:
            self._look_at = time.monotonic() + wait
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
        now = time.monotonic()
        over = schedule.budget_wait(list(self._sent), now, self.requests_per_minute)
        if over > 0:
            with self._condition:
                self._look_at = now + over
            return
        try:
            if self._failures:
                self.service.revive()
            news = self._ask()
        except IBMNotAuthorizedError as error:
            self._trouble("refused", str(error))
        except RateLimitedError as error:
            self._trouble("live", "Waiting for quota.", wait=error.retry_after)
        except QJobError as error:
            self._trouble("offline", str(error))
        else:
            self._settled(news)

    def _ask(self) -> list[JobRecord]:
        """Send the requests of one look and write the answers on the board."""
        with self._condition:
            recent = any(view.recent for view in self._views)
            known = {record.id: record for record in self.board.records()}
            ids = self._watched | known.keys() if recent else set(self._watched)
            pending = sorted(i for i in ids if i not in known or not known[i].final)
            sweep_due = time.monotonic() - self._swept_at >= schedule.SWEEP_EVERY
        news: list[JobRecord] = []
        listed: set[str] = set()
        asks = schedule.plan(pending, recent=recent, sweep_due=sweep_due)
        for ask in asks:
            if isinstance(ask, schedule.AskJob):
                news += self._ask_job(ask.job_id)
                listed.add(ask.job_id)
                continue
            self._sent.append(time.monotonic())
            page = self.service.fetch_records(
                limit=schedule.PAGE, skip=ask.skip, pending=True if ask.pending else None
            )
            if not ask.pending:
                self.total = page.count
            listed.update(record.id for record in page.records)
            news += self.board.apply(page.records)
        # What is pending to us and left the pending list has ended: asked for once, by itself.
        swept = sweep_due or len(pending) <= schedule.PAGE * 5
        for job_id in [i for i in pending if i not in listed] if swept else []:
            news += self._ask_job(job_id)
        if sweep_due:
            self._swept_at = time.monotonic()
        return news

    def _ask_job(self, job_id: str) -> list[JobRecord]:
        self._sent.append(time.monotonic())
        try:
            return self.board.apply([self.service.fetch_record(job_id)])
        except RuntimeJobNotFound:
            self._watched.discard(job_id)
            if self.board.forget(job_id):
                self._announce([], everyone=True)
            return []

    def _settled(self, news: list[JobRecord]) -> None:
        """Note a look that went well."""
        with self._condition:
            self._failures = 0
            if news:
                self._changed_at = time.monotonic()
            wait = self._wait()
            self._look_at = time.monotonic() + schedule.jittered(wait or 0.0, random.random())  # noqa: S311 - spreads requests, guards nothing
            self._freshness = Freshness("live", as_of=time.time(), interval=wait)
            self._condition.notify_all()
        self._announce(news, everyone=True)

    def _trouble(self, state: str, message: str, wait: float | None = None) -> None:
        """Note a look that failed, and when the next one comes."""
        with self._condition:
            self._failures += 1
            seconds = schedule.retry_wait(self._failures, wait)
            self._look_at = time.monotonic() + seconds
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
