"""The feed of all that happens to the jobs of whoever listens.

``/events?after=<cursor>`` with the subprotocol ``qjob.v1``; each frame is ``{"seq", "attempt",
"type", "data"}``, and its ``seq`` is the cursor to go on from:

- ``job``: a job as it is now, without its inputs; sent when it was submitted, changed its state or
  its tags;
- ``deleted``: the id of a job that is no more;
- ``ready``: all that had happened before is told, what follows is live;
- ``reset``: the cursor is not of this ledger, which has fewer changes; everything is told again.

Without ``after`` the first frame is ``ready``, and only what happens from then on is told.

The feed tells states, not steps: of a job that changed three times since the last look only the
last is sent, and a job's interim results are told by its own stream. A job that moves up in its
queue has not changed: ``position_in_queue`` is that of the moment the frame was made. A listener
is read a page at a time from the ledger, at most twenty times a second when it keeps up; a slow
one delays only itself. When the server ends, it closes with 1001.
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, WebSocket
from fastapi.concurrency import run_in_threadpool

from qjobwidgets.server.api.access import owner_of
from qjobwidgets.server.api.documents import job_document
from qjobwidgets.server.api.errors import ApiError, invalid
from qjobwidgets.server.api.sockets import (
    SUBPROTOCOL,
    frame,
    position,
    route_plain_http,
    until_closed,
)
from qjobwidgets.server.hub import ANY_JOB
from qjobwidgets.server.jobs.changes import Change
from qjobwidgets.server.runtime import Runtime

__all__ = ["router"]

_PATH = "/events"
_PAGE = 100
_PAUSE = 0.05


def router(runtime: Runtime) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.websocket(_PATH)
    async def events(socket: WebSocket) -> None:
        try:
            if SUBPROTOCOL not in socket.scope["subprotocols"]:
                raise invalid("The feed is told by another protocol.", f"Offer {SUBPROTOCOL}.")
            after = position(socket.query_params.get("after"))
        except ApiError as error:
            await socket.send_denial_response(error.response(socket.scope))
            return
        await socket.accept(SUBPROTOCOL)
        await until_closed(socket, _send(runtime, socket, after))

    route_plain_http(routes, _PATH)
    return routes


async def _send(runtime: Runtime, socket: WebSocket, after: int | None) -> None:
    owner = owner_of(socket)
    loop = asyncio.get_running_loop()
    with runtime.hub.waiting(ANY_JOB) as changed:
        newest = await run_in_threadpool(runtime.queries.revision)
        cursor = newest if after is None else after
        if cursor > newest:
            cursor = 0
            await socket.send_text(frame(cursor, 0, "reset", {}))
        ready = after is None
        if ready:  # what has happened since is live
            await socket.send_text(frame(cursor, 0, "ready", {}))
        while True:
            changed.clear()
            page = await run_in_threadpool(runtime.changes.page, owner, cursor, _PAGE)
            for change in page.changes:
                await socket.send_text(_text(change))
            cursor = page.cursor
            if not page.complete:
                continue
            if not ready:
                ready = True
                await socket.send_text(frame(cursor, 0, "ready", {}))
            again = loop.time() + _PAUSE
            await changed.wait()
            await asyncio.sleep(again - loop.time())


def _text(change: Change) -> str:
    if change.job is None:
        return frame(change.revision, 0, "deleted", {"id": change.id})
    return frame(change.revision, change.job.attempt, "job", job_document(change.job))
