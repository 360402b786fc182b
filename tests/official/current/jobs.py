"""Jobs through today's client: what it asks, changes, filters and reports."""

from datetime import UTC, datetime, timedelta

from door import Door, eventually, raises
from qiskit import QuantumCircuit
from qiskit_ibm_runtime import RuntimeJobV2
from qiskit_ibm_runtime.exceptions import (
    IBMRuntimeError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobMaxTimeoutError,
    RuntimeJobNotFound,
    RuntimeProgramNotFound,
)
from world import backend, bell_job, fresh_tag, ghz, isa, patient_job, result, sampler, service


def done(job: RuntimeJobV2) -> RuntimeJobV2:
    job.wait_for_final_state(timeout=300, poll_interval=0.1)
    return job


def ids(jobs: list[RuntimeJobV2]) -> list[str]:
    return [job.job_id() for job in jobs]


def case_a_job_is_retrieved_with_all_its_facts(door: Door) -> None:
    tag = fresh_tag()
    before = datetime.now(UTC) - timedelta(seconds=1)
    job = bell_job(door, "noisy_local", job_tags=[tag, "bell"])
    counts = result(job)[0].data.meas.get_counts()
    found = service(door).job(job.job_id())
    assert result(found)[0].data.meas.get_counts() == counts
    assert found.status() == "DONE"
    assert found.done()
    assert found.in_final_state()
    assert not any((found.cancelled(), found.errored(), found.running()))
    assert found.primitive_id == "sampler"
    assert found.backend().name == "noisy_local"
    assert found.tags == [tag, "bell"]
    assert before < found.creation_date < datetime.now(UTC) + timedelta(seconds=1)
    assert found.session_id is None
    assert not found.private
    assert found.error_message() is None
    assert found.instance == service(door).active_instance()
    assert len(found.inputs["pubs"]) == 1
    assert isinstance(found.inputs["pubs"][0][0], QuantumCircuit)
    assert found.properties().t1(0) == backend(door, "noisy_local").properties().t1(0)


def case_metrics_and_usage(door: Door) -> None:
    job = done(bell_job(door))
    metrics = job.metrics()
    times = [metrics["timestamps"][name] for name in ("created", "running", "finished")]
    assert times == sorted(times)
    assert metrics["usage"]["status"] == "complete"
    assert job.usage() == metrics["usage"]["qpu_charge_time_seconds"] > 0
    assert job.usage_estimation.keys() == {"quantum_seconds"}
    assert metrics["num_qubits"] == [2]
    assert metrics["qiskit_version"].startswith("2.")


def case_logs_are_text(door: Door) -> None:
    job = bell_job(door, log_level="DEBUG")
    assert isinstance(done(job).logs(), str)


def case_tags_are_replaced(door: Door) -> None:
    job = bell_job(door, job_tags=["first"])
    new = [fresh_tag(), "second"]
    assert sorted(job.update_tags(new)) == sorted(new)
    assert sorted(service(door).job(job.job_id()).tags) == sorted(new)
    assert ids(service(door).jobs(job_tags=new)) == [job.job_id()]
    assert job.update_tags([]) == []


def case_a_running_and_a_queued_job_are_cancelled(door: Door) -> None:
    running, queued = patient_job(door), patient_job(door)
    eventually(running.running)
    assert queued.status() == "QUEUED"
    assert {*ids(service(door).jobs(pending=True, limit=None))} >= {*ids([running, queued])}
    assert running.usage() == 0
    queued.cancel()
    running.cancel()
    for job in (running, queued):
        assert job.cancelled()
        found = service(door).job(job.job_id())
        assert found.status() == "CANCELLED"
        with raises(RuntimeInvalidStateError, "cancelled"):
            found.result()
        with raises(RuntimeInvalidStateError, "409"):
            job.cancel()
    assert "running" not in queued.metrics()["timestamps"]


def case_a_finished_job_is_not_cancelled(door: Door) -> None:
    job = done(bell_job(door))
    with raises(RuntimeInvalidStateError, "Completed already"):
        job.cancel()


def case_jobs_are_filtered(door: Door) -> None:
    tag, other = fresh_tag(), fresh_tag()
    start = datetime.now().astimezone()
    first = done(bell_job(door, job_tags=[tag, other]))
    between = datetime.now().astimezone()
    second = done(bell_job(door, "bowtie_local", job_tags=[tag]))

    def found(**filters: object) -> list[str]:
        return ids(service(door).jobs(job_tags=[tag], **filters))

    assert found() == ids([second, first])
    assert found(descending=False) == ids([first, second])
    assert ids(service(door).jobs(job_tags=[tag, other])) == ids([first])
    assert found(backend_name="bowtie_local") == ids([second])
    assert found(program_id="sampler") == ids([second, first])
    assert found(program_id="estimator") == []
    assert found(pending=True) == []
    assert found(pending=False) == ids([second, first])
    assert found(created_after=between) == ids([second])
    assert found(created_before=between) == ids([first])
    assert found(created_after=start, created_before=between) == ids([first])
    assert found(session_id="no-such-session") == []
    assert found(include_mocks=True) == ids([second, first])


def case_long_lists_come_in_pages(door: Door) -> None:
    tag = fresh_tag()
    primitive = sampler(backend(door, "aer_local"), job_tags=[tag])
    submitted = ids([primitive.run([ghz(1)], shots=1) for _ in range(23)])
    newest_first = submitted[::-1]

    def found(**page: object) -> list[str]:
        return ids(service(door).jobs(job_tags=[tag], **page))

    assert found() == newest_first[:10]
    assert found(limit=None) == newest_first
    assert found(limit=4, skip=3) == newest_first[3:7]
    assert found(limit=22) == newest_first[:22]
    assert found(limit=None, skip=21) == newest_first[21:]
    assert found(limit=5, descending=False) == submitted[:5]


def case_a_deleted_job_is_gone(door: Door) -> None:
    job = done(bell_job(door))
    service(door).delete_job(job.job_id())
    with raises(RuntimeJobNotFound):
        service(door).job(job.job_id())
    with raises(RuntimeJobNotFound):
        service(door).delete_job(job.job_id())


def case_an_unfinished_job_is_not_deleted(door: Door) -> None:
    job = patient_job(door)
    with raises(IBMRuntimeError, "Cancel it first"):
        service(door).delete_job(job.job_id())
    job.cancel()


def case_the_result_of_a_private_job_is_read_once(door: Door) -> None:
    job = bell_job(door, private=True)
    assert job.private
    assert result(job)[0].data.meas.num_shots == 100
    found = service(door).job(job.job_id())
    assert found.private
    assert found.result() is None
    assert not found.inputs


def case_a_failed_job_says_why(door: Door) -> None:
    circuit = QuantumCircuit(34)
    for qubit in range(34):
        circuit.ry(0.3, qubit)
    for first in range(33):
        for second in range(first + 1, 34):
            circuit.crx(0.4, first, second)
    circuit.measure_all()
    primitive = sampler(backend(door, "aer_local"))
    job = done(primitive.run([circuit], shots=1))
    assert job.status() == "ERROR"
    assert job.errored()
    assert "memory" in job.error_message()
    with raises(RuntimeJobFailureError, "memory"):
        job.result()
    assert isinstance(job.logs(), str)


def case_a_circuit_beyond_the_device_is_refused_by_the_server_too(door: Door) -> None:
    device = backend(door, "bowtie_local")
    circuit = isa(ghz(2), device)
    circuit.data.insert(0, QuantumCircuit(5).compose(ghz(1)).data[0])
    job = done(service(door)._run("sampler", {"pubs": [[circuit, None, 5]]}, {"backend": device}))
    assert "Instruction h" in job.error_message()


def case_a_job_that_takes_too_long_is_ended(door: Door) -> None:
    job = patient_job(door, limit=3)
    job = done(job)
    assert job.status() == "ERROR"
    assert "maximum execution time" in job.error_message()
    with raises(RuntimeJobMaxTimeoutError):
        job.result()
    assert 2 < job.usage() < 60


def case_an_unknown_program_is_not_found(door: Door) -> None:
    with raises(RuntimeProgramNotFound):
        service(door)._run("no-such-program", {}, {"backend": backend(door, "aer_local")})


def case_an_unknown_job_is_not_found(door: Door) -> None:
    with raises(RuntimeJobNotFound):
        service(door).job("no-such-job")


def case_a_name_that_no_backend_has_is_refused(door: Door) -> None:
    with raises(Exception, "404", "aer_local"):
        service(door)._active_api_client.program_run(
            program_id="sampler",
            backend_name="nowhere_local",
            params={"pubs": [[ghz(1), None, 1]]},
            image=None,
            log_level=None,
            session_id=None,
        )
