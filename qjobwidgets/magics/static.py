"""In a terminal a text is shown once, so it had better be complete.

What a view fetches is waited for, if not for long; a job that still runs is not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from qjobwidgets.widgets import View

__all__ = ["wait_for_facts"]

_PATIENCE = 10.0
_PAUSE = 0.05


def wait_for_facts(views: Sequence[View], since: float = 0.0) -> None:
    """Wait until these views have what can be had now; ten seconds at the most.

    Args:
        views: The views.
        since: When they were asked for: what they show is to be of then or later.
    """
    until = time.monotonic() + _PATIENCE
    pause = threading.Event()
    while not all(_has_come(view, since) for view in views) and time.monotonic() < until:
        pause.wait(_PAUSE)


def _has_come(view: View, since: float) -> bool:
    """Whether a view waits for nothing but the end of its jobs."""
    fresh = view.watcher.freshness
    if fresh.state in {"offline", "refused"}:
        return True
    told = view.watcher.pushed or view.settled()  # of the jobs it shows, if not of new ones
    if (view.recent or not told) and (fresh.as_of is None or fresh.as_of < since):
        return False
    return view.settled() or not all(record.final for record in view.shown_records())
