"""A DataFrame, shown with all of its rows and replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from IPython.display import display

from lab_views.kernel.jobs import cells
from qjobwidgets.records import JobRecord

__all__ = ["make"]


class _Table:
    def __init__(self, most: int | None = None) -> None:
        self._most = most

    def prepare(self, jobs: Sequence[JobRecord]) -> None:
        self._jobs = list(jobs)

    def show(self) -> None:
        pd.set_option("display.max_rows", self._most)
        pd.set_option("display.min_rows", self._most)
        self._handle = display(self._frame(), display_id=True)

    def change(self, jobs: Sequence[JobRecord]) -> None:
        self._jobs[: len(jobs)] = jobs
        self._handle.update(self._frame())

    def close(self) -> None:
        pass

    def _frame(self) -> pd.DataFrame:
        return pd.DataFrame([cells(job) for job in self._jobs])


make = _Table
