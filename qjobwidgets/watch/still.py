"""Watching where nobody looks: no thread is started, and things are done when they are asked for.

Whoever runs a notebook unwatched (nbconvert, papermill, nbclient) takes an output as it is when it
is displayed, and changes of it while a cell runs. So there is nothing to do in between: what the
threads of a :class:`~.watcher.Watcher` do elsewhere, :meth:`StillWatcher.bring_up` does on the
thread that calls it, when a view is displayed, at the end of a cell, and while one waits for a job.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable
from typing import Final

from qjobwidgets.client import polling
from qjobwidgets.codec import loads
from qjobwidgets.errors import CodecError, QJobError, RuntimeJobNotFound
from qjobwidgets.records import InterimResult
from qjobwidgets.watch.errands import Errands
from qjobwidgets.watch.feed import Feeds, InterimFeed
from qjobwidgets.watch.publisher import Publishable, Publisher
from qjobwidgets.watch.schedule import LEAST_PAUSE
from qjobwidgets.watch.watcher import Watcher

__all__ = ["StillWatcher"]

logger = logging.getLogger(__name__)

_PATIENCE: Final = 10.0
"""Longest time for what views fetch, in seconds: one that always wants more must not hold a run."""

_ROUNDS: Final = 8
"""Rounds there is time for all the same: a slow machine takes longer, and wants no more."""


class _StillPublisher(Publisher):
    """Keeps what is marked until it is handed on."""

    def mark(self, view: Publishable) -> None:
        with self._news:
            self._due[view] = 0.0

    def hand_on(self) -> bool:
        """Publish the views that are marked; return whether there were any."""
        with self._news:
            views = list(self._due)
            self._due.clear()
        for view in views:
            _attempt(view.publish)
        return bool(views)


class _StillErrands(Errands):
    """Keeps errands until they are run."""

    def run(self, call: Callable[[], None]) -> None:
        with self._lock:
            self._calls.append(call)

    def run_all(self) -> bool:
        """Run what is queued; return whether there was anything."""
        with self._lock:
            calls = list(self._calls)
            self._calls.clear()
        for call in calls:
            _attempt(call)
        return bool(calls)


class _AskedFeed(InterimFeed):
    """The interim results of a job as they were when they were last asked for."""

    asked = False

    def _open(self) -> None:
        """Wait to be asked."""
        self._taken = 0

    def ask(self) -> None:
        """Ask for what is new."""
        self.asked = True
        try:
            seen = polling.look(self._service.api, self.job_id)
            for kind, text in seen.after(self._taken):
                self._taken += 1
                self._take(InterimResult(self._taken, 1, kind, loads(text)))
        except (RuntimeJobNotFound, CodecError) as error:
            self.message = str(error)
            self._turn("ended")
        except QJobError as error:
            logger.info("interim results could not be asked for: %s", error)
            self._turn("reconnecting")
        else:
            self._turn("ended" if seen.ended else "open")


class _StillFeeds(Feeds):
    """Feeds that are asked."""

    kind = _AskedFeed

    def begin(self) -> None:
        """Have those that may have more be asked once more."""
        for feed in self._asked_feeds():
            feed.asked = feed.state == "ended"

    def ask(self) -> bool:
        """Ask those that are to be; return whether there were any."""
        feeds = [feed for feed in self._asked_feeds() if not feed.asked]
        for feed in feeds:
            _attempt(feed.ask)
        return bool(feeds)

    def _asked_feeds(self) -> list[_AskedFeed]:
        with self._lock:
            return [feed for feed in self._feeds.values() if isinstance(feed, _AskedFeed)]


class StillWatcher(Watcher):
    """A watcher without threads."""

    still = True
    publisher: _StillPublisher
    errands: _StillErrands
    drawings: _StillErrands
    feeds: _StillFeeds
    publisher_kind = _StillPublisher
    errands_kind = _StillErrands
    feeds_kind = _StillFeeds

    def bring_up(self, *, at_once: bool = False) -> None:
        """Look at the service if that is due, fetch what views want, and tell them.

        Args:
            at_once: Look now, if there is anything that can change.
        """
        if self._due(at_once=at_once):
            _attempt(self._look)
        self.feeds.begin()
        until = time.monotonic() + _PATIENCE
        for number in itertools.count(1):
            asked, ran = self.feeds.ask(), self.errands.run_all()
            told, drawn = self.publisher.hand_on(), self.drawings.run_all()
            if not (told or drawn or asked or ran):
                break
            if number >= _ROUNDS and time.monotonic() > until:
                break

    def _due(self, *, at_once: bool) -> bool:
        if self._wait() is None:
            return False
        plan = self._plan
        if not at_once or plan.failures or plan.held > LEAST_PAUSE:
            return plan.left <= 0
        time.sleep(max(0.0, plan.held))
        return True

    def _start_thread(self) -> None:
        """Start none."""


def _attempt(action: Callable[[], object]) -> None:
    """Do something that must not stop the rest, nor the cell; the log has the reason."""
    try:
        action()
    except Exception:
        logger.exception("bringing a view up to date failed")
