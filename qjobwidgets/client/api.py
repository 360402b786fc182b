"""The runtime service's REST interface, one method per question; see the published contract.

Two ways to ask: :meth:`Api.ask` sends the request as it is. :meth:`Api.call`, for what a user asked
for and waits for, first brings back an embedded runtime that has ended.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qjobwidgets.client.answers import Answer, checked
from qjobwidgets.client.downloads import fetch_result
from qjobwidgets.client.questions import backend_path, job_path, session_path, utc
from qjobwidgets.client.transport import Transport
from qjobwidgets.errors import (
    BackendNotFoundError,
    LocalRuntimeError,
    QiskitRuntimeError,
    RuntimeInvalidStateError,
    RuntimeJobNotFound,
    ServiceError,
    ServiceUnreachableError,
)
from qjobwidgets.records import JobRecord

__all__ = [
    "LARGEST_PAGE",
    "Api",
    "BackendInfo",
    "RecordPage",
]

LARGEST_PAGE = 200
_REMEMBERED_PAGES = 64  # those of ten thousand pending jobs, which are looked at again and again
_MISSING_JOB: Mapping[int, type[ServiceError]] = {404: RuntimeJobNotFound}
_UNFIT_JOB: Mapping[int, type[ServiceError]] = {**_MISSING_JOB, 409: RuntimeInvalidStateError}
_MISSING_BACKEND: Mapping[int, type[ServiceError]] = {404: BackendNotFoundError}


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page of the list of jobs.

    Attributes:
        records: The jobs of the page.
        count: How many jobs match, on all pages together.
    """

    records: list[JobRecord]
    count: int


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that was read before, and by what to know it again: its tag, or itself."""

    etag: str | None
    body: bytes | None
    content: RecordPage


@dataclass(frozen=True, slots=True)
class BackendInfo:
    """What the list of backends tells about one of them.

    Attributes:
        name: Name of the backend.
        status: ``"online"``, ``"paused"`` or ``"offline"``.
        num_qubits: Number of qubits.
        simulator: Whether it is a simulator.
        queue_length: Jobs waiting.
    """

    name: str
    status: str | None = None
    num_qubits: int | None = None
    simulator: bool | None = None
    queue_length: int | None = None


class Api:
    """The questions one can ask a service.

    Args:
        transport: The way to it.
        revivable: Whether :meth:`revive` can bring the service back when nothing answers.
    """

    def __init__(self, transport: Transport, *, revivable: bool) -> None:
        self.transport = transport
        self._revivable = revivable
        self._pages: OrderedDict[str, _Page] = OrderedDict()

    def ask(
        self,
        method: str,
        path: str,
        errors: Mapping[int, type[ServiceError]] | None = None,
        **request: Any,
    ) -> Answer:
        """Send one request and return the answer, if it is a success.

        Args:
            method: HTTP method.
            path: Path below the REST base.
            errors: Which exception a status stands for, where that is special to the request.
            request: Further arguments of :meth:`Transport.request`.

        Raises:
            QiskitRuntimeError: No answer, or an error.
        """
        return checked(self.transport.request(method, path, **request), errors)

    def call(
        self,
        method: str,
        path: str,
        errors: Mapping[int, type[ServiceError]] | None = None,
        **request: Any,
    ) -> Answer:
        """Send a request that does no harm when it is sent twice; see :meth:`ask`."""
        try:
            return self.ask(method, path, errors, **request)
        except ServiceUnreachableError as error:
            if not self._revivable:
                raise
            sent = error.sent
        try:
            self.revive()
            return self.ask(method, path, errors, **request)
        except QiskitRuntimeError as error:
            error.sent = error.sent or sent
            raise
        except LocalRuntimeError as error:
            if not (sent and method == "POST"):
                raise
            trouble = ServiceUnreachableError(error.message, fix=error.fix)  # may have been sent
        raise trouble

    def revive(self) -> None:
        """Find the embedded runtime again, starting it if it has ended."""
        if self._revivable:
            self.transport.resolve_again()

    # -- jobs -------------------------------------------------------------------------------------

    def record(self, job_id: str, *, reviving: bool) -> JobRecord:
        """Return what the service knows of a job.

        Args:
            job_id: The job.
            reviving: Whether to try hard: again after a failure, and with the embedded runtime
                started. Whoever asks on a schedule has the next look for that.
        """
        send = self.call if reviving else self.ask
        query = {"exclude_params": "true"}
        answer = send("GET", job_path(job_id), _MISSING_JOB, params=query, repeatable=reviving)
        return _record(answer.document())

    def records(self, query: Mapping[str, Any], *, reviving: bool) -> RecordPage:
        """Return one page of jobs; ``query`` as the contract lists it, ``reviving`` as above."""
        asked = {"exclude_params": "true", **query}
        key = json.dumps(asked, sort_keys=True)
        known = self._pages.get(key)
        headers = {"If-None-Match": known.etag} if known and known.etag else {}
        send = self.call if reviving else self.ask
        answer = send("GET", "/jobs", params=asked, headers=headers, repeatable=reviving)
        if answer.status == 304 and known:
            return self._remember(key, known)
        if known and answer.status == 200 and known.body == answer.body:
            return self._remember(
                key, known
            )  # of a service without tags; reading it is most of the work
        document = answer.document()
        jobs = document.get("jobs")
        if not isinstance(jobs, list):
            raise ServiceUnreachableError("The service answered with a list of jobs without jobs.")
        count = document.get("count")
        page = RecordPage(
            records=[_record(job) for job in jobs],
            count=count if isinstance(count, int) else len(jobs),
        )
        etag = answer.headers.get("etag")
        return self._remember(key, _Page(etag, None if etag else answer.body, page))

    def _remember(self, key: str, page: _Page) -> RecordPage:
        self._pages.pop(key, None)  # the one asked for last is the last to go
        self._pages[key] = page
        while len(self._pages) > _REMEMBERED_PAGES:
            self._pages.popitem(last=False)
        return page.content

    def params(self, job_id: str) -> str:
        """Return the inputs of a job as typed JSON."""
        answer = self.call(
            "GET", job_path(job_id), _MISSING_JOB, params={"exclude_params": "false"}
        )
        return json.dumps(answer.document().get("params"))

    def result(self, job_id: str, *, at_most: int | None = None) -> str:
        """Return the text of a job's result; empty when there is none.

        Args:
            job_id: The job.
            at_most: Bytes it may have; one that has more is left at the service. Not for private
                jobs, whose result is gone once it was asked for.

        Raises:
            ResultTooLargeError: It is in a file, or has more bytes than ``at_most``.
        """
        return fetch_result(self, job_id, f"{job_path(job_id)}/results", at_most)

    def interim_results(self, job_id: str) -> str:
        """Return the interim results as a typed JSON array."""
        return self.call("GET", f"{job_path(job_id)}/interim_results", _MISSING_JOB).value or "[]"

    def logs(self, job_id: str) -> str:
        """Return the job's log; empty when there is none."""
        try:
            return self.call("GET", f"{job_path(job_id)}/logs", _MISSING_JOB).text
        except RuntimeJobNotFound:
            return ""  # the service answers so for a job without a log

    def metrics(self, job_id: str) -> dict[str, Any]:
        """Return the job's metrics."""
        return self.call("GET", f"{job_path(job_id)}/metrics", _MISSING_JOB).document()

    def cancel(self, job_id: str) -> None:
        """Ask the service to cancel a job."""
        self.call("POST", f"{job_path(job_id)}/cancel", _UNFIT_JOB)

    def delete(self, job_id: str) -> None:
        """Delete a job that has ended, and the file that holds its result."""
        self.call("DELETE", job_path(job_id), _UNFIT_JOB)
        kept = self.transport.kept(job_id)
        if kept is not None:
            kept.unlink(missing_ok=True)

    def set_tags(self, job_id: str, tags: Sequence[str]) -> None:
        """Give a job these tags, in place of those it has."""
        document = json.dumps({"tags": list(tags)})
        path = f"{job_path(job_id)}/tags"
        self.call("PUT", path, _MISSING_JOB, document=document, repeatable=True)

    # -- sessions ---------------------------------------------------------------------------------

    def open_session(self, document: str) -> dict[str, Any]:
        """Open a session as a JSON document describes it, and return what the service tells."""
        # one that was opened twice by accident never starts, so it costs nothing
        answer = self.call("POST", "/sessions", _MISSING_BACKEND, document=document).document()
        if isinstance(answer.get("id"), str):
            return answer
        raise ServiceUnreachableError("The service opened a session without telling its id.")

    def session(self, session_id: str) -> dict[str, Any] | None:
        """Return what the service knows of a session; ``None`` if it has it no more."""
        try:
            return self.call("GET", session_path(session_id)).document()
        except ServiceError as error:
            if error.status != 404:
                raise
            return None

    def session_mode(self, session_id: str) -> str | None:
        """Return ``"dedicated"`` or ``"batch"``; ``None`` for a session the service has no more."""
        mode = (self.session(session_id) or {}).get("mode")
        return mode if isinstance(mode, str) else None

    def close_session(self, session_id: str) -> None:
        """Have a session take no more jobs; one the service has no more takes none anyway."""
        self._end_session("PATCH", session_path(session_id), '{"accepting_jobs":false}')

    def cancel_session(self, session_id: str) -> None:
        """Have a session take no more jobs, and cancel those that wait."""
        self._end_session("DELETE", f"{session_path(session_id)}/close", None)

    def _end_session(self, method: str, path: str, document: str | None) -> None:
        try:
            self.call(method, path, document=document, repeatable=True)
        except ServiceError as error:
            if error.status != 404:
                raise

    # -- backends ---------------------------------------------------------------------------------

    def backends(self) -> list[BackendInfo]:
        """Return the backends of the account."""
        devices = self.call("GET", "/backends").document().get("devices")
        found = devices if isinstance(devices, list) else []
        return [_backend(device) for device in found if isinstance(device, Mapping | str)]

    def backend_document(self, name: str, part: str) -> dict[str, Any]:
        """Return a backend's ``configuration`` or ``status``; of its properties see below."""
        path = f"{backend_path(name)}/{part}"
        return self.call("GET", path, _MISSING_BACKEND).document()

    def backend_properties(self, name: str, when: datetime | None = None) -> dict[str, Any]:
        """Return a backend's properties as of a time, by default as of now."""
        path, query = f"{backend_path(name)}/properties", {"updated_before": utc(when)}
        return self.call("GET", path, _MISSING_BACKEND, params=query).document()


def _record(document: Any) -> JobRecord:
    try:
        return JobRecord.from_wire(document)
    except (ValueError, AttributeError):
        pass
    raise ServiceUnreachableError("The service described a job without an id or a status.")


def _backend(device: Mapping[str, Any] | str) -> BackendInfo:
    if isinstance(device, str):
        return BackendInfo(device)
    status = device.get("status")
    return BackendInfo(
        name=str(device.get("name")),
        status=status.get("name") if isinstance(status, Mapping) else None,
        num_qubits=_kind(device.get("qubits"), int),
        simulator=_kind(device.get("is_simulator"), bool),
        queue_length=_kind(device.get("queue_length"), int),
    )


def _kind(value: Any, kind: Any) -> Any:
    return value if isinstance(value, kind) else None
