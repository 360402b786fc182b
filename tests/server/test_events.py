"""The feed of an owner's events: everything, in order, and never anybody else's."""

from __future__ import annotations

import json
import socket as sockets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.server.conftest import DEADLINE, FINAL, Service

ONE = ("sample-program", "aer_local", {"iterations": 1})
LONG = ("sample-program", "slow_local", {"iterations": 1000})


def _feed(
    service: Service, after: int | None = None, *, key: str | None = None, **options: Any
) -> ClientConnection:
    query = "" if after is None else f"?after={after}"
    # Who reads nothing for a while takes in all the same, and is not asked whether it is there.
    patient = {"open_timeout": DEADLINE, "ping_interval": None, "max_queue": None}
    options = {"subprotocols": ["qjob.v1"], **patient} | options
    return connect(
        f"{service.url.replace('http', 'ws', 1)}/events{query}",
        additional_headers={"Authorization": f"apikey {key or service.api_key}"},
        **options,
    )


def _next(feed: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(feed.recv(DEADLINE))
    return frame


def _until(
    feed: ClientConnection, wanted: Callable[[dict[str, Any]], bool]
) -> list[dict[str, Any]]:
    """Return the frames up to the first that is wanted."""
    frames = [_next(feed)]
    while not wanted(frames[-1]):
        frames.append(_next(feed))
    return frames


def _told(feed: ClientConnection) -> list[dict[str, Any]]:
    """Return what had happened before the feed became live."""
    return _until(feed, lambda frame: frame["type"] == "ready")


def _of(job: str, *states: str) -> Callable[[dict[str, Any]], bool]:
    def matches(frame: dict[str, Any]) -> bool:
        data = frame["data"]
        return data.get("id") == job and (not states or data["state"]["status"] in states)

    return matches


def test_without_a_cursor_only_what_happens_from_now_on_is_told(service: Service):
    service.submit(*ONE)
    with _feed(service) as feed:
        assert feed.subprotocol == "qjob.v1"
        assert [frame["type"] for frame in _told(feed)] == ["ready"]
        job = service.submit(*ONE)
        frames = _until(feed, _of(job, "Completed"))
    mine = [frame for frame in frames if frame["data"]["id"] == job]
    assert {frame["type"] for frame in mine} == {"job"}
    assert mine[-1]["attempt"] == 1
    assert mine[-1]["data"] == service.get(f"/jobs/{job}?exclude_params=true").json()
    numbers = [frame["seq"] for frame in frames]
    assert numbers == sorted(set(numbers))


def test_without_a_cursor_ready_comes_first_whatever_happens(service: Service):
    """A change that came while the feed was opened was told before it."""
    job = service.submit(*LONG)
    over = threading.Event()

    def change() -> None:
        for number in count():
            service.call("PUT", f"/jobs/{job}/tags", json={"tags": [str(number)]})
            if over.is_set():
                return

    changing = threading.Thread(target=change)
    changing.start()
    try:
        for _ in range(15):
            with _feed(service) as feed:
                ready, after = _next(feed), _next(feed)
            assert ready["type"] == "ready"
            assert after["seq"] > ready["seq"]
    finally:
        over.set()
        changing.join(DEADLINE)
        service.call("POST", f"/jobs/{job}/cancel")


def test_a_cursor_goes_on_where_it_was_left(service: Service):
    with _feed(service) as feed:
        cursor = _told(feed)[-1]["seq"]
    jobs = [service.submit(*ONE) for _ in range(3)]
    for job in jobs:
        service.wait(job)
    with _feed(service, cursor) as feed:
        *told, ready = _told(feed)
    # the server is shared: what an earlier test left running may be told too
    told = [frame for frame in told if frame["data"]["id"] in jobs]
    states = {frame["data"]["id"]: frame["data"]["state"]["status"] for frame in told}
    assert states == dict.fromkeys(jobs, "Completed")
    assert len(told) == len(jobs)
    with _feed(service, ready["seq"]) as feed:
        *told, _ = _told(feed)
    assert not [frame for frame in told if frame["data"]["id"] in jobs]


def test_tags_cancels_and_deletions_are_told(service: Service):
    with _feed(service) as feed:
        cursor = _told(feed)[-1]["seq"]
        job = service.submit(*LONG)
        service.call("PUT", f"/jobs/{job}/tags", json={"tags": ["a"]})
        _until(feed, lambda frame: _of(job)(frame) and frame["data"]["tags"] == ["a"])
        service.call("POST", f"/jobs/{job}/cancel")
        _until(feed, _of(job, "Cancelled"))
        service.call("DELETE", f"/jobs/{job}")
        *_, gone = _until(feed, lambda frame: frame["type"] == "deleted")
        assert gone["data"] == {"id": job}
    with _feed(service, cursor) as feed:
        *told, _ = _told(feed)
    assert [frame["type"] for frame in told if frame["data"]["id"] == job] == ["deleted"]


def test_inputs_and_results_are_not_told(service: Service):
    with _feed(service) as feed:
        _told(feed)
        job = service.submit(*ONE)
        frames = _until(feed, _of(job, "Completed"))
    assert not any("params" in frame["data"] for frame in frames)


def test_each_change_is_told_without_being_asked_for(service: Service):
    job = service.submit(*LONG)
    with _feed(service) as feed:
        _told(feed)
        for number in range(10):
            service.call("PUT", f"/jobs/{job}/tags", json={"tags": [str(number)]})
            tags = [str(number)]
            _until(feed, lambda frame, tags=tags: _of(job)(frame) and frame["data"]["tags"] == tags)
    service.call("POST", f"/jobs/{job}/cancel")


def test_a_cursor_of_another_ledger_is_told_everything_again(service: Service):
    job = service.submit(*ONE)
    service.wait(job)
    with _feed(service, 10**17) as feed:
        first, *told, _ = _told(feed)
    assert (first["type"], first["seq"]) == ("reset", 0)
    assert job in {frame["data"]["id"] for frame in told}


def test_a_history_longer_than_a_page_is_told_whole(start: Callable[..., Service]):
    service = start("--slots", "1")
    blocker = service.submit(*LONG)
    jobs = [service.submit("sample-program", "slow_local", {"iterations": 1}) for _ in range(120)]
    with _feed(service, 0) as feed:
        *told, ready = _told(feed)
    assert [frame["data"]["id"] for frame in told if frame["data"]["id"] != blocker] == jobs
    assert ready["seq"] >= told[-1]["seq"]


def test_nothing_is_missed_when_the_server_is_killed(start: Callable[..., Service]):
    first = start()
    with _feed(first) as feed:
        cursor = _told(feed)[-1]["seq"]
        jobs = [first.submit("sample-program", "aer_local", {"iterations": 2}) for _ in range(6)]
        done = first.submit(*ONE)
        cursor = _until(feed, _of(done))[-1]["seq"]
        first.kill()
        with suppress(ConnectionClosed):
            while True:
                cursor = _next(feed)["seq"]
    second = start()
    waiting = {*jobs, done}
    seen: dict[str, str] = {}
    with _feed(second, 0) as feed:
        for frame in _told(feed)[:-1]:
            seen[frame["data"]["id"]] = frame["data"]["state"]["status"]
    assert waiting <= set(seen)
    with _feed(second, cursor) as feed:
        waiting = {job for job in waiting if second.status(job) not in FINAL}
        while waiting:
            frame = _next(feed)
            assert frame["seq"] >= cursor
            if frame["type"] == "job" and frame["data"]["state"]["status"] == "Completed":
                waiting.discard(frame["data"]["id"])


def test_another_user_sees_nothing_of_it(start: Callable[..., Service], tmp_path: Path):
    users = tmp_path / "users.json"
    users.touch(mode=0o600)
    users.write_text(json.dumps({"ada": "the-key-of-ada-lady-l"}))
    service = start("--users", str(users))
    with _feed(service, 0, key="the-key-of-ada-lady-l") as hers, _feed(service, 0) as ours:
        assert [frame["type"] for frame in _told(hers)] == ["ready"]
        _told(ours)
        job = service.submit(*ONE)
        _until(ours, _of(job, "Completed"))
        service.call("DELETE", f"/jobs/{job}")
        _until(ours, lambda frame: frame["type"] == "deleted")
        with pytest.raises(TimeoutError):
            hers.recv(0.3)


def test_many_changes_are_coalesced_and_the_last_state_is_right(service: Service):
    job = service.submit(*LONG)
    with _feed(service) as feed:
        _told(feed)
        began = time.monotonic()
        for number in range(200):
            service.call("PUT", f"/jobs/{job}/tags", json={"tags": [str(number)]})
        took = time.monotonic() - began
        frames = _until(feed, lambda frame: _of(job)(frame) and frame["data"]["tags"] == ["199"])
    service.call("POST", f"/jobs/{job}/cancel")
    assert len(frames) <= 20 * took + 5


def test_a_slow_reader_delays_nobody_else(service: Service):
    job = service.submit(*LONG)
    with _feed(service, 0, max_queue=1) as slow, _feed(service) as feed:
        slow.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        _told(feed)
        for number in range(50):
            service.call("PUT", f"/jobs/{job}/tags", json={"tags": [f"{number}" * 40]})
        service.call("POST", f"/jobs/{job}/cancel")
        _until(feed, _of(job, "Cancelled"))
        try:
            _until(slow, _of(job, "Cancelled"))
        except ConnectionClosed:  # it gave no sign of life for long, and comes again
            with _feed(service, 0) as again:
                _until(again, _of(job, "Cancelled"))


@pytest.mark.parametrize("after", ["", "-1", "x", "1.5", "9" * 19, "\u0661"])
def test_a_cursor_that_is_none_is_refused_at_the_handshake(service: Service, after: str):
    with pytest.raises(InvalidStatus) as refusal, _feed(service, after):
        pass
    assert refusal.value.response.status_code == 400
    assert b'"errors"' in refusal.value.response.body


def test_the_feed_is_told_in_its_own_protocol_only(service: Service):
    with pytest.raises(InvalidStatus) as refusal, _feed(service, subprotocols=None):
        pass
    assert refusal.value.response.status_code == 400


def test_without_a_handshake_the_answer_names_what_is_missing(service: Service):
    for path in ("/events", "/stream/jobs/x"):
        answer = service.get(path)
        assert answer.status_code == 426
        assert answer.json()["errors"][0]["solution"] == "Open a WebSocket."


def test_the_end_of_the_server_is_said(start: Callable[..., Service]):
    service = start()
    with _feed(service) as feed:
        _told(feed)
        ending = threading.Thread(target=service.stop)
        ending.start()
        with pytest.raises(ConnectionClosed):
            feed.recv(DEADLINE)
        ending.join(DEADLINE)
        assert feed.close_code == 1001
