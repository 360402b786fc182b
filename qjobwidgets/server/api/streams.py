"""The stream of one job: its messages as they come, each from the ledger, then the end.

Two framings on one address. With the subprotocol ``qjob.v1`` each message is a frame ``{"seq",
"attempt", "type", "data"}`` and ``?after=seq`` resumes; the last frame is ``final`` with the
result, or ``status`` with the state of a job that has none to show. Without it the framing is that
of the old service: first an acknowledgement, whose content means nothing, then the bare messages
and the result. Either way the server closes with 1000 after the end.

A stream holds at most a page of messages in memory. A slow reader only delays itself.
"""

from __future__ import annotations

import orjson
from fastapi import APIRouter, WebSocket
from fastapi.concurrency import run_in_threadpool

from qjobwidgets.server.api.access import require_job
from qjobwidgets.server.api.documents import state_document
from qjobwidgets.server.api.errors import ApiError
from qjobwidgets.server.api.sockets import (
    SUBPROTOCOL,
    frame,
    position,
    route_plain_http,
    until_closed,
)
from qjobwidgets.server.jobs.queries import StreamPage
from qjobwidgets.server.jobs.states import Job, Message, State
from qjobwidgets.server.runtime import Runtime

__all__ = ["router"]

_PAGE = 16  # of up to a megabyte each: what a listener who does not read costs


def router(runtime: Runtime) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.websocket("/stream/jobs/{job}")
    async def stream(socket: WebSocket, job: str) -> None:
        try:
            after = position(socket.query_params.get("after")) or 0
            await run_in_threadpool(require_job, runtime, socket, job)
        except ApiError as error:
            await socket.send_denial_response(error.response(socket.scope))
            return
        numbered = SUBPROTOCOL in socket.scope["subprotocols"]
        await socket.accept(SUBPROTOCOL if numbered else None)
        if not numbered:
            await socket.send_text(orjson.dumps({"acknowledged": True}).decode())
        await until_closed(socket, _send(runtime, socket, job, after, numbered=numbered))

    route_plain_http(routes, "/stream/jobs/{job}")
    return routes


async def _send(
    runtime: Runtime, socket: WebSocket, job: str, after: int, *, numbered: bool
) -> None:
    with runtime.hub.waiting(job) as changed:
        while True:
            changed.clear()
            page = await run_in_threadpool(runtime.queries.stream, job, after, _PAGE)
            if page is None:  # deleted while it was listened to
                break
            for message in page.messages:
                if (text := _text(message, numbered=numbered)) is not None:
                    await socket.send_text(text)
                after = message.seq
            if len(page.messages) == _PAGE:
                continue
            if page.job.final:
                await _send_end(runtime, socket, page, after, numbered=numbered)
                break
            await changed.wait()
    await socket.close(1000)


def _text(message: Message, *, numbered: bool) -> str | None:
    if numbered:
        return frame(message.seq, message.attempt, message.kind, orjson.Fragment(message.data))
    # The old framing has no word for marks between messages.
    return message.data if message.kind == "interim" else None


async def _send_end(
    runtime: Runtime, socket: WebSocket, page: StreamPage, after: int, *, numbered: bool
) -> None:
    job = page.job
    seq = job.last_seq + 1
    if numbered and after >= seq:
        return
    result = None
    # A private result can be read once: only who asks for the result itself gets it.
    if job.state is State.COMPLETED and not job.private:
        result = await run_in_threadpool(runtime.ledger.take_result, job.id)
    if not numbered:
        if result is not None:
            await socket.send_text(result)
    else:
        await socket.send_text(_end_frame(job, seq, result))


def _end_frame(job: Job, seq: int, result: str | None) -> str:
    if result is not None:
        return frame(seq, job.attempt, "final", orjson.Fragment(result))
    return frame(seq, job.attempt, "status", state_document(job))
