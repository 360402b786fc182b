"""The watcher: one background thread for one account, however many views are open.

The thread sleeps on a condition it can always be woken from, asks what :mod:`.schedule` says,
writes the answers on the :class:`~.board.Board`, and lets the :class:`~.publisher.Publisher` tell
the views. It starts when there is something to watch and ends when there is not. Where the service
tells of changes by itself (:mod:`.push`), they go the same way, and the thread asks only now and
then. Trouble on the way to the service becomes a :class:`~.freshness.Freshness`; nothing is raised
in the thread.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ClassVar

from qjobwidgets.client import RuntimeJob, RuntimeService, forks, submissions
from qjobwidgets.errors import IBMNotAuthorizedError, QJobError, RateLimitedError
from qjobwidgets.records import JobRecord
from qjobwidgets.watch import schedule, waiting
from qjobwidgets.watch.asker import Asker
from qjobwidgets.watch.audience import Audience, View
from qjobwidgets.watch.board import Board
from qjobwidgets.watch.budget import DEFAULT_BUDGET, Budget
from qjobwidgets.watch.cancels import Cancels
from qjobwidgets.watch.errands import Errands
from qjobwidgets.watch.feed import Feeds
from qjobwidgets.watch.followed import Followed
from qjobwidgets.watch.freshness import Freshness
from qjobwidgets.watch.plan import Plan
from qjobwidgets.watch.publisher import Publisher
from qjobwidgets.watch.push import Push

__all__ = ["Watcher"]

logger = logging.getLogger(__name__)

_SLICE = 5.0
"""Longest single wait, so that a machine that slept is noticed within this time after it wakes."""

_HEAD_START = 0.3  # seconds in which a feed may open, so that the first look comes after it
_WAY = 0.1  # seconds in which a view that was opened is on its way to the page, undisturbed
_USED_UP = "The budget of {} requests a minute is used up; watch.budget(n) sets another."
_INTERRUPTED = "The feed of events is interrupted; looking every few seconds until it is back."


class Watcher:
    """What the jobs of one account are doing.

    A forked process has the board, and nothing of what its parent watches: its views, hooks and
    threads are the parent's.

    Args:
        service: The account's client.
        budget: How many requests a minute it may cost; by default a budget of its own.
        asker: What asks the service, where that takes more than its lists.
    """

    still = False
    """Whether it does nothing by itself: see :mod:`.still`."""
    publisher_kind: ClassVar[type[Publisher]] = Publisher
    errands_kind: ClassVar[type[Errands]] = Errands
    feeds_kind: ClassVar[type[Feeds]] = Feeds

    def __init__(
        self,
        service: RuntimeService,
        *,
        budget: Budget | None = None,
        asker: Callable[[RuntimeService, Board, Budget], Asker] = Asker,
    ) -> None:
        self.service = service
        self.board = Board()
        self.asker = asker(service, self.board, budget or Budget(DEFAULT_BUDGET))
        self.publisher = self.publisher_kind()
        self.audience = Audience(self.publisher)
        self.errands = self.errands_kind()
        self.drawings = self.errands_kind("qjob-drawings")
        self.feeds = self.feeds_kind(service)
        self._cancels = Cancels(service, self.board, self.audience, self._cancelled)
        self._begin()
        forks.begin_anew(self, Watcher._begin)

    def _begin(self) -> None:
        """Watch nothing yet."""
        self._freshness = Freshness()
        self._condition = threading.Condition()
        self._followed = Followed(self.board)
        self._queue_moved = False
        self._push = Push(self.service, self)
        self._plan = Plan()
        self._submitting: str | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    # -- what others ask of it ------------------------------------------------------------------

    @property
    def freshness(self) -> Freshness:
        """How true the board is."""
        return self._freshness

    def handle(self, record: JobRecord) -> RuntimeJob:
        """Return a handle of one of the account's jobs."""
        return RuntimeJob(self.service, record)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None

    @property
    def pushed(self) -> bool:
        """Whether the service tells of changes by itself at this moment."""
        return self._push.state == "open"

    def watch(self, records: Iterable[JobRecord], *, kept: bool = False) -> None:
        """Follow these jobs until they are final; what is known of them goes on the board.

        Args:
            records: The jobs, as far as known.
            kept: Whether to follow them also when the last view that shows them is closed.
        """
        news = self.board.introduce(records := list(records))
        ids = {record.id for record in records}
        with self._condition:
            self._followed.add(ids, kept=kept)
            self._plan.changed()
            self._wake(0.0 if self._followed.doubted or not self.pushed else None)
        self.audience.announce(news)

    def attach(self, view: View) -> None:
        """Keep a view up to date until it is detached."""
        with self._condition:
            self.audience.add(view)
            self._followed.add(view.job_ids)
            if view.recent:
                self.asker.sweep_next()
                self._wake(0.0)
            else:
                unsure = self._followed.doubted or not self.pushed
                way = 0.0 if self.still else _WAY  # where nobody looks on, there is no page
                self._wake(way if unsure and self.board.pending(view.job_ids) else None)
        self.publisher.mark(view)

    def detach(self, view: View) -> None:
        """Let go of a view; its jobs are watched on only while another view shows them."""
        with self._condition:
            self.audience.remove(view)
            # one of the newest jobs had those followed that were submitted, or are of its group
            shown = self._followed.ids if view.recent else view.job_ids
            self._followed.leave(shown - self.audience.job_ids)
            self._condition.notify_all()
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
            self._think_again()

    def submitted(self, record: JobRecord) -> None:
        """Take in a job just submitted from this kernel, if a view shows the newest jobs."""
        if not self.audience.recent:
            return
        if self.pushed:
            self.audience.announce(self.board.introduce([record]))
        else:
            self.watch([record])

    def submitting(self) -> None:
        """Tell the views what waits to be submitted from this kernel, or what became of it."""
        with self._condition:  # so that who comes later has not read what was so before
            message = submissions.state(self.service.key).message
            said, self._submitting = self._submitting, message
            if message or self._freshness.message == said:  # nothing else is being said
                self._freshness = self._freshness.noted(message)
        self.audience.announce(everyone=True)

    def cancel(self, job_id: str) -> None:
        """Cancel a job in the background; the board says "cancelling", then what came of it."""
        with self._condition:
            self._wake(None)
        self._cancels.cancel(job_id)

    def _cancelled(self) -> None:
        with self._condition:
            self._plan.changed()
            self._wake(0.0, begin=False)

    def wait(self, record: JobRecord, timeout: float | None = None) -> bool:
        """Wait until a job is final; see :func:`.waiting.wait`."""
        return waiting.wait({self: [record]}, timeout)

    async def wait_async(self, record: JobRecord, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - as wait() takes it
        """Await the end of a job, while clicks are handled; see :func:`.waiting.wait_async`."""
        return await waiting.wait_async(self, record, timeout)

    def bring_up(self, *, at_once: bool = False) -> None:
        """Do on this thread what is due, where none of ours does it: see :mod:`.still`."""

    def stop(self, timeout: float = 5.0) -> None:
        """End all threads, at the latest when an answer comes; who watches starts them again."""
        with self._condition:
            thread, self._thread = self._thread, None
            self._stop.set()
            self._push.stop()
            self._condition.notify_all()
        self.feeds.stop()
        if thread is not None:
            thread.join(timeout)
        self._cancels.stop()
        self.errands.stop()
        self.drawings.stop()
        self.publisher.stop()

    # -- what the service tells by itself ---------------------------------------------------------

    def told(self, job_id: str, record: JobRecord | None) -> None:
        """Take what a job is now, on the thread of the streams; ``None``: it was deleted."""
        news: list[JobRecord] = []
        with self._condition:
            known = job_id in self._followed.ids or self.board.get(job_id) is not None
            if record is not None and (known or self.audience.recent):
                news = self.board.apply([record])
            elif record is None and known:
                self.board.forget(job_id)
                self._followed.drop({job_id})
            self._followed.doubted.discard(job_id)
            self._plan.changed()
            if self._freshness.state == "live":
                self._freshness = replace(self._freshness, as_of=time.time())
            if not self._queue_moved:  # once until the next look: changes may come by the thousand
                self._queue_moved = True
                self._think_again()
        self.audience.announce(news, everyone=record is None and known)

    def push_turned(self, *, resumed: bool) -> None:
        """Take note, on the thread of the streams, that the feed has opened or was interrupted."""
        with self._condition:
            if not self.pushed:
                self._think_again()
            elif not resumed:
                self.asker.sweep_next()
                self._wake(0.0, begin=False)
            elif self._plan.failures:
                self._wake(0.0, begin=False)

    # -- the thread -------------------------------------------------------------------------------

    def _think_again(self) -> None:
        """Plan the next look anew, as things have changed; called with the condition held."""
        wait = self._wait()
        if wait is not None:
            self._plan.no_later_than(wait)
        self._wake(None, begin=False)

    def _wake(self, wait: float | None, *, begin: bool = True) -> None:
        """Have the next look after ``wait`` seconds, or as soon after that as one is allowed.

        Called with the condition held. What was under way when all was stopped ``begin``s nothing.
        """
        if wait is not None:
            self._plan.hasten(wait)
        if begin and self._thread is None and self._wait() is not None:
            self._start_thread()
        self._condition.notify_all()

    def _start_thread(self) -> None:
        """Start the thread; called with the condition held."""
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run,
            args=(self._stop,),
            name=f"qjob-watch-{self.service.key}",
            daemon=True,
        )
        self._push.start()
        if self._push.state == "connecting":
            self._plan.no_sooner_than(_HEAD_START)
        self._thread.start()

    def _run(self, stop: threading.Event) -> None:
        while self._sleep(stop):
            try:
                self._look()
            except Exception:
                # The thread must outlive any surprise; views say that they are stale meanwhile.
                logger.exception("a look at the service failed")
                self._trouble("offline", "An unexpected answer; the log has the details.")
        self.audience.announce(everyone=True)

    def _sleep(self, stop: threading.Event) -> bool:
        """Wait until the next look is due; return false when the thread shall end."""
        with self._condition:
            while not stop.is_set() and self._wait() is not None:
                refused = self._freshness.state == "refused"
                left = _SLICE if refused else self._plan.left
                if left <= 0 or (self._plan.woken and not refused):
                    return True
                self._condition.wait(min(left, _SLICE))
            if not stop.is_set():
                self._thread = None
                self._push.stop()
            return False

    def _wait(self) -> float | None:
        """Return the seconds between looks as things are now; ``None`` for never."""
        jobs = self.board.tally(self._followed.ids, everything=self.audience.recent)
        return schedule.interval(
            schedule.Situation(
                pending=jobs.pending,
                running=jobs.running,
                watched=self.audience.recent,
                visible=self.audience.visible,
                since_change=self._plan.since_change,
                pushed=self.pushed,
                unsure=bool(self._followed.doubted) or (self._queue_moved and jobs.placed),
            )
        )

    def _look(self) -> None:
        over = self.asker.budget.wait()
        with self._condition:
            self._plan.begin(over)
        if over > 0:
            self._hold(over)
            return
        try:
            if self._plan.failures:
                self.service.revive()
            self._ask()
        except IBMNotAuthorizedError as error:
            self._trouble("refused", str(error))
        except RateLimitedError as error:
            self._trouble("live", "Waiting for quota.", wait=error.retry_after)
        except QJobError as error:
            self._trouble("offline", str(error), unanswered=getattr(error, "unanswered", False))
        else:
            if self.asker.blocked and not self.asker.asked:
                self._hold(self.asker.blocked)  # another kernel was quicker
            else:
                self._settled(self.asker.news)

    def _hold(self, seconds: float) -> None:
        """Wait until there is room in the budget, and say so if it takes a while."""
        with self._condition:
            self._plan.hold(seconds)
            if seconds > _SLICE:
                message = _USED_UP.format(self.asker.budget.per_minute)
                self._freshness = self._freshness.noted(message)
            self._condition.notify_all()
        self.audience.announce(everyone=True)

    def _ask(self) -> None:
        """Ask for what is watched and has not ended; what is deleted is watched no more."""
        with self._condition:
            recent = self.audience.recent
            pending = self.board.pending(self._followed.ids, everything=recent)
            doubted = self._followed.take_doubts(pending)
            moved = self._queue_moved and self.board.tally(pending).placed
            self._queue_moved = False
            calm = self.pushed and not doubted and not moved
        try:
            self.asker.look(pending, recent=recent, doubted=doubted, calm=calm)
        finally:
            with self._condition:
                self._followed.doubted |= self.asker.unasked
                self._followed.drop(self.asker.missing)

    def _settled(self, news: list[JobRecord]) -> None:
        """Note a look that went well."""
        with self._condition:
            if self._thread is threading.current_thread():  # not stopped meanwhile
                self._push.start()
            if news:
                self._plan.changed()
            wait = self._wait()
            self._plan.settle(wait, self.asker.blocked)
            self._submitting = submissions.state(self.service.key).message
            broken = _INTERRUPTED if self._push.state == "interrupted" else None
            self._freshness = Freshness(
                "live", as_of=time.time(), interval=wait, message=self._submitting or broken
            )
            self._condition.notify_all()
        self.audience.announce(news, everyone=True)

    def _trouble(
        self, state: str, message: str, wait: float | None = None, *, unanswered: bool = False
    ) -> None:
        """Note a look that failed, and when the next one comes."""
        with self._condition:
            seconds = self._plan.fail(wait, unanswered=unanswered)
            self._condition.notify_all()
            self._freshness = self._freshness.troubled(state, message, seconds)
        self.audience.announce(everyone=True)
