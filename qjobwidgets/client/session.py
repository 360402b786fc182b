"""Sessions and batches: execution modes that group jobs.

A session opens at the service when it is made. Inside ``with Session(...)`` primitives that name no
mode of their own use it; leaving the block closes it: no more jobs are taken, and those it has run
to their end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from qjobwidgets.client.decoders import decoder_pair
from qjobwidgets.client.inputs import backend_name, submission
from qjobwidgets.client.service import RuntimeService
from qjobwidgets.errors import IBMInputValueError, QiskitRuntimeError, RuntimeInvalidStateError

if TYPE_CHECKING:
    from qjobwidgets.client.job import RuntimeJob

__all__ = ["Batch", "Session", "active_session", "service_of"]

_UNITS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(\d+)\s*([dhms])")

# our name -> the service's name
_DETAILS = {
    "id": "id",
    "backend_name": "backend_name",
    "interactive_timeout": "interactive_ttl",
    "max_time": "max_ttl",
    "active_timeout": "active_ttl",
    "state": "state",
    "accepting_jobs": "accepting_jobs",
    "last_job_started": "last_job_started",
    "last_job_completed": "last_job_completed",
    "started_at": "started_at",
    "closed_at": "closed_at",
    "activated_at": "activated_at",
    "mode": "mode",
    "usage_time": "elapsed_time",
}


class Session:
    """A session: its jobs run one after the other, and on a device nobody else's in between.

    Args:
        backend: The backend or its name; ``None`` leaves the choice to the service.
        max_time: How long it may last, in seconds or as in ``"2h 30m 40s"``; by default as long as
            the service allows.
        service: The account's client; by default that of the backend, or of the default account.

    Raises:
        IBMInputValueError: ``max_time`` is no time.
        BackendNotFoundError: There is no such backend.
        ServiceError: The service does not open it; IBM Quantum opens sessions on devices only.
    """

    mode: ClassVar[str] = "dedicated"

    def __init__(
        self,
        backend: Any = None,
        max_time: int | str | None = None,
        *,
        service: RuntimeService | None = None,
    ) -> None:
        seconds = _seconds(max_time)
        service = service_of(backend, service)
        name = None if backend is None else backend_name(backend)
        asked = {
            "mode": self.mode,
            "backend": name,
            "instance": service.account.instance,
            "max_ttl": seconds,
        }
        body = {name: value for name, value in asked.items() if value is not None}
        opened = service.api.open_session(json.dumps(body))
        self._bind(service, opened["id"], opened.get("backend_name") or name, taking_jobs=True)

    def _bind(
        self, service: RuntimeService, session_id: str, backend: str | None, *, taking_jobs: bool
    ) -> None:
        self._service = service
        self._id = session_id
        self._backend = backend
        self._open = taking_jobs

    @classmethod
    def from_id(cls, session_id: str, service: RuntimeService | None = None) -> Self:
        """Return a session that exists already; one that has closed takes no jobs.

        Args:
            session_id: Its id, which each of its jobs tells.
            service: The account's client; by default that of the default account.

        Raises:
            IBMInputValueError: There is no such session, or it is a batch and this class is not.
        """
        service = service_of(None, service)
        document = service.api.session(session_id)
        if document is None:
            raise IBMInputValueError(
                f"There is no session {session_id!r}.",
                fix="Check the id, and whether it is a session of this account.",
            )
        if document.get("mode") not in (cls.mode, None):  # no set: a service may send anything
            raise IBMInputValueError(
                f"{session_id} was opened with the mode {document['mode']!r}.",
                fix="Use Session.from_id() for dedicated sessions, Batch.from_id() for batches.",
            )
        session = cls.__new__(cls)
        taking_jobs = document.get("state") != "closed"
        session._bind(  # noqa: SLF001 - our own class
            service, session_id, document.get("backend_name"), taking_jobs=taking_jobs
        )
        return session

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self._id!r}, {self._backend!r})>"

    def __enter__(self) -> Self:
        _around.set((*_around.get(), self))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _around.set(_around.get()[:-1])
        try:
            self.close()
        except QiskitRuntimeError as trouble:
            if error is None:
                raise
            error.add_note(f"And {self!r} could not be closed: {trouble}")

    @property
    def session_id(self) -> str:
        """The service's id of it."""
        return self._id

    @property
    def service(self) -> RuntimeService:
        """The account's client."""
        return self._service

    def backend(self) -> str | None:
        """Return the name of its backend; ``None`` if the service does not tell."""
        return self._backend

    def run(
        self,
        program_id: str,
        inputs: Mapping[str, Any] | None = None,
        options: Any = None,
        callback: Callable[[str, Any], None] | None = None,
        result_decoder: Any = None,
    ) -> RuntimeJob:
        """Submit a job of this session; see :meth:`RuntimeService.run`.

        Raises:
            IBMInputValueError: The options name another instance than the session's.
            RuntimeInvalidStateError: The session takes no more jobs.
        """
        self.require_open()
        prepared = submission(program_id, inputs, options, self._id, backend=self._backend)
        if prepared.instance not in {None, self._service.account.instance}:
            raise IBMInputValueError(
                f"The jobs of a session are of its instance, not of {prepared.instance!r}.",
                fix="Leave instance out, or open a session there.",
            )
        return self._service.submit(prepared, callback, decoder_pair(result_decoder))

    def require_open(self) -> None:
        """Refuse a job if this session was closed here; elsewhere it is the service that refuses.

        Raises:
            RuntimeInvalidStateError: It was.
        """
        if not self._open:
            raise RuntimeInvalidStateError(
                f"The {type(self).__name__.lower()} {self._id} is closed.", fix="Open a new one."
            )

    def status(self) -> str | None:
        """Return how it does, in words; ``None`` if the service has it no more.

        The words are those of the official client: ``"Pending"``, ``"In progress, accepting new
        jobs"``, ``"In progress, not accepting new jobs"``, ``"Closed"``.
        """
        document = self._service.api.session(self._id)
        state = (document or {}).get("state")
        if document is None or not isinstance(state, str):
            return None
        if state in {"open", "inactive"}:
            return "Pending"
        accepting = document.get("accepting_jobs") is True
        if state == "pending_inactive" or (state == "active" and accepting):
            return "In progress, accepting new jobs"
        if state in {"active", "pending_closed"}:
            return "In progress, not accepting new jobs"
        return state.capitalize()

    def details(self) -> dict[str, Any] | None:
        """Return what the service knows of it; ``None`` if the service has it no more.

        Times of day are text in ISO 8601, spans are in seconds: ``max_time``, ``active_timeout``,
        ``interactive_timeout`` (how long it waits for the next job) and ``usage_time``. What the
        service does not tell is ``None``; ``timestamps`` lists the states it has been in.
        """
        document = self._service.api.session(self._id)
        if document is None:
            return None
        told = {name: document.get(theirs) for name, theirs in _DETAILS.items()}
        return {**told, "timestamps": document.get("timestamps") or []}

    def usage(self) -> float | None:
        """Return the usage so far, in seconds; ``None`` if the service does not tell."""
        seconds = (self._service.api.session(self._id) or {}).get("elapsed_time")
        return float(seconds) if isinstance(seconds, int | float) else None

    def close(self) -> None:
        """Take no more jobs; those it has run to their end, and then it closes."""
        if self._open:
            self._service.api.close_session(self._id)
            self._open = False

    def cancel(self) -> None:
        """Take no more jobs, and cancel those that wait; a job that runs may run to its end."""
        self._service.api.cancel_session(self._id)
        self._open = False


class Batch(Session):
    """A batch: jobs that belong together and run in any order, next to each other if possible."""

    mode: ClassVar[str] = "batch"


def active_session() -> Session | None:
    """Return the session of the innermost ``with`` block around the caller, if there is one."""
    around = _around.get()
    return around[-1] if around else None


# of one thread, or of one task: a session may be used in several at the same time
_around: ContextVar[tuple[Session, ...]] = ContextVar("qjob-sessions", default=())


def service_of(backend: Any, service: RuntimeService | None) -> RuntimeService:
    """Return the service that is meant: given, that of the backend, or of the default account."""
    if isinstance(backend, RuntimeService):
        raise TypeError("the service is a keyword: Session(backend, service=service)")
    if not (service is None or isinstance(service, RuntimeService)):
        raise TypeError(f"{service!r} is no service: pass a RuntimeService")
    own = getattr(backend, "service", None)
    return service or (own if isinstance(own, RuntimeService) else RuntimeService())


def _seconds(time: int | str | None) -> int | None:
    """Return a time in seconds.

    Raises:
        IBMInputValueError: It is none.
    """
    seconds = time
    if isinstance(time, str):
        parts = _DURATION.findall(time)
        complete = not _DURATION.sub("", time).strip() and bool(parts)
        seconds = sum(int(n) * _UNITS[unit] for n, unit in parts) if complete else 0
    if seconds is None:
        return None
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 1:
        raise IBMInputValueError(
            f"{time!r} is no time.", fix='Pass whole seconds, or text such as "2h 30m 40s".'
        )
    return seconds
