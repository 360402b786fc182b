"""What all processes of one job may take of the machine together.

What each of them may take the kernel enforces (:mod:`~qjobwidgets.server.programs.limits`). How
many there are, and how much memory all of them take, the supervisor watches: the kernel counts
processes per user, and so would stop a job for what its user does elsewhere.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import psutil

from qjobwidgets.server.jobs.states import Reason, ReasonCode
from qjobwidgets.server.run.processes import descendants

__all__ = ["Limits", "excess"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one job.

    Attributes:
        memory: Bytes, of any of its processes, beyond what is loaded before the job begins; and
            of all of them together, with their share of what is loaded.
        processes: How many there may be, also those that nobody has waited for.
    """

    memory: int
    processes: int = 64


def excess(attempt: int, limits: Limits) -> Reason | None:
    """Return which limit all processes of an attempt together exceed, if one.

    Args:
        attempt: The process id of the attempt.
        limits: What it may take.
    """
    below = descendants(attempt)
    if not below:  # alone, as nearly all are: what it may take the kernel sees to
        return None
    if len(below) >= limits.processes:
        return Reason(
            f"The job started too many processes: more than {limits.processes}.",
            ReasonCode.TOO_MANY_PROCESSES,
            "Use fewer workers, and wait for those that have ended.",
        )
    if _memory([attempt, *below], limits.memory) > limits.memory:
        return Reason(
            "The job's processes need more memory than a job may use.",
            ReasonCode.OUT_OF_MEMORY,
            "Use fewer qubits, or fewer workers.",
        )
    return None


def _memory(pids: list[int], enough: int) -> int:
    """Return how much memory processes take together, exactly only if it may exceed ``enough``."""
    roughly = sum(_measure(pid, exact=False) for pid in pids)
    if roughly <= enough:
        return roughly
    # What forked processes share was counted once for each of them, and takes long to tell apart.
    return sum(_measure(pid, exact=True) for pid in pids)


def _measure(pid: int, *, exact: bool) -> int:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        return int(process.memory_full_info().pss if exact else process.memory_info().rss)
    return 0  # it has ended
