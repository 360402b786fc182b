"""A stream reaches its end through breaks, without a gap and without a message twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest

from qjobwidgets import InterimResult, RuntimeService
from qjobwidgets.client import streams
from qjobwidgets.errors import (
    CodecError,
    IBMNotAuthorizedError,
    RuntimeJobNotFound,
    ServiceError,
)
from tests.client.faults import CANARY, FaultServer
from tests.client.sockets import Refusal, StreamServer, frame, says
from tests.conftest import eventually


class Listener:
    """What a stream has said."""

    def __init__(self) -> None:
        self.messages: list[InterimResult] = []
        self.states: list[str] = []

    @property
    def seqs(self) -> list[int]:
        return [message.seq for message in self.messages]


@pytest.fixture
def stage(faults: FaultServer, monkeypatch: pytest.MonkeyPatch) -> Iterator:
    """Returns what opens a stream of a job whose service follows a script."""
    monkeypatch.setenv("IAM_URL", faults.origin)
    monkeypatch.setattr(streams, "_FIRST_PAUSE", 0.02)
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
        assert handle.wait(10)
        server.close()
        service.close()


def test_every_message_then_a_clean_end(stage):
    server, heard, handle = stage(
        says(frame(1, {"e": -1.0}), frame(2, [1]), frame(3, "end", "final"))
    )
    assert handle.wait(10)
    assert heard.messages == [
        InterimResult(1, 1, "interim", {"e": -1.0}),
        InterimResult(2, 1, "interim", [1]),
        InterimResult(3, 1, "final", "end"),
    ]
    assert heard.states == ["connecting", "open", "ended"]
    assert handle.ended
    assert handle.failure is None
    assert len(server.opened) == 1, "a clean close never reconnects"


def test_it_goes_on_after_the_last_message_it_has(stage):
    server, heard, handle = stage(
        says(frame(1), frame(2), close=1011),
        says(frame(2), frame(3), close=None),
        says(frame(3), frame(4), frame(5, None, "final")),
    )
    assert handle.wait(20)
    assert heard.seqs == [1, 2, 3, 4, 5]
    assert server.afters == ["0", "2", "3"]
    assert heard.states == ["connecting", *["open", "reconnecting"] * 2, "open", "ended"]


def test_a_later_listener_says_what_it_knows(stage):
    server, heard, handle = stage(says(frame(8)), after=7)
    assert handle.wait(10)
    assert server.afters == ["7"]
    assert heard.seqs == [8]


def test_a_new_attempt_and_dropped_messages_are_marked(stage):
    _, heard, handle = stage(
        says(
            frame(1),
            frame(2, None, "restarted", attempt=2),
            frame(3, {"count": 10}, "dropped", attempt=2),
            frame(20, None, attempt=2),
            json.dumps({"type": "status", "data": {"status": "Cancelled"}}),
        )
    )
    assert handle.wait(10)
    assert [(m.kind, m.attempt) for m in heard.messages] == [
        ("interim", 1),
        ("restarted", 2),
        ("dropped", 2),
        ("interim", 2),
        ("status", 1),
    ]
    assert handle.errors == []


def test_a_service_that_is_down_for_a_while(stage):
    server, heard, handle = stage(Refusal(503), Refusal(502), says(frame(1)))
    assert handle.wait(20)
    assert heard.seqs == [1]
    assert len(server.opened) == 3


def test_the_old_framing(stage):
    """First an acknowledgement, then bare messages; after a reconnect everything once more."""
    server, heard, handle = stage(
        says("ack", '{"iteration": 0}', '{"iteration": 1}', close=1011),
        says("ack", '{"iteration": 0}', '{"iteration": 1}', '"done"'),
        protocol=None,
    )
    assert handle.wait(20)
    assert [m.data for m in heard.messages] == [{"iteration": 0}, {"iteration": 1}, "done"]
    assert heard.seqs == [1, 2, 3]
    assert len(server.opened) == 2


@pytest.mark.parametrize(
    ("status", "kind"), [(404, RuntimeJobNotFound), (403, ServiceError), (400, ServiceError)]
)
def test_a_refusal_ends_it_with_the_reason(stage, status, kind):
    server, heard, handle = stage(Refusal(status))
    assert handle.wait(10)
    assert isinstance(handle.failure, kind)
    assert heard.states == ["connecting", "ended"]
    assert len(server.opened) == 1


def test_refused_credentials_are_renewed_once(stage, faults):
    server, heard, handle = stage(Refusal(401), says(frame(1)))
    assert handle.wait(10)
    assert heard.seqs == [1]
    assert faults.exchanges == 2
    first, second = (request.headers["Authorization"] for request in server.opened)
    assert first != second


def test_credentials_refused_again(stage):
    server, _, handle = stage(Refusal(401))
    assert handle.wait(10)
    assert isinstance(handle.failure, IBMNotAuthorizedError)
    assert len(server.opened) == 2


def test_no_redirect_is_followed(stage):
    elsewhere = StreamServer(says(frame(1)))
    target = elsewhere.url.replace("http", "ws") + "/stream/jobs/j1?after=0"
    _, heard, handle = stage(Refusal(307, target))
    assert handle.wait(10)
    assert heard.messages == []
    assert isinstance(handle.failure, ServiceError)
    assert elsewhere.opened == []
    elsewhere.close()


def test_a_callback_that_raises_does_not_end_the_stream(stage):
    heard = []

    def listen(message: InterimResult) -> None:
        heard.append(message.seq)
        if message.seq == 1:
            raise ZeroDivisionError

    _, _, handle = stage(says(frame(1), frame(2)), on_result=listen)
    assert handle.wait(10)
    assert heard == [1, 2]
    assert [type(error) for error in handle.errors] == [ZeroDivisionError]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"seq": 1}', '{"type": "x"}', frame(1, {"__type__": "os", "__value__": 1})]
)
def test_a_frame_that_cannot_be_read_is_kept_as_an_error(stage, text):
    _, heard, handle = stage(says(text, frame(2)))
    assert handle.wait(10)
    assert heard.seqs == [2]
    assert [type(error) for error in handle.errors] == [CodecError]


def test_a_message_over_the_limit_ends_the_stream(stage, monkeypatch):
    """The stream connected again and again, and each time loaded what it could not take."""
    monkeypatch.setattr(streams, "_LARGEST_MESSAGE", 1000)
    server, heard, handle = stage(says(frame(1), frame(2, "x" * 2000, "final")))
    assert handle.wait(10)
    assert heard.seqs == [1]
    assert "too large" in str(handle.failure)
    assert len(server.opened) == 1


def test_a_decoder_of_ones_own(stage):
    _, heard, handle = stage(says(frame(1, {"a": [1]})), decode=lambda text: text.upper())
    assert handle.wait(10)
    assert [m.data for m in heard.messages] == ['{"A": [1]}']


def silent(connection) -> None:
    connection.send(frame(1))
    connection.recv()


def test_it_can_be_cancelled_while_it_waits_for_messages(stage):
    _, heard, handle = stage(silent)
    eventually(lambda: heard.messages)
    handle.cancel()
    assert handle.wait(10)
    handle.cancel()
    assert heard.states[-1] == "ended"


def test_while_it_waits_to_reconnect(stage, monkeypatch):
    monkeypatch.setattr(streams, "_FIRST_PAUSE", 30.0)
    _, heard, handle = stage(Refusal(503))
    eventually(lambda: "reconnecting" in heard.states)
    handle.cancel()
    assert handle.wait(10)


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
    assert handle.wait(10)
    assert heard == [1]


def test_at_once(stage):
    _, heard, handle = stage(silent)
    handle.cancel()
    assert handle.wait(10)
    assert heard.states[-1] == "ended"


def test_one_thread_for_all_streams_and_none_without(stage):
    def names() -> list[str]:
        return [t.name for t in threading.enumerate() if t.name.startswith("qjob-streams")]

    played = [stage(silent) for _ in range(5)]
    for _, heard, _ in played:
        eventually(lambda heard=heard: heard.messages)
    assert names() == ["qjob-streams"]
    assert all(t.daemon for t in threading.enumerate() if t.name == "qjob-streams")
    for _, _, handle in played:
        handle.cancel()
    eventually(lambda: names() == [])
    _, heard, handle = stage(says(frame(1)))
    assert handle.wait(10)
    assert heard.seqs == [1]
