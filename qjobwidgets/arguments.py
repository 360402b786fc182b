"""Numbers that are typed after a command, wherever it is typed.

Both functions are a ``type`` for an :class:`argparse.ArgumentParser`, which says what they raise.
"""

from __future__ import annotations

import argparse
import math
import re

__all__ = ["positive", "seconds"]

_POSITIVE = re.compile(r"0{0,9}[1-9][0-9]{0,8}")
_SECONDS = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def positive(word: str) -> int:
    """Return a whole number from 1 up.

    Raises:
        ArgumentTypeError: It is none.
    """
    if not _POSITIVE.fullmatch(word):
        raise argparse.ArgumentTypeError(f"{word!r} is not a whole number from 1 up")
    return int(word)


def seconds(word: str) -> float:
    """Return a number of seconds.

    Raises:
        ArgumentTypeError: It is none.
    """
    length = float(word) if _SECONDS.fullmatch(word) else math.inf
    if length == math.inf:
        raise argparse.ArgumentTypeError(f"{word!r} is not a number of seconds")
    return length
