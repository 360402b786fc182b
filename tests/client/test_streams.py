"""A stream reaches its end through breaks, without a gap and without a message twice."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjobwidgets import InterimResult, RuntimeService
from qjobwidgets.client import sockets, streams
from qjobwidgets.client.frames import PlainFrames
from qjobwidgets.errors import (
    CodecError,
    IBMNotAuthorizedError,
    RuntimeJobNotFound,
    ServiceError,
)
from tests.client.faults import CANARY, FaultServer, Reply
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
        assert handle.wait(10)
        service.close()
        server.close()


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


def old(*datas: object, close: int | None = 1000):
    return says("ack", *map(json.dumps, datas), close=close)


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        ([old(1, 2, close=1011), old(1, 2, 3)], [1, 2, 3]),
        ([old(1, 1, 1, close=1011), old(1, 1, 1, 1, 1)], [1, 1, 1, 1, 1]),
        ([old(1, 2, 3, close=1011), old(2, 3, 4)], [1, 2, 3, 4]),
        ([old(1, 2, 3, close=1011), old(4, 5)], [1, 2, 3, 4, 5]),
        ([old(1, 2, 3, close=1011), old(1, 7, 8)], [1, 2, 3, 1, 7, 8]),
        ([old(1, 2, 3, close=1011), old(1, 2, close=None), old(1, 2, 3, 4)], [1, 2, 3, 4]),
        ([old(1, 2, 3, close=1011), old(3)], [1, 2, 3]),
        ([old(1, 2, 3, close=1011), old(1)], [1, 2, 3, 1]),
        ([old(1, 2, close=1011), old()], [1, 2]),
    ],
    ids=["all", "alike", "end", "none", "similar", "broken", "last", "first", "nothing"],
)
def test_what_the_old_framing_sends_after_a_break(stage, acts, expected):
    """Everything again, what it still has, or only what is new: by count, new ones were lost."""
    _, heard, handle = stage(*acts, protocol=None)
    assert handle.wait(20)
    assert [m.data for m in heard.messages] == expected
    assert heard.seqs == list(range(1, len(expected) + 1))


@given(st.data())
def test_replays_from_the_beginning_are_dropped_whatever_was_said(data):
    said = data.draw(st.lists(st.sampled_from("ab"), max_size=12))
    framing, heard = PlainFrames(), []
    for _ in range(data.draw(st.integers(0, 4))):
        framing.connected()
        for text in ["ack", *said[: data.draw(st.integers(0, len(said)))]]:
            heard += framing.take(text)
    framing.connected()
    for text in ["ack", *said]:
        heard += framing.take(text)
    heard += framing.rest()
    assert heard == said


def test_a_later_listener_of_the_old_framing(stage):
    _, heard, handle = stage(old(1, 2, 3, 4), protocol=None, after=2)
    assert handle.wait(10)
    assert [(m.seq, m.data) for m in heard.messages] == [(3, 3), (4, 4)]


@pytest.mark.parametrize(("status", "kind"), [(403, ServiceError), (400, ServiceError)])
def test_a_refusal_ends_it_with_the_reason(stage, status, kind):
    server, heard, handle = stage(Refusal(status))
    assert handle.wait(10)
    assert isinstance(handle.failure, kind)
    assert heard.states == ["connecting", "ended"]
    assert len(server.opened) == 1


def test_a_job_that_is_not_there(stage):
    """A service may have no stream, so it is asked for the job: that is not there either."""
    server, heard, handle = stage(Refusal(404))
    assert handle.wait(10)
    assert isinstance(handle.failure, RuntimeJobNotFound)
    assert heard.states == ["connecting", "ended"]
    assert [request.path.partition("?")[0] for request in server.opened] == [
        "/api/v1/stream/jobs/j1",
        "/api/v1/jobs/j1",
    ]


def test_broken_after_every_message(stage):
    cut = [says(frame(seq), close=None) for seq in range(1, 21)]
    server, heard, handle = stage(*cut, says(frame(20), frame(21, None, "final")))
    assert handle.wait(60)
    assert heard.seqs == list(range(1, 22))
    assert server.afters == [str(seq) for seq in range(21)]


def test_never_more_than_one_try_a_second(stage, monkeypatch):
    """Renewed credentials were tried at once, whatever had been tried just before."""
    monkeypatch.setattr(sockets, "FIRST_PAUSE", 1.0)
    tried = []
    server = StreamServer(Refusal(401), Refusal(503), says(frame(1), close=1011), says(frame(2)))
    service = RuntimeService("local", token=CANARY, url=server.url)

    def address(last, renew):
        tried.append(time.monotonic())
        return service.api.transport.stream_address(f"/x?after={last}")

    handle = streams.open_stream(address, lambda _: None)
    assert handle.wait(60)
    assert len(tried) == 4
    assert all(later - early >= 1.0 for early, later in pairwise(tried))
    server.close()
    service.close()


def test_a_dead_connection_is_noticed_within_forty_seconds():
    """A ping, the wait for its answer, and the pause: the test of faults shows that it works."""
    assert 2 * sockets._PING + sockets.FIRST_PAUSE < 40


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


@pytest.mark.parametrize("raised", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_whatever_a_callback_raises(stage, raised):
    """What is no Exception ended the thread, and with it the streams of all other jobs."""

    def listen(_: InterimResult) -> None:
        raise raised

    _, _, handle = stage(says(frame(1), frame(2)), on_result=listen)
    assert handle.wait(10)
    assert [type(error) for error in handle.errors] == [raised, raised]
    assert handle.failure is None


def test_errors_without_end_do_not_fill_the_memory(stage):
    def listen(message: InterimResult) -> None:
        raise ValueError(message.seq)

    _, _, handle = stage(says(*map(frame, range(1, 300))), on_result=listen)
    assert handle.wait(20)
    assert [error.args for error in handle.errors] == [(seq,) for seq in range(1, 101)]


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
    monkeypatch.setattr(sockets, "_LARGEST_MESSAGE", 1000)
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
    monkeypatch.setattr(sockets, "FIRST_PAUSE", 30.0)
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
        assert handle.wait(10)
        connection.close()
        service.close()


def test_while_it_is_signing_in(faults, remote):
    faults.on_iam(Reply(fault="hang"))
    handle = remote.stream("j1", lambda _: None)
    eventually(lambda: faults.seen)
    handle.cancel()
    assert handle.wait(10)
    faults.released.set()


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


@pytest.fixture
def polled(faults, remote, monkeypatch):
    """Opens the stream of a job of a service without streams, which describes the job like this."""
    monkeypatch.setattr(streams, "_FIRST_POLL", 0.02)
    monkeypatch.setattr(sockets, "FIRST_PAUSE", 0.02)

    def play(*statuses: str, private: bool = False, **options):
        job = {"id": "j1", "private": private}
        faults.on(
            "/jobs/j1",
            *(Reply(document={**job, "state": {"status": status}}) for status in statuses),
        )
        listener = Listener()
        options.setdefault("on_result", listener.messages.append)
        handle = remote.stream("j1", on_state=listener.states.append, **options)
        return listener, handle

    return play


def published(count: int) -> Reply:
    return Reply(document=[{"iteration": n} for n in range(1, count + 1)])


@pytest.mark.parametrize("status", [200, 404, 405, 501])
def test_without_a_stream_the_interim_results_are_asked_for(faults, polled, status):
    faults.on("/stream/jobs/j1", Reply(status))
    faults.on("/jobs/j1/interim_results", published(0), published(2), Reply(503), published(3))
    faults.on("/jobs/j1/results", Reply(document={"energy": -1.5}))
    heard, handle = polled("Queued", "Running", "Running", "Running", "Completed")
    assert handle.wait(60)
    assert handle.failure is None
    assert heard.messages == [
        *(InterimResult(n, 1, "interim", {"iteration": n}) for n in (1, 2, 3)),
        InterimResult(4, 1, "final", {"energy": -1.5}),
    ]
    assert heard.states[-1] == "ended"
    asked = len(faults.seen)
    threading.Event().wait(0.2)
    assert len(faults.seen) == asked


def test_the_result_of_a_private_job_is_left_to_be_read_once(faults, polled):
    faults.on("/jobs/j1/interim_results", published(1))
    heard, handle = polled("Completed", private=True)
    assert handle.wait(60)
    assert [message.kind for message in heard.messages] == ["interim"]
    assert faults.asked("/jobs/j1/results") == []


def test_a_failed_job_has_no_result_to_ask_for(faults, polled):
    faults.on("/jobs/j1/interim_results", published(1))
    heard, handle = polled("Failed")
    assert handle.wait(60)
    assert len(heard.messages) == 1
    assert faults.asked("/jobs/j1/results") == []


def test_a_service_that_keeps_no_interim_results(faults, polled):
    _, handle = polled("Running")
    assert handle.wait(60)
    assert "neither a stream nor interim results" in str(handle.failure)


@pytest.mark.parametrize("body", [b"{", b'{"a": 1}', b"[" * 9999])
def test_interim_results_of_another_form(faults, polled, body):
    faults.on("/jobs/j1/interim_results", Reply(body=body))
    _, handle = polled("Running")
    assert handle.wait(60)
    assert isinstance(handle.failure, CodecError)


def test_an_empty_answer_is_no_end(faults, polled):
    faults.on("/jobs/j1/interim_results", Reply(body=b""), published(1))
    heard, handle = polled("Running", "Running", "Failed")
    assert handle.wait(60)
    assert handle.failure is None
    assert len(heard.messages) == 1


def test_asking_can_be_cancelled(faults, polled):
    faults.on("/jobs/j1/interim_results", published(1))
    heard, handle = polled("Running")
    eventually(lambda: heard.messages)
    handle.cancel()
    assert handle.wait(10)


def test_asking_becomes_slow_where_nothing_happens(faults, polled, monkeypatch):
    monkeypatch.setattr(streams, "_FIRST_POLL", 0.1)
    faults.on("/jobs/j1/interim_results", published(0))
    _, handle = polled("Running")
    threading.Event().wait(1.5)
    handle.cancel()
    assert handle.wait(10)
    assert len(faults.asked("/jobs/j1/interim_results")) <= 6
