"""The stream of a job, in both framings."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from textwrap import dedent
from typing import Any

import psutil
import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from tests.server.conftest import Service, until
from tests.server.uploading import uploaded


def test_frames_are_numbered_and_end_with_the_result(service: Service):
    job = service.submit("sample-program", "slow_local", {"iterations": 3})
    frames = service.frames(job)
    assert [frame["seq"] for frame in frames] == [1, 2, 3, 4]
    assert [frame["type"] for frame in frames] == ["interim"] * 3 + ["final"]
    assert {frame["attempt"] for frame in frames} == {1}
    assert frames[-1]["data"] == "Hello, World!"
    assert [f["data"] for f in frames[:-1]] == service.get(f"/jobs/{job}/interim_results").json()


def test_messages_arrive_while_the_job_runs(service: Service):
    job = service.submit("sample-program", "slow_local", {"iterations": 1000})
    with service.stream(job) as socket:
        assert json.loads(socket.recv())["seq"] == 1
        assert service.status(job) == "Running"
    service.call("POST", f"/jobs/{job}/cancel")


def test_a_listener_that_drops_out_after_every_message_misses_none(service: Service):
    job = service.submit("sample-program", "slow_local", {"iterations": 4})
    seen, after = [], 0
    while not seen or seen[-1]["type"] != "final":
        with service.stream(job, after=after) as socket:
            seen.append(json.loads(socket.recv()))
        after = seen[-1]["seq"]
    assert [frame["seq"] for frame in seen] == [1, 2, 3, 4, 5]


def test_a_late_listener_gets_everything_and_a_sated_one_only_the_end(service: Service):
    job = service.submit("sample-program", "aer_local", {"iterations": 2})
    service.wait(job)
    assert [frame["seq"] for frame in service.frames(job)] == [1, 2, 3]
    assert [frame["seq"] for frame in service.frames(job, after=2)] == [3]
    assert service.frames(job, after=3) == []


def test_a_history_of_several_pages_is_whole(service: Service):
    iterations = 250
    job = service.submit("sample-program", "aer_local", {"iterations": iterations})
    frames = service.frames(job)
    assert [frame["seq"] for frame in frames] == list(range(1, iterations + 2))


def test_the_old_framing_acknowledges_then_sends_bare_messages(service: Service):
    job = service.submit("sample-program", "slow_local", {"iterations": 2})
    with service.stream(job, old=True) as socket:
        acknowledgement, *messages = [json.loads(text) for text in socket]
        assert socket.close_code == 1000
    assert isinstance(acknowledgement, dict)
    assert [message["iteration"] for message in messages[:-1]] == [0, 1]
    assert messages[-1] == "Hello, World!"


def test_a_failed_job_ends_with_its_reason(service: Service):
    job = service.submit("vqe", "aer_local", {"ansatz": 1, "operator": 2})
    (frame,) = service.frames(job)
    assert (frame["seq"], frame["type"]) == (1, "status")
    assert frame["data"]["status"] == "Failed"
    assert "ansatz" in frame["data"]["reason"]


def test_listening_to_a_private_job_leaves_its_result_to_be_read(service: Service):
    """A stream ended with the result of a private job, and so took the one reading there is."""
    job = service.submit("sample-program", "aer_local", {"iterations": 1}, private=True)
    *_, last = service.frames(job)
    assert (last["seq"], last["type"], last["data"]) == (2, "status", {"status": "Completed"})
    with service.stream(job, old=True) as socket:
        _, *messages = [json.loads(text) for text in socket]
    assert [message["iteration"] for message in messages] == [0]
    assert service.get(f"/jobs/{job}/results").json() == "Hello, World!"


def test_a_cancelled_job_ends_the_streams_that_listen_to_it(service: Service):
    job = service.submit("sample-program", "slow_local", {"iterations": 1000})
    with service.stream(job) as socket, service.stream(job, old=True) as old:
        socket.recv()
        service.call("POST", f"/jobs/{job}/cancel")
        *_, last = [json.loads(text) for text in socket]
        assert last["type"] == "status"
        assert last["data"] == {"status": "Cancelled"}
        assert socket.close_code == 1000
        assert len(list(old)) >= 2
        assert old.close_code == 1000


def test_a_job_deleted_under_a_listener_ends_the_stream(service: Service):
    job = service.submit("sample-program", "slow_local", {"iterations": 1000})
    with service.stream(job, after=1000) as socket:
        service.call("POST", f"/jobs/{job}/cancel")
        service.call("DELETE", f"/jobs/{job}")
        assert list(socket) == []
        assert socket.close_code == 1000


@pytest.mark.parametrize(("job", "after"), [("unknown", 0), ("%2e%2e", 0)])
def test_a_stream_of_no_job_is_refused_at_the_handshake(service: Service, job: str, after: int):
    with pytest.raises(InvalidStatus) as refusal, service.stream(job, after=after):
        pass
    assert refusal.value.response.status_code == 404


def test_a_position_that_is_none_is_refused_at_the_handshake(service: Service):
    job = service.submit("sample-program", "aer_local", {"iterations": 1})
    with pytest.raises(InvalidStatus) as refusal, service.stream(job, after=-1):
        pass
    assert refusal.value.response.status_code == 400


def test_streams_are_not_compressed(service: Service):
    """A result of 30 MB was compressed in the event loop: all others waited for a second."""
    job = service.submit("sample-program", "aer_local", {"iterations": 1})
    with service.stream(job) as socket:
        assert socket.protocol.extensions == []


def test_a_stream_survives_what_a_listener_says(service: Service):
    job = service.submit("sample-program", "slow_local", {"iterations": 2})
    with service.stream(job) as socket:
        socket.send("stop")
        assert [json.loads(text)["seq"] for text in socket] == [1, 2, 3]


def test_open_streams_do_not_hold_up_the_end_of_the_server(start: Callable[..., Service]):
    service = start()
    job = service.submit("sample-program", "slow_local", {"iterations": 1000})
    with service.stream(job) as socket:
        socket.recv()
        assert service.stop() == 0
        until(lambda: socket.close_code is not None or not list(socket), "the stream's end")


def test_a_reader_that_stops_costs_the_server_no_memory_and_misses_nothing(
    start: Callable[..., Service],
):
    """Ten thousand messages of a kilobyte for each of five readers that read none of them."""
    service = start()
    source = """
        def main(backend, user_messenger, **_):
            for number in range(10_000):
                user_messenger.publish([number, "x" * 1000])
            return "done"
        """
    program = uploaded(service, dedent(source))
    server = psutil.Process(service.process.pid)
    job = service.submit(program, "slow_local", {})
    with ExitStack() as stack:
        readers = [stack.enter_context(service.stream(job)) for _ in range(5)]
        before = server.memory_info().rss
        service.wait(job, "Completed")
        assert server.memory_info().rss - before < 40 * 1024**2  # a fifth of the messages
        assert service.get("/jobs").ok
        for reader in readers:
            frames: list[dict[str, Any]] = []
            try:
                frames.extend(map(json.loads, reader))
            except ConnectionClosedError:  # it gave no sign of life for long, and goes on
                frames += service.frames(job, after=frames[-1]["seq"] if frames else 0)
            assert [frame["seq"] for frame in frames] == list(range(1, 10_002))
            assert [frame["data"][0] for frame in frames[:-1]] == list(range(10_000))
