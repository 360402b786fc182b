"""The server's connections: how many, for how long, and how they end.

Uvicorn waits for ever for a request that does not come and takes any number of sockets. Here:

- the head of a request has to be there within seconds of the connection or of its first byte, the
  body within minutes, and an answer has to be read, if slowly;
- when there are too many connections, the oldest that has not asked for anything yet gives way to
  the newest, then the oldest that rests between two requests, then the oldest that keeps us waiting
  in the middle of one, or asks without waiting for answers; if we are at work for all, the newest
  is refused;
- a refused request's body is read to its end and thrown away, within limits: closing the socket on
  a client that still sends would destroy the answer on its way;
- what is no HTTP, or no handshake of a WebSocket, is refused in the service's own container.
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Response
from websockets.server import ServerProtocol
from websockets.typing import StatusLike

from qjobwidgets.server.api.errors import BUSY, INVALID, ApiError

__all__ = ["BACKLOG", "Connections", "HttpProtocol", "WebSocketProtocol", "raise_file_limit"]

BACKLOG = 256
"""Connections that wait to be accepted, and so the most that are accepted at once."""

_HEAD_SECONDS = 10.0
_BODY_SECONDS = 120.0
_READ_SECONDS = 60.0  # without a byte of the answer being taken
_LINGER_SECONDS = 5.0
_LINGER_BYTES = 256 * 1024 * 1024
_MOST_CONNECTIONS = 2048
_MOST_FILES = 8192
_RESERVED_FILES = 512  # for the ledger, the attempts, and what is accepted at once
_GOING_AWAY = 1001


def raise_file_limit() -> int:
    """Allow this process as many open files as it may have; return how many connections fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    files = _MOST_FILES if soft == resource.RLIM_INFINITY else soft
    return max(BACKLOG, min(_MOST_CONNECTIONS, files - _RESERVED_FILES))


class Connections(ServerState):
    """All connections of a server, and which of them have nothing to do.

    Args:
        most: How many there may be.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        # Ordered: the oldest comes first.
        self._fresh: dict[HttpProtocol, None] = {}
        self._resting: dict[HttpProtocol, None] = {}
        self._stalled: dict[HttpProtocol, None] = {}

    def make_room(self) -> bool:
        """Close a connection with nothing to do if there are too many; whether that was enough."""
        if len(self.connections) <= self._most:
            return True
        for idle in (self._fresh, self._resting, self._stalled):
            for oldest in idle:
                oldest.give_way()
                return True
        return False

    def is_fresh(self, connection: HttpProtocol) -> None:
        """Note a connection that has not asked for anything yet."""
        self._fresh[connection] = None

    def is_busy(self, connection: HttpProtocol) -> None:
        """Note a connection with a request under way."""
        self._fresh.pop(connection, None)
        self._resting.pop(connection, None)

    def is_resting(self, connection: HttpProtocol) -> None:
        """Note a connection between two requests."""
        self._resting[connection] = None

    def is_stalled(self, connection: HttpProtocol, *, stalled: bool) -> None:
        """Note whether a connection keeps us waiting: for a body, or for an answer to be read."""
        if stalled:
            self._stalled[connection] = None
        else:
            self._stalled.pop(connection, None)

    def is_gone(self, connection: HttpProtocol) -> None:
        """Forget a connection."""
        self.is_busy(connection)
        self.is_stalled(connection, stalled=False)


class HttpProtocol(H11Protocol):
    """One connection that speaks HTTP, under the limits of this module."""

    server_state: Connections
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _lingered: int | None = None
    _pipelines: bool = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Admit the connection, or refuse it."""
        super().connection_made(transport)
        self.transport = cast(asyncio.Transport, _PoliteTransport(transport, self))
        if self.server_state.make_room():
            self.server_state.is_fresh(self)
            self._end_within(_HEAD_SECONDS)
        else:
            self._refuse(ApiError(503, BUSY, "There are too many connections.", "Try again."))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)  # which closes once more
        self._end_within(None)
        self._watch_reader(reads=True)
        self.server_state.is_gone(self)

    def data_received(self, data: bytes) -> None:
        """Read on, against the clock."""
        if self._lingered is not None:
            self._lingered += len(data)
            if self._lingered > _LINGER_BYTES:
                self.transport.abort()
            return
        before = self.conn.their_state
        super().data_received(data)
        if self.transport.get_protocol() is self:  # it was not handed over to a WebSocket
            self._set_deadline(before, self.conn.their_state)

    def eof_received(self) -> None:
        """End at once if the end is all that was waited for."""
        if self._lingered is not None:
            self.transport.abort()

    def on_response_complete(self) -> None:
        """Rest until the next request, or go on with one that is there already."""
        before = self.conn.their_state
        self._pipelines = bool(self.conn.trailing_data[0])
        super().on_response_complete()
        if self._lingered is not None or self.transport.is_closing():
            return
        if self.conn.their_state is h11.IDLE:
            self.server_state.is_resting(self)
        else:
            self._set_deadline(before, self.conn.their_state)

    def pause_writing(self) -> None:
        """Wait for the other side to read."""
        super().pause_writing()
        self._watch_reader(reads=False)
        self._note_stalled()

    def resume_writing(self) -> None:
        """Go on: it has read."""
        super().resume_writing()
        self._watch_reader(reads=True)
        self._note_stalled()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over: the deadlines of HTTP end here."""
        self._end_within(None)
        self._watch_reader(reads=True)
        self.server_state.is_gone(self)
        self.transport = cast(_PoliteTransport, self.transport).plain
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP in the service's own form."""
        self._refuse(ApiError(400, INVALID, msg, "Speak HTTP/1.1."))

    def give_way(self) -> None:
        """End, to make room for another."""
        self.server_state.is_gone(self)
        self.connections.discard(self)
        self.transport.abort()

    def linger(self) -> bool:
        """Read on after the last answer if more is to come; whether the end has to wait for it."""
        if self._lingered is None and self.conn.their_state is h11.SEND_BODY:
            self._lingered = 0
            self._end_within(_LINGER_SECONDS)
            self.flow.resume_reading()
            return True
        return self._lingered is not None

    def end(self) -> None:
        """End when what was written has been read, but not wait for that for ever."""
        self._end_within(_READ_SECONDS)
        self.server_state.is_stalled(self, stalled=True)

    def _set_deadline(self, before: Any, now: Any) -> None:
        """Set the deadline that goes with the part of a request that is waited for now."""
        if now is h11.IDLE:
            if self._deadline is None:
                self._end_within(_HEAD_SECONDS)
            return
        self.server_state.is_busy(self)
        self._note_stalled()
        if now is not before:
            self._end_within(_BODY_SECONDS if now is h11.SEND_BODY else None)

    def _note_stalled(self) -> None:
        # Who has sent the next request before the answer to the last may never read any of them.
        waits = self.flow.write_paused or self.conn.their_state is h11.SEND_BODY
        stalled = waits or self._pipelines
        self.server_state.is_stalled(self, stalled=stalled)

    def _watch_reader(self, *, reads: bool) -> None:
        """Have the connection end when nothing of what was written is read for too long."""
        if self._unread is not None:
            self._unread.cancel()
        self._unread = None
        if not reads:
            left = self.transport.get_write_buffer_size()
            self._unread = self.loop.call_later(_READ_SECONDS, self._look_at_reader, left)

    def _look_at_reader(self, before: int) -> None:
        if self.transport.get_write_buffer_size() < before:
            self._watch_reader(reads=False)
        else:
            self.transport.abort()

    def _end_within(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None
        if seconds is not None:
            self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _refuse(self, error: ApiError) -> None:
        """Answer at once, without the application, and end."""
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.abort()  # another answer is on its way already
            return
        response = error.response()
        headers = [*response.raw_headers, (b"connection", b"close")]
        head = h11.Response(status_code=error.status, headers=headers)
        for event in (head, h11.Data(data=bytes(response.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class _PoliteTransport:
    """A transport that first lets the other side finish what it is sending."""

    def __init__(self, plain: asyncio.Transport, connection: HttpProtocol) -> None:
        self.plain = plain
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)

    def close(self) -> None:
        """Close, or stop to send and leave the end to the connection."""
        if self._connection.linger() and self.plain.can_write_eof():
            self.plain.write_eof()
        else:
            self._connection.end()
            self.plain.close()


class _EndingTransport:
    """A transport whose end does not wait for ever for the other side to read."""

    def __init__(self, plain: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._plain = plain
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)

    def close(self) -> None:
        """Close, and give up soon what is still unread then."""
        if not self._plain.is_closing() and self._plain.get_write_buffer_size():
            self._loop.call_later(_LINGER_SECONDS, self._plain.abort)
        self._plain.close()


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One connection that speaks WebSocket."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.conn = _Handshake(max_size=self.config.ws_max_size, logger=self.logger)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, with an end in sight."""
        super().connection_made(cast(asyncio.Transport, _EndingTransport(transport, self.loop)))

    def shutdown(self) -> None:
        """Say that the server is going away."""
        if self.close_sent or not self.handshake_complete:
            super().shutdown()
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": _GOING_AWAY})
        self.conn.send_close(_GOING_AWAY)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()


class _Handshake(ServerProtocol):
    """Handshakes that are refused in the service's own form."""

    def reject(self, status: StatusLike, text: str) -> Response:
        """Return the refusal of a handshake."""
        response = super().reject(status, text)
        error = ApiError(response.status_code, INVALID, " ".join(text.split()))
        response.body = bytes(error.response().body)
        for name, value in (
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(response.body))),
        ):
            del response.headers[name]
            response.headers[name] = value
        return response
