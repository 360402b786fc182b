"""A FigureWidget of plotly."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from IPython.display import display

from lab_views.kernel.streams import value

__all__ = ["make"]


class _Chart:
    def show(self, points: int) -> None:
        self._x = np.arange(points, dtype=float)
        self._y = np.array([value(number) for number in range(points)])
        self._view = go.FigureWidget([go.Scatter(x=self._x, y=self._y)])
        display(self._view)

    def push(self, number: int) -> None:
        self._x = np.append(self._x, number)
        self._y = np.append(self._y, value(number))
        with self._view.batch_update():
            self._view.data[0].x = self._x
            self._view.data[0].y = self._y

    def close(self) -> None:
        self._view.close()


make = _Chart
