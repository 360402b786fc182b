"""Where nothing is live, in terminals and in runs that nobody watches: what is shown is complete.

Whoever runs a notebook (nbconvert, papermill, nbclient) takes updates of an output only while a
cell runs, and may end the kernel after the last one; a terminal shows a text once. So what a view
fetches is waited for, if not for long; a job that still runs is not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from qjobwidgets.widgets import View

__all__ = ["wait_for_facts"]

_PATIENCE = 10.0
_PAUSE = 0.05


def wait_for_facts(views: Sequence[View]) -> None:
    """Wait until these views have what can be had now; ten seconds at the most."""
    until = time.monotonic() + _PATIENCE
    pause = threading.Event()
    while not all(map(_has_come, views)) and time.monotonic() < until:
        pause.wait(_PAUSE)


def _has_come(view: View) -> bool:
    """Whether a view waits for nothing but the end of its jobs."""
    fresh = view.watcher.freshness
    if fresh.state in {"offline", "refused"}:
        return True
    if view.recent and fresh.as_of is None:
        return False
    return view.settled() or not all(record.final for record in view.shown_records())
