"""The jobs that all tables show, and an account that knows them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from qjobwidgets import RuntimeService
from qjobwidgets.client import Answer
from qjobwidgets.records import JobRecord, JobStatus

__all__ = ["PENDING", "AccountInMemory", "account", "cells", "charged", "some_jobs"]

PENDING = 100
"""Jobs that are not done, the first ones in every table."""

_RUNNING = 5

_WORDS = {"RUNNING": "Running", "QUEUED": "Queued", "DONE": "Completed"}
_NOW = datetime.now(UTC).replace(microsecond=0)


def some_jobs(size: int) -> list[JobRecord]:
    """Return jobs in the order in which tables show them."""
    return [_job(i) for i in range(size)]


def _job(i: int) -> JobRecord:
    running, pending = i < _RUNNING, i < PENDING
    # the oldest that runs comes first, then the queue, then the newest that is done
    created = _NOW - timedelta(seconds=1000 - i if pending else 1000 + 60 * i)
    waiting = JobStatus.QUEUED if pending else JobStatus.DONE
    return JobRecord(
        id=f"d{i:05d}q7s000{(i * 7919) % 9973:04d}g",
        status=JobStatus.RUNNING if running else waiting,
        program=("sampler", "estimator", "vqe")[i % 3],
        backend=("ibm_torino", "ibm_fez", "aer_local")[i % 7 % 3],
        created=created,
        started=None if pending and not running else created + timedelta(seconds=30),
        finished=None if pending else created + timedelta(seconds=40 + i % 50),
        queue_position=i - _RUNNING + 1 if pending and not running else None,
        tags=("scan", f"run-{i % 40}"),
        usage_seconds=1.0 + i % 30,
    )


def charged(jobs: Sequence[JobRecord], count: int, turn: int) -> list[JobRecord]:
    """Return the first jobs with another usage, and a text of their rows that is new."""
    return [job._replace(usage_seconds=10.0 + turn % 40 + 0.5) for job in jobs[:count]]


def cells(job: JobRecord) -> dict[str, str]:
    """Return a job as the cells of a row."""
    assert job.created is not None
    return {
        "status": str(job.status),
        "id": job.id,
        "program": job.program or "",
        "backend": job.backend or "",
        "created": f"{job.created:%H:%M:%S}",
        "usage": f"{job.usage_seconds:.1f} s",
        "tags": ", ".join(job.tags),
    }


class AccountInMemory:
    """Answers what a watcher asks of a service.

    Args:
        jobs: The jobs of the account.
    """

    def __init__(self, jobs: Sequence[JobRecord]) -> None:
        self._jobs = {job.id: _document(job) for job in jobs}
        self._results: dict[str, bytes] = {}

    def put(self, job: JobRecord, result: bytes) -> None:
        """Have one more job, whose result is there."""
        self._jobs[job.id] = _document(job)
        self._results[job.id] = result

    def take(self, jobs: Sequence[JobRecord]) -> None:
        """Take in what has changed."""
        self._jobs |= {job.id: _document(job) for job in jobs}

    def request(self, _method: str, path: str, *, params: Any = None, **_more: object) -> Answer:
        """Answer a request."""
        if path.endswith("/results"):
            return Answer(200, {}, self._results[path.split("/")[-2]])
        if path == "/jobs":
            return _answer(self._page(dict(params)))
        return _answer(self._jobs[path.removeprefix("/jobs/")])

    def _page(self, query: Mapping[str, Any]) -> dict[str, Any]:
        found = list(self._jobs.values())
        if str(query.get("pending")).lower() == "true":
            found = [job for job in found if job["state"]["status"] != "Completed"]
        offset = int(query.get("offset", 0))
        return {"jobs": found[offset : offset + int(query["limit"])], "count": len(found)}

    def kept(self, _name: str) -> None:
        """Return no file."""

    def resolve_again(self) -> None:
        """Do nothing: it is where it was."""

    def close(self) -> None:
        """Do nothing: there is no connection."""


def account(wire: AccountInMemory) -> RuntimeService:
    """Return a client of the account."""
    return RuntimeService(
        "ibm_quantum_platform",
        token="none",
        url="https://service.invalid/api/v1",
        instance="crn:v1:x",
        transport=wire,
    )


def _answer(document: object) -> Answer:
    return Answer(200, {}, json.dumps(document).encode())


def _document(job: JobRecord) -> dict[str, Any]:
    return {
        "id": job.id,
        "state": {"status": _WORDS[str(job.status)]},
        "program": {"id": job.program},
        "backend": job.backend,
        "created": job.created and job.created.isoformat(),
        "timestamps": {
            "running": job.started and job.started.isoformat(),
            "finished": job.finished and job.finished.isoformat(),
        },
        "position_in_queue": job.queue_position,
        "usage": {"qpu_charge_time_seconds": job.usage_seconds},
        "tags": list(job.tags),
    }
