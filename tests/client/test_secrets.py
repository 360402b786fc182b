"""A key is sent where it has to go, and shows up nowhere else."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from pathlib import Path

import pytest

from qjobwidgets import JobRecord, JobStatus, RuntimeJob, RuntimeService
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


def accounts(tmp_path: Path) -> Path:
    """Return a file of saved accounts whose tokens nobody should see."""
    file = tmp_path / "accounts.json"
    RuntimeService.save_account(CANARY, filename=file, name="mine")
    return file


def damaged(tmp_path: Path) -> Path:
    file = accounts(tmp_path)
    file.write_text(file.read_text()[:-3])
    return file


def in_no_folder(tmp_path: Path) -> Path:
    return accounts(tmp_path) / "other.json"


WITHOUT_ACCOUNT = {
    "no such channel": lambda _: RuntimeService("moon", CANARY),
    "no such address": lambda _: RuntimeService("local", CANARY, "ftp://x"),
    "no such instance": lambda _: RuntimeService(token=CANARY, instance="mine"),
    "no text": lambda _: RuntimeService("local", CANARY.encode()),
    "no token": lambda _: RuntimeService("local", f"{CANARY} ä", "http://127.0.0.1:9"),
    "not saved": lambda path: RuntimeService(name="nobody", filename=accounts(path)),
    "not readable": lambda path: RuntimeService(name="mine", filename=damaged(path)),
    "saved twice": lambda path: RuntimeService.save_account(
        CANARY, filename=accounts(path), name="mine"
    ),
    "not to be saved": lambda _: RuntimeService.save_account(CANARY, channel="moon"),
    "not to be changed": lambda path: RuntimeService.save_account(
        CANARY, filename=in_no_folder(path)
    ),
}


@pytest.mark.parametrize("act", WITHOUT_ACCOUNT.values(), ids=WITHOUT_ACCOUNT)
@pytest.mark.parametrize("in_environ", [False, True])
def test_not_when_an_account_can_not_be_used(faults, tmp_path, monkeypatch, act, in_environ):
    """A verbose traceback showed the arguments, the environment and all saved accounts."""
    for name in ("IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL"):
        monkeypatch.setenv(name, faults.origin)
    if in_environ:
        monkeypatch.setenv("QISKIT_IBM_TOKEN", CANARY)
    with pytest.raises(QJobError) as caught:
        act(tmp_path)
    assert CANARY not in shown(caught.value)


def test_not_in_a_repr(remote):
    transport = remote.api.transport
    things = [remote, remote.account, remote.key, transport, transport._place, remote.api]
    transport.stream_address("/x")
    things += [transport._place, transport._place[0], transport.stream_address("/x")]
    assert CANARY not in "".join(map(repr, things))
    assert CANARY not in str(vars(remote)) + str(vars(transport))


def test_not_in_a_pickle(remote):
    """What was said was that a lock can't be pickled."""
    job = RuntimeJob(remote, JobRecord("j1", JobStatus.DONE))
    with pytest.raises(TypeError, match="make one where it is needed"):
        pickle.dumps(remote)
    with pytest.raises(TypeError, match=r"RuntimeService\(\)\.job\(job_id\)"):
        pickle.dumps(job)
    things = (remote.account, remote.api, remote.api.transport, SecretText(CANARY))
    for thing in (remote, job, *things, SecretBytes(CANARY.encode())):
        for act in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError):
                act(thing)


def test_not_in_the_log_of_a_stream(faults, remote, caplog):
    """The websocket library logs the headers of its handshake, credentials included."""
    caplog.set_level(logging.DEBUG)
    faults.on("/stream/jobs/j1", Reply(403))
    handle = remote.stream("j1", lambda _: None)
    assert handle.wait(60)
    assert faults.asked("/stream/jobs/j1")[0].headers["authorization"].startswith("Bearer ")
    for secret in secrets_of(faults):
        assert secret not in caplog.text + shown(handle.failure) + repr(handle)
