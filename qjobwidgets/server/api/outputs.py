"""Routes of what a job leaves behind: result, interim results, logs, metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from itertools import chain
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from qjobwidgets.server.api.access import require_job
from qjobwidgets.server.api.bodies import answer
from qjobwidgets.server.api.documents import JobMetrics, metrics_document
from qjobwidgets.server.api.openapi import gives
from qjobwidgets.server.runtime import Runtime

__all__ = ["router"]

_PAGE = 1024 * 1024  # characters that are read or sent at a time


def router(runtime: Runtime) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["jobs"])

    @routes.get("/jobs/{job}/results", **gives(Any, 404, empty=[204]))
    def result(request: Request, job: str) -> Response:
        """Return the result of a completed job; nothing (204) as long as there is none."""
        require_job(runtime, request, job)
        body = runtime.ledger.take_result(job)
        if body is None:
            return Response(status_code=204)
        if len(body) <= _PAGE or not body.isascii():
            return Response(body, media_type="application/json")
        # As much at a time as is read: a result of half a gigabyte is not copied as a whole.
        parts = (body[begin : begin + _PAGE] for begin in range(0, len(body), _PAGE))
        size = {"Content-Length": str(len(body))}
        return StreamingResponse(parts, headers=size, media_type="application/json")

    @routes.get("/jobs/{job}/interim_results", **gives(list[Any], 404))
    def interim_results(request: Request, job: str) -> Response:
        """Return what the job has published so far, in order, without the final result."""
        require_job(runtime, request, job)
        pages = runtime.queries.interim_results(job, _PAGE)
        first, more = next(pages, []), next(pages, [])
        # The messages are JSON already: joined as they are, they stay what was published.
        if not more:
            return Response(f"[{','.join(first)}]", media_type="application/json")
        return StreamingResponse(_list(chain([first, more], pages)), media_type="application/json")

    @routes.get("/jobs/{job}/logs", **gives(str, 404, media_type="text/plain"))
    def logs(request: Request, job: str) -> PlainTextResponse:
        """Return what the job wrote to its standard output and error."""
        require_job(runtime, request, job)
        return PlainTextResponse(runtime.queries.logs(job))

    @routes.get("/jobs/{job}/metrics", **gives(JobMetrics, 404))
    def metrics(request: Request, job: str) -> Response:
        """Return times, usage and figures of the job's circuits."""
        return answer(metrics_document(require_job(runtime, request, job), _qiskit_version()))

    return routes


def _list(pages: Iterable[list[str]]) -> Iterator[str]:
    """Yield the parts of a JSON list of what the pages hold."""
    mark = "["
    for page in pages:
        yield mark + ",".join(page)
        mark = ","
    yield "]"


@cache
def _qiskit_version() -> str:
    return version("qiskit")
