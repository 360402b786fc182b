"""Services to test the client against: a real one, and one that misbehaves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.client import sockets
from tests.client.faults import CANARY, FaultServer, fault_server
from tests.client.sockets import Listener, StreamServer
from tests.conftest import Server


@pytest.fixture
def faults() -> Iterator[FaultServer]:
    with fault_server() as server:
        yield server


@pytest.fixture
def remote(faults: FaultServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[RuntimeService]:
    """A client of the misbehaving service, by the account kind of the public platform."""
    monkeypatch.setenv("IAM_URL", faults.origin)
    service = RuntimeService(
        "ibm_quantum_platform", token=CANARY, url=faults.url, instance="crn:v1:x:y:z:us-east:a"
    )
    yield service
    service.close()


@pytest.fixture
def local(server: Server) -> Iterator[RuntimeService]:
    """A client of the runtime that was started by hand, by address and key."""
    service = RuntimeService("local", token=server.token, url=server.url)
    yield service
    service.close()


@pytest.fixture
def stage(faults: FaultServer, monkeypatch: pytest.MonkeyPatch) -> Iterator:
    """Returns what opens a stream of a job whose service follows a script."""
    monkeypatch.setenv("IAM_URL", faults.origin)
    monkeypatch.setattr(sockets, "FIRST_PAUSE", 0.02)
    opened = []

    def play(*acts, protocol: str | None = "qjob.v1", **options):
        server = StreamServer(*acts, protocol=protocol)
        service = RuntimeService("local", token=CANARY, url=server.url)
        listener = Listener()
        options.setdefault("on_result", listener.messages.append)
        handle = service.stream("j1", on_state=listener.states.append, **options)
        opened.append((server, service, handle))
        return server, listener, handle

    yield play
    for server, service, handle in opened:
        handle.cancel()
        assert handle.wait(60)
        service.close()
        server.close()
