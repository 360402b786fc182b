"""The feed of an account's events goes on through breaks, and passes over what is rubbish."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qjobwidgets import RuntimeService
from qjobwidgets.client import sockets
from qjobwidgets.client.events import EventFeed, follow_events, has_events
from qjobwidgets.errors import (
    IBMNotAuthorizedError,
    QJobError,
    RuntimeJobNotFound,
    ServiceError,
)
from tests.client.faults import CANARY, FaultServer
from tests.client.proxy import proxy_of
from tests.client.sockets import Refusal, StreamServer, says
from tests.conftest import Server, awaited, eventually


class Listener:
    """What a feed has said."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, str | None]] = []
        self.opened_as: list[bool] = []
        self.breaks = 0
        self.failure: QJobError | None = None

    def changed(self, job_id, record):
        self.jobs.append((job_id, record and str(record.status)))

    def opened(self, *, resumed):
        self.opened_as.append(resumed)

    def broken(self, failure):
        self.failure = failure
        self.breaks += 1


class NoTransport:
    """A transport to nowhere."""


class Clumsy(Listener):
    """A listener with a mistake of its own."""

    def changed(self, job_id, record):
        super().changed(job_id, record)
        raise RuntimeError("the view is gone")


def event(seq, kind="job", job="j1", status="Running", **more) -> str:
    data = {} if kind in ("ready", "reset") else {"id": job, "state": {"status": status}}
    return json.dumps({"seq": seq, "attempt": 0, "type": kind, "data": data | more})


def ready(seq) -> str:
    return event(seq, "ready")


@pytest.fixture
def stage(faults: FaultServer, monkeypatch: pytest.MonkeyPatch) -> Iterator:
    """Returns what follows the feed of a service that plays a script."""
    monkeypatch.setenv("IAM_URL", faults.origin)
    monkeypatch.setattr(sockets, "FIRST_PAUSE", 0.02)
    opened = []

    def play(*acts, protocol="qjob.v1", listener=None):
        server = StreamServer(*acts, protocol=protocol)
        service = RuntimeService("local", token=CANARY, url=server.url)
        listener = listener or Listener()
        feed = follow_events(service, listener)
        opened.append((server, service, feed))
        return server, listener, feed

    yield play
    for server, service, feed in opened:
        feed.cancel()
        server.close()
        service.close()


def stays(*frames):
    """An act that sends frames and leaves the connection open."""

    def act(connection):
        for text in frames:
            connection.send(text)
        for _ in connection:
            pass  # until the client goes

    return act


def cursors(server) -> list[str | None]:
    """The cursor from which each connection asked to go on."""
    queries = [parse_qs(urlsplit(request.path).query) for request in server.opened]
    return [query.get("after", [None])[0] for query in queries]


def test_after_a_break_it_goes_on_from_the_last_event(stage):
    server, listener, _ = stage(
        says(ready(5), event(6), close=None),
        says(event(7, status="Completed"), close=None),  # broken before it had told everything
        stays(event(8, "deleted"), ready(9)),
    )
    eventually(lambda: len(listener.opened_as) == 2)
    assert cursors(server) == [None, "6", "7"]
    assert listener.jobs == [("j1", "RUNNING"), ("j1", "DONE"), ("j1", None)]
    assert listener.opened_as == [False, True]
    assert listener.breaks == 2
    assert listener.failure is None


def test_a_service_that_has_forgotten_the_cursor_says_so(stage):
    """Its ledger was replaced: the numbers begin anew, and what was known may be wrong."""
    server, listener, _ = stage(
        says(ready(500), close=None),
        says(event(0, "reset"), event(1), ready(2), close=None),
        stays(ready(2)),
    )
    eventually(lambda: len(listener.opened_as) == 3)
    assert listener.opened_as == [False, False, True]
    assert cursors(server) == [None, "500", "2"]


def test_a_break_after_the_cursor_was_forgotten_begins_anew(stage):
    """The next connection went on from the reset, and was taken for one that had missed nothing."""
    server, listener, _ = stage(
        says(ready(500), close=None), says(event(0, "reset"), event(1), close=None), stays(ready(2))
    )
    eventually(lambda: len(listener.opened_as) == 2)
    assert listener.opened_as == [False, False]
    assert cursors(server) == [None, "500", None]


def test_a_break_before_the_first_feed_was_live_begins_anew(stage):
    """Events from before the first "ready" are no state to go on from: nothing was told before."""
    server, listener, _ = stage(says(event(3), close=None), stays(ready(5)))
    eventually(lambda: listener.opened_as)
    assert cursors(server) == [None, None]
    assert listener.opened_as == [False]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_service_in_trouble_is_asked_again(stage, status):
    refusal = Refusal(status)
    server, listener, _ = stage(refusal, refusal, refusal, stays(ready(1)))
    eventually(lambda: listener.opened_as)
    assert len(server.opened) == 4
    assert listener.breaks == 3
    assert listener.failure is None


@pytest.mark.parametrize(
    ("status", "error", "tries"),
    [
        (401, IBMNotAuthorizedError, 2),  # once more with credentials that were renewed
        (404, RuntimeJobNotFound, 1),
        (426, RuntimeJobNotFound, 1),
        (403, ServiceError, 1),
    ],
)
def test_a_refusal_is_told_and_ends_it(stage, status, error, tries):
    server, listener, _ = stage(Refusal(status))
    failure = eventually(lambda: listener.failure)
    assert isinstance(failure, error)
    assert CANARY not in str(failure)
    eventually(lambda: not streams_alive())
    assert len(server.opened) == tries


def test_credentials_that_were_renewed_are_taken(stage):
    server, listener, _ = stage(Refusal(401), stays(ready(1)))
    eventually(lambda: listener.opened_as)
    assert len(server.opened) == 2


def test_no_redirect_is_followed_with_our_credentials(stage):
    other = StreamServer(stays(ready(1)))
    _, listener, _ = stage(Refusal(302, location=f"{other.url}/events"))
    assert isinstance(eventually(lambda: listener.failure), ServiceError)
    assert other.opened == []
    other.close()


def test_a_feed_of_another_kind_is_not_listened_to(stage):
    server, listener, _ = stage(stays(event(1)), protocol=None)
    failure = eventually(lambda: listener.failure)
    assert "another kind" in str(failure)
    assert listener.jobs == []
    assert len(server.opened) == 1


RUBBISH = [
    "",
    "{",
    "[]",
    "null",
    "NaN",
    '"a word"',
    "[" * 5000,
    '{"seq": 7}',
    event(True),
    event("7"),
    event(None),
    event(7, "weather"),
    event(7, ["job"]),
    event(7, job=None),
    event(7, "deleted", job=["j1"]),
    event(7, status=None),
    event(7, status={"word": "Running"}),
    json.dumps({"seq": 7, "type": "job", "data": "j1"}),
    json.dumps({"seq": 7, "type": "deleted", "data": {}}),
    '{"seq": ' + "9" * 5000 + "}",
]


def test_rubbish_is_passed_over(stage):
    server, listener, _ = stage(stays(ready(1), *RUBBISH, event(8)))
    eventually(lambda: listener.jobs)
    assert listener.jobs == [("j1", "RUNNING")]
    assert len(server.opened) == 1


def test_bytes_that_are_no_text_break_the_connection_and_it_is_taken_up_again(stage):
    server, listener, _ = stage(says(ready(1), b"\xff\xfe", event(2)), stays(event(2), ready(2)))
    eventually(lambda: len(listener.opened_as) == 2)
    assert listener.jobs == [("j1", "RUNNING")]
    assert cursors(server) == [None, "1"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "state", "status", "seq", "type", "data", "tags", "usage"]),
            inner,
        )
    ),
    max_leaves=12,
)
FRAMES = st.fixed_dictionaries(
    {
        "seq": st.integers() | JSON,
        "type": st.sampled_from(["job", "deleted", "ready", "reset"]) | JSON,
        "data": JSON,
    }
)


@given(st.lists(FRAMES.map(json.dumps) | JSON.map(json.dumps) | st.text(max_size=30), max_size=8))
def test_whatever_a_service_sends_is_taken_or_passed_over(frames):
    listener = Listener()
    feed = EventFeed(lambda _cursor, _renew: None, listener)
    for text in frames:
        feed._take(text)
    assert all(isinstance(job_id, str) for job_id, _ in listener.jobs)
    feed._take(ready(1))
    feed._take(event(2))
    assert listener.jobs[-1] == ("j1", "RUNNING")


def test_a_listener_with_a_mistake_does_not_end_the_feed(stage):
    _, listener, _ = stage(stays(ready(1), event(2), event(3)), listener=Clumsy())
    eventually(lambda: len(listener.jobs) == 2)
    assert listener.breaks == 0


def test_a_feed_that_fails_for_a_reason_nobody_thought_of_says_so(stage, monkeypatch):
    """Its task ended in silence: views took it for live, and looked once a minute."""
    monkeypatch.setattr(sockets, "connected", lambda _address: 1 // 0)
    _, listener, _ = stage(stays(ready(1)))
    assert "log has the details" in str(eventually(lambda: listener.failure))


def test_cancelling_ends_it_at_once_and_for_good(stage):
    server, listener, feed = stage(stays(ready(1)), stays(ready(2)))
    eventually(lambda: listener.opened_as)
    feed.cancel()
    eventually(lambda: not streams_alive())
    assert (listener.breaks, len(server.opened)) == (0, 1)


def test_cancelling_before_it_has_begun():
    listener = Listener()
    feed = EventFeed(lambda _cursor, _renew: pytest.fail("it was begun"), listener)
    feed.cancel()
    awaited(feed.run())
    assert listener.breaks == 0


def test_a_connection_that_has_died_in_silence_is_noticed(server: Server, monkeypatch):
    """No byte comes any more and nothing is closed: without pings one would wait for ever."""
    monkeypatch.setattr(sockets, "_PING", 0.3)
    with proxy_of(server.url) as proxy:
        service = RuntimeService("local", token=server.token, url=proxy.url)
        direct = RuntimeService("local", token=server.token, url=server.url)
        listener = Listener()
        feed = follow_events(service, listener)
        eventually(lambda: listener.opened_as)
        proxy.frozen.set()
        job = direct.run("sample-program", {"iterations": 1}, {"backend": "aer_local"})
        eventually(lambda: listener.breaks)
        proxy.frozen.clear()
        proxy.cut()  # an attempt that was made meanwhile would last until its time limit
        eventually(lambda: (job.job_id(), "DONE") in listener.jobs)
        assert listener.opened_as[-1]
        feed.cancel()
        service.close()
        direct.close()


@given(st.integers(0, 60), st.booleans())
def test_never_more_than_one_attempt_a_second(failures, nearby):
    pause = sockets.pause_after(failures, nearby=nearby)
    assert sockets.FIRST_PAUSE <= pause <= (2.0 if nearby else 20.0)


@pytest.mark.parametrize(
    ("channel", "url", "expected"),
    [
        ("local", "http://127.0.0.1:9/api/v1", True),
        ("ibm_quantum_platform", "http://localhost:9/api/v1", True),
        ("ibm_quantum_platform", "https://quantum.cloud.ibm.com/api/v1", False),
    ],
)
def test_only_our_own_server_is_asked_for_a_feed(channel, url, expected):
    nobody = NoTransport()  # otherwise the account would be looked up
    service = RuntimeService(channel, token="t", url=url, instance="crn:v1:x", transport=nobody)
    assert has_events(service) is expected


def streams_alive() -> bool:
    return any(thread.name.startswith("qjob-streams") for thread in threading.enumerate())
