"""Routes of what a job leaves behind: result, interim results, logs, metrics."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from qjobwidgets.server.api.bodies import answer
from qjobwidgets.server.api.documents import metrics_document
from qjobwidgets.server.api.errors import job_not_found
from qjobwidgets.server.jobs.states import Job
from qjobwidgets.server.runtime import Runtime

__all__ = ["router"]


def router(runtime: Runtime) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["jobs"])

    @routes.get("/jobs/{job}/results")
    def result(job: str) -> Response:
        """Return the result of a completed job; nothing (204) as long as there is none."""
        _require(runtime, job)
        body = runtime.ledger.take_result(job)
        if body is None:
            return Response(status_code=204)
        return Response(body, media_type="application/json")

    @routes.get("/jobs/{job}/interim_results")
    def interim_results(job: str) -> Response:
        """Return what the job has published so far, in order, without the final result."""
        _require(runtime, job)
        # The messages are JSON already: joined as they are, they stay what was published.
        body = f"[{','.join(runtime.queries.interim_results(job))}]"
        return Response(body, media_type="application/json")

    @routes.get("/jobs/{job}/logs")
    def logs(job: str) -> PlainTextResponse:
        """Return what the job wrote to its standard output and error."""
        _require(runtime, job)
        return PlainTextResponse(runtime.queries.logs(job))

    @routes.get("/jobs/{job}/metrics")
    def metrics(job: str) -> Response:
        """Return times, usage and figures of the job's circuits."""
        return answer(metrics_document(_require(runtime, job), _qiskit_version()))

    return routes


def _require(runtime: Runtime, job: str) -> Job:
    found = runtime.queries.job(job)
    if found is None:
        raise job_not_found()
    return found


@cache
def _qiskit_version() -> str:
    return version("qiskit")
