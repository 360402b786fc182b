"""The ``%qjob`` magics: each command in a few lines, on top of client, watch and widgets."""

from __future__ import annotations

import argparse
import asyncio
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from qjobwidgets.client import RuntimeJob, submissions
from qjobwidgets.errors import (
    BackendNotFoundError,
    QJobError,
    RuntimeInvalidStateError,
    RuntimeProgramNotFound,
)
from qjobwidgets.magics import words
from qjobwidgets.magics.account import Desk
from qjobwidgets.magics.parser import build_parser, parse
from qjobwidgets.watch import watcher_for
from qjobwidgets.widgets import (
    CountsHistogram,
    InterimPlot,
    JobsTable,
    StatusBadge,
    View,
    open_views,
)
from qjobwidgets.widgets.host import host

__all__ = ["QJobMagics"]

_PRIMITIVES = frozenset({"sampler", "estimator"})


@magics_class
class QJobMagics(Magics):
    """The magics of one shell."""

    shell: Any

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self.desk = Desk(shell)

    @no_var_expand
    @line_cell_magic
    def qjob(self, line: str, cell: str | None = None) -> Any:
        """Replaced below by the parser's own help, so that ``%qjob?`` tells the truth."""
        try:
            asked = parse(words.split(line))
            if asked is None:
                return None
            if cell is not None:
                return self._cell(asked, cell)
            if asked.command is None:
                return JobsTable(service=self.desk.service)
            command: Callable[[argparse.Namespace], Any] = getattr(self, f"_{asked.command}")
            return command(asked)
        except QJobError as error:
            raise UsageError(str(error)) from None

    qjob.__doc__ = build_parser().format_help()

    def after_cell(self, _result: object) -> None:
        """Bring static outputs up to date where no page does it (a headless run)."""
        if host() == "headless":
            for view in open_views():
                view.refresh_twin()

    # -- the commands -----------------------------------------------------------------------------

    def _run(self, asked: argparse.Namespace) -> RuntimeJob:
        options: dict[str, Any] = {"job_tags": asked.tag} if asked.tag else {}
        if asked.backend:
            options["backend"] = asked.backend
        service = self.desk.service
        try:
            job = service.run(asked.program, self._inputs(asked), options)
        except RuntimeProgramNotFound:
            known = ", ".join(sorted(service.program_ids()))
            raise UsageError(f"There is no program {asked.program!r}. Programs: {known}") from None
        except BackendNotFoundError:
            known = ", ".join(sorted(service.backend_names()))
            raise UsageError(f"There is no backend {asked.backend!r}. Backends: {known}") from None
        except (TypeError, ValueError) as error:
            raise UsageError(f"{asked.program} can't take these inputs: {error}") from None
        _display(JobsTable([job]))
        return job

    def _inputs(self, asked: argparse.Namespace) -> dict[str, Any]:
        inputs: dict[str, Any] = {}
        pubs = []
        for word in asked.inputs:
            pair = words.key_value(word)
            if pair is None:
                pubs.append(words.evaluate(self.shell, word))
            else:
                inputs[pair[0]] = words.evaluate(self.shell, pair[1])
        if pubs and asked.program not in _PRIMITIVES:
            raise UsageError(f"{asked.program} takes its inputs by name: key=value")
        if pubs:
            inputs["pubs"] = [*inputs.get("pubs", []), *pubs]
        if asked.shots and asked.program in _PRIMITIVES:
            inputs["options"] = {**inputs.get("options", {}), "default_shots": asked.shots}
        elif asked.shots:
            inputs["shots"] = asked.shots
        return inputs

    def _show(self, asked: argparse.Namespace) -> StatusBadge:
        return StatusBadge(self.desk.job(asked.job))

    def _plot(self, asked: argparse.Namespace) -> InterimPlot:
        exact = None if asked.exact is None else words.evaluate(self.shell, asked.exact)
        try:
            exact = None if exact is None else float(exact)
        except (TypeError, ValueError):
            raise UsageError(f"--exact takes a number, not {asked.exact!r}") from None
        job = self.desk.job(asked.job)
        return InterimPlot(job, asked.field, exact=exact, unit=asked.unit)

    def _counts(self, asked: argparse.Namespace) -> CountsHistogram:
        return CountsHistogram(self.desk.job(asked.job))

    def _cancel(self, asked: argparse.Namespace) -> JobsTable | None:
        jobs = [self.desk.job(name) for name in asked.job]
        for job in jobs:
            try:
                job.cancel()
            except RuntimeInvalidStateError as error:
                print(error)  # noqa: T201 - on the user's own thread; nothing is wrong
        if len({job.service.key for job in jobs}) == 1:
            return JobsTable(jobs)
        _display_tables(jobs)
        return None

    def _wait(self, asked: argparse.Namespace) -> RuntimeJob | list[RuntimeJob]:
        jobs = [self.desk.job(name) for name in asked.job]
        for job in jobs:
            watcher = watcher_for(job.service)
            if not watcher.wait(job.record, asked.timeout):
                raise UsageError(f"Job {job.job_id()} is still {job.record.status}. It goes on.")
            entry = watcher.board.get(job.job_id())
            if entry is not None:
                job.update(entry.record)
        return jobs[0] if len(jobs) == 1 else jobs

    # -- %%qjob -----------------------------------------------------------------------------------

    def _cell(self, asked: argparse.Namespace, cell: str) -> list[RuntimeJob]:
        if asked.command is not None:
            raise UsageError(f"%%qjob takes no command; for {asked.command} use %qjob")
        if _in_event_loop() and _awaits(self.shell, cell):
            raise UsageError("%%qjob can't run a cell with await here. Run it without %%qjob.")
        jobs: list[RuntimeJob] = []
        tables: dict[str, JobsTable] = {}

        def submitted(job: RuntimeJob) -> None:
            jobs.append(job)
            account = job.service.key
            if account in tables:
                tables[account].add(job)
            elif threading.current_thread() is threading.main_thread():
                tables[account] = JobsTable([job])
                _display(tables[account])

        unsubscribe = submissions.subscribe(submitted)
        try:
            result = self.shell.run_cell(cell, store_history=False)
        finally:
            unsubscribe()
        _display_tables(job for job in jobs if job.service.key not in tables)
        if not result.success:
            failure = result.error_before_exec or result.error_in_exec
            raise UsageError(f"The cell ended with {type(failure).__name__}.")
        if not jobs:
            print("This cell submitted no job.")  # noqa: T201 - on the user's own thread
        return jobs


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


def _display_tables(jobs: Iterable[RuntimeJob]) -> None:
    """Display the jobs, a table for each account."""
    accounts: dict[str, list[RuntimeJob]] = {}
    for job in jobs:
        accounts.setdefault(job.service.key, []).append(job)
    for own in accounts.values():
        _display(JobsTable(own))


def _display(view: View) -> None:
    view._ipython_display_()
