"""The processes below a process, so that a job ends with all that it has started.

A process group is not enough: whoever calls ``setsid`` leaves it, and whoever forks twice leaves
its parents too. On Linux a process can ask to adopt the orphans among its descendants
(``PR_SET_CHILD_SUBREAPER``). Attempts do, and so does the zygote: as long as an attempt lives, all
that it started is below it; when it has ended, all that is left of it is below the zygote.

On other systems nothing is known of processes below, and the process group is all there is.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys

__all__ = ["adopt_orphans", "children", "descendants", "die_with_parent", "kill_group", "kill_left"]

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Make orphans among the descendants of this process its children (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def children(pid: int) -> list[int]:
    """Return the children of a process, also those that have ended but were not waited for."""
    found: list[int] = []
    folder = f"/proc/{pid}/task"
    # Threads and processes come and go meanwhile.
    with contextlib.suppress(OSError):
        for thread in os.listdir(folder):  # noqa: PTH208 - it is asked often, names are enough
            with contextlib.suppress(OSError), open(f"{folder}/{thread}/children", "rb") as file:  # noqa: PTH123
                found += map(int, file.read().split())
    return found


def descendants(pid: int) -> list[int]:
    """Return all processes below a process."""
    found = children(pid)
    for child in found:  # grows while it is walked
        found += children(child)
    return found


def kill_group(leader: int) -> None:
    """Kill a process group that may have ended already, and its leader, who may have left it."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(leader, signal.SIGKILL)


def kill_left(known: set[int]) -> None:
    """Kill the children of this process that are not known, and wait for those that have ended.

    To be called again whenever a child has ended: what was below it comes up then.
    """
    for pid in children(os.getpid()):
        if pid not in known:
            # Not waited for yet, so the number still belongs to that child.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
