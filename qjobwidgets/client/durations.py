"""Times to wait, checked before anything is waited for.

A wrong one would show late or never: no time is ever longer than NaN seconds.
"""

from __future__ import annotations

import math
from numbers import Real

from qjobwidgets.errors import IBMInputValueError

__all__ = ["checked_pause", "checked_timeout"]


def checked_timeout(timeout: object) -> float | None:
    """Return a longest wait in seconds; ``None`` waits as long as it takes.

    One that is below zero, as the rest of a time that has run out, is zero.

    Raises:
        IBMInputValueError: It is no time.
    """
    if timeout is None:
        return None
    seconds = _seconds(timeout, "timeout")
    return None if seconds == math.inf else max(0.0, seconds)


def checked_pause(pause: object, name: str) -> float | None:
    """Return the seconds between two looks; ``None`` for none given, and for zero.

    Raises:
        IBMInputValueError: Nobody can wait so long.
    """
    if pause is None:
        return None
    seconds = _seconds(pause, name)
    if not 0 <= seconds < math.inf:
        raise _unusable(pause, name)
    return seconds or None


def _seconds(value: object, name: str) -> float:
    if isinstance(value, Real):  # numbers of NumPy are among them
        try:
            seconds = float(value)
        except OverflowError:
            seconds = math.nan
        if not math.isnan(seconds):
            return seconds
    raise _unusable(value, name)


def _unusable(value: object, name: str) -> IBMInputValueError:
    return IBMInputValueError(f"{name} can't be {value!r}.", fix="Pass seconds, or leave it out.")
