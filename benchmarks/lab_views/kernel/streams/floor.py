"""The floor: uPlot in a bare widget, at most twenty-five messages a second."""

from __future__ import annotations

import threading
from array import array
from pathlib import Path

import anywidget
import traitlets
from IPython.display import display

from lab_views.environment import ROOT
from lab_views.kernel.streams import value

__all__ = ["make"]

_UPLOT = ROOT / "js" / "node_modules" / "uplot" / "dist"
_EVERY = 0.04


class _Plot(anywidget.AnyWidget):
    _esm = (
        (_UPLOT / "uPlot.iife.min.js").read_text()
        + "\n"
        + Path(__file__).with_name("floor.js").read_text()
    )
    style = traitlets.Unicode((_UPLOT / "uPlot.min.css").read_text()).tag(sync=True)
    begin = traitlets.Bytes().tag(sync=True)


class _Chart:
    def show(self, points: int) -> None:
        self._waiting: list[int] = []
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._view = _Plot(begin=_packed(range(points)))
        display(self._view)
        threading.Thread(target=self._send_on).start()

    def push(self, number: int) -> None:
        with self._lock:
            self._waiting.append(number)

    def close(self) -> None:
        self._closed.set()
        self._view.close()

    def _send_on(self) -> None:
        while not self._closed.wait(_EVERY):
            with self._lock:
                numbers, self._waiting = self._waiting, []
            if numbers:
                self._view.send({"kind": "more"}, [_packed(numbers)])


def _packed(numbers: range | list[int]) -> bytes:
    return array("d", [*map(float, numbers), *map(value, numbers)]).tobytes()


make = _Chart
