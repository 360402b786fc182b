"""The floor: a bare widget that draws what is in sight, and is sent only what has changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import display

from lab_views.kernel.jobs import cells
from qjobwidgets.records import JobRecord

__all__ = ["FloorTable", "make"]


class FloorTable(anywidget.AnyWidget):
    """The widget."""

    _esm = Path(__file__).with_name("floor.js")
    rows = traitlets.Dict().tag(sync=True)
    patch = traitlets.Dict().tag(sync=True)


class _Table:
    def __init__(self, first: int | None = 200) -> None:
        self._first = first

    def prepare(self, jobs: Sequence[JobRecord]) -> None:
        self._jobs = jobs

    def show(self) -> None:
        self._view = FloorTable(rows=self._rows(self._first))
        self._view.on_msg(self._hear)
        display(self._view)

    def change(self, jobs: Sequence[JobRecord]) -> None:
        usage = [cells(job)["usage"] for job in jobs]
        self._view.patch = {"at": list(range(len(jobs))), "usage": usage}

    def close(self) -> None:
        self._view.close()

    def _hear(self, *_message: Any) -> None:
        self._view.rows = self._rows(None)

    def _rows(self, most: int | None) -> dict[str, Any]:
        rows = [cells(job) for job in self._jobs[:most]]
        columns = {field: [row[field] for row in rows] for field in rows[0]}
        return {"total": len(self._jobs), "columns": columns}


make = _Table
