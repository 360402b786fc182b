"""Jobs of other packages: any class that has Qiskit's ``job_id()`` and ``status()``.

All jobs of one package are one account, with a watcher of its own, so that trouble with one vendor
stays there. Nothing is known of how a package asks its service, so:

- ``status()`` is called on a thread that is left to itself when it does not answer in time. Its
  job is not asked again until it does, its row says so, and the others go on.
- An answer that comes at once has cost no request: jobs that run in this process, like Aer's, are
  looked at without regard to the budget. For others one call counts as one request.
- What ``status()`` raises is shown with the job. When no job has answered the account is offline.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import partial
from typing import Any, cast
from weakref import WeakValueDictionary

from qjobwidgets.client import Account, RecordPage, RuntimeService, StreamHandle, forks
from qjobwidgets.errors import (
    QJobError,
    RuntimeInvalidStateError,
    RuntimeJobNotFound,
    ServiceUnreachableError,
)
from qjobwidgets.records import JobRecord
from qjobwidgets.watch.asker import Asker
from qjobwidgets.watch.board import Board
from qjobwidgets.watch.budget import Budget
from qjobwidgets.watch.foreign_facts import first_record, fresh_record

__all__ = ["ForeignAsker", "ForeignService", "foreign_service", "is_foreign"]

_PATIENCE = 5.0
"""Seconds a call may take before it is left to itself."""

_AT_ONCE = 0.01
"""Seconds within which an answer has asked nobody."""

_MOMENT = 0.05
"""Seconds that a job is left alone at first: one of Qiskit's own primitives that is asked before
its thread has begun says that it has failed, and says so for good."""

_LONGEST_REMARK = 300

_MOST_LATE = 8
"""Calls of one account that may be left to themselves at a time."""


class ForeignService:
    """The jobs of one package, in the form of a service: what a watcher and views ask of one.

    Args:
        package: Name of the package.

    Attributes:
        added_at: When a job was taken in last, by the monotonic clock.
    """

    channel = "foreign"

    def __init__(self, package: str) -> None:
        self.package = package
        self.account = Account("foreign")
        self.added_at = 0.0
        self._jobs: dict[str, Any] = {}
        # an ended job is kept by who uses it: its result may be large
        self._ended: WeakValueDictionary[str, Any] = WeakValueDictionary()

    def __repr__(self) -> str:
        return f"<ForeignService({self.package!r})>"

    @property
    def key(self) -> str:
        """Identity of the account."""
        return f"foreign-{self.package}"

    def add(self, job: Any) -> JobRecord:
        """Take in a job and return what can be said of it without asking.

        Raises:
            TypeError: It has no id.
        """
        record = first_record(job)
        if self._ended.get(record.id) is not job:
            self._jobs[record.id] = job
            self.added_at = time.monotonic()
        return record

    def ended(self, job_id: str) -> None:
        """Note that a job has nothing more to say."""
        job = self._jobs.pop(job_id, None)
        with suppress(TypeError):  # a class without weak references
            self._ended[job_id] = job

    def job(self, job_id: str) -> Any:
        """Return a job that was taken in.

        Raises:
            RuntimeJobNotFound: It was not.
        """
        job = self._jobs.get(job_id, self._ended.get(job_id))
        if job is None:
            raise RuntimeJobNotFound(
                f"{self.package} has no job {job_id} that is watched.",
                fix="Pass the job to qjobwidgets.watch().",
            )
        return job

    def fetch_record(self, job_id: str) -> JobRecord:
        """Ask a job; see :func:`fresh_record`."""
        job = self.job(job_id)
        return fresh_record(job, first_record(job))

    def fetch_records(self, **_filters: object) -> RecordPage:
        """Return no page: a package has no list of its jobs."""
        return RecordPage([], 0)

    def cancel_job(self, job_id: str) -> None:
        """Ask a job to end.

        Raises:
            RuntimeInvalidStateError: It can't be cancelled.
        """
        cancel = getattr(self.job(job_id), "cancel", None)
        if cancel is None:
            raise RuntimeInvalidStateError(f"Jobs of {self.package} can't be cancelled.")
        call = _Calls(deque([job_id]), lambda _: _outcome(cancel))
        answers = call.run()
        if not answers:
            raise RuntimeInvalidStateError(
                f"Not known whether it was cancelled: no answer within {_PATIENCE:g} s."
            )
        answer = answers[0][1]
        if isinstance(answer, Exception):
            raise RuntimeInvalidStateError(f"It was not cancelled: {_said(answer)}")
        if answer is False:
            raise RuntimeInvalidStateError("It was not cancelled: it runs already, or has ended.")

    def stream(self, job_id: str, *_args: object, **_more: object) -> StreamHandle:
        """Refuse: jobs of others have no stream of interim results.

        Raises:
            QJobError: Always.
        """
        raise QJobError(f"Job {job_id} of {self.package} has no stream of interim results.")

    def revive(self) -> None:
        """Do nothing: there is nothing to be started."""


class ForeignAsker(Asker):
    """Asks the jobs of one package, each by itself; see the module.

    Args:
        service: The package's :class:`ForeignService`.
        board: Takes the answers.
        budget: For the calls that ask a network.
    """

    def __init__(self, service: RuntimeService, board: Board, budget: Budget) -> None:
        super().__init__(service, board, budget)
        self._package = cast("ForeignService", service)
        self._late: dict[str, _Calls] = {}
        self._remote: set[str] = set()  # whose last answer took a network
        self._asked_at: dict[str, float] = {}

    def look(
        self,
        pending: Iterable[str],
        *,
        recent: bool = False,  # noqa: ARG002 - there is no list
        doubted: AbstractSet[str] = frozenset(),  # noqa: ARG002 - all are asked by name
        calm: bool = False,  # noqa: ARG002 - nothing is told
    ) -> None:
        """Ask each job, those first that were not asked for longest.

        Raises:
            ServiceUnreachableError: No job has answered.
        """
        self.news, self.missing, self.asked, self.blocked = [], set(), 0, 0.0
        ids = sorted(pending, key=lambda job_id: self._asked_at.get(job_id, 0.0))
        self._late = {job_id: call for job_id, call in self._late.items() if call.busy}
        waiting = deque(job_id for job_id in ids if job_id not in self._late)
        answers: list[tuple[str, Any]] = []
        while waiting and len(self._late) < _MOST_LATE:
            call = _Calls(waiting, self._call)
            answers += call.run()
            if call.late is not None:
                self._late[call.late] = call
        heard = [self._hear(job_id, answer) for job_id, answer in answers]
        troubles = {i: call.trouble() for i, call in self._late.items() if i in ids}
        for job_id, trouble in troubles.items():
            self._board.remark(job_id, trouble)
        if (troubles or heard) and not any(heard):
            said = next(iter(troubles.values()), None) or _said(answers[0][1])
            raise ServiceUnreachableError(f"{self._package.package} does not answer: {said}")

    def _call(self, job_id: str) -> Any:
        """Ask one job, on a thread that may be left to itself; ``None`` without budget."""
        first = job_id not in self._asked_at
        # a job that was never asked is taken for one like the others of its package
        remote = job_id in self._remote or (first and bool(self._remote))
        if remote and (wait := self.budget.take()) > 0:
            self.blocked = wait
            return None
        if first and (young := self._package.added_at + _MOMENT - time.monotonic()) > 0:
            time.sleep(young)
        known, began = self._board.get(job_id), time.monotonic()
        self._asked_at[job_id] = began
        self.asked += 1
        try:
            job = self._package.job(job_id)
            return fresh_record(job, known.record if known else first_record(job), first=first)
        except Exception as error:  # noqa: BLE001 - a class of others may raise anything
            return error
        finally:
            if time.monotonic() - began < _AT_ONCE:
                self._remote.discard(job_id)
            else:
                self._remote.add(job_id)
                if not remote:
                    self.budget.take()

    def _hear(self, job_id: str, answer: Any) -> bool:
        """Note what a job has answered; return false if asking it has failed."""
        if isinstance(answer, JobRecord):
            # first: who waits may see the end as soon as it is noted
            self._board.remark(job_id, None)
            self.news += self._board.apply([answer], question=self._board.question())
            if answer.final:
                self._package.ended(job_id)
        elif isinstance(answer, RuntimeJobNotFound):
            self._board.forget(job_id)
            self.missing.add(job_id)
        elif answer is not None:
            self._board.remark(job_id, f"status() has failed: {_said(answer)}")
            return False
        return True


class _Calls:
    """Calls made one after the other on a thread, which is left alone with one that hangs.

    Args:
        waiting: What the calls are about; each is taken out when its turn comes.
        call: Makes one; must not raise.

    Attributes:
        late: What the call that hangs is about, if one does.
    """

    def __init__(self, waiting: deque[str], call: Callable[[str], Any]) -> None:
        self.late: str | None = None
        self._waiting = waiting
        self._call = call
        self._progress = threading.Condition()
        self._answers: list[tuple[str, Any]] = []
        self._current = ""
        self._since = 0.0
        self._done = False
        self._thread = threading.Thread(target=self._work, name="qjob-foreign", daemon=True)

    @property
    def busy(self) -> bool:
        """Whether the thread is still at it."""
        return self._thread.is_alive()

    def trouble(self) -> str:
        """Return what to say of the call that hangs."""
        return f"status() has not answered for {time.monotonic() - self._since:.0f} s."

    def run(self) -> list[tuple[str, Any]]:
        """Make the calls until all are made or one hangs; return what was answered."""
        self._thread.start()
        with self._progress:
            while True:
                seen = len(self._answers)
                if not self._progress.wait_for(partial(self._moved, seen), _PATIENCE):
                    self.late = self._current
                    return self._answers
                if self._done:
                    return self._answers

    def _moved(self, seen: int) -> bool:
        return self._done or len(self._answers) > seen

    def _work(self) -> None:
        while True:
            with self._progress:
                self._progress.notify_all()
                self._done = self.late is not None or not self._waiting
                if self._done:
                    return
                self._current, self._since = self._waiting.popleft(), time.monotonic()
            answer = self._call(self._current)
            with self._progress:
                if self.late is None:
                    self._answers.append((self._current, answer))


def _outcome(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except Exception as error:  # noqa: BLE001 - a class of others may raise anything
        return error


def _said(error: object) -> str:
    """Return an error of others in one line."""
    text = " ".join(str(error).split())[:_LONGEST_REMARK]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def is_foreign(service: object) -> bool:
    """Whether this is the account of a package, and no runtime service."""
    return isinstance(service, ForeignService)


_lock = forks.Lock()
_services: dict[str, ForeignService] = {}


def foreign_service(job: Any) -> ForeignService:
    """Return the account of the package that a job's class is from."""
    package = type(job).__module__.partition(".")[0]
    with _lock:
        return _services.setdefault(package, ForeignService(package))
