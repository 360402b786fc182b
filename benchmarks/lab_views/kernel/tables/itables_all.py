"""A DataFrame through itables, replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence

import itables
import pandas as pd
from IPython.display import HTML, display

from lab_views.kernel.jobs import cells
from qjobwidgets.records import JobRecord

__all__ = ["make"]


class _Table:
    def prepare(self, jobs: Sequence[JobRecord]) -> None:
        self._jobs = list(jobs)

    def show(self) -> None:
        # what it needs goes into the output: nothing can be fetched
        itables.init_notebook_mode(all_interactive=False, connected=False)
        self._handle = display(self._html(), display_id=True)

    def change(self, jobs: Sequence[JobRecord]) -> None:
        self._jobs[: len(jobs)] = jobs
        self._handle.update(self._html())

    def close(self) -> None:
        pass

    def _html(self) -> HTML:
        frame = pd.DataFrame([cells(job) for job in self._jobs])
        text = itables.to_html_datatable(frame, maxBytes=0, connected=False)
        return HTML(text)


make = _Table
