"""Many jobs over time: when to ask, what is known, and who is told.

The package is also what the user calls: ``qjobwidgets.watch(job)`` watches a job of any kind and
returns its handle, see :func:`.door.watch`. For that the module has a class of its own, as Python's
data model provides for; ``qjobwidgets.watch.budget(...)`` and the other names below stay where they
are. ``watcher_for(service)`` gives the one watcher of an account in this kernel.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from qjobwidgets.watch.audience import View
from qjobwidgets.watch.board import Board, Entry
from qjobwidgets.watch.door import watch
from qjobwidgets.watch.feed import InterimFeed
from qjobwidgets.watch.foreign import is_foreign
from qjobwidgets.watch.freshness import Freshness
from qjobwidgets.watch.handle import WatchedJob
from qjobwidgets.watch.outcomes import Outcomes
from qjobwidgets.watch.registry import budget, stop_all, watcher_for
from qjobwidgets.watch.remembered import SubmittedJob, submitted_here
from qjobwidgets.watch.series import Series
from qjobwidgets.watch.watcher import Watcher

__all__ = [
    "Board",
    "Entry",
    "Freshness",
    "InterimFeed",
    "Outcomes",
    "Series",
    "SubmittedJob",
    "View",
    "WatchedJob",
    "Watcher",
    "budget",
    "is_foreign",
    "stop_all",
    "submitted_here",
    "watch",
    "watcher_for",
]


class _Callable(ModuleType):
    """The package as what ``qjobwidgets.watch(job)`` calls."""

    def __call__(self, job: Any, **hooks: Any) -> WatchedJob:
        return watch(job, **hooks)


_Callable.__call__.__doc__ = watch.__doc__
sys.modules[__name__].__class__ = _Callable
