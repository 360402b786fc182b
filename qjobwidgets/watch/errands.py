"""Errands: slow things a view asks for (a cancel, a result), done in order off the main thread.

A click may arrive on any thread, and must never wait for the network there. The thread is a
daemon, starts with the first errand and ends when there are no more.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from qjobwidgets.client import forks

__all__ = ["Errands"]

logger = logging.getLogger(__name__)


class Errands:
    """A queue of calls and the one thread that makes them.

    Args:
        name: Name of the thread.
    """

    def __init__(self, name: str = "qjob-errands") -> None:
        self._name = name
        self._begin()
        forks.begin_anew(self, Errands._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Callable[[], None]] = deque()
        self._thread: threading.Thread | None = None

    def run(self, call: Callable[[], None]) -> None:
        """Queue a call; it must deal with its own expected errors."""
        with self._lock:
            self._calls.append(call)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Drop what is queued and wait for what is under way."""
        with self._lock:
            self._calls.clear()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._calls:
                    self._thread = None
                    return
                call = self._calls.popleft()
            try:
                call()
            except Exception:
                logger.exception("an errand failed")
