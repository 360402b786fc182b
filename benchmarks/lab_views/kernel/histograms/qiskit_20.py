"""Qiskit's own histogram of the twenty most frequent outcomes."""

from __future__ import annotations

from functools import partial

from lab_views.kernel.histograms import qiskit_plot

__all__ = ["make"]

make = partial(qiskit_plot.make, 20)
