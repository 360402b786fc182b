"""Where nobody looks: outputs are brought up to date when each cell ends.

Whoever runs a notebook unwatched takes new forms of an output, of whichever cell, while a cell
runs. So at the end of each cell all views that are open are made to tell what is known by then.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from qjobwidgets.watch import Watcher

__all__ = ["bring_up_after_cells"]

_kept: weakref.WeakSet[Any] = weakref.WeakSet()
"""Shells whose cells are followed by bringing up views."""


class _View(Protocol):
    watcher: Watcher

    def refresh_twin(self) -> None: ...


def bring_up_after_cells(shell: Any, views: Callable[[], Iterable[_View]]) -> None:
    """Bring views up to date after each cell of a shell, from now on.

    Args:
        shell: The IPython shell.
        views: Returns those that are open.
    """
    if shell in _kept:
        return
    _kept.add(shell)

    def after_cell(_result: object) -> None:
        for watcher in {view.watcher for view in views()}:
            watcher.bring_up(at_once=True)
        for view in views():
            view.refresh_twin()

    shell.events.register("post_run_cell", after_cell)
