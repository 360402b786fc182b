"""Tables: shows one, and changes some of its rows from a thread."""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Sequence
from typing import Protocol

from lab_views.kernel.jobs import charged, some_jobs
from qjobwidgets.records import JobRecord

__all__ = ["Table", "TableStage"]

_HEAD_START = 0.25  # seconds in which what the page has asked for is over


class Table(Protocol):
    """One way to show jobs; each module beside this one has one."""

    def prepare(self, jobs: Sequence[JobRecord]) -> None:
        """Do what is not measured."""

    def show(self) -> None:
        """Show all of the jobs."""

    def change(self, jobs: Sequence[JobRecord]) -> None:
        """Show what has become of the first jobs; called on a thread."""

    def close(self) -> None:
        """Let go of everything."""


class TableStage:
    """A table on the page.

    Args:
        which: Name of the module.
        size: How many jobs it shows.

    Attributes:
        began: When the last act began, in milliseconds since the epoch.
    """

    def __init__(self, which: str, size: int) -> None:
        self.began = 0.0
        self._table: Table = importlib.import_module(f"{__name__}.{which}").make()
        self._jobs = some_jobs(size)
        self._turn = 0
        self._table.prepare(self._jobs)

    def show(self) -> None:
        """Show it."""
        self.began = time.time() * 1000
        self._table.show()

    def change(self, count: int) -> None:
        """Change so many rows soon, on a thread."""
        threading.Thread(target=self._change, args=(count,)).start()

    def _change(self, count: int) -> None:
        self._turn += 1
        changed = charged(self._jobs, count, self._turn)
        time.sleep(_HEAD_START)
        self.began = time.time() * 1000
        self._table.change(changed)

    def close(self) -> None:
        """Let go of it."""
        self._table.close()
