"""What a process that runs a job may take of the machine, enforced by the kernel."""

from __future__ import annotations

import contextlib
import resource
import sys
from collections.abc import Iterator

from qjobwidgets.errors import CodecError

__all__ = ["reading", "restrict"]

_READING = 512 * 1024**2  # bytes; a few hundred can claim circuits of billions of qubits
_READING_PER_BYTE = 32
_FILES = 1024
_FILE_SIZE = 2 * 1024**3
_PAGE = resource.getpagesize()


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


def _lower(limit: int, value: int) -> None:
    soft, hard = resource.getrlimit(limit)
    for present in (soft, hard):
        if present != resource.RLIM_INFINITY:
            value = min(value, present)
    resource.setrlimit(limit, (value, value))
