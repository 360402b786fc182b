"""The picture of a histogram, as PNG."""

from __future__ import annotations

import math
from typing import Any

from qjobwidgets.render import words
from qjobwidgets.render.bars import Bar, CountsView, bars
from qjobwidgets.render.markup import INK, RULE, SURFACE
from qjobwidgets.render.sheet import MONO, POINTS_PER_PX, SANS, Sheet
from qjobwidgets.render.status import Tone

__all__ = ["counts_png"]

_COMPARED = "#8a3f96"


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
    sheet = Sheet(width, row * max(len(shown), 1) + 24, scale, (label, 150, 12, 12))
    shares = [bar.count / view.shots if view.shots else 0.0 for bar in shown]
    expected = [bar.expected or 0.0 for bar in shown]
    sheet.limits((0, max([*shares, *expected, 0.01]) * 1.08), (max(len(shown), 1) - 0.5, -0.5))
    for at, (bar, part) in enumerate(zip(shown, shares, strict=True)):
        _draw_bar(sheet, at, bar, part, view.shots)
    sheet.axes.vlines([0], -0.5, len(shown) - 0.5, colors=[RULE], linewidths=[POINTS_PER_PX])
    return sheet.png()


def _draw_bar(sheet: Sheet, at: int, bar: Bar, part: float, shots: int) -> None:
    half = 0.22
    other = bar.others is not None
    look: dict[str, Any] = {"facecolor": Tone.RUN.value, "edgecolor": "none"}
    if other:
        look = {"facecolor": SURFACE, "edgecolor": Tone.STILL.value, "hatch": "/////"}
    sheet.axes.barh(at, part, height=2 * half, linewidth=POINTS_PER_PX, **look)
    if shots:
        noise = math.sqrt(max(part * (1 - part), 0) / shots)
        sheet.line([part - noise, part + noise], [at, at], INK, 1, zorder=3)
        for x in (part - noise, part + noise):
            sheet.line([x, x], [at - half / 2, at + half / 2], INK, 1, zorder=3)
    if bar.expected is not None:
        mark = [at - 1.6 * half, at + 1.6 * half]
        sheet.line([bar.expected] * 2, mark, _COMPARED, 2, zorder=2.5)
    font = SANS if other else MONO
    sheet.write((0, at), bar.label, shift=(-8, 0), align=("right", "center"), color=INK, font=font)
    end = (sheet.axes.get_xlim()[1], at)
    right = ("right", "center")
    sheet.write(end, words.number(bar.count), shift=(74, 0), align=right, color=INK)
    sheet.write(end, words.share(bar.count, shots), shift=(138, 0), align=right)
