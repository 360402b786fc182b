"""A TCP proxy between client and server that loses answers or falls silent on demand."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit


class Proxy:
    """Forwards connections to a server.

    Attributes:
        lose_answers_to: Requests with this text reach the server; the answer is lost in a reset.
        lost: How many answers were lost.
        frozen: While set, nothing passes in either direction, and no connection is closed.
        connections: How many were made.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.lose_answers_to: bytes | None = None
        self.lost = 0
        self.connections = 0
        self.frozen = threading.Event()
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
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

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
                    if self.lose_answers_to and self.lose_answers_to in data:
                        losing.set()
                    # the server accepts only requests that name its own port
                    names = (b":%d" % self.port, b":%d" % self._target[1])
                    server.sendall(data.replace(*names))
                server.shutdown(socket.SHUT_WR)
            answers.join()

    def _answers(
        self, server: socket.socket, client: socket.socket, losing: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(2**16):
                if losing.is_set():
                    self.lost += 1
                    self.lose_answers_to = None
                    linger = struct.pack("ii", 1, 0)
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    client.shutdown(socket.SHUT_RD)
                    client.close()
                    return
                if not self.frozen.is_set():
                    client.sendall(data)
            client.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def proxy_of(url: str) -> Iterator[Proxy]:
    proxy = Proxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
