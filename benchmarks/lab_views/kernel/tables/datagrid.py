"""A DataFrame through ipydatagrid, replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from ipydatagrid import DataGrid
from IPython.display import display

from lab_views.kernel.jobs import cells
from qjobwidgets.records import JobRecord

__all__ = ["make"]


class _Table:
    def prepare(self, jobs: Sequence[JobRecord]) -> None:
        self._jobs = list(jobs)

    def show(self) -> None:
        self._view = DataGrid(self._frame())
        display(self._view)

    def change(self, jobs: Sequence[JobRecord]) -> None:
        self._jobs[: len(jobs)] = jobs
        self._view.data = self._frame()

    def close(self) -> None:
        self._view.close()

    def _frame(self) -> pd.DataFrame:
        return pd.DataFrame([cells(job) for job in self._jobs])


make = _Table
