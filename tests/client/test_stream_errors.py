"""What goes wrong in a stream: what ends it, and what it survives."""

from __future__ import annotations

import pytest

from qjobwidgets import InterimResult
from qjobwidgets.client import sockets
from qjobwidgets.errors import CodecError, RuntimeJobNotFound, ServiceError
from tests.client.sockets import Refusal, StreamServer, frame, says


@pytest.mark.parametrize(("status", "kind"), [(403, ServiceError), (400, ServiceError)])
def test_a_refusal_ends_it_with_the_reason(stage, status, kind):
    server, heard, handle = stage(Refusal(status))
    assert handle.wait(60)
    assert isinstance(handle.failure, kind)
    assert heard.states == ["connecting", "ended"]
    assert len(server.opened) == 1


def test_a_job_that_is_not_there(stage):
    """A service may have no stream, so it is asked for the job: that is not there either."""
    server, heard, handle = stage(Refusal(404))
    assert handle.wait(60)
    assert isinstance(handle.failure, RuntimeJobNotFound)
    assert heard.states == ["connecting", "ended"]
    assert [request.path.partition("?")[0] for request in server.opened] == [
        "/api/v1/stream/jobs/j1",
        "/api/v1/jobs/j1",
    ]


def test_no_redirect_is_followed(stage):
    elsewhere = StreamServer(says(frame(1)))
    target = elsewhere.url.replace("http", "ws") + "/stream/jobs/j1?after=0"
    _, heard, handle = stage(Refusal(307, target))
    assert handle.wait(60)
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
    assert handle.wait(60)
    assert heard == [1, 2]
    assert [type(error) for error in handle.errors] == [ZeroDivisionError]


@pytest.mark.parametrize("raised", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_whatever_a_callback_raises(stage, raised):
    """What is no Exception ended the thread, and with it the streams of all other jobs."""

    def listen(_: InterimResult) -> None:
        raise raised

    _, _, handle = stage(says(frame(1), frame(2)), on_result=listen)
    assert handle.wait(60)
    assert [type(error) for error in handle.errors] == [raised, raised]
    assert handle.failure is None


def test_errors_without_end_do_not_fill_the_memory(stage):
    def listen(message: InterimResult) -> None:
        raise ValueError(message.seq)

    _, _, handle = stage(says(*map(frame, range(1, 300))), on_result=listen)
    assert handle.wait(60)
    assert [error.args for error in handle.errors] == [(seq,) for seq in range(1, 101)]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"seq": 1}', '{"type": "x"}', frame(1, {"__type__": "os", "__value__": 1})]
)
def test_a_frame_that_cannot_be_read_is_kept_as_an_error(stage, text):
    _, heard, handle = stage(says(text, frame(2)))
    assert handle.wait(60)
    assert heard.seqs == [2]
    assert [type(error) for error in handle.errors] == [CodecError]


def test_a_message_over_the_limit_ends_the_stream(stage, monkeypatch):
    """The stream connected again and again, and each time loaded what it could not take."""
    monkeypatch.setattr(sockets, "_LARGEST_MESSAGE", 1000)
    server, heard, handle = stage(says(frame(1), frame(2, "x" * 2000, "final")))
    assert handle.wait(60)
    assert heard.seqs == [1]
    assert "too large" in str(handle.failure)
    assert len(server.opened) == 1
