"""Qiskit's own histogram, as the picture that a notebook shows."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from qiskit.visualization import plot_histogram

__all__ = ["make"]


class _Histogram:
    def __init__(self, keep: int | None = None) -> None:
        self._keep = keep

    def prepare(self, counts: Mapping[str, int]) -> None:
        self._counts = dict(counts)

    def draw(self) -> Figure:
        figure = plot_histogram(self._counts, number_to_keep=self._keep)
        FigureCanvasAgg(figure).print_png(BytesIO())
        return figure

    def close(self) -> None:
        pass


make = _Histogram
