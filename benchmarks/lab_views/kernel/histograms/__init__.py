"""Histograms: what it takes the kernel to have one drawn."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["Histogram", "HistogramStage"]


class Histogram(Protocol):
    """One way to draw counts; each module beside this one has one."""

    def prepare(self, counts: Mapping[str, int]) -> None:
        """Do what is not measured."""

    def draw(self) -> Any:
        """Draw, and return what can be displayed."""

    def close(self) -> None:
        """Let go of everything."""


class HistogramStage:
    """A histogram.

    Args:
        which: Name of the module.
        bits: Width of the register, all of whose outcomes were measured.

    Attributes:
        ms: Processor time of the kernel, in milliseconds, that drawing took.
        drawn: What can be displayed.
    """

    def __init__(self, which: str, bits: int) -> None:
        self.ms = 0.0
        self.drawn: Any = None
        self.histogram: Histogram = importlib.import_module(f"{__name__}.{which}").make()
        counts = {f"{n:0{bits}b}": 1 + n * 7919 % 16 for n in range(2**bits)}
        self.histogram.prepare(counts)

    def draw(self) -> None:
        """Draw it."""
        begin = time.process_time()
        self.drawn = self.histogram.draw()
        self.ms = 1000 * (time.process_time() - begin)

    def close(self) -> None:
        """Let go of it."""
        self.histogram.close()
