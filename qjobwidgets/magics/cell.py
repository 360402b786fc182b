"""``%%qjob``: run a cell, and show the jobs that it submits while it runs."""

from __future__ import annotations

import argparse
import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, Final

from IPython.core.error import UsageError

from qjobwidgets.client import RuntimeJob, submissions
from qjobwidgets.errors import QJobError
from qjobwidgets.magics.desk import Desk
from qjobwidgets.magics.grammar import Command, argument
from qjobwidgets.magics.showing import display, display_tables, say
from qjobwidgets.watch import watcher_for
from qjobwidgets.widgets import CountsHistogram, InterimPlot, JobCard, JobsTable, View

__all__ = ["CELL"]

_VIEWS: Final = ("table", "card", "plot", "counts", "none")
"""How a cell's jobs are shown."""

_EACH: Final[dict[str, Callable[[RuntimeJob], View]]] = {
    "card": JobCard,
    "plot": InterimPlot,
    "counts": CountsHistogram,
}


def run_cell(desk: Desk, asked: argparse.Namespace, cell: str) -> list[RuntimeJob]:
    """Run the cell and return the jobs it has submitted."""
    shell = desk.shell
    if _in_event_loop() and _awaits(shell, cell):
        raise UsageError("%%qjob can't run a cell with await here. Run it without %%qjob.")
    submitted = _Submitted(asked, desk.settings.tags)
    unsubscribe = submissions.subscribe(submitted.take)
    try:
        result = shell.run_cell(cell, store_history=False)
    finally:
        unsubscribe()
    submitted.finish()
    if not result.success:
        failure = result.error_before_exec or result.error_in_exec
        raise UsageError(f"The cell ended with {type(failure).__name__}.")
    if not submitted.jobs:
        say("This cell submitted no job.")
    return submitted.jobs


class _Submitted:
    """The jobs that a cell submits, named, tagged and shown as asked.

    Args:
        asked: The words after ``%%qjob``.
        tags: Tags that all jobs get.
    """

    def __init__(self, asked: argparse.Namespace, tags: Sequence[str]) -> None:
        self.jobs: list[RuntimeJob] = []
        self._view: str = asked.watch
        self._name: str | None = asked.name
        self._tags = [*tags, *asked.tag]
        self._tables: dict[str, JobsTable] = {}
        self._trouble: list[str] = []
        self._unshown: list[RuntimeJob] = []
        self._numbers = count(1)  # which threads may take from at the same time

    def take(self, job: RuntimeJob) -> None:
        """Take a job in, on the thread that has submitted it."""
        number = next(self._numbers)
        self.jobs.append(job)
        self._describe(job, number)
        table = self._tables.get(job.service.key)
        if self._view == "none":
            pass
        elif table is not None:
            table.add(job)
        elif threading.current_thread() is not threading.main_thread():
            self._unshown.append(job)
        elif self._view == "table":
            self._tables[job.service.key] = JobsTable([job])
            display(self._tables[job.service.key])
        else:
            display(_EACH[self._view](job))

    def finish(self) -> None:
        """Show what was submitted on other threads, and say what went wrong."""
        if self._view == "table":
            display_tables(job for job in self._unshown if job.service.key not in self._tables)
        else:
            for job in self._unshown:
                display(_EACH[self._view](job))
        for line in self._trouble:
            say(line)

    def _describe(self, job: RuntimeJob, number: int) -> None:
        """Name and tag a job; it has been submitted, so nothing here may fail the cell."""
        try:
            if self._name:
                job.update_name(self._name if number == 1 else f"{self._name} {number}")
            if self._tags:
                tags = tuple(dict.fromkeys((*job.record.tags, *self._tags)))
                job.service.api.set_tags(job.job_id(), tags)
                job.update(job.record._replace(tags=tags))
                watcher_for(job.service).board.introduce([job.record])
        except QJobError as error:
            self._trouble.append(f"Job {job.job_id()} could not be named or tagged: {error}")


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _awaits(shell: Any, cell: str) -> bool:
    with suppress(Exception):  # a cell that can't be read says so when it is run
        return bool(shell.should_run_async(cell, transformed_cell=shell.transform_cell(cell)))
    return False


CELL: Final = Command(
    "",
    "run the cell and show the jobs it submits",
    run_cell,
    (
        argument(
            "--name", help="name of its jobs, kept on this machine; numbered if there are several",
            metavar="NAME",
        ),
        argument(
            "--tag", help="tag of its jobs; may be repeated", kind="tag", action="append",
            default=[], metavar="T",
        ),
        argument(
            "--watch", help="how they are shown: table, card, plot, counts or none",
            choices=_VIEWS, default="table", metavar="VIEW",
        ),
    ),
    examples=("%%qjob --name first --tag demo --watch table",),
)  # fmt: skip
"""``%%qjob``."""
