"""What a forked process, as one of multiprocessing, must not share with the one it comes from.

The copy has the objects of its parent, but none of its threads: a lock that one of them held stays
locked, work that was handed to one is never done, and a connection has two ends on one side. So
whoever owns such things says here how to begin anew.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

__all__ = ["Lock", "begin_anew"]

_T = TypeVar("_T")
_owners: WeakKeyDictionary[Any, Callable[[Any], None]] = WeakKeyDictionary()


def begin_anew(owner: _T, begin: Callable[[_T], None]) -> None:
    """Have ``begin(owner)`` called in each process that is forked, as long as the owner lives."""
    _owners[owner] = begin


class Lock:
    """A lock that nobody holds in a forked process; for what is whole at any moment."""

    def __init__(self) -> None:
        self._begin()
        begin_anew(self, Lock._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(RuntimeError):  # forked inside the block: nobody holds it there
            self._lock.release()


def _forked() -> None:
    for owner, begin in list(_owners.items()):
        begin(owner)


if hasattr(os, "register_at_fork"):  # Windows has no forks
    os.register_at_fork(after_in_child=_forked)
