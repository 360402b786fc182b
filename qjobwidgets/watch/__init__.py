"""Many jobs over time: when to ask, what is known, and who is told.

``watcher_for(service)`` gives the one watcher of an account in this kernel.
"""

from __future__ import annotations

import threading

from qjobwidgets.client import RuntimeService
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


def watcher_for(service: RuntimeService) -> Watcher:
    """Return the watcher of the service's account, making it at first use."""
    with _lock:
        if service.key not in _watchers:
            _watchers[service.key] = Watcher(service)
        return _watchers[service.key]


def stop_all() -> None:
    """Stop every watcher and forget it."""
    with _lock:
        watchers = list(_watchers.values())
        _watchers.clear()
    for watcher in watchers:
        watcher.stop()
