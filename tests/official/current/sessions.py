"""Sessions and batches of today's client."""

from door import Door, eventually, raises
from qiskit_ibm_runtime import Batch, EstimatorV2, Session
from qiskit_ibm_runtime.exceptions import IBMInputValueError, IBMRuntimeError
from world import backend, ghz, isa, result, sampler, service

DEVICE = "bowtie_local"


def case_the_jobs_of_a_session(door: Door) -> None:
    device = backend(door, DEVICE)
    circuit = isa(ghz(2), device)
    with Session(backend=device, max_time=600) as session:
        assert session.status() == "Pending"
        first = sampler(session).run([circuit], shots=10)
        second = EstimatorV2(mode=session).run(
            [(circuit.remove_final_measurements(inplace=False), "Z" * 5)]
        )
        result(first)
        result(second)
        assert session.status() == "In progress, accepting new jobs"
        details = session.details()
        assert details["mode"] == "dedicated"
        assert details["backend_name"] == DEVICE
        assert details["max_time"] == 600
        assert details["accepting_jobs"]
        assert details["activated_at"] <= details["last_job_started"]
    eventually(lambda: session.status() == "Closed")
    assert session.usage() > 0
    assert first.session_id == second.session_id == session.session_id
    jobs = service(door).jobs(session_id=session.session_id)
    assert [job.job_id() for job in jobs] == [second.job_id(), first.job_id()]
    assert session.details()["closed_at"]
    assert session.details()["timestamps"][0]["status"] == "open"


def case_the_jobs_of_a_batch(door: Door) -> None:
    device = backend(door, DEVICE)
    circuit = isa(ghz(2), device)
    with Batch(backend=device) as batch:
        jobs = [sampler(batch).run([circuit], shots=10) for _ in range(3)]
        assert batch.details()["mode"] == "batch"
    for job in jobs:
        assert result(job)[0].data.meas.num_shots == 10
    eventually(lambda: batch.status() == "Closed")
    assert {job.session_id for job in jobs} == {batch.session_id}


def case_a_session_is_found_again(door: Door) -> None:
    device = backend(door, DEVICE)
    session = Session(backend=device)
    found = Session.from_id(session.session_id, service(door))
    job = sampler(found).run([isa(ghz(2), device)], shots=10)
    assert result(job)[0].data.meas.num_shots == 10
    with raises(IBMInputValueError):
        Batch.from_id(session.session_id, service(door))
    found.close()
    eventually(lambda: session.status() == "Closed")


def case_an_unknown_session_is_not_found(door: Door) -> None:
    with raises(IBMInputValueError):
        Session.from_id("no-such-session", service(door))


def case_a_closed_session_takes_no_jobs(door: Door) -> None:
    device = backend(door, DEVICE)
    session = Session(backend=device)
    other = Session.from_id(session.session_id, service(door))
    session.close()
    with raises(IBMRuntimeError):
        sampler(session).run([isa(ghz(2), device)], shots=10)
    # This one does not know it yet, so it is the server that refuses.
    with raises(IBMRuntimeError, "session"):
        sampler(other).run([isa(ghz(2), device)], shots=10)


def case_a_cancelled_session_cancels_what_waits(door: Door) -> None:
    device = backend(door, DEVICE)
    circuit = isa(ghz(5), device)
    session = Session(backend=device)
    running = sampler(session).run([circuit] * 40, shots=100_000)
    eventually(lambda: running.status() != "QUEUED")
    waiting = sampler(session).run([circuit], shots=10)
    session.cancel()
    assert waiting.cancelled()
    assert not running.in_final_state()
    running.cancel()
    eventually(lambda: session.status() == "Closed")


def case_a_simulator_has_no_sessions(door: Door) -> None:
    device = backend(door, "aer_local")
    with Session(backend=device) as session:
        job = sampler(session).run([ghz(2)], shots=10)
        assert session.session_id is None
        assert result(job)[0].data.meas.num_shots == 10
