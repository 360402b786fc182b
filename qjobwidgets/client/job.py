"""The handle of one job: every name that users of Qiskit's job classes know.

Three classes came before: ``RuntimeJobV2`` of ``qiskit-ibm-runtime`` today, ``RuntimeJob`` of its
releases up to 0.31 and of ``qiskit-ibmq-provider``, and ``IBMQJob``. ``docs/jobs.md`` compares them
name by name. Where they disagree one value serves all:

- a status is a string, and equal to the member of Qiskit's enumeration;
- tags and the creation date are properties that can be called;
- a number in the place of a decoder is an interval, as it was there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from numbers import Real
from typing import TYPE_CHECKING, Any, Self

from qjobwidgets.client import forks
from qjobwidgets.client.decoders import CODEC, DecoderPair, decoding, read
from qjobwidgets.client.history import IBMQNames
from qjobwidgets.client.inputs import tag_list
from qjobwidgets.client.job_stream import JobStream
from qjobwidgets.client.properties import BackendProperties
from qjobwidgets.client.shapes import LocalTime, Tags, local_time
from qjobwidgets.errors import (
    BackendNotFoundError,
    IBMInputValueError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobMaxTimeoutError,
    RuntimeJobNotFound,
)
from qjobwidgets.records import RAN_TOO_LONG, JobRecord, JobStatus, parse_time

if TYPE_CHECKING:
    from qjobwidgets.client.service import RuntimeService
    from qjobwidgets.client.streams import StreamHandle

__all__ = ["RuntimeJob"]

_making = forks.Lock()


class RuntimeJob(IBMQNames):
    """A job of a runtime service.

    Args:
        service: The account's client.
        record: What is known of the job.
        decoders: Readers of interim results and of the result, in place of the codec.
    """

    def __init__(
        self, service: RuntimeService, record: JobRecord, *, decoders: DecoderPair | None = None
    ) -> None:
        super().__init__(service, record)
        self._decoders = decoders or CODEC
        self._stream: JobStream | None = None
        self._fetching: forks.Lock | None = None
        self._result: tuple[Any] | None = None
        self._private_text: str | None = None
        self._interim_text: str | None = None
        self._properties: tuple[BackendProperties | None] | None = None

    @property  # type: ignore[misc]
    def __class__(self) -> type[Self]:
        # isinstance() of an abstract class asks an object for its class: that is the moment to be
        # one of Qiskit's jobs, wherever Qiskit has been loaded since
        _join_qiskit()
        return type(self)

    # -- what is known ----------------------------------------------------------------------------

    @property
    def program_id(self) -> str | None:
        """The program it runs."""
        return self._record.program

    @property
    def primitive_id(self) -> str | None:
        """The program it runs, by the name newer clients use."""
        return self._record.program

    @property
    def creation_date(self) -> LocalTime | None:
        """When it was created, in local time; ``None`` if the service does not tell."""
        return local_time(self._record.created)

    @property
    def tags(self) -> Tags:
        """Its tags, a copy."""
        return Tags(self._record.tags)

    @property
    def session_id(self) -> str | None:
        """The session or batch it belongs to; ``None`` for a job of its own."""
        return self._record.session_id

    @property
    def private(self) -> bool:
        """Whether inputs are hidden, and the result can be read only once."""
        return self._record.private

    @property
    def image(self) -> str:
        """The runtime image that was asked for; ``""`` for the service's own choice."""
        return self._record.image or ""

    @property
    def instance(self) -> str | None:
        """The CRN of the account's instance; ``None`` for the embedded runtime, which has none."""
        return self._service.account.instance

    @property
    def usage_estimation(self) -> dict[str, float | None]:
        """The service's estimate, ``quantum_seconds``; ``None`` as long as it has made none."""
        if self._record.estimated_seconds is None:
            self.status()
        return {"quantum_seconds": self._record.estimated_seconds}

    def status(self) -> JobStatus | str:
        """Ask for the status, unless it is final; a word that Qiskit lacks comes as it is."""
        if self._stream is not None:
            self._stream.tell_errors()
        return super().status()

    def backend(self, timeout: float | None = None) -> Any:
        """Return the backend it runs on, a ``BackendV2``; ``None`` if the service does not tell.

        Args:
            timeout: How long to wait for a service that chooses the backend later, in seconds.

        Raises:
            RuntimeJobTimeoutError: It has not chosen one by then.
        """
        name = self._backend_name()
        if name is None:
            self.wait_for_final_state(timeout)
            name = self._record.backend
        return None if name is None else self._service.backend(name)

    def _backend_name(self) -> str | None:
        if self._record.backend is None:
            self.status()
        return self._record.backend

    # -- outcome ----------------------------------------------------------------------------------

    def result(  # noqa: PLR0913 - what three classes took
        self,
        timeout: float | None = None,
        decoder: Any = None,
        poll_interval: Any = None,
        *,
        wait: float | None = None,
        partial: bool = False,  # noqa: ARG002 - see below
        refresh: bool = False,
    ) -> Any:
        """Wait for the job and return its decoded result, which is fetched once.

        Args:
            timeout: Longest wait in seconds.
            decoder: Reads the result, in place of the job's own decoder: a subclass of
                :class:`ResultDecoder`, a function, or several in a chain. A number here is a
                ``wait``, and the decoder may then follow.
            poll_interval: Seconds between looks.
            wait: Another word for ``poll_interval``.
            partial: Changes nothing: runtime services keep no part of a failed job's result.
            refresh: Fetch it again; that of a private job can't be.

        Raises:
            RuntimeJobFailureError: The job failed; the message is the service's reason.
            RuntimeJobMaxTimeoutError: It exceeded its maximum execution time.
            RuntimeInvalidStateError: It was cancelled, or its result is gone.
            RuntimeJobTimeoutError: It has not ended in time.
            IBMInputValueError: A time is none that one could wait.
        """
        if isinstance(decoder, Real):
            decoder, poll_interval = poll_interval, decoder
        own = decoding(decoder)
        self.wait_for_final_state(timeout, poll_interval, wait=wait)
        self._raise_failure()
        with self._alone():
            if own is not None:
                return own(self._result_text())
            if self._result is None or (refresh and not self.private):
                self._result = ((self._decoders.final or read)(self._result_text()),)
            return self._result[0]

    def _alone(self) -> forks.Lock:
        """Return the lock of who reads the result; made then, as few of many handles are asked."""
        with _making:
            if self._fetching is None:
                self._fetching = forks.Lock()
            return self._fetching

    def _result_text(self) -> str:
        """Fetch the result; that of a private job can be read only once, and is kept."""
        text = self._private_text or self._service.api.result(self.job_id())
        if not text:
            raise RuntimeInvalidStateError(
                f"Job {self.job_id()} has no result at the service any more.",
                fix="The result of a private job can be read once; otherwise submit it again.",
            )
        if self.private:
            self._private_text = text
        return text

    def _raise_failure(self) -> None:
        record = self._record
        if record.status == JobStatus.CANCELLED:
            raise RuntimeInvalidStateError(
                f"Job {record.id} was cancelled; it has no result.", fix="Submit it again."
            )
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

    def cancel(self) -> bool:
        """Ask the service to end the job, and return that it has agreed.

        The status becomes ``CANCELLED`` when the service says so.

        Raises:
            RuntimeInvalidStateError: It has ended already.
        """
        self._service.cancel_job(self.job_id())
        self.cancel_result_streaming()
        return True

    def logs(self) -> str:
        """Return what the program has logged; ``""`` if there is nothing."""
        return self._service.api.logs(self.job_id())

    def usage(self, partial: bool = False) -> float | None:
        """Return the QPU time charged, in seconds; ``None`` if the service does not count it.

        Args:
            partial: Return what has been counted so far. Otherwise it is 0 until all has been.
        """
        told = self._known_metrics().get("usage")
        usage = told if isinstance(told, dict) else {}
        counted = usage.get("status", "complete" if self._record.final else "pending")
        if counted == "pending" and not partial:
            return 0.0
        seconds = usage.get("qpu_charge_time_seconds", usage.get("quantum_seconds"))
        return seconds if isinstance(seconds, int | float) else None

    def properties(self, refresh: bool = False) -> BackendProperties | None:
        """Return the backend's properties when the job began to run; ``None`` if it has none.

        Args:
            refresh: Ask again, rather than say what was told before.
        """
        if refresh or self._properties is None:
            name, began = self._backend_name(), self._record.started
            if began is None:
                times = self._known_metrics().get("timestamps")
                began = parse_time(times.get("running")) if isinstance(times, dict) else None
            found = self._properties_at(name, began or self._record.created) if name else None
            if began is None:
                return found
            self._properties = (found,)
        return self._properties[0]

    def _properties_at(self, backend: str, when: datetime | None) -> BackendProperties | None:
        try:
            document = self._service.api.backend_properties(backend, when)
        except BackendNotFoundError:  # one that is no longer in service
            return None
        return BackendProperties.of(document)

    # -- tags -------------------------------------------------------------------------------------

    def update_tags(
        self,
        new_tags: Iterable[str] | None = None,
        additional_tags: Iterable[str] | None = None,
        removal_tags: Iterable[str] | None = None,
        *,
        replacement_tags: Iterable[str] | None = None,
    ) -> list[str]:
        """Change the job's tags and return what they are now.

        Args:
            new_tags: Tags in place of those it has.
            additional_tags: Tags to add to these.
            removal_tags: Tags to take away then; what it does not have is no error.
            replacement_tags: Another word for ``new_tags``.

        Raises:
            RuntimeInvalidStateError: None of them is given.
            IBMInputValueError: A tag is not a string.
        """
        replacement = new_tags if new_tags is not None else replacement_tags
        if replacement is None and additional_tags is None and removal_tags is None:
            raise RuntimeInvalidStateError("No tags were given.", fix="Pass a list of strings.")
        tags, more, removed = map(_strings, (replacement, additional_tags, removal_tags))
        if replacement is None:
            self.refresh()  # someone else may have changed them
            tags = self.tags()
        self._service.api.set_tags(
            self.job_id(), [tag for tag in dict.fromkeys([*tags, *more]) if tag not in removed]
        )
        self.refresh()
        return self.tags()

    # -- interim results --------------------------------------------------------------------------

    @property
    def stream(self) -> StreamHandle | None:
        """The stream of results that was opened last; its ``errors`` are what callbacks raised."""
        return None if self._stream is None else self._stream.handle

    def stream_results(
        self, callback: Callable[[str, Any], Any], decoder: Any = None
    ) -> StreamHandle:
        """Hand each interim result, and the result, to a callback as soon as it is known.

        A job that has ended hands out again what it has published. What a callback or decoder
        raises does not end the stream: a warning tells of it once, at the next question to the job.

        Args:
            callback: Takes the job's id and the decoded message, on a background thread.
            decoder: Reads all messages, in place of the job's own decoders.

        Raises:
            RuntimeInvalidStateError: A stream of this handle is open already.
        """
        if self._stream is None:
            self._stream = JobStream(self._service, self.job_id(), self._decoders)
        return self._stream.start(callback, decoder)

    def cancel_result_streaming(self) -> None:
        """Stop the stream, if there is one; the job goes on."""
        if self._stream is not None:
            self._stream.cancel()

    def interim_results(self, decoder: Any = None) -> Any:
        """Return the interim results the service has so far, a list.

        ``None`` if the service keeps none for its jobs. Once the job has ended they are asked for
        only once.

        Args:
            decoder: Reads them, in place of the job's own decoder for interim results.
        """
        final, text = self._record.final, self._interim_text
        if text is None:
            try:
                text = self._service.api.interim_results(self.job_id())
            except RuntimeJobNotFound:
                self.refresh()  # raises if it is the job that is missing
                return None
        if final:
            self._interim_text = text
        return (decoding(decoder) or self._decoders.interim or read)(text)


def _strings(tags: Iterable[str] | None) -> list[str]:
    """Return tags as a list; a single string is a mistake, not a list of letters."""
    if tags is None:
        return []
    if isinstance(tags, str):
        raise IBMInputValueError(f"{tags!r} are no tags.", fix="Pass a list of strings.")
    return tag_list(tags)


def _join_qiskit() -> None:
    """Be a job to Qiskit, as far as its kinds of jobs have been loaded."""
    for module, kind in (("qiskit.primitives", "BasePrimitiveJob"), ("qiskit.providers", "JobV1")):
        base = getattr(sys.modules.get(module), kind, None)
        if base is not None:
            base.register(RuntimeJob)
