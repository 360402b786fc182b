"""From rows of the ledger to documents on the wire."""

from __future__ import annotations

from typing import Any

import orjson

from qjobwidgets.records import RAN_TOO_LONG
from qjobwidgets.server.jobs.states import Job, State

__all__ = ["job_document", "metrics_document", "state_document"]


def job_document(job: Job, params: str | None = None) -> dict[str, Any]:
    """Return the document of a job; ``params`` is JSON text and goes in unread."""
    document: dict[str, Any] = {
        "id": job.id,
        "backend": job.backend,
        "created": job.created,
        "state": state_document(job),
        "status": _status(job),
        "program": {"id": job.program},
        "tags": list(job.tags),
        "cost": job.limit,
        "user_id": job.owner,
        "timestamps": _timestamps(job),
        "usage": _usage(job),
    }
    optional = {
        "ended": job.finished,
        "runtime": job.runtime,
        "session_id": job.session,
        "position_in_queue": job.position,
    }
    document |= {name: value for name, value in optional.items() if value is not None}
    if job.private:
        document["private"] = True
    elif params is not None:
        document["params"] = orjson.Fragment(params)
    return document


def state_document(job: Job) -> dict[str, Any]:
    """Return the state of a job with its reason, as far as there is one."""
    state = {
        "status": job.state.value,
        "reason": job.reason,
        "reason_code": job.reason_code,
        "reason_solution": job.reason_solution,
    }
    return {name: value for name, value in state.items() if value is not None}


def metrics_document(job: Job, qiskit_version: str) -> dict[str, Any]:
    """Return the metrics of a job."""
    document: dict[str, Any] = {
        "timestamps": _timestamps(job),
        "usage": _usage(job) | {"quantum_seconds": job.usage_seconds, "seconds": job.usage_seconds},
        "bss": {"seconds": job.usage_seconds},
        "circuits_execution_time_ns": int(job.usage_seconds * 1e9),
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


def _timestamps(job: Job) -> dict[str, str]:
    times = {"created": job.created, "running": job.running, "finished": job.finished}
    return {name: time for name, time in times.items() if time is not None}


def _usage(job: Job) -> dict[str, Any]:
    return {
        "qpu_charge_time_seconds": job.usage_seconds,
        "status": "complete" if job.final else "pending",
    }
