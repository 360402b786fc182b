"""A key is sent where it has to go, and shows up nowhere else."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback

import pytest

from qjobwidgets import RuntimeService
from qjobwidgets.client.secrets import SecretBytes, SecretText
from qjobwidgets.errors import QJobError
from tests.client.faults import CANARY, FaultServer, Reply, fault_server


def shown(error: BaseException) -> str:
    """Return a traceback as the most talkative debugger prints it, values of frames included."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    parts, chain = [], [error]
    while chain:
        one = chain.pop()
        parts.append(repr(one) + repr(vars(one)))
        chain += [cause for cause in (one.__cause__, one.__context__) if cause is not None]
    return "".join(report.format(chain=True)) + "".join(parts)


def secrets_of(faults: FaultServer) -> set[str]:
    """Return everything that must not be seen: the key, and the tokens it was exchanged for."""
    tokens = {seen.headers.get("authorization", "").removeprefix("Bearer ") for seen in faults.seen}
    return {CANARY, *(token for token in tokens if token)}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(fault="reset"),
        Reply(document={"a": 1}, fault="truncate"),
        Reply(500),
        Reply(401),
        Reply(404),
        Reply(429),
        Reply(301, headers={"Location": "http://127.0.0.1:9/"}),
        Reply(body=b"<html>"),
    ],
)
def test_not_in_a_traceback_nor_a_log(faults, remote, reply, caplog):
    caplog.set_level(logging.DEBUG)
    faults.on("/jobs/j1", reply)
    with pytest.raises(QJobError) as caught:
        remote.fetch_record("j1")
    text = shown(caught.value) + caplog.text
    for secret in secrets_of(faults):
        assert secret not in text


@pytest.mark.parametrize("reply", [Reply(400, {}), Reply(fault="reset"), Reply(body=b"<html>")])
def test_not_when_the_exchange_fails(faults, remote, reply, caplog):
    caplog.set_level(logging.DEBUG)
    faults.on_iam(reply)
    with pytest.raises(QJobError) as caught:
        remote.fetch_record("j1")
    assert CANARY not in shown(caught.value) + caplog.text


def test_not_when_nobody_answers():
    """The form of the token exchange was readable in a frame of the failed request."""
    with fault_server() as server:
        url = server.url
    service = RuntimeService("local", token=CANARY, url=url)
    with pytest.raises(QJobError) as caught:
        service.run("sampler", {})
    assert CANARY not in shown(caught.value)
    service.close()


def test_not_in_a_repr(remote):
    transport = remote.api.transport
    things = [remote, remote.account, remote.key, transport, transport._place, remote.api]
    transport.stream_address("/x")
    things += [transport._place, transport._place[0], transport.stream_address("/x")]
    assert CANARY not in "".join(map(repr, things))
    assert CANARY not in str(vars(remote)) + str(vars(transport))


def test_not_in_a_pickle(remote):
    for thing in (remote, remote.account, SecretText(CANARY), SecretBytes(CANARY.encode())):
        with pytest.raises(TypeError):
            pickle.dumps(thing)
        with pytest.raises(TypeError):
            copy.deepcopy(thing)


def test_not_in_the_log_of_a_stream(faults, remote, caplog):
    """The websocket library logs the headers of its handshake, credentials included."""
    caplog.set_level(logging.DEBUG)
    faults.on("/stream/jobs/j1", Reply(403))
    handle = remote.stream("j1", lambda _: None)
    assert handle.wait(20)
    assert faults.asked("/stream/jobs/j1")[0].headers["authorization"].startswith("Bearer ")
    for secret in secrets_of(faults):
        assert secret not in caplog.text + shown(handle.failure) + repr(handle)
