"""A real WebSocket server that follows a script, one act per connection, and who listens to it."""

from __future__ import annotations

import http
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from qjobwidgets import InterimResult

Act = Callable[[ServerConnection], None]


@dataclass(frozen=True)
class Refusal:
    """An HTTP answer in place of a stream."""

    status: int
    location: str | None = None


def frame(seq: int, data: Any = None, kind: str = "interim", attempt: int = 1) -> str:
    return json.dumps({"seq": seq, "attempt": attempt, "type": kind, "data": data})


class Listener:
    """What a stream has said."""

    def __init__(self) -> None:
        self.messages: list[InterimResult] = []
        self.states: list[str] = []

    @property
    def seqs(self) -> list[int]:
        return [message.seq for message in self.messages]


def says(*frames: str, close: int | None = 1000) -> Act:
    """An act that sends frames and closes with a code; ``None`` drops the connection."""

    def act(connection: ServerConnection) -> None:
        for text in frames:
            connection.send(text)
        if close is None:
            connection.socket.close()
        else:
            connection.close(close)

    return act


def silent(connection: ServerConnection) -> None:
    """An act: one message, and then nothing for as long as anybody listens."""
    connection.send(frame(1))
    connection.recv()


class StreamServer:
    """Plays one act per connection; the last one is repeated."""

    def __init__(self, *acts: Act | Refusal, protocol: str | None = "qjob.v1") -> None:
        self.acts = list(acts)
        self.opened: list[Request] = []
        self.release = threading.Event()
        self._protocol = protocol
        self._server = serve(
            self._play,
            "127.0.0.1",
            0,
            process_request=self._open,
            select_subprotocol=lambda _connection, _offered: protocol,
        )
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.socket.getsockname()[1]}/api/v1"

    @property
    def afters(self) -> list[str]:
        """The number after which each connection asked to go on."""
        return [parse_qs(urlsplit(request.path).query)["after"][0] for request in self.opened]

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._thread.join()

    def _open(self, connection: ServerConnection, request: Request) -> Response | None:
        self.opened.append(request)
        act = self.acts[min(len(self.opened), len(self.acts)) - 1]
        if not isinstance(act, Refusal):
            connection.act = act
            return None
        headers = Headers({"Content-Length": "0"})
        if act.location:
            headers["Location"] = act.location
        return Response(act.status, http.HTTPStatus(act.status).phrase, headers)

    def _play(self, connection: ServerConnection) -> None:
        connection.act(connection)
