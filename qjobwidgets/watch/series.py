"""The numbers of a job's interim results, as columns that only grow.

A message may be a number, a list or an object; each numeric part of it becomes a field. The fields
of a VQE's list get the names its documentation gives them.
"""

from __future__ import annotations

import heapq
import math
import re
import threading
from array import array
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from qjobwidgets.records import InterimResult

__all__ = ["COUNTERS", "Chunk", "Series", "numeric_fields"]

LIST_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "vqe": ("evaluation", "parameters", "energy", "std"),
    "qaoa": ("evaluation", "parameters", "energy", "std"),
}
"""Names of the positions of list messages, by program (the VQE callback of Qiskit)."""

PREFERRED: Final = ("energy", "value", "cost", "loss", "fidelity")
"""Fields worth drawing first, best first."""

COUNTERS: Final = frozenset({"evaluation", "iteration", "step", "nfev"})
"""Fields that only count; worth drawing last."""

_MOST_FIELDS = 32
"""Of one message, and of all together: a job may name its fields after what it has counted."""

_OUTCOME: Final = re.compile(r"[01]+(?: [01]+)*|0x[0-9a-fA-F]+")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some points in order, as columns of little-endian float64.

    Attributes:
        base: Number of points before them.
        rev: Number of points with them.
        seq: Where each stands on the x axis.
        values: One column for each field asked for; NaN where a point lacks it.
        attempts: Index (of all points) and number of each attempt that begins here.
        lost: Index of each point before which messages are missing, and how many.
        ids: The job of each point, where points are jobs.
    """

    base: int
    rev: int
    seq: bytes
    values: list[bytes]
    attempts: list[tuple[int, int]] = field(default_factory=list)
    lost: list[tuple[int, int]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)


def numeric_fields(message: object, program: str | None = None) -> dict[str, float]:
    """Return the numbers of one interim result by field name; nested parts are joined by dots."""
    if (
        isinstance(message, dict)
        and len(message) <= _MOST_FIELDS
        and {*map(type, message.values())} <= {float}
    ):
        return message  # as most are, some hundred times a second
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
        for key, value in _most(message):
            for sub, number in _parts(value, (), depth + 1):
                yield (str(key) if sub == "value" else f"{key}.{sub}"), number
    elif isinstance(message, list | tuple) and depth == 0:
        for index, value in enumerate(message):
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield (names[index] if index < len(names) else f"[{index}]"), _float(value)


def _most(message: Mapping[Any, Any]) -> Iterable[tuple[Any, Any]]:
    """Return the items that may become fields: of many outcomes those that are most frequent."""
    if len(message) <= _MOST_FIELDS:
        return message.items()
    numbers = {str(key): n for key, n in message.items() if isinstance(n, int | float)}
    if len(numbers) < len(message) or not _are_counts(numbers):
        return message.items()
    return heapq.nlargest(_MOST_FIELDS, numbers.items(), key=lambda item: item[1])


def _are_counts(part: Mapping[str, float]) -> bool:
    """Whether an object says how often outcomes were measured: ``{"00": 7, "11": 9}``.

    Energies by state, ``{"0": -1.1, "1": -0.5, "2": -0.2}``, are none: all keys of counts are
    outcomes of one register, and no value is negative.
    """
    widths = {0 if key.startswith("0x") else len(key) for key in part}
    return (
        len(widths) == 1
        and all(map(_OUTCOME.fullmatch, part))
        and not any(value < 0 for value in part.values())
    )


def _counted(fields: Mapping[str, float]) -> dict[str, bool]:
    """Return of each object with fields named as outcomes whether it is counts, by its name."""
    parts: dict[str, dict[str, float]] = {}
    for name, value in fields.items():
        whole, _, key = name.rpartition(".")
        parts.setdefault(whole, {})[key] = value
    return {
        whole: _are_counts(part)
        for whole, part in parts.items()
        if any(map(_OUTCOME.fullmatch, part))
    }


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # JSON knows integers of any size
        return math.inf if value > 0 else -math.inf


class Series:
    """Columns of one job's interim results: ``seq`` and one per numeric field.

    What is missing is known here and not from the numbers of the points alone: a message without
    numbers makes no point and is not missing, and messages that the service has discarded share one
    number. Written by the thread that reads the stream, read by the one that publishes.

    Attributes:
        outcomes: The fields that say how often one outcome was measured. What was anything else
            once was never counts.
    """

    def __init__(self, program: str | None = None) -> None:
        self.program = program
        self._lock = threading.Lock()
        self._seq = array("d")
        self._columns: dict[str, array[float]] = {}
        self._outcomes: dict[str, str] = {}  # of those columns, and what they are outcomes of
        self._no_counts: set[str] = set()  # of what has fields named as outcomes
        self.outcomes: frozenset[str] = frozenset()
        self._fields: list[str] = []
        self._attempts: list[tuple[int, int]] = []
        self._lost: list[tuple[int, int]] = []
        self._heard = 0
        self._unplaced = 0

    def __len__(self) -> int:
        return len(self._seq)

    @property
    def missed(self) -> int:
        """Messages that were sent and did not arrive, discarded by the service or on the way."""
        with self._lock:
            return sum(count for _, count in self._lost) + self._unplaced

    def take(self, message: InterimResult) -> bool:
        """Add one message; return whether it brought numbers."""
        seq = message.seq or self._heard + 1
        fields = numeric_fields(message.data, self.program) if message.kind == "interim" else {}
        with self._lock:
            if seq > self._heard:
                self._unplaced += seq - self._heard - 1
                self._heard = seq
            if message.kind == "dropped":
                self._unplaced += _dropped(message.data)
            if fields:
                self._add(seq, message.attempt, fields)
        return bool(fields)

    @property
    def fields(self) -> list[str]:
        """Names of the fields, those worth drawing first in front, counters last.

        Outcomes come after all other values, the most frequent first. As these may change, they are
        put in order anew whenever there are twice as many points.
        """
        return self._fields

    def chunk(self, fields: Sequence[str], start: int = 0) -> Chunk:
        """Return the points from number ``start`` on, with these fields."""
        with self._lock:
            rev = len(self._seq)
            return Chunk(
                base=start,
                rev=rev,
                seq=self._seq[start:].tobytes(),
                values=[self._column(name, start).tobytes() for name in fields],
                attempts=[begin for begin in self._attempts if begin[0] >= start],
                lost=[gap for gap in self._lost if gap[0] >= start],
            )

    def _add(self, seq: int, attempt: int, fields: Mapping[str, float]) -> None:
        """Add a point; called with the lock held."""
        index = len(self._seq)
        new = not self._columns.keys() >= fields.keys()
        counts = self._counts(fields) if new or self._outcomes else set()
        if new:
            for name in fields:
                if name not in self._columns and len(self._columns) < _MOST_FIELDS:
                    self._begin(name, index, counts)
        if counts and len(fields) < _MOST_FIELDS:
            zeros = {name: 0.0 for name, whole in self._outcomes.items() if whole in counts}
            fields = {**zeros, **fields}  # none is told of what was not measured
        if not self._attempts or self._attempts[-1][1] != attempt:
            self._attempts.append((index, attempt))
        if self._unplaced:
            self._lost.append((index, self._unplaced))
            self._unplaced = 0
        self._seq.append(float(seq))
        for name, column in self._columns.items():
            column.append(fields.get(name, math.nan))
        doubled = index & (index + 1) == 0
        if new or doubled or len(self.outcomes) != len(self._outcomes):
            self.outcomes = frozenset(self._outcomes)  # before the fields, with which it is read
            self._fields = _by_worth(self._columns, self.outcomes)

    def _counts(self, fields: Mapping[str, float]) -> set[str]:
        """Return which objects of a message are counts; called with the lock held."""
        counted = _counted(fields)
        others = {whole for whole, counts in counted.items() if not counts}
        if others - self._no_counts:
            self._no_counts |= others
            kept = ((n, whole) for n, whole in self._outcomes.items() if whole not in others)
            self._outcomes = dict(kept)
        return counted.keys() - self._no_counts

    def _begin(self, name: str, index: int, counts: Container[str]) -> None:
        """Make the column of a field that no point before has named; called with the lock held."""
        before = array("d", [math.nan]) * index
        whole = name.rpartition(".")[0]
        if whole in counts:
            other = next((n for n, its in self._outcomes.items() if its == whole), None)
            if other is not None:
                known = self._columns[other]
                before = array("d", [math.nan if math.isnan(count) else 0.0 for count in known])
            self._outcomes[name] = whole
        self._columns[name] = before

    def _column(self, name: str, start: int) -> array[float]:
        column = self._columns.get(name)
        if column is None:
            return array("d", [math.nan]) * max(0, len(self._seq) - start)
        return column[start:]


def _by_worth(columns: Mapping[str, array[float]], outcomes: Container[str]) -> list[str]:
    """Return the fields worth drawing first in front, counters last."""
    rank = {name: index for index, name in enumerate(PREFERRED)}

    def worth(name: str) -> tuple[bool, bool, float]:
        outcome = name in outcomes
        place = -_total(columns[name]) if outcome else rank.get(name, len(rank))
        return name in COUNTERS, outcome, place

    return sorted(columns, key=worth)


def _total(column: array[float]) -> float:
    with np.errstate(invalid="ignore"):  # infinite ones of both signs
        return float(np.nansum(np.frombuffer(column)))


def _dropped(data: Any) -> int:
    count = data.get("count", 1) if isinstance(data, dict) else 1
    return max(0, count) if isinstance(count, int) and not isinstance(count, bool) else 1
