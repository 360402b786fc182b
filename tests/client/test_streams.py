"""A stream reaches its end through breaks, without a gap and without a message twice."""

from __future__ import annotations

import json
import threading
import time
from itertools import pairwise

from qjobwidgets import InterimResult, RuntimeService
from qjobwidgets.client import sockets, streams
from qjobwidgets.errors import IBMNotAuthorizedError
from tests.client.faults import CANARY
from tests.client.sockets import Refusal, StreamServer, frame, says, silent
from tests.conftest import eventually


def test_every_message_then_a_clean_end(stage):
    server, heard, handle = stage(
        says(frame(1, {"e": -1.0}), frame(2, [1]), frame(3, "end", "final"))
    )
    assert handle.wait(60)
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
    assert handle.wait(60)
    assert heard.seqs == [1, 2, 3, 4, 5]
    assert server.afters == ["0", "2", "3"]
    assert heard.states == ["connecting", *["open", "reconnecting"] * 2, "open", "ended"]


def test_a_later_listener_says_what_it_knows(stage):
    server, heard, handle = stage(says(frame(8)), after=7)
    assert handle.wait(60)
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
    assert handle.wait(60)
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
    assert handle.wait(60)
    assert heard.seqs == [1]
    assert len(server.opened) == 3


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


def test_who_waits_goes_on_when_all_has_been_said(stage):
    """That the stream had ended was told after whoever waited for it had gone on."""
    server, told = StreamServer(says(frame(1))), []
    service = RuntimeService("local", token=CANARY, url=server.url)

    def slowly(state):
        threading.Event().wait(0.2 if state == "ended" else 0.0)
        told.append(state)

    handle = service.stream("j1", lambda _: None, slowly)
    assert handle.wait(60)
    assert handle.ended
    assert told == ["connecting", "open", "ended"]
    server.close()
    service.close()


def test_a_callback_that_waits_is_told_at_once(stage):
    """It waited for ever for the end that comes after it, and with it all streams."""
    server, told = StreamServer(says(frame(1))), []
    service = RuntimeService("local", token=CANARY, url=server.url)

    def wait(_state):
        told.append(handles[0].wait() if handles else None)

    handles = []
    handles.append(service.stream("j1", lambda _: None, wait))
    assert handles[0].wait(60)
    assert told[-1] is True
    server.close()
    service.close()


def test_a_dead_connection_is_noticed_within_forty_seconds():
    """A ping, the wait for its answer, and the pause: the test of faults shows that it works."""
    assert 2 * sockets._PING + sockets.FIRST_PAUSE < 40


def test_refused_credentials_are_renewed_once(stage, faults):
    server, heard, handle = stage(Refusal(401), says(frame(1)))
    assert handle.wait(60)
    assert heard.seqs == [1]
    assert faults.exchanges == 2
    first, second = (request.headers["Authorization"] for request in server.opened)
    assert first != second


def test_credentials_refused_again(stage):
    server, _, handle = stage(Refusal(401))
    assert handle.wait(60)
    assert isinstance(handle.failure, IBMNotAuthorizedError)
    assert len(server.opened) == 2


def test_a_decoder_of_ones_own(stage):
    _, heard, handle = stage(says(frame(1, {"a": [1]})), decode=lambda text: text.upper())
    assert handle.wait(60)
    assert [m.data for m in heard.messages] == ['{"A": [1]}']


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
    assert handle.wait(60)
    assert heard.seqs == [1]
