"""Traits that two threads set: the publisher's in one message, and the user's at once.

``hold_sync`` of ipywidgets holds for all threads. What another one sets meanwhile goes into the
same set of names, which is emptied when the message has gone: a trait that a cell sets in between
is never sent.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anywidget
from traitlets import HasTraits

__all__ = ["Sending"]


class _Held(threading.local):
    """What the thread that asks has set and not yet sent; ``None`` where it sends at once."""

    names: set[str] | None = None


class Sending(anywidget.AnyWidget):
    """A widget whose traits are set by several threads."""

    def __init__(self, **traits: Any) -> None:
        self._held = _Held()
        super().__init__(**traits)

    @contextmanager
    def one_message(self) -> Iterator[None]:
        """Send what this thread sets meanwhile in one message at the end."""
        names = self._held.names = set()
        try:
            yield
        finally:
            self._held.names = None
            if names and self.comm is not None:
                self.send_state(names)

    def notify_change(self, change: Any) -> None:
        """Send what has changed, or note that it is to be sent, and tell those who observe it."""
        names = self._held.names
        if names is None:
            super().notify_change(change)
            return
        if change["name"] in self.keys:
            names.add(change["name"])
        HasTraits.notify_change(self, change)  # without the sending
