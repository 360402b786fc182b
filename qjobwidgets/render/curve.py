"""What an interim plot draws, worked out from its values: pure, without any drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from qjobwidgets.records import JobRecord

__all__ = [
    "LARGEST",
    "Gap",
    "Run",
    "SeriesView",
    "axis_end",
    "gaps",
    "reference",
    "running_best",
    "runs",
    "ticks",
]

LARGEST = 1e300
"""Values from here on, infinities too, are not drawn: differences of them are not numbers."""


@dataclass(frozen=True, slots=True)
class SeriesView:
    """The interim values of one job.

    Attributes:
        job: The job that published them.
        field: Name of the value, such as ``"energy"``.
        unit: Its unit, or the empty text.
        x_label: What ``seq`` counts, such as ``"evaluation"``.
        seq, attempt, values: For each message received its number, the attempt that made it, and
            its value; NaN where the message did not hold the field. All three are equally long.
        reference: A known value to compare with, or ``None``.
        reference_label: What the reference is, such as ``"exact"``.
        goal: ``"min"`` or ``"max"``, whichever is better; ``None`` when neither is.
        state: State of the stream: ``"connecting"``, ``"open"``, ``"reconnecting"``, ``"ended"``.
    """

    job: JobRecord
    field: str
    unit: str
    x_label: str
    seq: Sequence[float]
    attempt: Sequence[float]
    values: Sequence[float]
    reference: float | None = None
    reference_label: str = "reference"
    goal: str | None = None
    state: str = "ended"


@dataclass(frozen=True, slots=True)
class Run:
    """The values of one attempt."""

    attempt: int
    x: list[float]
    y: list[float]


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages that were not received: from the one before to the one after, and how many."""

    start: float
    end: float
    missing: int


def runs(view: SeriesView) -> list[Run]:
    """Return the values that can be drawn, attempt by attempt in the order they came."""
    found: list[Run] = []
    for x, attempt, y in zip(view.seq, view.attempt, view.values, strict=True):
        if not found or found[-1].attempt != int(attempt):
            found.append(Run(int(attempt), [], []))
        if abs(y) < LARGEST:  # false for NaN too
            found[-1].x.append(x)
            found[-1].y.append(y)
    return found


def gaps(view: SeriesView) -> list[Gap]:
    """Return where messages of an attempt are missing.

    Between two attempts numbers may be taken by the mark of the restart, so those are not counted.
    """
    steps = pairwise(zip(view.seq, view.attempt, strict=True))
    return [
        Gap(before, after, int(after - before) - 1)
        for (before, attempt), (after, next_attempt) in steps
        if attempt == next_attempt and after - before > 1
    ]


def running_best(values: Sequence[float], goal: str) -> list[float]:
    """Return, for each value, the best one up to it."""
    return list(accumulate(values, min if goal == "min" else max))


def reference(view: SeriesView) -> float | None:
    """Return the reference value if it is one that can be drawn."""
    value = view.reference
    return value if value is not None and abs(value) < LARGEST else None


def axis_end(last: float) -> float:
    """Return where the x axis ends: it grows in steps (100, 150, 200), not with every value."""
    if last <= 10:
        return 10.0
    power = 10.0 ** math.floor(math.log10(last))
    return next(step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if last <= step * power)


def ticks(low: float, high: float, most: int) -> tuple[list[float], int]:
    """Return at most about ``most`` round values in an interval, and the decimals they need."""
    if not high > low:
        return [low], 0
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 2.5, 5, 10) if rough <= s * power * (1 + 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    decimals = next((d for d in range(13) if abs(round(step, d) - step) < step * 1e-6), 12)
    return [i * step for i in range(first, last + 1)], decimals
