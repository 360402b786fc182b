"""``%qjob`` and ``%%qjob``: what a person types in a notebook.

``%load_ext qjobwidgets`` registers them, ``%unload_ext qjobwidgets`` closes every view and ends
every thread.
"""

from __future__ import annotations

import threading
from typing import Any

from qjobwidgets import watch
from qjobwidgets.magics.qjob import QJobMagics
from qjobwidgets.widgets import open_views

__all__ = ["QJobMagics", "load_ipython_extension", "unload_ipython_extension"]

_loaded: dict[int, QJobMagics] = {}

_GOODBYE = 2.0
"""Longest wait for a stream to be closed, in seconds."""


def load_ipython_extension(shell: Any) -> None:
    """Register the magics with the shell."""
    if id(shell) not in _loaded:
        magics = _loaded[id(shell)] = QJobMagics(shell)
        shell.register_magics(magics)
        shell.Completer.custom_matchers.append(magics.matcher)
        shell.events.register("post_run_cell", magics.after_cell)


def unload_ipython_extension(shell: Any) -> None:
    """Close the views, end the threads, and take the magics away."""
    magics = _loaded.pop(id(shell), None)
    if magics is None:
        return
    shell.events.unregister("post_run_cell", magics.after_cell)
    shell.configurables.remove(magics)
    shell.Completer.custom_matchers.remove(magics.matcher)
    for view in open_views():
        view.close()
    watch.stop_all()
    magics.desk.close()
    _join_streams()
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("qjob", None)


def _join_streams() -> None:
    """Wait until the closed streams have said goodbye; one the user has opened goes on."""
    for thread in threading.enumerate():
        if thread.name.startswith("qjob-streams"):
            thread.join(_GOODBYE)
