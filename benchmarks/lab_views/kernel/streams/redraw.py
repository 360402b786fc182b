"""The usual tutorial: a figure of matplotlib, drawn anew and displayed at each point."""

from __future__ import annotations

import matplotlib.pyplot as plt
from IPython import get_ipython
from IPython.display import clear_output, display

from lab_views.kernel.streams import value

__all__ = ["make"]


class _Chart:
    def show(self, points: int) -> None:
        get_ipython().run_line_magic("matplotlib", "inline")
        self._x = list(range(points))
        self._y = [value(number) for number in self._x]
        self._figure, axes = plt.subplots(figsize=(7.6, 2.6))
        [self._line] = axes.plot(self._x, self._y)
        display(self._figure)

    def push(self, number: int) -> None:
        self._x.append(number)
        self._y.append(value(number))
        self._line.set_data(self._x, self._y)
        self._line.axes.relim()
        self._line.axes.autoscale_view()
        clear_output(wait=True)
        display(self._figure)

    def close(self) -> None:
        plt.close(self._figure)


make = _Chart
