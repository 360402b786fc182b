"""A stream can be cancelled at any moment."""

from __future__ import annotations

import socket
import threading

from qjobwidgets import InterimResult, RuntimeService
from qjobwidgets.client import sockets, streams
from tests.client.faults import CANARY, Reply
from tests.client.sockets import Refusal, frame, silent
from tests.conftest import eventually


def test_it_can_be_cancelled_while_it_waits_for_messages(stage):
    _, heard, handle = stage(silent)
    eventually(lambda: heard.messages)
    handle.cancel()
    assert handle.wait(60)
    handle.cancel()
    assert heard.states[-1] == "ended"


def test_while_it_waits_to_reconnect(stage, monkeypatch):
    monkeypatch.setattr(sockets, "FIRST_PAUSE", 30.0)
    _, heard, handle = stage(Refusal(503))
    eventually(lambda: "reconnecting" in heard.states)
    handle.cancel()
    assert handle.wait(60)


def test_from_within_its_own_callback(stage):
    heard = []

    def listen(message: InterimResult) -> None:
        heard.append(message.seq)
        handles[0].cancel()

    def slowly(connection) -> None:
        connection.recv()

    handles: list = []
    ready = threading.Event()

    def act(connection) -> None:
        ready.wait(10)
        for seq in range(1, 50):
            connection.send(frame(seq))
        slowly(connection)

    _, _, handle = stage(act, on_result=listen)
    handles.append(handle)
    ready.set()
    assert handle.wait(60)
    assert heard == [1]


def test_before_the_connection_stands(stage):
    """A server that takes the connection and then says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        service = RuntimeService(
            "local", token=CANARY, url=f"http://127.0.0.1:{deaf.getsockname()[1]}"
        )
        address = streams.StreamAddress(f"ws://127.0.0.1:{deaf.getsockname()[1]}/", {}, True)
        handle = streams.open_stream(lambda *_: address, lambda _: None)
        connection, _ = deaf.accept()
        handle.cancel()
        assert handle.wait(60)
        connection.close()
        service.close()


def test_while_it_is_signing_in(faults, remote):
    faults.on_iam(Reply(fault="hang"))
    handle = remote.stream("j1", lambda _: None)
    eventually(lambda: faults.seen)
    handle.cancel()
    assert handle.wait(60)
    faults.released.set()


def test_at_once(stage):
    _, heard, handle = stage(silent)
    handle.cancel()
    assert handle.wait(60)
    assert heard.states[-1] == "ended"
