"""The account and the jobs a ``%qjob`` line speaks of."""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError

from qjobwidgets.client import RuntimeJob, RuntimeService, submissions
from qjobwidgets.errors import RuntimeJobNotFound
from qjobwidgets.render import short_id

__all__ = ["Desk"]

_RECENT = 200


class Desk:
    """What the magics of one notebook work with: the service, and the jobs submitted here."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._service: RuntimeService | None = None
        self._last: RuntimeJob | None = None
        self._unsubscribe = submissions.subscribe(self._note)

    @property
    def service(self) -> RuntimeService:
        """The account of arguments, environment or file; without any, the local runtime."""
        if self._service is None:
            self._service = RuntimeService()
        return self._service

    def close(self) -> None:
        """Let go of the service."""
        self._unsubscribe()
        if self._service is not None:
            self._service.close()

    def job(self, name: str) -> RuntimeJob:
        """Return the job a word means: a variable, ``last``, an id, or the beginning of one.

        Raises:
            UsageError: There is no such job, or several.
        """
        value = self._shell.user_ns.get(name)
        if isinstance(value, RuntimeJob):
            return value
        if name == "last":
            return self._newest()
        try:
            return self.service.job(name)
        except RuntimeJobNotFound:
            return self._by_beginning(name)

    def _note(self, job: RuntimeJob) -> None:
        self._last = job

    def _newest(self) -> RuntimeJob:
        if self._last is not None:
            return self._last
        newest = self.service.jobs(limit=1)
        if not newest:
            raise UsageError("There are no jobs yet. Submit one: %qjob run PROGRAM ...")
        return newest[0]

    def _by_beginning(self, name: str) -> RuntimeJob:
        jobs = self.service.jobs(limit=_RECENT)
        found = [job for job in jobs if job.job_id().startswith(name)]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(job.job_id() for job in found[:5])
            raise UsageError(f"{len(found)} jobs begin with {name!r}: {ids}. Type more of the id.")
        newest = ", ".join(short_id(job.job_id()) for job in jobs[:3])
        hint = f"The newest are {newest}; %qjob lists them." if jobs else "There are no jobs yet."
        raise UsageError(
            f"No job is called {name!r}, and no variable of that name holds one. {hint}"
        )
