"""Routes that search: the list of workloads, read by cursor, and the tags of jobs."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Literal, NotRequired

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from typing_extensions import TypedDict

from qjobwidgets.server.api.access import owner_of
from qjobwidgets.server.api.bodies import answer
from qjobwidgets.server.api.errors import invalid
from qjobwidgets.server.api.filters import read_tags, read_time
from qjobwidgets.server.api.instances import crn_of
from qjobwidgets.server.api.openapi import gives
from qjobwidgets.server.jobs.workloads import (
    Place,
    Workload,
    WorkloadFilter,
    WorkloadMode,
    WorkloadPage,
    WorkloadStatus,
)
from qjobwidgets.server.runtime import Runtime

__all__ = ["router"]

_PAGE = 10
_LONGEST_PAGE = 50
_CURSOR_CAP = 255
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_LONGEST_SEARCH = 100

Text = Annotated[str | None, Query()]


class Link(TypedDict):
    """Where another page is."""

    href: str


class WorkloadUsage(TypedDict):
    """Execution time of a workload; only a job's says whether it can still grow."""

    qpu_charge_time_seconds: float
    status: NotRequired[Literal["pending", "complete"]]


class WorkloadDocument(TypedDict):
    """A job that is in no session, or a session; ``accepting_jobs`` is a session's."""

    id: str
    created: str
    ended: NotRequired[str]
    backend: str
    instance: str
    user_id: str
    accepting_jobs: NotRequired[bool]
    mode: WorkloadMode
    status: WorkloadStatus
    status_reason: NotRequired[str]
    tags: list[str]
    usage: WorkloadUsage
    usage_seconds: float


class WorkloadList(TypedDict):
    """A page of workloads, how many there are in all, and where the pages beside it are."""

    workloads: list[WorkloadDocument]
    total_count: int
    limit: int
    previous: NotRequired[Link]
    next: NotRequired[Link]


class TagList(TypedDict):
    """Tags of jobs."""

    tags: list[str]


def router(runtime: Runtime) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/workloads", tags=["workloads"], **gives(WorkloadList))
    def workloads(  # noqa: PLR0913, PLR0917 - one argument per filter of the contract
        request: Request,
        user: Annotated[Literal["me"] | None, Query()] = None,  # noqa: ARG001 - there is no other
        sort: Annotated[Literal["createdAt", "-createdAt"], Query()] = "createdAt",
        order: Annotated[Literal["asc", "desc"] | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=_LONGEST_PAGE)] = _PAGE,
        previous: Text = None,
        next: Text = None,  # noqa: A002 - the name on the wire
        backend: Text = None,
        search: Annotated[str | None, Query(max_length=_LONGEST_SEARCH)] = None,
        status: Annotated[list[WorkloadStatus] | None, Query()] = None,
        mode: Annotated[WorkloadMode | None, Query()] = None,
        created_after: Text = None,
        created_before: Text = None,
        createdAfter: Text = None,  # noqa: N803 - the older spelling
        createdBefore: Text = None,  # noqa: N803
        tags: Annotated[list[str] | None, Query()] = None,
    ) -> Response:
        """List workloads in the order of their creation; ``-createdAt`` is newest first."""
        if previous is not None and next is not None:
            raise invalid("A page is either the previous or the next one.")
        page = runtime.workloads.page(
            WorkloadFilter(
                owner=owner_of(request),
                backend=backend,
                search=search or None,
                statuses=tuple(status or ()),
                mode=mode,
                created_after=read_time(created_after or createdAfter, "created_after"),
                created_before=read_time(created_before or createdBefore, "created_before"),
                tags=read_tags(tags),
            ),
            limit=limit,
            newest_first=sort == "-createdAt" or order == "desc",
            after=_place(next, "next"),
            before=_place(previous, "previous"),
        )
        return answer(_document(page, limit, request))

    @routes.get("/tags", tags=["jobs"], **gives(TagList))
    def tags_of_jobs(
        request: Request,
        search: Annotated[str, Query(min_length=3, max_length=_LONGEST_SEARCH)],
        kind: Annotated[Literal["job"], Query(alias="type")] = "job",  # noqa: ARG001 - as above
    ) -> Response:
        """Return tags of jobs that have the text in them, at most 100."""
        return answer({"tags": runtime.workloads.tags(owner_of(request), search)})

    return routes


def _document(page: WorkloadPage, limit: int, request: Request) -> WorkloadList:
    document: WorkloadList = {
        "workloads": [_workload(workload) for workload in page.workloads],
        "total_count": page.count,
        "limit": limit,
    }
    if page.workloads and page.has_previous:
        document["previous"] = _link(request, "previous", page.workloads[0].place)
    if page.workloads and page.has_next:
        document["next"] = _link(request, "next", page.workloads[-1].place)
    return document


def _workload(workload: Workload) -> WorkloadDocument:
    document: WorkloadDocument = {
        "id": workload.place.id,
        "created": workload.place.created,
        "backend": workload.backend,
        "instance": crn_of(workload.owner),
        "user_id": workload.owner,
        "mode": workload.mode,
        "status": workload.status,
        "tags": list(workload.tags),
        "usage": {"qpu_charge_time_seconds": workload.usage_seconds},
        "usage_seconds": workload.usage_seconds,
    }
    if workload.mode is WorkloadMode.JOB:
        document["usage"]["status"] = "pending" if workload.ended is None else "complete"
    if workload.ended is not None:
        document["ended"] = workload.ended
    if workload.status_reason is not None:
        document["status_reason"] = workload.status_reason
    if workload.accepting is not None:
        document["accepting_jobs"] = workload.accepting
    return document


def _link(request: Request, name: str, place: Place) -> Link:
    """Return the address of the page beside a place, with the same filters."""
    url = request.url.remove_query_params(["previous", "next"])
    return {"href": str(url.include_query_params(**{name: _cursor(place)}))}


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([place.created, place.id])).decode()


def _place(cursor: str | None, name: str) -> Place | None:
    """Return the place a cursor stands for; anything but our own cursors is refused."""
    if cursor is None:
        return None
    try:
        created, job = orjson.loads(base64.b64decode(cursor[:_CURSOR_CAP], b"-_", validate=True))
        if isinstance(job, str) and _TIME.fullmatch(created):
            return Place(created, job)
    except (binascii.Error, ValueError, TypeError):
        pass
    raise invalid(f"{name} is no cursor of this list.", "Take it from the answer before, whole.")
