"""What an interim plot draws, worked out from its values: pure, without any drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from qjobwidgets.records import JobRecord

__all__ = [
    "EXACT",
    "LARGEST",
    "Gap",
    "Run",
    "SeriesView",
    "axis_end",
    "gaps",
    "latest",
    "reference",
    "running_best",
    "runs",
    "thinned",
    "ticks",
]

EXACT = "exact"
"""What a reference is called: as the argument that it is given by."""

LARGEST = 1e300
"""Values from here on, infinities too, are not drawn: differences of them are not numbers."""


@dataclass(frozen=True, slots=True)
class SeriesView:
    """One curve: a field of the interim results of one job, or a number of several jobs.

    Attributes:
        job: The job that published the values; ``None`` where each point is a job.
        field: Name of the value, such as ``"energy"``.
        unit: Its unit, or the empty text.
        x_label: What ``seq`` counts, such as ``"evaluation"``.
        seq, values: For each message received its number and its value; NaN where it did not hold
            the field. Both are equally long.
        attempts: Index and number of each attempt that begins; the first at index 0.
        lost: Index of each message before which others are missing, and how many.
        reference: A known value to compare with, or ``None``.
        goal: ``"min"`` or ``"max"``, whichever is better; ``None`` when neither is.
        state: State of the stream: ``"connecting"``, ``"open"``, ``"reconnecting"``, ``"ended"``.
        label: What the plot calls the job, or the jobs together.
        panel: Curves with the same panel share an axis.
        note: What the reader should know beside the values.
    """

    job: JobRecord | None
    field: str
    unit: str
    x_label: str
    seq: Sequence[float]
    values: Sequence[float]
    attempts: Sequence[tuple[int, int]] = ()
    lost: Sequence[tuple[int, int]] = ()
    reference: float | None = None
    goal: str | None = None
    state: str = "ended"
    label: str = ""
    panel: str = ""
    note: str = ""


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
    starts = dict(view.attempts)
    for index, (x, y) in enumerate(zip(view.seq, view.values, strict=True)):
        if index in starts or not found:
            found.append(Run(starts.get(index, 1), [], []))
        if abs(y) < LARGEST:  # false for NaN too
            found[-1].x.append(x)
            found[-1].y.append(y)
    return found


def gaps(view: SeriesView) -> list[Gap]:
    """Return where messages are missing."""
    return [
        Gap(view.seq[index - 1] if index else 0, view.seq[index], missing)
        for index, missing in view.lost
    ]


def latest(view: SeriesView) -> SeriesView:
    """Return the latest attempt alone, counted from 1: so jobs are compared."""
    start, attempt = view.attempts[-1] if view.attempts else (0, 1)
    first = view.seq[start] - 1 if len(view.seq) > start else 0
    return replace(
        view,
        seq=[x - first for x in view.seq[start:]],
        values=view.values[start:],
        attempts=((0, attempt),),
        lost=[(index - start, missing) for index, missing in view.lost if index > start],
    )


def thinned(x: list[float], y: list[float], buckets: int) -> tuple[list[float], list[float]]:
    """Return a curve with the least and the greatest value of each of ``buckets`` stretches.

    It looks the same where a stretch is no wider than a pixel; a short curve comes back as it is.
    """
    size = math.ceil(len(x) / max(buckets, 1))
    if size <= 4:
        return x, y
    kept: set[int] = {0, len(x) - 1}
    for start in range(0, len(x), size):
        stretch = range(start, min(start + size, len(x)))
        kept |= {min(stretch, key=y.__getitem__), max(stretch, key=y.__getitem__)}
    order = sorted(kept)
    return [x[i] for i in order], [y[i] for i in order]


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
