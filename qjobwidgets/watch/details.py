"""What a card tells of a job beyond its record: asked for only when somebody wants to see it.

Inputs, logs, results and neighbours cost a request each, and may be large. So each is a
:class:`Detail` that begins as "none" and is fetched as an errand of the watcher, off every thread
that somebody waits for; what becomes of it is a new frozen value, and whoever shows it is told.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from qjobwidgets.client import ResultDecoder, RuntimeJob
from qjobwidgets.codec import loads
from qjobwidgets.errors import QJobError, RuntimeJobNotFound
from qjobwidgets.records import JobRecord, JobStatus
from qjobwidgets.watch.contents import inputs_of, result_of
from qjobwidgets.watch.watcher import Watcher

__all__ = ["About", "Detail", "DetailName", "JobDetails", "Logs", "Neighbours"]

logger = logging.getLogger(__name__)

DetailName = Literal["about", "inputs", "logs", "result", "neighbours"]

LARGEST: Final = 16 * 2**20
"""Bytes of a result, and characters of inputs, that are read to be looked at."""
_LONGEST_LOG: Final = 64 * 2**10
"""Characters of a log that are shown, its last ones."""
_EACH_WAY: Final = 50
"""Neighbours listed before a job, and after it."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing to know about a job.

    Attributes:
        state: ``"none"`` (nobody has asked), ``"loading"``, ``"ready"`` or ``"failed"``.
        value: What was found; while it is fetched again, what was found before.
        message: Why it failed and what to do.
        at: When it failed, by the monotonic clock.
    """

    state: Literal["none", "loading", "ready", "failed"] = "none"
    value: Any = None
    message: str | None = None
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class About:
    """What a service's metrics and sessions tell of a job; ``None`` where they don't.

    Attributes:
        circuits: How many circuits it has.
        num_qubits, depths: The range of their widths and depths, least and most.
        mode: ``"session"`` or ``"batch"``, for a job that is in one.
        session_state: State of that, such as ``"closed"``.
        final: Whether the job had ended when this was told.
    """

    circuits: int | None = None
    num_qubits: tuple[int, int] | None = None
    depths: tuple[int, int] | None = None
    mode: str | None = None
    session_state: str | None = None
    final: bool = False


@dataclass(frozen=True, slots=True)
class Logs:
    """The end of a job's log.

    Attributes:
        text: The last lines.
        lines: How many lines the whole log has.
        cut: Whether the beginning is left out.
        final: Whether the job had ended when this was told.
    """

    text: str
    lines: int
    cut: bool
    final: bool


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The jobs around a job in its session or batch, in the order they were created.

    Attributes:
        records: The job itself and those around it.
        total: How many jobs the session has.
    """

    records: tuple[JobRecord, ...]
    total: int


class JobDetails:
    """The details of one job.

    Args:
        job: The job.
        watcher: Runs the errands, and knows the job's present state.
        tell: Called from the errands' thread when a detail has changed.
    """

    def __init__(self, job: RuntimeJob, watcher: Watcher, tell: Callable[[], None]) -> None:
        self.job = job
        self._watcher = watcher
        self._tell = tell
        self._lock = threading.Lock()
        self._details: dict[DetailName, Detail] = {}
        self._readers: Mapping[DetailName, Callable[[], Any]] = {
            "about": self._about,
            "inputs": self._inputs,
            "logs": self._logs,
            "result": self._result,
            "neighbours": self._neighbours,
        }

    @property
    def record(self) -> JobRecord:
        """What is known of the job."""
        return self._watcher.board.latest(self.job.record)

    def get(self, name: DetailName) -> Detail:
        """Return a detail as it is now."""
        with self._lock:
            return self._details.get(name, Detail())

    def want(self, name: DetailName, *, again: bool = False, retry: float = math.inf) -> None:
        """Fetch a detail in the background, unless that was done or is under way.

        Args:
            name: Which.
            again: Fetch it also if it is there, or has failed.
            retry: Seconds after which it is fetched also if it has failed.
        """
        with self._lock:
            known = self._details.get(name, Detail())
            due = known.state == "failed" and time.monotonic() - known.at >= retry
            if known.state == "loading" or (known.state != "none" and not (again or due)):
                return
            self._details[name] = Detail("loading", known.value)
        self._watcher.errands.run(lambda: self._fetch(name))
        self._tell()

    def _fetch(self, name: DetailName) -> None:
        before = self.get(name).value
        try:
            found = Detail("ready", self._readers[name]())
        except QJobError as error:
            found = Detail("failed", before, str(error), time.monotonic())
        except Exception as error:
            # what a service sends may surprise a reader; a card must not wait for ever
            logger.exception("reading the %s of a job failed", name)
            message = f"What the service sent can't be read ({type(error).__name__})."
            found = Detail("failed", before, message, time.monotonic())
        with self._lock:
            self._details[name] = found
        self._tell()

    # -- the readers ------------------------------------------------------------------------------

    def _about(self) -> About:
        record, api = self.record, self.job.service.api
        try:
            metrics = api.metrics(record.id)
        except RuntimeJobNotFound:  # a service that keeps none
            metrics = {}
        session = None if record.session_id is None else api.session(record.session_id)
        told = session or {}
        circuits = metrics.get("num_circuits")
        return About(
            circuits=circuits if isinstance(circuits, int) else None,
            num_qubits=_range(metrics.get("num_qubits")),
            depths=_range(metrics.get("circuit_depths")),
            mode="batch" if told.get("mode") == "batch" else "session" if session else None,
            session_state=told["state"] if isinstance(told.get("state"), str) else None,
            final=record.final,
        )

    def _inputs(self) -> Any:
        if self.record.private:
            raise QJobError("The service hides the inputs of a private job.")
        text = self.job.service.api.params(self.job.job_id())
        if len(text) > LARGEST:
            raise QJobError(
                f"The inputs are large: {round(len(text) / 1e6)} MB.", fix="job.inputs reads them."
            )
        return inputs_of(loads(text))

    def _logs(self) -> Logs:
        final = self.record.final  # by now: it may end while the answer is on its way
        text = self.job.service.api.logs(self.job.job_id())
        tail = text[-_LONGEST_LOG:]
        cut = len(tail) < len(text)
        if cut:
            tail = tail.partition("\n")[2] or tail
        return Logs(tail, len(text.splitlines()), cut, final)

    def _result(self) -> Any:
        record, job = self.record, self.job
        job.update(record)
        if record.private or record.status != JobStatus.DONE:
            # the handle keeps what can be read only once, and knows why there is none
            return result_of(job.result(timeout=0))
        text = job.service.api.result(record.id, at_most=LARGEST)
        return result_of(ResultDecoder.decode(text) if text else job.result(timeout=0))

    def _neighbours(self) -> Neighbours:
        record, service = self.record, self.job.service
        if record.session_id is None:
            return Neighbours((record,), 1)
        # a handle of a moment ago has its time from our own clock, which may be a day off
        record = service.fetch_record(record.id)
        list_jobs = partial(service.fetch_records, session_id=record.session_id, limit=_EACH_WAY)
        before = list_jobs(created_before=record.created)
        after = list_jobs(created_after=record.created, descending=False)
        earlier = {one.id: one for one in before.records}
        later = {one.id: one for one in after.records}
        around = {record.id: record, **earlier, **later}.values()
        # those created at the very moment are in both lists
        total = before.count + after.count - len(earlier.keys() & later.keys())
        return Neighbours(tuple(sorted(around, key=lambda one: (str(one.created), one.id))), total)


def _range(told: Any) -> tuple[int, int] | None:
    numbers = [n for n in told if isinstance(n, int)] if isinstance(told, list) else []
    return (min(numbers), max(numbers)) if numbers else None
