"""Routes that submit, list, change and delete jobs."""

from __future__ import annotations

import hashlib
from typing import Annotated, NotRequired

import orjson
from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from typing_extensions import TypedDict

from qjobwidgets.server.api.access import owner_of, require_job
from qjobwidgets.server.api.bodies import JOB_CAP, answer, parse_object, read_json, read_object
from qjobwidgets.server.api.documents import JobDocument, JobList, job_document
from qjobwidgets.server.api.errors import NOT_IN_STATE, ApiError, invalid, job_not_found
from qjobwidgets.server.api.filters import read_flag, read_number, read_tags, read_time
from qjobwidgets.server.api.openapi import gives, takes
from qjobwidgets.server.api.refusals import REFUSALS, refusal
from qjobwidgets.server.api.submission import (
    Submission,
    TagsBody,
    check_submission,
    check_tags,
)
from qjobwidgets.server.jobs.ledger import NotInStateError
from qjobwidgets.server.jobs.queries import InputsTooLargeError, JobFilter
from qjobwidgets.server.runtime import Runtime

__all__ = ["router"]

_PAGE = 200
_KEY_CAP = 255
_CALLER_CAP = 255

Text = Annotated[str | None, Query()]


class SubmissionAnswer(TypedDict):
    """What is said of a job just submitted."""

    id: str
    backend: str
    session_id: NotRequired[str]
    private: NotRequired[bool]


def router(runtime: Runtime) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["jobs"])
    _route_jobs(routes, runtime)
    _route_job(routes, runtime)
    return routes


def _route_jobs(routes: APIRouter, runtime: Runtime) -> None:
    """Add what concerns all jobs: to submit one, to list them."""

    @routes.post("/jobs", **takes(Submission), **gives(SubmissionAnswer, 404, 409, 422))
    async def submit(
        request: Request,
        idempotency_key: Annotated[str | None, Header()] = None,
        x_qx_client_application: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Submit a job; its id is durable once it is returned."""
        body = await read_json(request, JOB_CAP)
        return await run_in_threadpool(
            _submit,
            runtime,
            body,
            owner=owner_of(request),
            key=idempotency_key,
            caller=x_qx_client_application,
        )

    @routes.get("/jobs", **gives(JobList, empty=[304]))
    def listing(  # noqa: PLR0913, PLR0917 - one argument per filter of the contract
        request: Request,
        limit: Text = None,
        offset: Text = None,
        pending: Text = None,
        program: Text = None,
        backend: Text = None,
        session_id: Text = None,
        tags: Annotated[list[str] | None, Query()] = None,
        created_after: Text = None,
        created_before: Text = None,
        sort: Text = None,
        exclude_params: Text = None,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """List jobs, newest first; the ETag changes when anything in the answer does."""
        wanted = JobFilter(
            owner=owner_of(request),
            pending=read_flag(pending),
            program=program,
            backend=backend,
            session=session_id,
            tags=read_tags(tags),
            created_after=read_time(created_after, "created_after"),
            created_before=read_time(created_before, "created_before"),
            newest_first=(sort or "").upper() != "ASC",
            limit=_page_size(limit),
            offset=_offset(offset),
        )
        with_params = read_flag(exclude_params) is False
        page = runtime.pages.make(
            wanted.owner,
            request.url.query,
            lambda: _list(runtime, wanted, with_params=with_params),
        )
        return page.response(if_none_match)


def _route_job(routes: APIRouter, runtime: Runtime) -> None:
    """Add what concerns one job."""

    @routes.get("/jobs/{job}", **gives(JobDocument, 404))
    def get(request: Request, job: str, exclude_params: Text = None) -> Response:
        """Return one job."""
        found = require_job(runtime, request, job)
        hidden = found.private or read_flag(exclude_params)
        params = {} if hidden else runtime.queries.params([job])
        return answer(job_document(found, params.get(job)))

    @routes.delete("/jobs/{job}", **gives(None, 404, 409))
    def delete(request: Request, job: str) -> Response:
        """Delete a final job with all that belongs to it."""
        require_job(runtime, request, job)
        try:
            known = runtime.ledger.delete(job)
        except NotInStateError as error:
            raise ApiError(
                409, NOT_IN_STATE, f"The job is {error.state}.", "Cancel it first."
            ) from None
        return _done(known)

    @routes.post("/jobs/{job}/cancel", **gives(None, 404, 409))
    def cancel(request: Request, job: str) -> Response:
        """Cancel a pending job; a running one is killed."""
        require_job(runtime, request, job)
        try:
            known = runtime.ledger.cancel(job)
        except NotInStateError as error:
            raise ApiError(
                409,
                NOT_IN_STATE,
                f"The job is {error.state} already.",
                "Nothing is left to cancel.",
            ) from None
        return _done(known)

    @routes.put("/jobs/{job}/tags", **takes(TagsBody), **gives(None, 404))
    async def put_tags(job: str, request: Request) -> Response:
        """Replace the tags of a job."""
        tags = check_tags(await read_object(request))

        def change() -> Response:
            require_job(runtime, request, job)
            return _done(runtime.ledger.set_tags(job, tags))

        return await run_in_threadpool(change)


def _submit(
    runtime: Runtime, body: bytes, *, owner: str, key: str | None, caller: str | None
) -> Response:
    if key is not None and not 1 <= len(key) <= _KEY_CAP:
        raise invalid(f"An idempotency key has 1 to {_KEY_CAP} characters.")
    fingerprint = hashlib.sha256(body).hexdigest()
    try:
        done = runtime.ledger.submitted(owner, key, fingerprint)
        if done is None:
            new = check_submission(
                parse_object(body),
                owner=owner,
                caller=_caller(caller),
                uploads=runtime.uploads,
                sessions=runtime.sessions,
            )
            done = runtime.ledger.submit(new, key=key, fingerprint=fingerprint)
    except REFUSALS as error:
        raise refusal(error) from None
    document: SubmissionAnswer = {"id": done.job, "backend": done.backend}
    if done.session is not None:
        document["session_id"] = done.session
    if done.private:
        document["private"] = True
    response = answer(document)
    if done.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _caller(application: str | None) -> str | None:
    """Return what follows the versions in the header of the official clients."""
    if not application:
        return None
    return application.rpartition("/")[2][:_CALLER_CAP] or None


def _list(runtime: Runtime, wanted: JobFilter, *, with_params: bool) -> bytes:
    found, count = runtime.queries.jobs(wanted)
    shown = [job.id for job in found if not job.private] if with_params else []
    try:
        params = runtime.queries.params(shown, most=JOB_CAP) if shown else {}
    except InputsTooLargeError:
        raise invalid(
            f"The inputs of these jobs together have more than {JOB_CAP} characters.",
            "Ask for a smaller page (limit), or leave them out (exclude_params=true).",
        ) from None
    return orjson.dumps(
        {
            "jobs": [job_document(job, params.get(job.id)) for job in found],
            "count": count,
            "limit": wanted.limit,
            "offset": wanted.offset,
        }
    )


def _done(known: bool) -> Response:
    if not known:
        raise job_not_found()
    return Response(status_code=204)


def _page_size(text: str | None) -> int:
    """Return the page size; what is out of range means the default, as in the service."""
    size = read_number(text, "limit", _PAGE)
    return size if 1 <= size <= _PAGE else _PAGE


def _offset(text: str | None) -> int:
    offset = read_number(text, "offset", 0)
    if offset < 0:
        raise invalid("offset must not be negative.")
    return offset
