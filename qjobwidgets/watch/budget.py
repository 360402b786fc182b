"""How many requests a minute one account may cost, together over all kernels of this user.

Each kernel that watches an account notes its requests in one small file of the account's own, and
counts what all have noted in the last minute: whoever asks next waits until there is room. So two
notebooks of one account get about as much as they need of one budget, and together never more.
Where the file can't be used, a kernel counts its own requests.
"""

from __future__ import annotations

import struct
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from qjobwidgets.client import forks, local
from qjobwidgets.client.pacing import wait_for_room
from qjobwidgets.errors import IBMInputValueError, LocalRuntimeError

__all__ = ["DEFAULT_BUDGET", "LARGEST_BUDGET", "Budget", "checked_budget", "shared_file"]

DEFAULT_BUDGET = 120
"""Requests a minute unless the user says otherwise."""

LARGEST_BUDGET = 600
"""The most requests a minute that can be set: ten a second are no polite watching any more."""

_MINUTE = 60.0
_LOCK_WAIT = 5.0  # seconds another kernel may take for one note, on a busy machine
_STAMP = struct.Struct("<d")


class Budget:
    """The budget of one account, as one kernel keeps to it.

    Args:
        per_minute: Requests allowed in any minute.
        file: Where the kernels of this user note their requests; ``None`` to count alone.

    Attributes:
        per_minute: As above; may be changed at any time.
    """

    def __init__(self, per_minute: int, file: Path | None = None) -> None:
        self.per_minute = per_minute
        self._file = file
        self._begin()
        forks.begin_anew(self, Budget._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._own: deque[float] = deque(maxlen=LARGEST_BUDGET)

    @property
    def own_last_minute(self) -> int:
        """Requests this kernel has sent in the last minute."""
        now = time.monotonic()
        with self._lock:
            return sum(now - moment < _MINUTE for moment in self._own)

    def wait(self) -> float:
        """Return the seconds until there is room for one more request."""
        with self._lock:
            return max(self._own_wait(), self._shared_wait(_read(self._file)))

    def take(self) -> float:
        """Note a request that is sent now, or return the seconds until there is room for it."""
        with self._lock:
            wait = self._own_wait() or self._take_shared()
            if wait <= 0:
                self._own.append(time.monotonic())
            return wait

    def _own_wait(self) -> float:
        return wait_for_room(self._own, time.monotonic(), self.per_minute, _MINUTE)

    def _shared_wait(self, stamps: Sequence[float]) -> float:
        return wait_for_room(stamps, time.time(), self.per_minute, _MINUTE)

    def _take_shared(self) -> float:
        if self._file is None:
            return 0.0
        try:
            local.secure_folder(self._file.parent)
            with FileLock(self._file.with_suffix(".lock"), timeout=_LOCK_WAIT):
                stamps = _read(self._file)
                wait = self._shared_wait(stamps)
                if wait <= 0:
                    stamps.append(time.time())
                    self._file.write_bytes(b"".join(map(_STAMP.pack, stamps)))
                return wait
        except (OSError, Timeout, LocalRuntimeError):
            return 0.0  # our own count holds


def shared_file(key: str) -> Path:
    """Return where the requests of an account are noted."""
    return local.data_folder() / "watch" / f"{key}.requests"


def checked_budget(requests_per_minute: object) -> int:
    """Return a budget that makes sense.

    Raises:
        IBMInputValueError: It is none.
    """
    number = requests_per_minute
    if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= LARGEST_BUDGET:
        return number
    raise IBMInputValueError(
        f"{requests_per_minute!r} is no budget.",
        fix=f"Pass a whole number of requests a minute, from 1 to {LARGEST_BUDGET}.",
    )


def _read(file: Path | None) -> list[float]:
    """Return the requests of the last minute that are noted; a clock set back voids the notes."""
    if file is None:
        return []
    try:
        noted = file.read_bytes()
    except OSError:
        return []
    now = time.time()
    whole = noted[: len(noted) // _STAMP.size * _STAMP.size]
    return sorted(moment for (moment,) in _STAMP.iter_unpack(whole) if 0 <= now - moment < _MINUTE)
