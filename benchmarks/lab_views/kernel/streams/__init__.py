"""Streams: a chart that ends at ten thousand points, fed by a thread at a given pace."""

from __future__ import annotations

import importlib
import math
import threading
import time
from typing import Protocol

__all__ = ["ENDS_AT", "Chart", "StreamStage", "value"]

ENDS_AT = 10_000
SECONDS = 4.0


class Chart(Protocol):
    """One way to draw a curve that grows; each module beside this one has one."""

    def show(self, points: int) -> None:
        """Show a chart that has so many points of :func:`value`."""

    def push(self, number: int) -> None:
        """Add the point of this number; called on a thread."""

    def close(self) -> None:
        """Let go of everything."""


# what a minimisation may look like; known beforehand, as it is the job that would compute it
_VALUES = [math.exp(-n / 2500) + 0.02 * math.sin(n * 1.7) - 1.0 for n in range(ENDS_AT)]


def value(number: int) -> float:
    """Return the height of a point."""
    return _VALUES[number]


class StreamStage:
    """A chart on the page.

    Args:
        which: Name of the module.
        rate: Points offered in a second.

    Attributes:
        taken: Points that were added.
        cpu: Part of a core that the kernel has used meanwhile, in per cent.
        last: When the last point came, in milliseconds since the epoch; 0 until it has.
    """

    def __init__(self, which: str, rate: int) -> None:
        self.taken = 0
        self.cpu = 0.0
        self.last = 0.0
        self._rate = rate
        self._first = ENDS_AT - int(rate * SECONDS)
        self._chart: Chart = importlib.import_module(f"{__name__}.{which}").make()

    def show(self) -> None:
        """Show the points before the first that is streamed."""
        self._chart.show(self._first)

    def start(self) -> None:
        """Stream on a thread."""
        threading.Thread(target=self.run).start()

    def run(self) -> None:
        """Stream; a chart that is too slow for the pace takes fewer points."""
        begin, used = time.monotonic(), time.process_time()
        while (passed := time.monotonic() - begin) < SECONDS:
            due = self.taken / self._rate
            if due >= SECONDS:
                break
            if due > passed:
                time.sleep(due - passed)
            self._chart.push(self._first + self.taken)
            self.taken += 1
        self.last = time.time() * 1000
        # what is sent in parts is part of the cost
        time.sleep(max(0.0, SECONDS - (time.monotonic() - begin)))
        self.cpu = 100 * (time.process_time() - used) / (time.monotonic() - begin)

    def close(self) -> None:
        """Let go of it."""
        self._chart.close()
