"""A row of ipywidgets for each job: a button and a text for each fact, as job watchers once had."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as widgets
from IPython.display import display

from lab_views.kernel.jobs import cells
from qjobwidgets.records import JobRecord

__all__ = ["make"]


class _Table:
    def prepare(self, jobs: Sequence[JobRecord]) -> None:
        self._jobs = jobs

    def show(self) -> None:
        self._usage: list[widgets.HTML] = []
        self._view = widgets.VBox([self._row(cells(job)) for job in self._jobs])
        display(self._view)

    def change(self, jobs: Sequence[JobRecord]) -> None:
        for text, job in zip(self._usage, jobs, strict=False):
            text.value = cells(job)["usage"]

    def close(self) -> None:
        widgets.Widget.close_all()

    def _row(self, row: dict[str, str]) -> widgets.HBox:
        button = widgets.Button(icon="close", layout=widgets.Layout(width="32px"))
        texts = {
            field: widgets.HTML(text, layout=widgets.Layout(width="140px"))
            for field, text in row.items()
        }
        self._usage.append(texts["usage"].add_class("bench-usage"))
        return widgets.HBox([button, *texts.values()]).add_class("bench-row")


make = _Table
