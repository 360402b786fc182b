"""Which front end, if any, shows what this process sends: the one place that finds out.

Front ends that draw widgets say who they are: jupyter-server and VS Code in the environment of the
kernels they start, Colab in that of its machine, marimo by an interface of its own, which also
tells for whom a cell is run: nobody while a notebook is exported. A kernel of
IPython that none of them has started is run by nbclient and the like (``nbconvert --execute``,
papermill), and nobody looks on. So is one started from a cell of a notebook, which inherits the
names of the front end there: whoever runs it can't be asked for input, and says so with each cell.
"""

from __future__ import annotations

import os
import sys
from enum import Enum
from typing import Any

__all__ = ["Host", "host", "notebook_path", "shell"]

_VSCODE = ("VSCODE_PID", "VSCODE_CWD")
_VSCODE_FILE = "__vsc_ipynb_file__"
"""The notebook's path, which VS Code sets in it."""


class Host(Enum):
    """Who looks; the value says it in words."""

    JUPYTER = "JupyterLab or Jupyter Notebook, which draw live views"
    VSCODE = "Visual Studio Code, which draws live views"
    COLAB = "Google Colab, which draws live views"
    MARIMO = "marimo, which draws live views"
    EXPORT = "marimo, which writes a page: views are as they were then"
    HEADLESS = "a kernel that nobody watches: views are static"
    TERMINAL = "IPython in a terminal: views are text"
    NONE = "plain Python: views are text"

    @property
    def live(self) -> bool:
        """Whether a page draws widgets."""
        return self not in {Host.HEADLESS, Host.TERMINAL, Host.NONE}

    @property
    def watched(self) -> bool:
        """Whether somebody may look while things change."""
        return self not in {Host.HEADLESS, Host.EXPORT}

    @property
    def saves_outputs(self) -> bool:
        """Whether there is a notebook that keeps outputs, and takes new ones by display id."""
        marimo = self in {Host.MARIMO, Host.EXPORT}
        return (self.live and not marimo) or self is Host.HEADLESS


def shell() -> Any:
    """Return the running IPython shell, or ``None``."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def host() -> Host:
    """Return who is looking; asked on the thread that runs the user's code."""
    running = shell()
    if running is None:
        return _marimo() if _in_marimo() else Host.NONE
    if not hasattr(running, "kernel"):
        return Host.TERMINAL
    return _front_end() if _watched(running.kernel) else Host.HEADLESS


def notebook_path() -> str | None:
    """Return the notebook that this process runs, as far as the front end tells."""
    main = vars(sys.modules["__main__"])
    # on a jupyter-server, VS Code gives each session a name of its own
    path = main.get(_VSCODE_FILE) or os.environ.get("JPY_SESSION_NAME")
    return path or (main.get("__file__") if _in_marimo() else None)


def _front_end() -> Host:
    # first those that may run their kernels on a jupyter-server
    if "COLAB_RELEASE_TAG" in os.environ:
        return Host.COLAB
    if _VSCODE_FILE in vars(sys.modules["__main__"]) or any(name in os.environ for name in _VSCODE):
        return Host.VSCODE
    return Host.JUPYTER if "JPY_SESSION_NAME" in os.environ else Host.HEADLESS


def _watched(kernel: Any) -> bool:
    """Whether who runs the present cell could be asked for input."""
    request = kernel.get_parent().get("content", {})
    return bool(request.get("allow_stdin", True))


def _marimo() -> Host:
    """Return whether a page has asked for what runs now; ``marimo export`` does it unasked."""
    asked = sys.modules["marimo"].app_meta().request is not None
    return Host.MARIMO if asked else Host.EXPORT


def _in_marimo() -> bool:
    marimo = sys.modules.get("marimo")
    return marimo is not None and bool(marimo.running_in_notebook())
