"""Faults on the way between the client and a real runtime."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.client import answers, service_jobs, sockets, streams, submissions
from qjobwidgets.errors import SubmissionUnknownError
from tests.client.proxy import Proxy, proxy_of
from tests.conftest import INSTANCE, Server, eventually

GATEWAY_TIMEOUT = b"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.fixture
def proxy(server: Server):
    with proxy_of(server.url) as proxy:
        yield proxy


@pytest.fixture(params=["local", "ibm_quantum_platform"])
def through(request, proxy: Proxy, server: Server, monkeypatch):
    """A client whose way leads through the proxy, with and without idempotency keys."""
    monkeypatch.setenv("IAM_URL", server.iam_url)
    service = RuntimeService(request.param, token=server.token, url=proxy.url)
    yield service
    service.close()


def test_the_answer_to_a_submission_is_lost(through, proxy, local):
    """The job exists, nobody has told its id: still it is one job, and we get its id."""
    tag = uuid.uuid4().hex
    proxy.lose_answers_to = b"POST /api/v1/jobs"
    job = through.run("sample-program", {"iterations": 1}, {"tags": [tag]})
    assert proxy.lost == 1
    assert [one.job_id() for one in local.jobs(job_tags=[tag])] == [job.job_id()]
    assert job.result(60) == "Hello, World!"


def test_five_gateways_give_up_on_a_submission_that_was_taken(through, proxy, local):
    """The official client makes six jobs of this."""
    tag = uuid.uuid4().hex
    proxy.lose_answers_to = b"POST /api/v1/jobs"
    proxy.instead = GATEWAY_TIMEOUT
    proxy.losses = 5 if through.channel != "local" else 3
    job = through.run("sample-program", {"iterations": 1}, {"tags": [tag]})
    assert [one.job_id() for one in local.jobs(job_tags=[tag])] == [job.job_id()]
    proxy.lose_answers_to = None


@pytest.mark.parametrize("through", ["ibm_quantum_platform"], indirect=True)
def test_the_job_was_taken_and_no_look_finds_it(through, proxy, local, monkeypatch):
    """Each answer about jobs is lost: the submission is sent once, and its tag tells later."""
    monkeypatch.setattr("qjobwidgets.client.submit._LOOKS", (0.0, 0.05, 0.1))
    proxy.lose_answers_to = b" /api/v1/jobs"
    proxy.instead = GATEWAY_TIMEOUT
    proxy.losses = 1000
    with pytest.raises(SubmissionUnknownError) as caught:
        through.run("sample-program", {"iterations": 1})
    jobs = [request for request in proxy.requests if request.endswith("/jobs")]
    assert jobs == ["POST /api/v1/jobs", *["GET /api/v1/jobs"] * 3]
    assert submissions.state(through.key).unknown == (caught.value.tag,)
    proxy.lose_answers_to = None
    [job] = through.jobs(job_tags=[caught.value.tag])
    assert submissions.state(through.key).unknown == ()
    assert job.result(60) == "Hello, World!"


def test_a_stream_that_is_cut_again_and_again(proxy, server, monkeypatch):
    monkeypatch.setattr(sockets, "FIRST_PAUSE", 0.05)
    service = RuntimeService("local", token=server.token, url=proxy.url)
    job = service.run("sample-program", {"iterations": 12}, {"backend": "slow_local"})
    messages = []

    def take(message):
        messages.append(message)
        if message.seq % 2:
            proxy.cut()

    handle = service.stream(job.job_id(), take)
    assert handle.wait(90)
    assert [message.seq for message in messages] == list(range(1, len(messages) + 1))
    assert messages[-1].kind == "final"
    assert handle.errors == []
    service.close()


def test_where_a_proxy_lets_no_socket_through(server, monkeypatch):
    """It takes the upgrade away, so that the service sees an ordinary request."""
    monkeypatch.setattr(streams, "_FIRST_POLL", 0.1)
    with proxy_of(server.url, without=b"Upgrade: websocket\r\n") as proxy:
        service = RuntimeService("local", token=server.token, url=proxy.url)
        job = service.run("sample-program", {"iterations": 3})
        messages = []
        handle = service.stream(job.job_id(), messages.append)
        assert handle.wait(60)
        assert handle.failure is None
        assert [message.data["iteration"] for message in messages[:-1]] == [0, 1, 2]
        assert (messages[-1].kind, messages[-1].data) == ("final", "Hello, World!")
        service.close()


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_is_a_day_off(server, monkeypatch, days):
    """Lists, windows of time and tokens are the service's, whatever time it is here."""

    class WrongTime(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=days)

    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + 86400 * days)
    for module in (answers, service_jobs):
        monkeypatch.setattr(module, "datetime", WrongTime)
    monkeypatch.setenv("IAM_URL", server.iam_url)
    service = RuntimeService("ibm_quantum_platform", server.token, server.url, instance=INSTANCE)
    tag = uuid.uuid4().hex
    first, second = (
        service.run("sample-program", {"iterations": 1}, {"tags": [tag]}) for _ in range(2)
    )
    assert abs(second.record.created - datetime.now(UTC)) < timedelta(minutes=1)
    second.result(60)
    assert service.jobs(job_tags=[tag]) == [second, first]
    second.refresh()
    assert service.jobs(job_tags=[tag], created_after=second.record.created) == [second]
    service.close()


def test_a_stream_on_a_dead_connection_is_noticed(proxy, server, monkeypatch):
    """A half-open connection says nothing: only an unanswered ping tells."""
    monkeypatch.setattr(sockets, "_PING", 0.3)
    service = RuntimeService("local", token=server.token, url=proxy.url)
    job = service.run("sample-program", {"iterations": 8}, {"backend": "slow_local"})
    messages, states = [], []
    handle = service.stream(job.job_id(), messages.append, states.append)
    eventually(lambda: len(messages) >= 2)
    proxy.frozen.set()
    eventually(lambda: "reconnecting" in states)
    proxy.frozen.clear()
    assert handle.wait(60)
    seqs = [message.seq for message in messages]
    assert seqs == list(range(1, len(seqs) + 1))
    assert messages[-1].kind == "final"
    service.close()
