"""From rows of the ledger to documents on the wire, and the shapes those have."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

import orjson
from typing_extensions import TypedDict

from qjobwidgets.records import RAN_TOO_LONG
from qjobwidgets.server.jobs.states import Job, State, timestamp

__all__ = [
    "JobDocument",
    "JobList",
    "JobMetrics",
    "StateDocument",
    "job_document",
    "metrics_document",
    "state_document",
]


class StateDocument(TypedDict):
    """State of a job, and why it has no result."""

    status: State
    reason: NotRequired[str]
    reason_code: NotRequired[int]
    reason_solution: NotRequired[str]


class ProgramReference(TypedDict):
    """The program a job runs."""

    id: str


class Timestamps(TypedDict):
    """When a job was submitted, began to run, and ended (ISO 8601, UTC)."""

    created: str
    running: NotRequired[str]
    finished: NotRequired[str]


class UsageDocument(TypedDict):
    """Execution time of a job; ``complete`` once it can't grow any more."""

    qpu_charge_time_seconds: float
    status: Literal["pending", "complete"]


class JobDocument(TypedDict):
    """A job."""

    id: str
    backend: str
    created: str
    state: StateDocument
    status: str
    program: ProgramReference
    tags: list[str]
    cost: int
    user_id: str
    timestamps: Timestamps
    usage: UsageDocument
    ended: NotRequired[str]
    runtime: NotRequired[str]
    session_id: NotRequired[str]
    position_in_queue: NotRequired[int]
    private: NotRequired[bool]
    params: NotRequired[Any]


class JobList(TypedDict):
    """A page of jobs; ``count`` is how many match on all pages together."""

    jobs: list[JobDocument]
    count: int
    limit: int
    offset: int


class MetricsUsage(UsageDocument):
    """Execution time, also under the names that older clients read."""

    quantum_seconds: float
    seconds: float


class BillingSummary(TypedDict):
    """Execution time as the oldest clients read it."""

    seconds: float


class JobMetrics(TypedDict):
    """Times, usage and figures of a job."""

    timestamps: Timestamps
    usage: MetricsUsage
    bss: BillingSummary
    circuits_execution_time_ns: int
    qiskit_version: str
    executions: NotRequired[int]
    num_circuits: NotRequired[int]
    num_qubits: NotRequired[list[int]]
    circuit_depths: NotRequired[list[int]]
    caller: NotRequired[str]
    position_in_queue: NotRequired[int]


def job_document(job: Job, params: str | None = None) -> JobDocument:
    """Return the document of a job; ``params`` is JSON text and goes in unread."""
    document = JobDocument(
        id=job.id,
        backend=job.backend,
        created=job.created,
        state=state_document(job),
        status=_status(job),
        program={"id": job.program},
        tags=list(job.tags),
        cost=job.limit,
        user_id=job.owner,
        timestamps=_timestamps(job),
        usage=_usage(job),
    )
    if job.finished is not None:
        document["ended"] = job.finished
    if job.runtime is not None:
        document["runtime"] = job.runtime
    if job.session is not None:
        document["session_id"] = job.session
    if job.position is not None:
        document["position_in_queue"] = job.position
    if job.private:
        document["private"] = True
    elif params is not None:
        document["params"] = orjson.Fragment(params)
    return document


def state_document(job: Job) -> StateDocument:
    """Return the state of a job with its reason, as far as there is one."""
    state = StateDocument(status=job.state)
    if job.reason is not None:
        state["reason"] = job.reason
    if job.reason_code is not None:
        state["reason_code"] = job.reason_code
    if job.reason_solution is not None:
        state["reason_solution"] = job.reason_solution
    return state


def metrics_document(job: Job, qiskit_version: str) -> dict[str, Any]:
    """Return the metrics of a job; one that runs has used time already."""
    used = round(job.used(timestamp()), 6)
    document: dict[str, Any] = {
        "timestamps": _timestamps(job),
        "usage": {
            "qpu_charge_time_seconds": used,
            "status": _usage(job)["status"],
            "quantum_seconds": used,
            "seconds": used,
        },
        "bss": {"seconds": used},
        "circuits_execution_time_ns": int(used * 1e9),
        "qiskit_version": qiskit_version,
        **job.figures,
    }
    if job.caller is not None:
        document["caller"] = job.caller
    if job.position is not None:
        document["position_in_queue"] = job.position
    return document


def _status(job: Job) -> str:
    ran_too_long = job.state is State.CANCELLED and job.reason_code == RAN_TOO_LONG
    return "Cancelled - Ran too long" if ran_too_long else job.state.value


def _timestamps(job: Job) -> Timestamps:
    times = Timestamps(created=job.created)
    if job.running is not None:
        times["running"] = job.running
    if job.finished is not None:
        times["finished"] = job.finished
    return times


def _usage(job: Job) -> UsageDocument:
    return {
        "qpu_charge_time_seconds": job.usage_seconds,
        "status": "complete" if job.final else "pending",
    }
