"""Sessions and batches at a real runtime."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from qiskit import QuantumCircuit

from qjobwidgets import Batch, Estimator, RuntimeService, Sampler, Session
from qjobwidgets.client.session import active_session
from qjobwidgets.errors import (
    BackendNotFoundError,
    IBMInputValueError,
    RuntimeInvalidStateError,
    ServiceError,
)
from tests.circuits import bell
from tests.client.faults import Reply
from tests.conftest import eventually

ONE = ("sample-program", {"iterations": 1})


def flipped() -> QuantumCircuit:
    """A circuit of gates that every device has."""
    circuit = QuantumCircuit(1)
    circuit.x(0)
    circuit.measure_all()
    return circuit


def test_the_jobs_of_a_session(local):
    with Session("aer_local", max_time="1h 5s", service=local) as session:
        assert active_session() is session
        assert session.status() == "Pending"
        first = Sampler().run([bell()], shots=10)
        observed = bell().remove_final_measurements(inplace=False)
        second = Estimator(session).run([(observed, "ZZ")])
        first.result(60)
        second.result(60)
        assert session.status() == "In progress, accepting new jobs"
        details = session.details()
    assert active_session() is None
    assert details["mode"] == "dedicated"
    assert details["backend_name"] == session.backend() == "aer_local"
    assert details["max_time"] == 3605
    assert details["accepting_jobs"] is True
    assert details["activated_at"] <= details["last_job_started"]
    assert details["timestamps"][0]["status"] == "open"
    eventually(lambda: session.status() == "Closed")
    assert session.usage() > 0
    assert session.details()["closed_at"]
    assert first.session_id == second.session_id == session.session_id
    assert local.jobs(session_id=session.session_id) == [second, first]
    assert first.scheduling_mode() == "dedicated"


def test_the_jobs_of_a_batch(local):
    with Batch(local.backend("noisy_local")) as batch:
        jobs = [Sampler(mode=batch).run([flipped()], shots=10) for _ in range(2)]
        jobs.append(batch.run(*ONE))
    for job in jobs:
        job.result(60)
    assert {(job.session_id, job.record.backend) for job in jobs} == {
        (batch.session_id, "noisy_local")
    }
    assert batch.details()["mode"] == "batch"
    eventually(lambda: batch.status() == "Closed")


def test_a_session_is_found_again(local):
    session = Session("aer_local", service=local)
    found = Session.from_id(session.session_id, local)
    assert found.backend() == "aer_local"
    job = found.run(*ONE)
    job.wait_for_final_state(60)
    assert job.session_id == session.session_id
    with pytest.raises(IBMInputValueError, match=r"'dedicated'.*Batch.from_id"):
        Batch.from_id(session.session_id, local)
    found.close()
    eventually(lambda: session.status() == "Closed")
    closed = Session.from_id(session.session_id, local)
    with pytest.raises(RuntimeInvalidStateError, match="is closed"):
        closed.run(*ONE)
    with pytest.raises(IBMInputValueError, match="no session 'nosuch'"):
        Session.from_id("nosuch", local)


def test_a_closed_session_takes_no_jobs(local):
    session = Session("aer_local", service=local)
    other = Session.from_id(session.session_id, local)
    sampler = Sampler(session)
    session.close()
    session.close()
    with pytest.raises(RuntimeInvalidStateError, match="Open a new one"):
        sampler.run([bell()])
    # this one does not know it yet, so it is the service that refuses
    with pytest.raises(ServiceError, match="session"):
        other.run(*ONE)


def test_an_instance_of_its_own_is_refused_to_a_job_of_a_session(faults, remote):
    """It was dropped without a word, and the other instance was charged."""
    faults.on("/sessions", Reply(document={"id": "s1"}))
    faults.on("/jobs", Reply(document={"id": "j1"}))
    session = Session("b1", service=remote)
    with pytest.raises(IBMInputValueError, match="of its instance"):
        session.run(*ONE, {"instance": "another"})
    assert session.run(*ONE, {"instance": remote.account.instance}).job_id() == "j1"
    assert len(faults.asked("/jobs")) == 1


def test_a_cancelled_session_cancels_what_waits(local):
    session = Session("slow_local", service=local)
    running = session.run("sample-program", {"iterations": 100})
    eventually(running.running)
    waiting = session.run(*ONE)
    session.cancel()
    assert waiting.cancelled()
    assert not running.cancelled()
    running.cancel()
    eventually(lambda: session.status() == "Closed")


def test_an_error_in_the_block_closes_the_session_too(local):
    with pytest.raises(ZeroDivisionError), Session("aer_local", service=local) as session:
        1 / 0  # noqa: B018 - the error
    assert active_session() is None
    eventually(lambda: session.status() == "Closed")


def test_blocks_in_blocks(local):
    with Session("aer_local", service=local) as outer:
        with Batch("aer_local", service=local) as inner:
            assert Sampler().mode is inner
        assert Sampler().mode is outer
    assert Sampler(service=local).mode is None


def test_a_session_in_two_threads_at_once(local):
    """Who left first could not: the block of the other thread was the one on top."""
    session = Session("aer_local", service=local)
    first_in, second_in, first_out = Event(), Event(), Event()

    def first():
        with session:
            first_in.set()
            assert second_in.wait(60)
            assert Sampler().mode is session
        first_out.set()
        return active_session()

    def second():
        assert first_in.wait(60)
        with session:
            second_in.set()
            assert first_out.wait(60)
            return active_session()

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.submit(first), pool.submit(second)
        assert (one.result(60), two.result(60)) == (None, session)
    eventually(lambda: session.status() == "Closed")


def test_primitives_in_a_block_name_no_other_place(local, server):
    other = RuntimeService("local", token=server.token, url=server.url, instance="crn:v1:other")
    with Session("aer_local", service=local) as session:
        assert Sampler("aer_local").mode is session
        assert Sampler(local.backend("aer_local")).mode is session
        with pytest.raises(IBMInputValueError, match="runs on aer_local, not on noisy_local"):
            Sampler("noisy_local")
        with pytest.raises(IBMInputValueError, match="another account"):
            Sampler(service=other)
    other.close()


@pytest.mark.parametrize("time", ["", "soon", "2x", "1h soon", 0, -5, 1.5, True])
def test_what_is_no_time(local, time):
    with pytest.raises(IBMInputValueError, match=r"is no time.*2h 30m 40s"):
        Session("aer_local", max_time=time, service=local)


@pytest.mark.parametrize(
    ("time", "seconds"), [(90, 90), ("90s", 90), ("2h 30m 40s", 9040), ("1d", 28800)]
)
def test_times(local, time, seconds):
    with Batch("aer_local", max_time=time, service=local) as batch:
        assert batch.details()["max_time"] == seconds


def test_there_is_no_such_backend(local):
    with pytest.raises(BackendNotFoundError, match="nosuch"):
        Session("nosuch", service=local)


def test_the_service_is_a_keyword(local):
    with pytest.raises(TypeError, match="service=service"):
        Session(local)


def test_what_is_sent_to_open_a_session(faults, remote):
    faults.on("/sessions", Reply(document={"id": "s1"}))
    faults.on("/sessions/s1", Reply(status=204, body=b""))
    with Batch("ibm_x", max_time="2m", service=remote):
        pass
    [opened] = faults.asked("/sessions")
    assert json.loads(opened.body) == {
        "mode": "batch",
        "backend": "ibm_x",
        "instance": remote.account.instance,
        "max_ttl": 120,
    }
    [closed] = faults.asked("/sessions/s1")
    assert (closed.method, json.loads(closed.body)) == ("PATCH", {"accepting_jobs": False})


def test_a_session_the_service_has_no_more(faults, remote):
    faults.on("/sessions", Reply(document={"id": "s1", "backend_name": "b"}))
    session = Session(service=remote)
    assert session.backend() == "b"
    assert re.fullmatch(r"<Session\('s1', 'b'\)>", repr(session))
    assert (session.status(), session.details(), session.usage()) == (None, None, None)
    session.close()
    session.cancel()


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"state": "open"}, "Pending"),
        ({"state": "inactive", "accepting_jobs": True}, "Pending"),
        ({"state": "active", "accepting_jobs": True}, "In progress, accepting new jobs"),
        ({"state": "active", "accepting_jobs": False}, "In progress, not accepting new jobs"),
        ({"state": "pending_inactive"}, "In progress, accepting new jobs"),
        ({"state": "pending_closed"}, "In progress, not accepting new jobs"),
        ({"state": "closed"}, "Closed"),
        ({"state": "dreaming"}, "Dreaming"),
        ({}, None),
    ],
)
def test_the_words_for_states(faults, remote, document, words):
    faults.on("/sessions", Reply(document={"id": "s1"}))
    faults.on("/sessions/s1", Reply(document=document))
    assert Session("b", service=remote).status() == words


def test_a_refusal_to_open_is_the_services_own_word(faults, remote):
    refusal = {"errors": [{"message": "No sessions on simulators.", "solution": "Use a device."}]}
    faults.on("/sessions", Reply(400, refusal))
    with pytest.raises(ServiceError, match=r"No sessions on simulators\. Use a device\."):
        Session("sim", service=remote)
