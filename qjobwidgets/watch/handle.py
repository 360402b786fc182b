"""The handle of a job that is watched, whoever's it is."""

from __future__ import annotations

from typing import Any

from qjobwidgets.client import RuntimeService
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch.foreign import is_foreign
from qjobwidgets.watch.hooks import Hook, Hooks, checked_actions, forget
from qjobwidgets.watch.registry import watcher_for

__all__ = ["WatchedJob"]


class WatchedJob:
    """A job that is watched: every view takes it, and it shows itself as a live badge.

    What it tells is what the watcher knows; it asks nobody. Everything that the job itself has
    besides, such as ``result()``, is the job's own.

    Args:
        job: The job.
        record: What is known of it.
        service: The account it belongs to.

    Attributes:
        job: As above.
        service: As above.
        watcher: Its watcher.
        hook_errors: What hooks have raised, the first hundred.
    """

    def __init__(self, job: Any, record: JobRecord, service: RuntimeService) -> None:
        self.job = job
        self.service = service
        self.watcher = watcher_for(service)
        self.hook_errors: list[BaseException] = []
        self._record = record
        self.watcher.watch([record], kept=True)

    def __repr__(self) -> str:
        record = self.record
        return f"<WatchedJob({record.id!r}, {record.status!s})>"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.job, name)

    @property
    def record(self) -> JobRecord:
        """What is known of the job, or was when it was deleted."""
        self._record = self.watcher.board.latest(self._record)
        return self._record

    def job_id(self) -> str:
        """Return the job's id."""
        return self._record.id

    def status(self) -> JobStatus | str:
        """Return the status the job was last seen in."""
        return self.record.status

    def update(self, record: JobRecord) -> None:
        """Hand newer facts to the job, if it takes them."""
        take = getattr(self.job, "update", None)
        if callable(take) and not is_foreign(self.service):
            take(record)

    def cancel(self) -> None:
        """Cancel the job in the background; views say what comes of it."""
        self.watcher.cancel(self.job_id())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the job is final; return false when so many seconds have passed first.

        Raises:
            RuntimeJobNotFound: The job was deleted meanwhile.
            IBMNotAuthorizedError: The service refuses our credentials.
        """
        return self.watcher.wait(self.record, timeout)

    async def wait_async(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - as wait()
        """Await the end of the job, so that clicks in views work meanwhile; see :meth:`wait`."""
        return await self.watcher.wait_async(self.record, timeout)

    def add_hooks(
        self, *, on_done: Hook = None, on_error: Hook = None, on_change: Hook = None
    ) -> None:
        """Have something done when the job changes; see :func:`qjobwidgets.watch`."""
        hooks = [checked_actions(hook) for hook in (on_done, on_error, on_change)]
        if any(hooks):
            Hooks(self, *hooks)

    def forget_hook_errors(self) -> None:
        """Empty :attr:`hook_errors`, and have the job's views say no more of them."""
        forget(self)

    def _ipython_display_(self) -> None:
        # the package's own door, which loads the views when they are first asked for
        from qjobwidgets import StatusBadge  # noqa: PLC0415

        StatusBadge(self)._ipython_display_()
