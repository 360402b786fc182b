"""What one job may take of the machine.

Most of it the kernel enforces on the attempt's process and on all that it starts. How many
processes there are, and how much memory all of them take together, the supervisor watches: the
kernel counts processes per user, and so would stop a job for what its user does elsewhere.
"""

from __future__ import annotations

import contextlib
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from qjobwidgets.errors import CodecError
from qjobwidgets.server.jobs.states import Reason, ReasonCode
from qjobwidgets.server.run.processes import descendants

__all__ = ["Limits", "excess", "reading", "restrict"]

_READING = 512 * 1024**2  # bytes; a few hundred can claim circuits of billions of qubits
_READING_PER_BYTE = 32
_FILES = 1024
_FILE_SIZE = 2 * 1024**3
_PAGE = resource.getpagesize()


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


def restrict(memory: int) -> None:
    """Limit this process, and what it will start, for good."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _FILES)
    _lower(resource.RLIMIT_FSIZE, _FILE_SIZE)
    # Elsewhere the kernel does not tell how much is mapped, or does not keep the limit.
    if sys.platform == "linux":
        _lower(resource.RLIMIT_AS, _mapped() + memory)


@contextlib.contextmanager
def _within(memory: int) -> Iterator[None]:
    """Have this process do with so many more bytes for a while, or with less if less is left."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    present = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    if sys.platform == "linux":
        lower = min([_mapped() + memory, *present])
        resource.setrlimit(resource.RLIMIT_AS, (lower, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextlib.contextmanager
def reading(size: int) -> Iterator[None]:
    """Read so many bytes of a job's inputs, which may claim far more memory than they need.

    Raises:
        CodecError: They take more than inputs of this size may.
    """
    most = _READING + _READING_PER_BYTE * size
    try:
        with _within(most):
            yield
    except MemoryError:
        raise CodecError(
            f"The inputs take more than {most >> 20} MiB to read, or they are damaged.",
            fix="Check the sizes of the circuits, or split the job.",
        ) from None


def _mapped() -> int:
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - no path to build
        return int(statm.read().split()[0]) * _PAGE


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


def _lower(limit: int, value: int) -> None:
    soft, hard = resource.getrlimit(limit)
    for present in (soft, hard):
        if present != resource.RLIM_INFINITY:
            value = min(value, present)
    resource.setrlimit(limit, (value, value))
