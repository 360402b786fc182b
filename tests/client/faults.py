"""A real HTTP server that misbehaves on demand."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CANARY = "canary-5b1d0c6e-token"


@dataclass(frozen=True)
class Reply:
    """One answer: what is sent, and how it goes wrong (``"truncate"``, ``"reset"``, ``"hang"``)."""

    status: int = 200
    document: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    fault: str | None = None

    @property
    def bytes(self) -> bytes:
        return json.dumps(self.document).encode() if self.body is None else self.body


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


def jwt(life: float = 3600.0, serial: int = 1) -> str:
    """Return an unsigned token of the right form."""
    claims = {"iat": 1_700_000_000, "exp": 1_700_000_000 + life, "serial": serial}
    parts = (json.dumps({"alg": "none"}), json.dumps(claims), f"signature-{CANARY}")
    return ".".join(base64.urlsafe_b64encode(p.encode()).decode().rstrip("=") for p in parts)


Answering = Reply | Callable[[Seen], Reply]


class FaultServer:
    """Answers each path with the replies it was given, one after the other; the last one stays.

    A reply may be a function of the request. Paths that were given none get :attr:`otherwise`.
    """

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._replies: dict[str, list[Answering]] = defaultdict(list)
        self._lock = threading.Lock()
        self.released = threading.Event()
        self.exchanges = 0
        self.life = 3600.0
        self.otherwise = Reply(404, {"errors": [{"code": 1, "message": "Nothing here."}]})
        fault = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_one_request(self) -> None:
                with contextlib.suppress(ConnectionError):
                    super().handle_one_request()

            def do_GET(self) -> None:
                fault._answer(self)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - called by http.server

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64  # tests come with many threads at once

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/api/v1"

    def on(self, path: str, *replies: Answering) -> None:
        """Answer ``path`` (below the REST base) like this."""
        self._replies[f"/api/v1{path}"] = list(replies)

    def on_iam(self, *replies: Answering) -> None:
        """Answer the token exchange like this."""
        self._replies["/identity/token"] = list(replies)

    def on_site(self, path: str, *replies: Answering) -> None:
        """Answer ``path``, outside the REST base, like this."""
        self._replies[path] = list(replies)

    def asked(self, path: str) -> list[Seen]:
        """Return the requests for a path below the REST base."""
        return [seen for seen in self.seen if seen.path == f"/api/v1{path}"]

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            seen = Seen(handler.command, parts.path, parse_qs(parts.query), headers, body)
            self.seen.append(seen)
            reply = self._next(seen)
        if reply.fault == "hang":
            self.released.wait(30)
        if reply.fault == "reset":
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()
            handler.close_connection = True
            return
        data = reply.bytes
        handler.send_response_only(reply.status)
        usual = {"Date": handler.date_time_string(), "Content-Length": str(len(data))}
        for name, value in {**usual, **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data[: len(data) // 2] if reply.fault == "truncate" else data)
        handler.wfile.flush()
        if reply.fault == "truncate":
            handler.close_connection = True

    def _next(self, seen: Seen) -> Reply:
        replies = self._replies.get(seen.path)
        if replies:
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
            return reply if isinstance(reply, Reply) else reply(seen)
        if seen.path == "/identity/token":
            self.exchanges += 1
            return Reply(document={"access_token": jwt(self.life, self.exchanges)})
        return self.otherwise


@contextlib.contextmanager
def fault_server() -> Iterator[FaultServer]:
    server = FaultServer()
    try:
        yield server
    finally:
        server.close()
