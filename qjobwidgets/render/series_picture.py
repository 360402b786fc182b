"""The picture of one panel of an interim plot, as PNG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from qjobwidgets.render import words
from qjobwidgets.render.curve import (
    EXACT,
    LARGEST,
    Run,
    SeriesView,
    axis_end,
    gaps,
    reference,
    running_best,
    runs,
    thinned,
    ticks,
)
from qjobwidgets.render.markup import INK, LINE, RULE
from qjobwidgets.render.scale import Scale, scale_of
from qjobwidgets.render.sheet import POINTS_PER_PX, Sheet
from qjobwidgets.render.status import Tone

__all__ = ["COLORS", "series_png"]

COLORS: Final = (
    (Tone.RUN.value, "#8db3d9"),
    ("#8a3f96", "#c49fca"),
    ("#0f766e", "#87bab6"),
    ("#6b7300", "#b5b97f"),
    ("#b1376f", "#d89bb7"),
    ("#8b5a3c", "#c5ac9d"),
)
"""Line and dots of each curve, in the order of the curves."""

_DASHES: Final = ("-", (0, (5, 2.5)), (0, (1.5, 1.5)), (0, (6, 2, 1, 2)))
_EARLIER = ("#858585", "#c4c4c4")
_BAND = "#f1ebe0"  # 12 % of the waiting tone on white


def series_png(  # noqa: PLR0913 - what is drawn, how large, and how
    panel: SeriesView | Sequence[SeriesView],
    width: int = 640,
    height: int = 300,
    density: float = 2,
    *,
    scale: str = "linear",
    first: int = 0,
) -> bytes:
    """Return the curves that share an axis as PNG.

    Dots are the values, the line is the running best, grey is an earlier attempt, the dashed line
    is the reference, and a band stands where values were not received.

    Args:
        panel: The curves.
        width: Width in CSS pixels.
        height: Height in CSS pixels.
        density: Image pixels for each CSS pixel.
        scale: ``"linear"``, ``"log"``, or ``"error"`` for the distance to the reference.
        first: Number of curves in the panels above, so that colours go on.
    """
    views = [panel] if isinstance(panel, SeriesView) else list(panel)
    axis = scale_of(views, scale)
    low, high = axis.limits(views)
    marks, labels = axis.marks(low, high)
    left = 18 + 6.6 * max((len(label) for label in labels), default=1)
    sheet = Sheet(width, height, density, (left, 14, 30, 40))
    end = axis_end(max((max(view.seq, default=0) for view in views), default=0))
    sheet.limits((0, end), (low, high))
    _frame(sheet, views, axis, list(zip(marks, labels, strict=True)), end)
    for index, view in enumerate(views):
        if len(views) == 1:
            _draw_gaps(sheet, view)
            _draw_restarts(sheet, view)
        found = [run for run in runs(view) if run.y]
        for run in found:
            _draw_run(sheet, run, view, axis, None if run is not found[-1] else first + index)
    _draw_reference(sheet, views[0], axis)
    return sheet.png()


def _frame(
    sheet: Sheet,
    views: Sequence[SeriesView],
    axis: Scale,
    marks: list[tuple[float, str]],
    end: float,
) -> None:
    low = sheet.axes.get_ylim()[0]
    for mark, label in marks:
        sheet.line([0, end], [mark, mark], LINE, 1, zorder=0)
        sheet.write((0, mark), label, shift=(-8, 0), align=("right", "center"))
    sheet.line([0, end], [low, low], RULE, 1, zorder=1, clip_on=False)
    for x in ticks(0, end, 8)[0]:
        sheet.write((x, low), words.number(x, 0), shift=(0, -6), align=("center", "top"))
    sheet.write((0, 1), axis.title(views), shift=(-sheet.margin_left + 6, 14), in_area=True)
    sheet.write((1, 0), views[0].x_label, shift=(0, -22), align=("right", "top"), in_area=True)


def _draw_gaps(sheet: Sheet, view: SeriesView) -> None:
    found = gaps(view)
    for gap in found:
        sheet.axes.axvspan(gap.start, gap.end, facecolor=_BAND, edgecolor="none", zorder=0.5)
    if found:
        missing = sum(gap.missing for gap in found)
        noun = "value" if missing == 1 else "values"
        widest = max(found, key=lambda gap: gap.missing)
        at = ((widest.start + widest.end) / 2, sheet.axes.get_ylim()[1])
        text = f"{words.number(missing)} {noun} missed"
        sheet.write(at, text, shift=(0, 4), align=("center", "bottom"), color=Tone.WAIT.value)


def _draw_run(sheet: Sheet, run: Run, view: SeriesView, axis: Scale, number: int | None) -> None:
    """Draw one attempt of the curve with this ``number``, or an earlier one, which has none."""
    color, dots = _EARLIER if number is None else COLORS[number % len(COLORS)]
    buckets = round(sheet.px_per_x * sheet.axes.get_xlim()[1])
    look = {"linestyle": "", "marker": "o", "markersize": 2.8 * POINTS_PER_PX, "zorder": 2}
    x, y = thinned(run.x, [axis.place(value, view) for value in run.y], buckets)
    sheet.line(x, y, dots, 0, markeredgewidth=0, **look)
    style = _DASHES[(number or 0) % len(_DASHES)]
    if view.goal:
        best = [axis.place(value, view) for value in running_best(run.y, view.goal)]
        x, y = _broken(*thinned(run.x, best, buckets), view)
        width = 1.25 if number is None else 2
        sheet.line(x, y, color, width, drawstyle="steps-post", zorder=3, linestyle=style)
    else:
        sheet.line(*_broken(x, y, view), color, 1.25, zorder=3, linestyle=style)
    if number is not None:
        end = axis.place(run.y[-1], view)
        sheet.line(run.x[-1:], [end], color, 0, marker="o", markersize=4, zorder=4)


def _broken(x: list[float], y: list[float], view: SeriesView) -> tuple[list[float], list[float]]:
    """Return a line with a break wherever values were not received."""
    starts = {gap.end: gap.start for gap in gaps(view)}
    points: list[tuple[float, float]] = []
    for at, height in zip(x, y, strict=True):
        if at in starts:
            # a step is held up to the next point, so the break begins where the gap does
            points.append((starts[at], math.nan))
        points.append((at, height))
    return [at for at, _ in points], [height for _, height in points]


def _draw_restarts(sheet: Sheet, view: SeriesView) -> None:
    top = sheet.axes.get_ylim()[1]
    free_from = -math.inf
    for x, attempt in [(view.seq[index], number) for index, number in view.attempts if index]:
        sheet.axes.axvline(
            x, color=_EARLIER[0], linewidth=POINTS_PER_PX, linestyle=(0, (1.5, 2)), zorder=1
        )
        if x * sheet.px_per_x >= free_from:
            sheet.write(
                (x, top), f"attempt {attempt}", shift=(5, 4), align=("left", "bottom"), color=INK
            )
            free_from = x * sheet.px_per_x + 70


def _draw_reference(sheet: Sheet, view: SeriesView, axis: Scale) -> None:
    height = reference(view)
    if height is None or axis.kind == "error":
        return
    end = sheet.axes.get_xlim()[1]
    at = axis.place(height, view)
    if not math.isfinite(at):
        return
    sheet.line([0, end], [at, at], INK, 1, linestyle=(0, (5, 3.5)), zorder=2.5)
    decimals = words.decimals_for([v for v in view.values if abs(v) < LARGEST])
    text = f"{EXACT} {words.number(height, decimals)}"
    above = view.goal == "max"
    shift, side = ((0, 4), "bottom") if above else ((0, -4), "top")
    sheet.write((end, at), text, shift=shift, align=("right", side), color=INK)
