"""The handle of one job."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qjobwidgets.client.streams import StreamHandle
from qjobwidgets.codec import loads
from qjobwidgets.errors import (
    CodecError,
    RateLimitedError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobMaxTimeoutError,
    RuntimeJobTimeoutError,
    ServiceUnreachableError,
)
from qjobwidgets.records import RAN_TOO_LONG, InterimResult, JobRecord, JobStatus

if TYPE_CHECKING:
    from qjobwidgets.client.service import RuntimeService

__all__ = ["RuntimeJob"]

_FIRST_LOOK = 0.2
_SLOWEST_LOOK = 2.0
_PATIENCE = 300.0  # seconds without any answer after which waiting gives up

Decode = Callable[[str], Any]


class RuntimeJob:
    """A job of a runtime service.

    Two handles of one job are equal. What a handle knows is :attr:`record`; it grows with each
    question, and :meth:`update` lets others hand in what they have learned.

    Args:
        service: The account's client.
        record: What is known of the job.
        decoders: Readers of interim results and of the result, in place of the codec.
    """

    def __init__(
        self,
        service: RuntimeService,
        record: JobRecord,
        *,
        decoders: tuple[Decode | None, Decode | None] = (None, None),
    ) -> None:
        self._service = service
        self._record = record
        self._decode_interim, self._decode_result = decoders
        self._news = threading.Condition()
        self._fetching = threading.Lock()
        self._result: tuple[Any] | None = None
        self._inputs: dict[str, Any] | None = None
        self._stream: StreamHandle | None = None

    def __repr__(self) -> str:
        record = self._record
        return f"<RuntimeJob({record.id!r}, {record.program!r}, {record.status!s})>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RuntimeJob):
            return NotImplemented
        return self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str]:
        return self._service.key, self._record.id

    # -- what is known ----------------------------------------------------------------------------

    @property
    def service(self) -> RuntimeService:
        """The client of the job's account."""
        return self._service

    @property
    def record(self) -> JobRecord:
        """What was last known of the job."""
        return self._record

    def job_id(self) -> str:
        """Return the service's id of the job."""
        return self._record.id

    @property
    def program_id(self) -> str | None:
        """The program it runs."""
        return self._record.program

    @property
    def primitive_id(self) -> str | None:
        """The program it runs, by the name newer clients use."""
        return self._record.program

    @property
    def creation_date(self) -> datetime | None:
        """When it was created (UTC)."""
        return self._record.created

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        return list(self._record.tags)

    @property
    def session_id(self) -> str | None:
        """The session or batch it belongs to."""
        return self._record.session_id

    def update(self, record: JobRecord) -> None:
        """Take over newer facts, as the watcher learns them; a final status never changes again."""
        with self._news:
            if record.id != self._record.id or (self._record.final and not record.final):
                return
            self._record = record
            self._news.notify_all()

    # -- status -----------------------------------------------------------------------------------

    def status(self) -> JobStatus | str:
        """Ask for the status, unless it is final; unknown words come as they are."""
        if not self._record.final:
            self.update(self._service.api.record(self._record.id, reviving=True))
        return self._record.status

    def done(self) -> bool:
        """Whether the job has ended well."""
        return self.status() == JobStatus.DONE

    def running(self) -> bool:
        """Whether the job runs now."""
        return self.status() == JobStatus.RUNNING

    def cancelled(self) -> bool:
        """Whether the job was cancelled."""
        return self.status() == JobStatus.CANCELLED

    def errored(self) -> bool:
        """Whether the job has failed."""
        return self.status() == JobStatus.ERROR

    def in_final_state(self) -> bool:
        """Whether the job has come to its end."""
        self.status()
        return self._record.final

    def wait_for_final_state(
        self, timeout: float | None = None, poll_interval: float | None = None
    ) -> None:
        """Wait until the job has ended.

        Args:
            timeout: Longest wait in seconds; ``None`` waits as long as it takes.
            poll_interval: Seconds between looks; by default 0.2 s at first, growing to 2 s.

        Raises:
            RuntimeJobTimeoutError: It has not ended by then. The job goes on.
            ServiceUnreachableError: Nothing has answered for five minutes.
        """
        start = answered = time.monotonic()
        pause = poll_interval or _FIRST_LOOK
        while not self._record.final:
            asked_to_wait = 0.0
            try:
                self.status()
                answered = time.monotonic()
            except RateLimitedError as error:
                asked_to_wait = error.retry_after or _SLOWEST_LOOK
            except ServiceUnreachableError:
                if time.monotonic() - answered > _PATIENCE:
                    raise
            self._pause(start, timeout, max(pause, asked_to_wait))
            pause = poll_interval or min(_SLOWEST_LOOK, pause * 1.3)

    def _pause(self, start: float, timeout: float | None, pause: float) -> None:
        """Sleep until the next look, or until somebody hands in the final facts."""
        left = pause if timeout is None else min(pause, start + timeout - time.monotonic())
        with self._news:
            if self._record.final:
                return
            if left <= 0:
                raise RuntimeJobTimeoutError(
                    f"Job {self._record.id} is still {self._record.status} after {timeout} s.",
                    fix="It goes on; wait longer, or cancel it.",
                )
            self._news.wait_for(lambda: self._record.final, left)

    # -- outcome ----------------------------------------------------------------------------------

    def result(self, timeout: float | None = None, poll_interval: float | None = None) -> Any:
        """Wait for the job and return its decoded result.

        Args:
            timeout: Longest wait in seconds.
            poll_interval: Seconds between looks.

        Raises:
            RuntimeJobFailureError: The job failed; the message is the service's reason.
            RuntimeJobMaxTimeoutError: It exceeded its maximum execution time.
            RuntimeInvalidStateError: It was cancelled, or its result is gone.
            RuntimeJobTimeoutError: It has not ended in time.
        """
        self.wait_for_final_state(timeout, poll_interval)
        self._raise_failure()
        with self._fetching:  # a private job's result can be read only once
            if self._result is None:
                text = self._service.api.result(self._record.id)
                if not text:
                    raise RuntimeInvalidStateError(
                        f"Job {self._record.id} has no result at the service any more."
                    )
                self._result = (_decoded(text, self._decode_result),)
            return self._result[0]

    def _raise_failure(self) -> None:
        record = self._record
        if record.status == JobStatus.CANCELLED:
            raise RuntimeInvalidStateError(f"Job {record.id} was cancelled; it has no result.")
        if record.status == JobStatus.ERROR:
            too_long = record.reason_code == RAN_TOO_LONG
            kind = RuntimeJobMaxTimeoutError if too_long else RuntimeJobFailureError
            raise kind(str(self.error_message()), fix=record.reason_solution)

    def error_message(self) -> str | None:
        """Return why the job failed; ``None`` if it has not."""
        if self.status() != JobStatus.ERROR:
            return None
        record = self._record
        too_long = record.reason_code == RAN_TOO_LONG
        verb = "ran longer than its maximum execution time" if too_long else "has failed"
        code = f" (code {record.reason_code})" if record.reason_code is not None else ""
        reason = (record.reason or "no reason was given").rstrip(".")
        return f"Job {record.id} {verb}: {reason}{code}."

    def cancel(self) -> None:
        """Ask the service to end the job.

        Raises:
            RuntimeInvalidStateError: It has ended already.
        """
        self.cancel_result_streaming()
        self._service.cancel_job(self._record.id)

    # -- interim results --------------------------------------------------------------------------

    def stream_results(
        self, callback: Callable[[str, Any], None], decoder: Any = None
    ) -> StreamHandle:
        """Hand each interim result, and the result, to a callback as soon as it is known.

        Args:
            callback: Takes the job's id and the decoded message, on a background thread.
            decoder: Reads a message's text, in place of the codec.

        Raises:
            RuntimeInvalidStateError: A stream of this handle is open already.
        """
        if self._stream is not None and not self._stream.ended:
            raise RuntimeInvalidStateError(
                f"The results of job {self._record.id} are streaming already.",
                fix="Call cancel_result_streaming() first.",
            )

        def take(message: InterimResult) -> None:
            if message.kind in {"interim", "final"}:
                callback(self._record.id, message.data)

        decode = decoding(decoder) or self._decode_interim
        self._stream = self._service.stream(self._record.id, take, decode=decode)
        return self._stream

    def cancel_result_streaming(self) -> None:
        """Stop the stream, if there is one; the job goes on."""
        if self._stream is not None:
            self._stream.cancel()
            self._stream = None

    def interim_results(self, decoder: Any = None) -> Any:
        """Return the interim results the service has so far, a list."""
        text = self._service.api.interim_results(self._record.id)
        return _decoded(text, decoding(decoder) or self._decode_interim)

    # -- more -------------------------------------------------------------------------------------

    @property
    def inputs(self) -> dict[str, Any]:
        """The program's inputs, decoded; asked for once."""
        if self._inputs is None:
            params = loads(self._service.api.params(self._record.id))
            self._inputs = params if isinstance(params, dict) else {}
        return self._inputs

    def logs(self) -> str:
        """Return what the program has logged."""
        return self._service.api.logs(self._record.id)

    def metrics(self) -> dict[str, Any]:
        """Return the service's metrics of the job."""
        return self._service.api.metrics(self._record.id)

    def backend(self) -> Any:
        """Return the backend it runs on, as Qiskit sees backends."""
        if self._record.backend is None:
            self.status()
        name = self._record.backend
        return None if name is None else self._service.backend(name)


def decoding(decoder: Any) -> Decode | None:
    """Return the function of a decoder: it is one, or it has a ``decode`` method."""
    function: Decode | None = getattr(decoder, "decode", decoder)
    return function


def _decoded(text: str, decode: Decode | None) -> Any:
    """Return what a text says; one that is not JSON at all comes as it is."""
    if decode is not None:
        return decode(text)
    try:
        return loads(text)
    except CodecError:
        if _is_json(text):
            raise
        return text


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
