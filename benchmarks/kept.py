"""A server that answers each GET with what another server has answered the first time.

What clients ask of it costs them the same bytes as at the other server, and takes next to no time
here: what is left is the work of the clients. It counts the requests. Where the work of reading is
measured, each answer ends with another number of spaces, so that no client can know it already.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

__all__ = ["KeptAnswers", "kept_answers"]

_OF_A_CONNECTION = frozenset({"connection", "host", "content-length", "accept-encoding"})


class KeptAnswers(ThreadingHTTPServer):
    """The server.

    Args:
        url: REST base of the other server.
        never_twice: Whether each answer differs from the one before.

    Attributes:
        url: REST base of this one.
        never_twice: As above.
        requests: How many requests have come.
    """

    daemon_threads = True

    def __init__(self, url: str, *, never_twice: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        parts = urlsplit(url)
        self.never_twice = never_twice
        self.origin = parts.netloc
        self.url = f"http://127.0.0.1:{self.server_port}{parts.path}"
        self.requests = 0
        self.known: dict[str, tuple[int, str, bytes]] = {}
        self.lock = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    server: KeptAnswers
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body of an answer leave together

    def do_GET(self) -> None:
        """Answer from memory, if the question is known."""
        known = self.server.known
        if self.path not in known:
            known[self.path] = self._forward()
        status, kind, body = known[self.path]
        if self.server.never_twice:
            body += b" " * self.server.requests
        self._answer(status, kind, body)

    def do_POST(self) -> None:
        """Hand a request on."""
        self._answer(*self._forward())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name above
        """Log nothing."""

    def _forward(self) -> tuple[int, str, bytes]:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _OF_A_CONNECTION}
        connection = HTTPConnection(self.server.origin, timeout=60)
        try:
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            # without its tag: a page that has not changed would not be sent again
            return answer.status, answer.getheader("Content-Type", ""), answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        with self.server.lock:
            self.server.requests += 1
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def kept_answers(url: str, *, never_twice: bool = False) -> Iterator[KeptAnswers]:
    """Serve the answers of another server, on threads of this process; see :class:`KeptAnswers`."""
    with KeptAnswers(url, never_twice=never_twice) as server:
        thread = threading.Thread(target=server.serve_forever, name="kept-answers")
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
