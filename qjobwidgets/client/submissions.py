"""Who wants to know of each job submitted from this process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qjobwidgets.client.job import RuntimeJob

__all__ = ["announce", "subscribe"]

logger = logging.getLogger(__name__)

_lock = threading.Lock()
_listeners: list[Callable[[RuntimeJob], None]] = []


def subscribe(callback: Callable[[RuntimeJob], None]) -> Callable[[], None]:
    """Call ``callback`` after each successful submission, on the thread that submitted.

    Args:
        callback: Takes the job. What it raises is logged; the submission has succeeded anyway.

    Returns:
        What ends the subscription.
    """
    with _lock:
        _listeners.append(callback)

    def unsubscribe() -> None:
        with _lock:
            if callback in _listeners:
                _listeners.remove(callback)

    return unsubscribe


def announce(job: RuntimeJob) -> None:
    """Tell all subscribers of a job just submitted."""
    with _lock:
        listeners = list(_listeners)
    for listener in listeners:
        try:
            listener(job)
        except Exception:
            logger.exception("a listener for submitted jobs failed")
