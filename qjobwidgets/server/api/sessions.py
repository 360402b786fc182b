"""Routes of sessions and batches: to open one, look at it, close it, cancel it."""

from __future__ import annotations

from typing import Annotated, NotRequired

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from qjobwidgets.server.api.access import owner_of
from qjobwidgets.server.api.bodies import answer, read_object, validated
from qjobwidgets.server.api.errors import NOT_IN_STATE, ApiError, backend_not_found, invalid
from qjobwidgets.server.api.openapi import gives, takes
from qjobwidgets.server.api.refusals import REFUSALS, refusal, session_not_found
from qjobwidgets.server.backends.catalogue import BACKENDS
from qjobwidgets.server.jobs.session_rules import (
    INTERACTIVE_TTL,
    MAX_TTL,
    Mode,
    NewSession,
    Session,
    SessionState,
)
from qjobwidgets.server.jobs.states import timestamp
from qjobwidgets.server.runtime import Runtime

__all__ = ["router"]

Seconds = Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)]


class SessionRequest(BaseModel):
    """A session to be opened; other fields are ignored, as by the service.

    ``backend_name`` and ``max_session_ttl`` are other spellings of ``backend`` and ``max_ttl``.
    Clients that had sessions before there were batches send no mode.
    """

    mode: Mode = Mode.DEDICATED
    backend: str | None = None
    backend_name: str | None = None
    max_ttl: Seconds | None = None
    max_session_ttl: Seconds | None = None
    active_ttl: Seconds | None = None
    interactive_ttl: Seconds | None = None


class SessionUpdate(BaseModel):
    """Whether the session accepts more jobs."""

    accepting_jobs: Annotated[bool, Field(strict=True)]


class SessionTimestamp(TypedDict):
    """When a session came into a state."""

    status: SessionState
    timestamp: str


class SessionDocument(TypedDict):
    """A session; ``active_ttl`` is what is left of its active time, ``elapsed_time`` its usage.

    A batch uses the execution time of its jobs, a dedicated session the time it is active.
    """

    id: str
    backend_name: str
    mode: Mode
    state: SessionState
    state_reason: NotRequired[str]
    accepting_jobs: bool
    max_ttl: int
    active_ttl: int
    interactive_ttl: int
    started_at: NotRequired[str]
    activated_at: NotRequired[str]
    closed_at: NotRequired[str]
    last_job_started: NotRequired[str]
    last_job_completed: NotRequired[str]
    user_id: str
    elapsed_time: float
    timestamps: list[SessionTimestamp]


def router(runtime: Runtime) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["sessions"])

    @routes.post("/sessions", **takes(SessionRequest), **gives(SessionDocument, 404, 409))
    async def create(request: Request) -> Response:
        """Open a session or a batch."""
        asked = validated(SessionRequest, await read_object(request))
        new = _new_session(asked, owner_of(request))
        try:
            opened = await run_in_threadpool(runtime.sessions.open, new)
        except REFUSALS as error:
            raise refusal(error) from None
        return answer(_document(opened))

    @routes.get("/sessions/{session}", **gives(SessionDocument, 404))
    def get(request: Request, session: str) -> Response:
        """Return a session."""
        return answer(_document(_require(runtime, request, session)))

    @routes.patch("/sessions/{session}", **takes(SessionUpdate), **gives(None, 404, 409))
    async def update(request: Request, session: str) -> Response:
        """Have a session accept no more jobs; it closes when those it has have ended."""
        asked = validated(SessionUpdate, await read_object(request))

        def change() -> Response:
            found = _require(runtime, request, session)
            if asked.accepting_jobs and not found.accepting:
                raise ApiError(
                    409,
                    NOT_IN_STATE,
                    "The session accepts no more jobs, and that can't be undone.",
                    "Open a new session.",
                )
            if not asked.accepting_jobs:
                runtime.sessions.close(session, found.owner)
            return Response(status_code=204)

        return await run_in_threadpool(change)

    @routes.delete("/sessions/{session}/close", **gives(None, 404))
    def cancel(request: Request, session: str) -> Response:
        """Close a session and cancel its queued jobs; running jobs run to their end."""
        if not runtime.sessions.cancel(session, owner_of(request)):
            raise session_not_found()
        return Response(status_code=204)

    return routes


def _require(runtime: Runtime, request: Request, session: str) -> Session:
    found = runtime.sessions.get(session, owner_of(request))
    if found is None:
        raise session_not_found()
    return found


def _new_session(asked: SessionRequest, owner: str) -> NewSession:
    """Return the session that is asked for.

    Raises:
        ApiError: There is no such backend, or one time does not fit into the other.
    """
    backend = asked.backend or asked.backend_name or next(iter(BACKENDS))
    if backend not in BACKENDS:
        raise backend_not_found(backend, BACKENDS)
    longest = min(asked.max_ttl or asked.max_session_ttl or MAX_TTL, MAX_TTL)
    active = min(asked.active_ttl or longest, MAX_TTL)
    interactive = min(asked.interactive_ttl or min(INTERACTIVE_TTL, active), MAX_TTL)
    if not interactive <= active <= longest:
        raise invalid(
            f"interactive_ttl ({interactive} s), active_ttl ({active} s) and max_ttl ({longest} s) "
            "must each not be longer than the next."
        )
    return NewSession(
        owner=owner,
        backend=backend,
        mode=asked.mode,
        max_ttl=longest,
        active_ttl=active,
        interactive_ttl=interactive,
    )


def _document(session: Session) -> SessionDocument:
    now = timestamp()
    document: SessionDocument = {
        "id": session.id,
        "backend_name": session.backend,
        "mode": session.mode,
        "state": session.state,
        "accepting_jobs": session.accepting,
        "max_ttl": session.max_ttl,
        "active_ttl": round(session.active_left(now)),
        "interactive_ttl": session.interactive_ttl,
        "user_id": session.owner,
        "elapsed_time": round(session.used(now), 6),
        "timestamps": [{"status": state, "timestamp": time} for state, time in session.history],
    }
    optional = {
        "state_reason": session.state_reason,
        "started_at": session.started,
        "activated_at": session.activated,
        "closed_at": session.closed,
        "last_job_started": session.last_job_started,
        "last_job_completed": session.last_job_completed,
    }
    given = {name: value for name, value in optional.items() if value is not None}
    return document | given  # type: ignore[return-value]
