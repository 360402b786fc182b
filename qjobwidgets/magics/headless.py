"""A run that nobody watches: after each cell, static outputs say what is known.

Whoever runs the notebook (nbconvert, papermill, nbclient) takes updates of an output only while a
cell runs, and may end the kernel after the last one. So what is being fetched is waited for, if not
for long; a job that still runs is not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from qjobwidgets.widgets import View

__all__ = ["bring_up"]

_PATIENCE = 10.0
"""Seconds a cell may wait for what its views fetch."""

_PAUSE = 0.05


def bring_up(views: Sequence[View]) -> None:
    """Bring the static outputs of views up to date."""
    until = time.monotonic() + _PATIENCE
    pause = threading.Event()
    while not all(map(_has_come, views)) and time.monotonic() < until:
        pause.wait(_PAUSE)
    for view in views:
        view.refresh_twin()


def _has_come(view: View) -> bool:
    """Whether a view waits for nothing but the end of its jobs."""
    fresh = view.watcher.freshness
    if fresh.state in {"offline", "refused"}:
        return True
    if view.recent and fresh.as_of is None:
        return False
    return view.settled() or not all(record.final for record in view.shown_records())
