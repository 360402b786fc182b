"""Faults on the way between the client and a real runtime."""

from __future__ import annotations

import uuid

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.client import streams
from tests.client.proxy import Proxy, proxy_of
from tests.conftest import Server, eventually


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


def test_a_stream_on_a_dead_connection_is_noticed(proxy, server, monkeypatch):
    """A half-open connection says nothing: only an unanswered ping tells."""
    monkeypatch.setattr(streams, "_PING", 0.3)
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
