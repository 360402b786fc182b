"""A figure of bqplot."""

from __future__ import annotations

import bqplot
import numpy as np
from IPython.display import display

from lab_views.kernel.streams import value

__all__ = ["make"]


class _Chart:
    def show(self, points: int) -> None:
        self._x = np.arange(points, dtype=float)
        self._y = np.array([value(number) for number in range(points)])
        scales = {"x": bqplot.LinearScale(), "y": bqplot.LinearScale()}
        self._line = bqplot.Lines(x=self._x, y=self._y, scales=scales)
        axes = [
            bqplot.Axis(scale=scales["x"]),
            bqplot.Axis(scale=scales["y"], orientation="vertical"),
        ]
        self._view = bqplot.Figure(marks=[self._line], axes=axes)
        display(self._view)

    def push(self, number: int) -> None:
        self._x = np.append(self._x, number)
        self._y = np.append(self._y, value(number))
        with self._line.hold_sync():
            self._line.x = self._x
            self._line.y = self._y

    def close(self) -> None:
        self._view.close()


make = _Chart
