"""A TCP proxy between client and server that loses answers, falls silent or cuts on demand."""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

_HEAD = re.compile(rb"^([A-Z]+ /[^ ?]*)\S* HTTP/1\.1\r$", re.MULTILINE)


class Proxy:
    """Forwards connections to a server.

    Attributes:
        lose_answers_to: Requests with this text reach the server; the answer is lost in a reset.
        instead: What the client gets in place of a lost answer; without it the connection breaks.
        losses: How many answers shall be lost.
        lost: How many were.
        frozen: While set, nothing passes in either direction, and no connection is closed.
        connections: How many were made.
        requests: Method and path of each request.
    """

    def __init__(self, url: str, without: bytes = b"") -> None:
        parts = urlsplit(url)
        self.lose_answers_to: bytes | None = None
        self.instead = b""
        self.losses = 1
        self.lost = 0
        self.connections = 0
        self.requests: list[str] = []
        self.frozen = threading.Event()
        self._without = without
        self._target = ("127.0.0.1", parts.port)
        self._sockets: list[socket.socket] = []
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                proxy._forward(self.request)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.port = self._server.server_address[1]
        self.url = url.replace(f":{parts.port}/", f":{self.port}/")

    def close(self) -> None:
        self.cut()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def cut(self) -> None:
        """Break all connections."""
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._sockets.clear()

    def _forward(self, client: socket.socket) -> None:
        self.connections += 1
        losing = threading.Event()
        with socket.create_connection(self._target) as server:
            self._sockets += [client, server]
            answers = threading.Thread(target=self._answers, args=(server, client, losing))
            answers.start()
            with contextlib.suppress(OSError):
                while data := client.recv(2**16):
                    if self.frozen.is_set():
                        continue
                    self.requests += [head.decode() for head in _HEAD.findall(data)]
                    if self.lose_answers_to and self.lose_answers_to in data:
                        losing.set()
                    # the server accepts only requests that name its own port
                    names = (b":%d" % self.port, b":%d" % self._target[1])
                    data = data.replace(*names)
                    server.sendall(data.replace(self._without, b"") if self._without else data)
                server.shutdown(socket.SHUT_WR)
            answers.join()

    def _answers(
        self, server: socket.socket, client: socket.socket, losing: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(2**16):
                if losing.is_set():
                    self.lost += 1
                    if self.lost >= self.losses:
                        self.lose_answers_to = None
                    if self.instead:
                        client.sendall(self.instead)
                        client.shutdown(socket.SHUT_RDWR)
                        return
                    linger = struct.pack("ii", 1, 0)
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    client.shutdown(socket.SHUT_RD)
                    client.close()
                    return
                if not self.frozen.is_set():
                    client.sendall(data)
            client.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def proxy_of(url: str, *, without: bytes = b"") -> Iterator[Proxy]:
    """Return a proxy, which takes the text ``without`` out of all requests."""
    proxy = Proxy(url, without)
    try:
        yield proxy
    finally:
        proxy.close()
