"""The bodies of all requests together: what they may take, and what is taken beyond that."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response

from qjobwidgets.server.api import errors
from qjobwidgets.server.api.bodies import JOB_CAP, SMALL_CAP, answer, read_body
from qjobwidgets.server.api.budget import BodyBudget
from tests.server.conftest import DEADLINE, until

MOST = 1024 * 1024
LARGE = MOST // 2 + SMALL_CAP  # two of them are all there is


class Reader:
    """An application that reads bodies within a small budget, and tells how long they were."""

    def __init__(self) -> None:
        app = FastAPI()
        errors.install(app)

        @app.post("/")
        async def read(request: Request) -> Response:
            return answer(len(await read_body(request, JOB_CAP)))

        self._budget = BodyBudget(app, most=MOST)
        self._server = uvicorn.Server(uvicorn.Config(self._budget, log_config=None, lifespan="off"))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(
            target=asyncio.run, args=(self._server.serve([self._listener]),)
        )
        self._thread.start()

    @property
    def left(self) -> int:
        return self._budget._left

    def post(self, size: int) -> requests.Response:
        url = f"http://127.0.0.1:{self.port}/"
        return requests.post(url, data=bytes(size), timeout=DEADLINE)

    def begin(self, size: int) -> socket.socket:
        """Send a request but for its last byte."""
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE)
        raw.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode())
        raw.sendall(bytes(size - 1))
        return raw

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(DEADLINE)
        self._listener.close()


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.stop()


def test_large_bodies_have_a_budget_together_and_small_ones_are_always_taken(reader: Reader):
    """Each was within its cap, and sixty-four of them took all the memory of the machine."""
    with ExitStack() as stack:
        held = [stack.enter_context(reader.begin(LARGE)) for _ in range(2)]
        until(lambda: reader.left <= 2, "all of both bodies")
        refused = reader.post(LARGE)
        assert refused.status_code == 503
        assert refused.json()["errors"][0]["code"] == 1501
        assert refused.headers["Retry-After"]
        assert reader.post(SMALL_CAP).json() == SMALL_CAP
        for raw in held:
            raw.sendall(b"x")
            assert raw.recv(12) == b"HTTP/1.1 200"
    until(lambda: reader.left == MOST, "all of it given back")
    assert reader.post(LARGE).json() == LARGE


def test_what_a_body_took_is_given_back_when_its_sender_leaves(reader: Reader):
    with reader.begin(LARGE):
        until(lambda: reader.left < MOST, "the body")
    until(lambda: reader.left == MOST, "its end")
    assert reader.post(LARGE).status_code == 200
