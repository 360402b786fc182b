"""The y axis of a static plot: linear, logarithmic, or the distance to the reference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qjobwidgets.render import words
from qjobwidgets.render.curve import EXACT, LARGEST, SeriesView, reference, ticks

__all__ = ["LOG_NEEDS", "Scale", "scale_of"]

LOG_NEEDS = "A log scale needs positive values"
"""What is said where a log scale was asked for in vain."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Scale:
    """How heights are placed: ``"linear"``, ``"log"``, or ``"error"``, which is logarithmic too."""

    kind: str

    def place(self, value: float, view: SeriesView) -> float:
        """Return where a value stands; NaN where it has no place."""
        if self.kind == "linear":
            return value
        target = reference(view) if self.kind == "error" else 0.0
        distance = abs(value - target) if self.kind == "error" and target is not None else value
        return math.log10(distance) if distance > 0 else math.nan

    def limits(self, views: Sequence[SeriesView]) -> tuple[float, float]:
        """Return the ends of the axis, with room for the reference's label."""
        placed = [self.place(v, view) for view in views for v in view.values if abs(v) < LARGEST]
        known = [place for place in placed if math.isfinite(place)]
        if self.kind != "linear":
            floor, top = math.floor(min(known, default=-1)), math.ceil(max(known, default=0))
            return float(floor), float(max(top, floor + 1))
        target = reference(views[0])
        known = [*known, *([target] if target is not None else [])] or [0.0, 1.0]
        low, high = min(known), max(known)
        span = high - low or abs(high) * 0.1 or 1.0
        # room for the label of the reference, on the far side of the values
        below = 0.14 if views[0].goal != "max" else 0.06
        return low - below * span, high + (0.2 - below) * span

    def marks(self, low: float, high: float) -> tuple[list[float], list[str]]:
        """Return where the grid lines are, and their labels."""
        if self.kind == "linear":
            marks, decimals = ticks(low, high, 6)
            return marks, [words.number(mark, decimals) for mark in marks]
        step = max(1, math.ceil((high - low) / 6))
        decades = range(int(low), int(high) + 1, step)
        return [float(k) for k in decades], [f"10{str(k).translate(_RAISED)}" for k in decades]

    def title(self, views: Sequence[SeriesView]) -> str:
        """Return what the axis shows, with its unit."""
        fields = list(dict.fromkeys(view.field for view in views))
        name = fields[0] if len(fields) == 1 else views[0].panel or ", ".join(fields)
        if self.kind == "error":
            name = f"|{name} − {EXACT}|"
        unit = views[0].unit
        return f"{name}, {unit}" if unit and unit != name else name


def scale_of(views: Sequence[SeriesView], wanted: str) -> Scale:
    """Return the scale asked for, or the linear one where that can't show these curves."""
    if wanted == "error" and all(reference(view) is not None for view in views):
        return Scale("error")
    values = [value for view in views for value in view.values if abs(value) < LARGEST]
    if wanted == "log" and values and min(values) > 0:
        return Scale("log")
    return Scale("linear")
