"""Which front end, if any, shows what this kernel sends: the one place that finds out."""

from __future__ import annotations

import os
import sys
from typing import Any, Literal

__all__ = ["Host", "host", "shell"]

Host = Literal["page", "headless", "terminal", "none"]


def shell() -> Any:
    """Return the running IPython shell, or ``None``."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def host() -> Host:
    """Return who is looking.

    ``"page"``: a notebook front end that draws widgets. ``"headless"``: a kernel run by nbclient
    and the like (jupyter-server and the editors say who they are in the environment; these don't).
    ``"terminal"``: IPython in a terminal. ``"none"``: no IPython.
    """
    running = shell()
    if running is None:
        return "none"
    if not hasattr(running, "kernel"):
        return "terminal"
    known = ("JPY_SESSION_NAME", "VSCODE_PID", "VSCODE_CWD", "COLAB_RELEASE_TAG")
    return "page" if any(name in os.environ for name in known) else "headless"
