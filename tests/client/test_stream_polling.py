"""Interim results of a service without sockets, asked for now and then."""

from __future__ import annotations

import threading
import time

import pytest

from qjobwidgets import InterimResult
from qjobwidgets.client import sockets, streams
from qjobwidgets.errors import CodecError
from tests.client.faults import Reply
from tests.client.sockets import Listener
from tests.conftest import eventually


@pytest.fixture
def polled(faults, remote, monkeypatch):
    """Opens the stream of a job of a service without streams, which answers like this about it."""
    monkeypatch.setattr(streams, "_FIRST_POLL", 0.02)
    monkeypatch.setattr(sockets, "FIRST_PAUSE", 0.02)

    def play(*answers: str | Reply, private: bool = False, **options):
        job = {"id": "j1", "private": private}
        faults.on(
            "/jobs/j1",
            *(
                answer
                if isinstance(answer, Reply)
                else Reply(document={**job, "state": {"status": answer}})
                for answer in answers
            ),
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


def test_a_failure_of_the_service_is_no_end(faults, polled):
    """One answer with status 500 ended the listening for good."""
    faults.on("/jobs/j1/interim_results", published(1))
    heard, handle = polled("Running", Reply(500), Reply(500), "Failed")
    assert handle.wait(60)
    assert handle.failure is None
    assert len(heard.messages) == 1


def test_asking_can_be_cancelled(faults, polled):
    faults.on("/jobs/j1/interim_results", published(1))
    heard, handle = polled("Running")
    eventually(lambda: heard.messages)
    handle.cancel()
    assert handle.wait(60)


def test_asking_becomes_slow_where_nothing_happens(faults, polled, monkeypatch):
    monkeypatch.setattr(streams, "_FIRST_POLL", 0.1)
    faults.on("/jobs/j1/interim_results", published(0))
    began = time.monotonic()
    _, handle = polled("Running")
    eventually(lambda: len(faults.asked("/jobs/j1/interim_results")) >= 5)
    asked, passed = len(faults.asked("/jobs/j1/interim_results")), time.monotonic() - began
    handle.cancel()
    assert handle.wait(60)
    # each pause is half as long again as the one before
    assert sum(0.1 * 1.5**n for n in range(1, asked)) <= passed
