"""Connections that ask for nothing, ask slowly, or are too many: limits, and others are served."""

from __future__ import annotations

import asyncio
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from qjobwidgets.server import connections
from qjobwidgets.server.connections import Connections, HttpProtocol, WebSocketProtocol
from tests.server.conftest import DEADLINE, Service, until

MOST = 4
LARGE = 32 * 1024 * 1024  # more than the sockets of a connection hold unread
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
UNREAD = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345"
WAIT = b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"


class Small:
    """The protocols of the server, in front of a small application, with small limits."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.waiting = 0
        config = uvicorn.Config(
            self._answer,
            http=HttpProtocol,
            ws=WebSocketProtocol,
            log_config=None,
            lifespan="off",
            interface="asgi3",
        )
        self._server = uvicorn.Server(config)
        self._connections = Connections(most=MOST)
        self._server.server_state = self._connections
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]
        self._thread = threading.Thread(
            target=asyncio.run, args=(self._server.serve([self._listener]),)
        )
        self._thread.start()

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            if scope["path"] == "/large":
                await send({"type": "websocket.send", "bytes": bytes(LARGE)})
                return
            await receive()
            return
        if scope["path"] == "/wait":
            self.waiting += 1
            await asyncio.get_running_loop().run_in_executor(None, self.release.wait, DEADLINE)
        if scope["path"] == "/large":
            headers = [(b"content-length", b"%d" % LARGE)]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": bytes(LARGE)})
            return
        headers = [(b"content-length", b"2")]
        if scope["path"] == "/refuse":
            headers.append((b"connection", b"close"))
        elif scope["method"] == "POST":
            while (await receive()).get("more_body"):
                pass
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._port), timeout=DEADLINE)

    @property
    def kept(self) -> int:
        """How many connections there are."""
        return len(self._connections.connections)

    @property
    def stalled(self) -> int:
        """How many connections keep the server waiting."""
        return len(self._connections._stalled)

    @property
    def websocket(self) -> str:
        return f"ws://127.0.0.1:{self._port}/"

    def stop(self) -> None:
        self.release.set()
        self._server.should_exit = True
        self._thread.join(DEADLINE)
        self._listener.close()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[Small]:
    monkeypatch.setattr(connections, "_HEAD_SECONDS", 1.0)
    monkeypatch.setattr(connections, "_BODY_SECONDS", 1.5)
    monkeypatch.setattr(connections, "_READ_SECONDS", 1.5)
    monkeypatch.setattr(connections, "_LINGER_SECONDS", 1.5)
    small = Small()
    yield small
    small.stop()


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Small]:
    """One in which nothing ends by itself."""
    monkeypatch.setattr(connections, "_HEAD_SECONDS", DEADLINE)
    small = Small()
    yield small
    small.stop()


def _all(raw: socket.socket) -> bytes:
    """Return what comes until the other side ends the connection in one way or another."""
    said = b""
    try:
        while more := raw.recv(65536):
            said += more
    except ConnectionResetError:
        pass
    return said


def _ask(raw: socket.socket, request: bytes = GET) -> bytes:
    raw.sendall(request)
    said = b""
    while not said.endswith(b"ok"):
        more = raw.recv(65536)
        assert more, said
        said += more
    return said


def test_who_says_nothing_is_left(small: Small):
    with small.connect() as raw:
        assert _all(raw) == b""


def test_a_head_that_never_ends_is_given_up(small: Small):
    """The clock runs from the first byte: one byte now and then doesn't hold it back."""
    with small.connect() as raw:
        raw.sendall(b"GET / HTTP/1.1\r\n")
        try:
            for _ in range(100):
                raw.sendall(b"x: y\r\n")
                threading.Event().wait(0.1)
        except OSError:
            pass
        else:
            pytest.fail("the head was read for ever")


def test_the_second_head_on_a_connection_is_under_the_clock_too(small: Small):
    with small.connect() as raw:
        assert _ask(raw).startswith(b"HTTP/1.1 200")
        raw.sendall(b"GET /")
        assert _all(raw) == b""


def test_a_connection_rests_longer_than_a_head_may_take(small: Small):
    with small.connect() as raw:
        assert _ask(raw).startswith(b"HTTP/1.1 200")
        threading.Event().wait(2.0)
        assert _ask(raw).startswith(b"HTTP/1.1 200")


def test_a_body_that_never_ends_is_given_up(small: Small):
    with small.connect() as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        assert _all(raw) == b""


def test_the_body_of_a_request_that_came_with_another_is_under_the_clock_too(small: Small):
    """Without a deadline it was waited for for ever, and nobody needs a token to ask for that."""
    with small.connect() as raw:
        raw.sendall(GET + SLOW)
        assert _all(raw).count(b"HTTP/1.1 200") == 1


def test_an_answer_that_is_not_read_is_given_up(small: Small):
    """It was kept for ever, and the connection with it."""
    with small.connect() as raw:
        raw.sendall(UNREAD)
        until(lambda: small.kept == 1, "the connection")
        until(lambda: small.kept == 0, "its end")


def _read_slowly(small: Small) -> tuple[int, float]:
    """Return how much of the answer came, and the longest time in which nothing was read."""
    said, longest = 0, 0.0
    with small.connect() as raw:
        raw.sendall(UNREAD)
        last = time.monotonic()
        while said < LARGE:
            more = raw.recv(4 * 1024 * 1024)
            longest = max(longest, time.monotonic() - last)
            last = time.monotonic()
            said += len(more)
            if not more:
                break
            threading.Event().wait(0.05)
    return said, longest


def test_an_answer_that_is_read_slowly_is_sent_whole(small: Small):
    said, longest = _read_slowly(small)
    while said < LARGE:
        assert longest > 1.0, "given up while it was read"
        said, longest = _read_slowly(small)  # the machine had stood still


def test_a_websocket_that_is_not_read_ends_all_the_same(small: Small):
    """A ping unanswered closed it only when all that was on its way had been read: never."""
    with small.connect() as raw:
        raw.sendall(
            b"GET /large HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert raw.recv(12) == b"HTTP/1.1 101"
        until(lambda: small.kept == 0, "its end")


def test_an_answer_that_takes_its_time_is_waited_for(small: Small):
    with small.connect() as raw:
        raw.sendall(WAIT)
        threading.Event().wait(2.0)
        small.release.set()
        assert raw.recv(65536).startswith(b"HTTP/1.1 200")


def test_the_oldest_that_has_not_asked_gives_way_first(crowded: Small):
    with ExitStack() as stack:
        resting, first, second, third, fourth = (
            stack.enter_context(crowded.connect()) for _ in range(MOST + 1)
        )
        assert _all(resting) == b""
        assert _ask(first).startswith(b"HTTP/1.1 200")
        stack.enter_context(crowded.connect())
        assert _all(second) == b""
        for alive in (first, third, fourth):
            assert _ask(alive).startswith(b"HTTP/1.1 200")


def test_a_resting_connection_gives_way_when_all_have_asked(crowded: Small):
    with ExitStack() as stack:
        asked = [stack.enter_context(crowded.connect()) for _ in range(MOST)]
        for raw in asked:
            assert _ask(raw).startswith(b"HTTP/1.1 200")
        newest = stack.enter_context(crowded.connect())
        assert _ask(newest).startswith(b"HTTP/1.1 200")
        assert _all(asked[0]) == b""


@pytest.mark.parametrize("request_", [UNREAD, SLOW, GET + SLOW])
def test_who_keeps_the_server_waiting_gives_way(crowded: Small, request_: bytes):
    """Two thousand that read no answer, or sent no body, locked out everybody else for good."""
    with ExitStack() as stack:
        stalled = [stack.enter_context(crowded.connect()) for _ in range(MOST)]
        for raw in stalled:
            raw.sendall(request_)
        until(lambda: crowded.stalled == MOST, "all requests")
        for _ in range(3):
            newest = stack.enter_context(crowded.connect())
            assert _ask(newest).startswith(b"HTTP/1.1 200")
            newest.sendall(request_)
            until(lambda: crowded.stalled == MOST, "the newest request")


def test_the_newest_is_refused_when_all_are_busy(crowded: Small):
    with ExitStack() as stack:
        busy = [stack.enter_context(crowded.connect()) for _ in range(MOST)]
        for raw in busy:
            raw.sendall(WAIT)
        until(lambda: crowded.waiting == MOST, "all requests")
        refused = _all(stack.enter_context(crowded.connect()))
        assert refused.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 2" in refused.lower()
        assert b'"errors"' in refused
        crowded.release.set()
        for raw in busy:
            assert raw.recv(65536).startswith(b"HTTP/1.1 200")


def test_a_refusal_is_read_by_whoever_is_still_sending(crowded: Small):
    """The socket was closed on a client in the middle of its body, which destroyed the answer."""
    size = 32 * 1024 * 1024
    with crowded.connect() as raw:
        raw.sendall(f"POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode())
        raw.sendall(bytes(size))
        assert _all(raw).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "said", [b"hello\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\r\n\r\n"]
)
def test_what_is_no_http_is_refused_in_the_services_own_form(crowded: Small, said: bytes):
    with crowded.connect() as raw:
        raw.sendall(said)
        answer = _all(raw)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b'{"errors":[{"code":1203' in answer


def test_a_handshake_that_is_none_is_refused_in_the_services_own_form(crowded: Small):
    with crowded.connect() as raw:
        raw.sendall(
            b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 7\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        answer = _all(raw)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 426"))
    assert b'{"errors":[{"code":1203' in answer


def test_a_websocket_outlives_the_deadlines_and_hears_that_the_server_goes(small: Small):
    with connect(small.websocket) as socket:
        threading.Event().wait(2.0)
        small.stop()
        with pytest.raises(ConnectionClosed):
            socket.recv(DEADLINE)
        assert socket.close_code == 1001


def test_jobs_run_while_more_sockets_are_opened_than_are_kept(start: Callable[..., Service]):
    """An attempt's channels were watched by select(), which takes no descriptor above 1023.

    Each attempt then ended with an internal error and was made again, for ever.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    many = min(10_000, hard - 200)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        service = start()
        address = urlsplit(service.url)
        with ExitStack() as stack:
            for _ in range(many):
                stack.enter_context(socket.create_connection((address.hostname, address.port)))
            job = service.submit("sample-program", "aer_local", {"iterations": 1})
            assert service.wait(job)["state"] == {"status": "Completed"}
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
