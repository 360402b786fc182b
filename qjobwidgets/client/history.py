"""The names that ``IBMQJob`` of ``qiskit-ibmq-provider`` had, over a runtime service of today.

Much of what that job told came from a service that is gone. What no runtime service knows is
``None``, or the empty value those methods documented, and each docstring says why.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, NoReturn

from qjobwidgets.client.handle import JobHandle
from qjobwidgets.client.journal import journal
from qjobwidgets.client.queueinfo import QueueInfo, queue_info
from qjobwidgets.client.shapes import local_time
from qjobwidgets.codec import loads
from qjobwidgets.errors import RuntimeInvalidStateError, RuntimeJobNotFound
from qjobwidgets.records import JobStatus, parse_time

__all__ = ["IBMQNames"]

# what that service called the steps for which a runtime service has a time
_STEPS = {"created": "CREATED", "queued": "QUEUED", "running": "RUNNING"}
_LAST_STEP = {
    JobStatus.DONE: "COMPLETED",
    JobStatus.CANCELLED: "CANCELLED",
    JobStatus.ERROR: "ERROR_RUNNING_JOB",
}


class IBMQNames(JobHandle):
    """The part of a job that only ``IBMQJob`` had, with the inputs and metrics it needs."""

    version: ClassVar = 1  # of Qiskit's job interface, which JobV1 has as well
    _inputs: dict[str, Any] | None = None

    @property
    def inputs(self) -> dict[str, Any]:
        """The program's inputs, decoded; asked for once. A private job hides them: ``{}``."""
        if self._inputs is None:
            params = loads(self._service.api.params(self.job_id()))
            if isinstance(params, list) and len(params) == 1:  # as older services send them
                params = params[0]
            self._inputs = params if isinstance(params, dict) else {}
        return self._inputs

    def metrics(self) -> dict[str, Any]:
        """Return the service's metrics of the job: its times, its usage, and more."""
        return self._service.api.metrics(self.job_id())

    def _known_metrics(self) -> dict[str, Any]:
        """Return the metrics, or nothing where the service keeps none for its jobs."""
        try:
            return self.metrics()
        except RuntimeJobNotFound:
            self.refresh()  # raises if it is the job that is missing
            return {}

    # -- names and notes --------------------------------------------------------------------------

    def name(self) -> str | None:
        """Return the job's name; services have no field for it, so the local journal keeps it."""
        entry = journal().entry(*self._identity)
        return entry.name if entry else None

    def update_name(self, name: str) -> str:
        """Name the job, in the local journal, and return the name; ``""`` takes it away.

        Raises:
            RuntimeInvalidStateError: The name is not a string.
            IBMInputValueError: It is too long.
        """
        if not isinstance(name, str):
            raise RuntimeInvalidStateError(
                f"{name!r} is not a name for a job.", fix="Pass a string."
            )
        journal().set_name(*self._identity, name)
        return name

    def note(self) -> str | None:
        """Return the note that the local journal keeps with the job."""
        entry = journal().entry(*self._identity)
        return entry.note if entry else None

    def update_note(self, note: str) -> str:
        """Keep a note with the job, in the local journal, and return it; ``""`` takes it away.

        Raises:
            IBMInputValueError: The note is too long.
        """
        journal().set_note(*self._identity, note)
        return note

    # -- the queue --------------------------------------------------------------------------------

    def queue_info(self) -> QueueInfo | None:
        """Ask for the job's place in the queue and for estimates; ``None`` if none are told.

        A job that is not queued has no place, and services tell a position or an estimate only if
        they have one.
        """
        if self.status() != JobStatus.QUEUED:
            return None
        return queue_info(self._record, self._known_metrics())

    def queue_position(self, refresh: bool = False) -> int | None:
        """Return the job's place in the queue, from 1; ``None`` if it has none or none is told.

        Args:
            refresh: Ask the service, rather than say what was last known.
        """
        info = self.queue_info() if refresh else queue_info(self._record)
        return info.position if info else None

    # -- what was submitted -----------------------------------------------------------------------

    def circuits(self) -> list[Any]:
        """Return the circuits of the job's inputs; ``[]`` if it has none, or they are hidden."""
        pubs = self.inputs.get("pubs")
        if isinstance(pubs, list):
            return [pub[0] if isinstance(pub, list | tuple) and pub else pub for pub in pubs]
        circuits = self.inputs.get("circuits", [])
        return list(circuits) if isinstance(circuits, list | tuple) else [circuits]

    def backend_options(self) -> dict[str, Any]:
        """Return the options among the job's inputs, with ``shots``; ``{}`` if there are none."""
        options = self.inputs.get("options")
        shots = {"shots": self.inputs["shots"]} if "shots" in self.inputs else {}
        return {**(options if isinstance(options, dict) else {}), **shots}

    def header(self) -> dict[str, Any]:
        """Return ``{}``: a header was part of a Qobj, which runtime jobs are not made of."""
        return {}

    def qobj(self) -> None:
        """Return ``None``: runtime jobs are not made of a Qobj; see :meth:`circuits`."""

    # -- how it ran -------------------------------------------------------------------------------

    def time_per_step(self) -> dict[str, datetime] | None:
        """Return when each step of the job began, in local time; ``None`` if no time is told."""
        self.status()
        record, times = self._record, self._known_metrics().get("timestamps")
        known = {"created": record.created, "running": record.started, "finished": record.finished}
        told = times if isinstance(times, dict) else {}
        known.update((key, parse_time(text)) for key, text in told.items())
        steps = {self._step(key): local_time(time) for key, time in known.items()}
        return {step: time for step, time in steps.items() if time is not None} or None

    def _step(self, key: str) -> str:
        status = self._record.status
        if key == "finished" and isinstance(status, JobStatus) and status.final:
            return _LAST_STEP[status]
        return _STEPS.get(key, key.upper())

    def scheduling_mode(self) -> str | None:
        """Return the mode of the job's session, ``"dedicated"`` or ``"batch"``.

        A job outside a session waits in the backend's queue for its turn, by rules that no service
        tells: ``None``.
        """
        session = self._record.session_id
        return None if session is None else self._service.api.session_mode(session)

    @property
    def client_version(self) -> dict[str, str]:
        """Name and version of the client that submitted it; ``{}`` if the service has neither."""
        caller = self._known_metrics().get("caller")
        return _versions(caller) if isinstance(caller, str) else {}

    @property
    def experiment_id(self) -> None:
        """``None``: no runtime service groups jobs into experiments; tags and sessions do."""
        return

    def share_level(self) -> str:
        """Return ``"none"``: runtime jobs are not shared with others."""
        return "none"

    def submit(self) -> NoReturn:
        """Not supported: a job is submitted when it is made.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError(
            f"Job {self.job_id()} has been submitted already. "
            "Use RuntimeService.run() or a primitive to submit another one."
        )


def _versions(caller: str) -> dict[str, str]:
    """Return the names and versions in the text by which a client presents itself.

    It holds parts such as ``qiskit-2.6.2``, with slashes or commas between them, after the version
    of the text's own form.
    """
    parts = caller.removeprefix("qiskit-version-2/").replace("/", ",").split(",")
    pairs = (part.strip().rpartition("-") for part in parts)
    return {name: text.rstrip("*") for name, _, text in pairs if name and text[:1].isdigit()}
