"""What all sockets of the server have in common: frames, positions, and an end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any

import orjson
from fastapi import APIRouter, Request, WebSocket
from fastapi.responses import Response
from starlette.websockets import WebSocketDisconnect

from qjobwidgets.server.api.errors import UPGRADE, ApiError, facts_of, invalid
from qjobwidgets.server.api.openapi import refuses

__all__ = ["SUBPROTOCOL", "frame", "position", "route_plain_http", "until_closed"]

SUBPROTOCOL = "qjob.v1"
"""The framing of our own: one JSON object a message, numbered."""

_LOG = logging.getLogger(__name__)

_FAILED = 1011  # the close code that says it was the server
_DIGITS = 18  # fits the integers of the ledger


def frame(seq: int, attempt: int, kind: str, data: Any) -> str:
    """Return a frame of the subprotocol."""
    return orjson.dumps({"seq": seq, "attempt": attempt, "type": kind, "data": data}).decode()


def position(text: str | None) -> int | None:
    """Return the position that a query names, or ``None`` if it names none.

    Raises:
        ApiError: It is not a number.
    """
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise invalid("after must be the number of a message.")
    return int(text)


async def until_closed(socket: WebSocket, sending: Coroutine[Any, Any, None]) -> None:
    """Send until all is sent or the listener has gone, whichever comes first.

    Should the server fail meanwhile, its log says why and the listener is told (1011).
    """
    sender = asyncio.create_task(sending)
    listener = asyncio.create_task(_closed(socket))
    try:
        await asyncio.wait({sender, listener}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sender.cancel()
        listener.cancel()
        for ended in await asyncio.gather(sender, listener, return_exceptions=True):
            if isinstance(ended, Exception) and not isinstance(ended, WebSocketDisconnect):
                _LOG.error("a stream failed", exc_info=ended, extra=facts_of(socket.scope))
                with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # it has gone, too
                    await socket.close(_FAILED)


def route_plain_http(routes: APIRouter, path: str) -> None:
    """Have a socket's address say so to whoever asks for it without a handshake."""

    @routes.get(path, tags=["streams"], **refuses(426))
    def upgrade(request: Request) -> Response:  # noqa: ARG001 - a job in the path means nothing
        """Say that this is the address of a WebSocket."""
        raise ApiError(426, UPGRADE, "This is the address of a WebSocket.", "Open a WebSocket.")


async def _closed(socket: WebSocket) -> None:
    """Return when the listener has gone; what it says meanwhile means nothing."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
