"""PNG pictures of the views, drawn by matplotlib's Agg canvas.

Never pyplot: its global state is unsafe beside threads. Everything is set here, text included, so
that a user's matplotlib style changes nothing, and text from outside is drawn as it is: no ``$``
starts mathematics, and a character the font lacks becomes a box instead of a warning.
"""

from __future__ import annotations

import math
from functools import lru_cache
from io import BytesIO
from typing import Any

from qjobwidgets.render import words
from qjobwidgets.render.counts import Bar, CountsView, bars
from qjobwidgets.render.curve import (
    LARGEST,
    Run,
    SeriesView,
    axis_end,
    gaps,
    reference,
    running_best,
    runs,
    ticks,
)
from qjobwidgets.render.markup import INK, LINE, RULE, SURFACE
from qjobwidgets.render.status import Tone

__all__ = ["counts_png", "series_png"]

_POINTS_PER_PX = 0.72  # at 100 dots per inch, one CSS pixel
_SMALL = 11 * _POINTS_PER_PX
_SANS, _MONO = "DejaVu Sans", "DejaVu Sans Mono"  # shipped with matplotlib
_DOTS = "#8db3d9"
_EARLIER, _EARLIER_DOTS = "#858585", "#c4c4c4"
_BAND = "#f1ebe0"  # 12 % of the waiting tone on white


def series_png(view: SeriesView, width: int = 640, height: int = 300, scale: float = 2) -> bytes:
    """Return the plot of a series as PNG.

    Dots are the values, the line is the running best, grey is an earlier attempt, the dashed line
    is the reference, and a band stands where values were not received.

    Args:
        view: The values.
        width: Width in CSS pixels.
        height: Height in CSS pixels.
        scale: Image pixels for each CSS pixel.
    """
    found = [run for run in runs(view) if run.y]
    every = [y for run in found for y in run.y]
    low, high = _value_range(view, every)
    marks, decimals = ticks(low, high, 6)
    labels = [words.number(mark, decimals) for mark in marks]
    left = 18 + 6.6 * max((len(label) for label in labels), default=1)
    sheet = _Sheet(width, height, scale, (left, 14, 30, 40))
    end = axis_end(max(view.seq, default=0))
    sheet.limits((0, end), (low, high))
    _frame(sheet, view, list(zip(marks, labels, strict=True)), end)
    _draw_gaps(sheet, view)
    for run in found:
        _draw_run(sheet, run, view, earlier=run is not found[-1])
    _draw_restarts(sheet, view)
    _draw_reference(sheet, view)
    return sheet.png()


def counts_png(view: CountsView, width: int = 640, scale: float = 2) -> bytes:
    """Return the histogram of one entry as PNG; its height follows from the number of bars.

    Args:
        view: The counts.
        width: Width in CSS pixels.
        scale: Image pixels for each CSS pixel.
    """
    shown = bars(view)
    row = 30 if len(shown) <= 4 else 22
    label = 24 + 6.8 * max((len(bar.label) for bar in shown), default=1)
    sheet = _Sheet(width, row * max(len(shown), 1) + 24, scale, (label, 150, 12, 12))
    shares = [bar.count / view.shots if view.shots else 0.0 for bar in shown]
    sheet.limits((0, max([*shares, 0.01]) * 1.08), (max(len(shown), 1) - 0.5, -0.5))
    for at, (bar, part) in enumerate(zip(shown, shares, strict=True)):
        _draw_bar(sheet, at, bar, part, view.shots)
    sheet.axes.vlines([0], -0.5, len(shown) - 0.5, colors=[RULE], linewidths=[_POINTS_PER_PX])
    return sheet.png()


class _Sheet:
    """A white figure with one plain plotting area and a way to write on it."""

    def __init__(
        self, width: int, height: int, scale: float, margins: tuple[float, float, float, float]
    ) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - slow to load
        from matplotlib.figure import Figure  # noqa: PLC0415 - slow to load

        left, right, top, bottom = margins
        self.margin_left = left
        size = (width / 100, height / 100)
        self.figure = Figure(figsize=size, dpi=100 * scale, facecolor=SURFACE)
        self.figure.set_layout_engine("none")
        self.canvas = FigureCanvasAgg(self.figure)
        box = (left / width, bottom / height)
        inner = ((width - left - right) / width, (height - top - bottom) / height)
        self.axes = self.figure.add_axes((*box, *inner))
        self.axes.axis("off")
        self.px_per_x = width - left - right

    def limits(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Set what the area shows."""
        self.axes.set_xlim(*x)
        self.axes.set_ylim(*y)
        self.px_per_x /= x[1] - x[0]

    def write(  # noqa: PLR0913 - a place, a shift from it, and a look
        self,
        at: tuple[float, float],
        text: str,
        *,
        shift: tuple[float, float] = (0, 0),
        align: tuple[str, str] = ("left", "center"),
        color: str = Tone.STILL.value,
        font: str = _SANS,
        in_area: bool = False,
    ) -> None:
        """Write text at a place in data (or, with ``in_area``, area) coordinates, shifted by px."""
        self.axes.annotate(
            _drawable(text, font),
            at,
            xycoords="axes fraction" if in_area else "data",
            xytext=(shift[0] * _POINTS_PER_PX, shift[1] * _POINTS_PER_PX),
            textcoords="offset points",
            ha=align[0],
            va=align[1],
            color=color,
            fontfamily=font,
            fontsize=_SMALL,
            fontweight="normal",
            fontstyle="normal",
            usetex=False,
            parse_math=False,
            annotation_clip=False,
        )

    def line(self, x: list[float], y: list[float], color: str, width: float, **more: Any) -> None:
        """Draw a line ``width`` CSS pixels wide."""
        look = {"linestyle": "-", "marker": "", "solid_capstyle": "round"} | more
        self.axes.plot(x, y, color=color, linewidth=width * _POINTS_PER_PX, **look)

    def png(self) -> bytes:
        """Return the figure as PNG."""
        out = BytesIO()
        self.canvas.print_png(out)  # type: ignore[no-untyped-call]
        return out.getvalue()


@lru_cache(maxsize=512)
def _drawable(text: str, family: str) -> str:
    """Return the text with a box for each character the font has no picture of."""
    from matplotlib import font_manager  # noqa: PLC0415 - slow to load

    font = font_manager.get_font(font_manager.findfont(family))
    return "".join(c if font.get_char_index(ord(c)) else "□" for c in words.clean(text, 120))


def _value_range(view: SeriesView, values: list[float]) -> tuple[float, float]:
    target = reference(view)
    known = [*values, *([target] if target is not None else [])] or [0.0, 1.0]
    low, high = min(known), max(known)
    span = high - low or abs(high) * 0.1 or 1.0
    # room for the label of the reference, on the far side of the values
    below = 0.14 if view.goal != "max" else 0.06
    return low - below * span, high + (0.2 - below) * span


def _frame(sheet: _Sheet, view: SeriesView, marks: list[tuple[float, str]], end: float) -> None:
    low = sheet.axes.get_ylim()[0]
    for mark, label in marks:
        sheet.line([0, end], [mark, mark], LINE, 1, zorder=0)
        sheet.write((0, mark), label, shift=(-8, 0), align=("right", "center"))
    sheet.line([0, end], [low, low], RULE, 1, zorder=1, clip_on=False)
    for x in ticks(0, end, 8)[0]:
        sheet.write((x, low), words.number(x, 0), shift=(0, -6), align=("center", "top"))
    unit = f", {view.unit}" if view.unit else ""
    sheet.write((0, 1), f"{view.field}{unit}", shift=(-sheet.margin_left + 6, 14), in_area=True)
    sheet.write((1, 0), view.x_label, shift=(0, -22), align=("right", "top"), in_area=True)


def _draw_gaps(sheet: _Sheet, view: SeriesView) -> None:
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


def _draw_run(sheet: _Sheet, run: Run, view: SeriesView, *, earlier: bool) -> None:
    dots = _EARLIER_DOTS if earlier else _DOTS
    look = {"linestyle": "", "marker": "o", "markersize": 2.8 * _POINTS_PER_PX, "zorder": 2}
    sheet.line(run.x, run.y, dots, 0, markeredgewidth=0, **look)
    if view.goal:
        color, width = (_EARLIER, 1.25) if earlier else (Tone.RUN.value, 2)
        best = running_best(run.y, view.goal)
        sheet.line(*_broken(run.x, best, view), color, width, drawstyle="steps-post", zorder=3)
    if not earlier:
        sheet.line(run.x[-1:], run.y[-1:], Tone.RUN.value, 0, marker="o", markersize=4, zorder=4)


def _broken(x: list[float], y: list[float], view: SeriesView) -> tuple[list[float], list[float]]:
    """Return a stepped line with a break wherever values were not received."""
    starts = {gap.end: gap.start for gap in gaps(view)}
    points: list[tuple[float, float]] = []
    for at, height in zip(x, y, strict=True):
        if at in starts:
            # a step is held up to the next point, so the break begins where the gap does
            points.append((starts[at], math.nan))
        points.append((at, height))
    return [at for at, _ in points], [height for _, height in points]


def _draw_restarts(sheet: _Sheet, view: SeriesView) -> None:
    top = sheet.axes.get_ylim()[1]
    free_from = -math.inf
    steps = zip(view.attempt, view.attempt[1:], view.seq[1:], strict=False)
    for x, attempt in [(x, int(new)) for old, new, x in steps if old != new]:
        sheet.axes.axvline(
            x, color=_EARLIER, linewidth=_POINTS_PER_PX, linestyle=(0, (1.5, 2)), zorder=1
        )
        if x * sheet.px_per_x >= free_from:
            sheet.write(
                (x, top), f"attempt {attempt}", shift=(5, 4), align=("left", "bottom"), color=INK
            )
            free_from = x * sheet.px_per_x + 70


def _draw_reference(sheet: _Sheet, view: SeriesView) -> None:
    height = reference(view)
    if height is None:
        return
    end = sheet.axes.get_xlim()[1]
    sheet.line([0, end], [height, height], INK, 1, linestyle=(0, (5, 3.5)), zorder=2.5)
    decimals = words.decimals_for([v for v in view.values if abs(v) < LARGEST])
    text = f"{view.reference_label} {words.number(height, decimals)}"
    above = view.goal == "max"
    shift, side = ((0, 4), "bottom") if above else ((0, -4), "top")
    sheet.write((end, height), text, shift=shift, align=("right", side), color=INK)


def _draw_bar(sheet: _Sheet, at: int, bar: Bar, part: float, shots: int) -> None:
    half = 0.22
    other = bar.others is not None
    look: dict[str, Any] = {"facecolor": Tone.RUN.value, "edgecolor": "none"}
    if other:
        look = {"facecolor": SURFACE, "edgecolor": Tone.STILL.value, "hatch": "/////"}
    sheet.axes.barh(at, part, height=2 * half, linewidth=_POINTS_PER_PX, **look)
    if shots:
        noise = math.sqrt(max(part * (1 - part), 0) / shots)
        sheet.line([part - noise, part + noise], [at, at], INK, 1, zorder=3)
        for x in (part - noise, part + noise):
            sheet.line([x, x], [at - half / 2, at + half / 2], INK, 1, zorder=3)
    font = _SANS if other else _MONO
    sheet.write((0, at), bar.label, shift=(-8, 0), align=("right", "center"), color=INK, font=font)
    end = (sheet.axes.get_xlim()[1], at)
    right = ("right", "center")
    sheet.write(end, words.number(bar.count), shift=(74, 0), align=right, color=INK)
    sheet.write(end, words.share(bar.count, shots), shift=(138, 0), align=right)
