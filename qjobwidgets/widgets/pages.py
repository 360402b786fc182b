"""Which pages have a view in sight, and whether they are still there.

A page that dies without a word, as with a closed laptop, is missed by nobody: a front end does not
tell the kernel when its connection ends. So while something is pending, each page says once a
minute that it is still there, and one that has not for long does not count as looking.

The kernel hears nothing as long as a cell keeps it busy. Silence counts from the end of the cell.
"""

from __future__ import annotations

import time
from typing import Any, Final

from qjobwidgets.host import shell

__all__ = ["Pages", "listen"]

_PATIENCE: Final = 180.0
"""Seconds without a word after which a page is taken to be gone: it has missed two of them."""


class _Cells:
    """When the kernel was last kept busy by a cell.

    Without IPython nobody tells, and so it may be busy at any time.

    Attributes:
        busy: Whether it may be busy now.
        ended: When it was for the last time.
    """

    def __init__(self) -> None:
        self.busy = True
        self.ended = 0.0

    def follow(self, running: Any) -> None:
        """Follow the cells of IPython; one may run already.

        The events of each execution don't do: a widget's message counts as one of these.
        """
        running.events.register("pre_run_cell", self._begin)
        running.events.register("post_run_cell", self._end)

    def _begin(self, _info: object) -> None:
        self.busy = True

    def _end(self, _result: object) -> None:
        self.busy, self.ended = False, time.monotonic()


_cells = _Cells()


def listen() -> None:
    """Learn from now on when the kernel can hear its pages; asked for again, it changes nothing."""
    running = shell()
    if running is not None:
        _cells.follow(running)


class Pages:
    """The pages that have one view in sight."""

    def __init__(self) -> None:
        self._heard: dict[str, float] = {}

    def __bool__(self) -> bool:
        return bool(self._heard)

    def see(self, page: str, *, visible: bool) -> None:
        """Note whether a page shows the view: others may have it in sight, or not."""
        if visible:
            self._heard[page] = time.monotonic()
        else:
            self._heard.pop(page, None)

    def hear(self, page: str) -> bool:
        """Note that a page is still there; return whether none seemed to be."""
        was_silent = self.silent
        if page in self._heard:
            self._heard[page] = time.monotonic()
        return was_silent and not self.silent

    @property
    def silent(self) -> bool:
        """Whether none of them has said for long that it is there, and could have."""
        heard = list(self._heard.values())
        if not heard or _cells.busy:
            return False
        return time.monotonic() - max(*heard, _cells.ended) > _PATIENCE
