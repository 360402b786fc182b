"""Many jobs over time: when to ask, what is known, and who is told.

``watcher_for(service)`` gives the one watcher of an account in this kernel.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from qjobwidgets.client import RuntimeJob, RuntimeService, submissions
from qjobwidgets.watch.board import Board, Entry
from qjobwidgets.watch.feed import InterimFeed
from qjobwidgets.watch.freshness import Freshness
from qjobwidgets.watch.outcomes import Outcomes, fetch_outcomes
from qjobwidgets.watch.series import Series
from qjobwidgets.watch.watcher import View, Watcher

__all__ = [
    "Board",
    "Entry",
    "Freshness",
    "InterimFeed",
    "Outcomes",
    "Series",
    "View",
    "Watcher",
    "fetch_outcomes",
    "stop_all",
    "watcher_for",
]

_lock = threading.Lock()
_watchers: dict[str, Watcher] = {}
_subscriptions: list[Callable[[], None]] = []


def watcher_for(service: RuntimeService) -> Watcher:
    """Return the watcher of the service's account, making it at first use."""
    with _lock:
        if not _subscriptions:
            _subscriptions.append(submissions.subscribe(_submitted))
            _subscriptions.append(submissions.on_state(_submitting))
        if service.key not in _watchers:
            _watchers[service.key] = Watcher(service)
        return _watchers[service.key]


def stop_all() -> None:
    """Stop every watcher and forget it."""
    with _lock:
        watchers = list(_watchers.values())
        _watchers.clear()
        while _subscriptions:
            _subscriptions.pop()()
    for watcher in watchers:
        watcher.stop()


def _submitting(key: str) -> None:
    with _lock:
        watcher = _watchers.get(key)
    if watcher is not None:
        watcher.submitting()


def _submitted(job: RuntimeJob) -> None:
    with _lock:
        watcher = _watchers.get(job.service.key)
    if watcher is not None:
        watcher.submitted(job.record)
