"""The numbers of a job's interim results, as columns that only grow.

A message may be a number, a list or an object; each numeric part of it becomes a field. The fields
of a VQE's list get the names its documentation gives them.
"""

from __future__ import annotations

import math
import threading
from array import array
from collections.abc import Iterator, Mapping
from typing import Any, Final

from qjobwidgets.records import InterimResult

__all__ = ["Series", "numeric_fields"]

LIST_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "vqe": ("evaluation", "parameters", "energy", "std"),
    "qaoa": ("evaluation", "parameters", "energy", "std"),
}
"""Names of the positions of list messages, by program (the VQE callback of Qiskit)."""

PREFERRED: Final = ("energy", "value", "cost", "loss", "fidelity")
"""Fields worth drawing first, best first."""

_COUNTERS = frozenset({"evaluation", "iteration", "step", "nfev"})
_MOST_FIELDS = 32
"""Of one message, and of all together: a job may name its fields after what it has counted."""


def numeric_fields(message: object, program: str | None = None) -> dict[str, float]:
    """Return the numbers of one interim message by field name; nested parts are joined by dots."""
    names = LIST_FIELDS.get(program or "", ())
    found: dict[str, float] = {}
    for name, value in _parts(message, names, depth=0):
        if len(found) == _MOST_FIELDS:
            break
        found[name] = value
    return found


def _parts(message: object, names: tuple[str, ...], depth: int) -> Iterator[tuple[str, float]]:
    if isinstance(message, bool) or message is None:
        return
    if isinstance(message, int | float):
        yield "value", _float(message)
    elif isinstance(message, Mapping) and depth < 2:
        for key, value in message.items():
            for sub, number in _parts(value, (), depth + 1):
                yield (str(key) if sub == "value" else f"{key}.{sub}"), number
    elif isinstance(message, list | tuple) and depth == 0:
        for index, value in enumerate(message):
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield (names[index] if index < len(names) else f"[{index}]"), _float(value)


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # JSON knows integers of any size
        return math.inf if value > 0 else -math.inf


class Series:
    """Columns of one job's interim results: ``seq``, ``attempt``, and one per numeric field.

    Written by the thread that reads the stream, read by the one that publishes.
    """

    def __init__(self, program: str | None = None) -> None:
        self.program = program
        self._lock = threading.Lock()
        self._seq = array("d")
        self._attempt = array("d")
        self._columns: dict[str, array[float]] = {}
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._seq)

    @property
    def dropped(self) -> int:
        """Messages the service says it has discarded."""
        return self._dropped

    @property
    def last_seq(self) -> int:
        """Number of the newest message taken in, 0 for none."""
        with self._lock:
            return int(self._seq[-1]) if self._seq else 0

    def take(self, message: InterimResult) -> bool:
        """Add one message; return whether it brought numbers."""
        if message.kind == "dropped":
            count = message.data.get("count", 1) if isinstance(message.data, dict) else 1
            self._dropped += count if isinstance(count, int) else 1
        if message.kind != "interim":
            return False
        fields = numeric_fields(message.data, self.program)
        if not fields:
            return False
        with self._lock:
            for name in fields:
                if name in self._columns or len(self._columns) == _MOST_FIELDS:
                    continue
                self._columns[name] = array("d", [math.nan]) * len(self._seq)
            self._seq.append(float(message.seq))
            self._attempt.append(float(message.attempt))
            for name, column in self._columns.items():
                column.append(fields.get(name, math.nan))
        return True

    @property
    def fields(self) -> list[str]:
        """Names of the fields, those worth drawing first in front, counters last."""
        with self._lock:
            names = list(self._columns)
        rank = {name: index for index, name in enumerate(PREFERRED)}
        return sorted(names, key=lambda n: (n in _COUNTERS, rank.get(n, len(rank))))

    def columns(self, field: str, start: int = 0) -> tuple[bytes, bytes, bytes]:
        """Return seq, attempt and ``field`` from point ``start`` on, as little-endian float64."""
        with self._lock:
            column: Any = self._columns.get(field)
            if column is None:
                column = array("d", [math.nan]) * len(self._seq)
            return (
                self._seq[start:].tobytes(),
                self._attempt[start:].tobytes(),
                column[start:].tobytes(),
            )
