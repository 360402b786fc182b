"""The desk at which the commands of one notebook work: its account, its jobs, its variables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from qjobwidgets import naming
from qjobwidgets.client import RuntimeJob, RuntimeService, submissions
from qjobwidgets.client.accounts import LOCAL
from qjobwidgets.errors import QJobError, RuntimeJobNotFound
from qjobwidgets.magics import words
from qjobwidgets.watch import WatchedJob, watch

if TYPE_CHECKING:
    from qjobwidgets.magics.qjob import QJobMagics

__all__ = ["Desk"]

_ITEM = re.compile(r"[A-Za-z_]\w*[.\[].*")


class Desk:
    """What the magics of one notebook work with.

    Args:
        shell: The IPython shell.
        settings: What the user has configured.
    """

    def __init__(self, shell: Any, settings: QJobMagics) -> None:
        self.shell = shell
        self.settings = settings
        self.backend_names: list[str] = []
        self.program_names: list[str] = []
        self._service: RuntimeService | None = None
        self._made: list[RuntimeService] = []
        self._last: RuntimeJob | None = None
        self._unsubscribe = submissions.subscribe(self._note)

    # -- the account ------------------------------------------------------------------------------

    @property
    def service(self) -> RuntimeService:
        """The account of arguments, environment or file; without any, the embedded runtime."""
        if self._service is None:
            self._service = self._own(RuntimeService())
        return self._service

    @property
    def known_service(self) -> RuntimeService | None:
        """The account if it has been used already, so that nothing needs to be looked up."""
        return self._service

    def use(self, which: str) -> None:
        """Have the commands speak of another account from now on.

        Args:
            which: A variable with a service, ``local``, or the name of a saved account.

        Raises:
            AccountError: There is none of that name, or it can't be used.
        """
        service = self.shell.user_ns.get(which)
        if not isinstance(service, RuntimeService):
            local = which == LOCAL
            service = self._own(RuntimeService(LOCAL) if local else RuntimeService(name=which))
        # the one before is not closed: views of its jobs may be open
        self._service, self._last = service, None
        self.backend_names, self.program_names = [], []

    def _own(self, service: RuntimeService) -> RuntimeService:
        """Note a service that is the desk's to close; those in variables are the user's."""
        self._made.append(service)
        return service

    def close(self) -> None:
        """Let go of all accounts."""
        self._unsubscribe()
        for service in self._made:
            service.close()

    # -- variables --------------------------------------------------------------------------------

    def value(self, expression: str) -> Any:
        """Return the value of an expression of the notebook.

        Raises:
            UsageError: It has none; the message says why.
        """
        return words.evaluate(self.shell, expression)

    # -- jobs -------------------------------------------------------------------------------------

    def job(self, word: str) -> Any:
        """Return the handle of the one job that a word means.

        Raises:
            UsageError: A variable holds several.
            RuntimeJobNotFound: There is no such job.
            IBMInputValueError: There are several.
        """
        held = self._held(word)
        if held is None:
            return self._found(word, one=True)[0]
        if len(held) != 1:
            raise UsageError(f"{word} holds {len(held)} jobs. Name one, such as {word}[0].")
        return held[0]

    def own_job(self, word: str) -> RuntimeJob:
        """Return the job of a runtime service that a word means; see :meth:`job`.

        Raises:
            UsageError: It is a job of another package.
        """
        return _own_job(self.job(word))

    def own_jobs(self, names: Iterable[str]) -> list[RuntimeJob]:
        """Return the jobs of runtime services that words mean, each once; see :meth:`job`.

        Raises:
            UsageError: One is a job of another package.
        """
        return [_own_job(job) for job in self.jobs(names)]

    def forget(self, job: RuntimeJob) -> None:
        """Take note that a job was deleted."""
        if self._last is not None and self._last.job_id() == job.job_id():
            self._last = None

    def jobs(self, names: Iterable[str]) -> list[Any]:
        """Return the handles of the jobs that words mean, each once; see :meth:`job`."""
        found: dict[tuple[str, str], Any] = {}
        for word in names:
            for job in self._held(word) or self._found(word):
                found.setdefault((job.service.key, job.job_id()), job)
        return list(found.values())

    def _held(self, word: str) -> list[Any] | None:
        """Return the jobs that a variable holds, or an item of one; ``None`` if it holds none."""
        value = self.shell.user_ns.get(word)
        if value is None and _ITEM.fullmatch(word):
            value = self.value(word)
        held = value if isinstance(value, list | tuple) and value else [value]
        return [_handle(job) for job in held] if all(map(_is_job, held)) else None

    def _found(self, word: str, *, one: bool = False) -> list[RuntimeJob]:
        if word == naming.LAST and self._last is not None:
            return [self._last]
        try:
            service = self.service
            return [naming.find_job(service, word)] if one else naming.find_jobs(service, word)
        except RuntimeJobNotFound as error:
            raise UsageError(f"{error} {self._about(word)}".rstrip()) from None

    def _about(self, word: str) -> str:
        """Return why a word that might be a variable is no job."""
        if not word.isidentifier() or word == naming.LAST:
            return ""
        if word in self.shell.user_ns:
            kind = type(self.shell.user_ns[word]).__name__
            return f"The variable {word} is of type {kind}, which is no job."
        return "There is no variable of that name."

    def _note(self, job: RuntimeJob) -> None:
        self._last = job


def _is_job(value: object) -> bool:
    return isinstance(value, RuntimeJob | WatchedJob) or (
        not isinstance(value, type)
        and all(callable(getattr(value, name, None)) for name in ("job_id", "status"))
    )


def _own_job(job: Any) -> RuntimeJob:
    own = job.job if isinstance(job, WatchedJob) else job
    if not isinstance(own, RuntimeJob):
        raise UsageError(
            f"{job.job_id()} is a {type(own).__name__}, which no runtime service knows. "
            "What works with it: %qjob watch, show, wait, cancel."
        )
    return own


def _handle(job: Any) -> Any:
    """Return a handle that views take: that of a foreign job is made by watching it."""
    if isinstance(job, RuntimeJob | WatchedJob):
        return job
    try:
        return watch(job)
    except (QJobError, TypeError) as error:
        raise UsageError(f"This job can't be watched: {error}") from None
