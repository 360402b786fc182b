"""``qjobwidgets.watch(job)``: the door by which any job comes under watch."""

from __future__ import annotations

from typing import Any, cast

from qjobwidgets.client import RuntimeJob, RuntimeService
from qjobwidgets.watch.foreign import foreign_service
from qjobwidgets.watch.handle import WatchedJob
from qjobwidgets.watch.hooks import Hook, checked_actions

__all__ = ["watch"]


def watch(
    job: Any, *, on_done: Hook = None, on_error: Hook = None, on_change: Hook = None
) -> WatchedJob:
    """Watch a job until it has ended, and return a handle that every view takes.

    It may be a :class:`RuntimeJob`, or any other job with Qiskit's ``job_id()`` and ``status()``:
    Aer's, those of Qiskit's own primitives, the official client's, another vendor's. The jobs of
    one package are one account, and a table shows the jobs of one account.

    A hook is a function that takes the handle, ``"notify"`` for a notification of the browser that
    shows a view of the job, the address of a webhook, or a list of these. It is called once, on a
    thread of its own; a job that has ended already calls it at once.

    Args:
        job: The job.
        on_done: What to do when it has ended well.
        on_error: What to do when it has failed.
        on_change: What to do at each change of its status, to ``CANCELLED`` as well.

    Raises:
        TypeError: It is no job.
        IBMInputValueError: A hook is nothing that can be done.
    """
    done, error, change = map(checked_actions, (on_done, on_error, on_change))
    handle = job if isinstance(job, WatchedJob) else _handle(job)
    handle.add_hooks(on_done=done, on_error=error, on_change=change)
    return handle


def _handle(job: Any) -> WatchedJob:
    if isinstance(job, RuntimeJob):
        return WatchedJob(job, job.record, job.service)
    if not all(callable(getattr(job, name, None)) for name in ("job_id", "status")):
        raise TypeError(
            f"{type(job).__name__} is no job: it has no job_id() and status(). "
            "Pass a RuntimeJob, or a job of Qiskit or of another package."
        )
    service = foreign_service(job)
    record = service.add(job)
    # a package's account has all of a service that a watcher and views use
    handle = WatchedJob(job, record, cast("RuntimeService", service))
    if handle.record.final:  # nobody will ask it
        service.ended(record.id)
    return handle
