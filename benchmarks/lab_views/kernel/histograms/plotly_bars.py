"""Bars of plotly."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

__all__ = ["make"]


class _Histogram:
    def prepare(self, counts: Mapping[str, int]) -> None:
        self._counts = counts

    def draw(self) -> go.FigureWidget:
        bars = go.Bar(x=list(self._counts), y=list(self._counts.values()))
        self._view = go.FigureWidget([bars])
        return self._view

    def close(self) -> None:
        self._view.close()


make = _Histogram
