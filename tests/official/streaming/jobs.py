"""Jobs through the client that streams: how it lists, places and runs them."""

import math
from datetime import datetime

from door import Door, eventually, raises
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.providers import JobStatus
from qiskit.quantum_info import SparsePauliOp
from qiskit.transpiler import generate_preset_pass_manager
from qiskit_ibm_runtime import EstimatorV2, SamplerV2, Session
from qiskit_ibm_runtime.exceptions import (
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobMaxTimeoutError,
    RuntimeJobNotFound,
)
from world import bell, fresh_tag, program, service


def case_backends_are_those_of_today(door: Door) -> None:
    names = {backend.name for backend in service(door).backends()}
    assert {"aer_local", "noisy_local", "eagle_local"} <= names
    device = service(door).backend("noisy_local")
    assert device.configuration().n_qubits == device.num_qubits == 7
    assert device.max_circuits is None or device.max_circuits > 0
    assert device.properties().t1(0) > 0
    assert device.status().operational
    assert device.target.num_qubits == 7
    assert service(door).least_busy(min_num_qubits=100).name == "eagle_local"


def case_the_sampler_of_that_time(door: Door) -> None:
    device = service(door).backend("noisy_local")
    passes = generate_preset_pass_manager(optimization_level=1, backend=device)
    job = SamplerV2(mode=device).run([passes.run(bell())], shots=1000)
    counts = job.result()[0].data.meas.get_counts()
    assert counts["00"] + counts["11"] > 850
    assert job.metrics()["usage"]["quantum_seconds"] == job.usage() > 0


def case_the_estimator_of_that_time(door: Door) -> None:
    circuit = bell()
    circuit.remove_final_measurements()
    estimator = EstimatorV2(mode=service(door).backend("aer_local"))
    told = estimator.run([(circuit, ["ZZ", "XX", "ZI"])], precision=0.05).result()[0].data
    assert all(abs(told.evs - [1, 1, 0]) < 0.3)


def case_a_sweep_of_a_transpiled_circuit(door: Door) -> None:
    """Its angles are expressions of the parameters, in a form that was not read."""
    device = service(door).backend("noisy_local")
    passes = generate_preset_pass_manager(optimization_level=1, backend=device)
    circuit = QuantumCircuit(2)
    first, second = Parameter("first"), Parameter("second")
    circuit.ry(first, 0)
    circuit.ry(2 * second, 1)
    circuit.cx(0, 1)
    angles = [[0, 0], [math.pi, 0], [math.pi, math.pi / 2]]
    whole = passes.run(circuit)
    observables = [[SparsePauliOp(word).apply_layout(whole.layout)] for word in ("IZ", "ZI")]
    estimator = EstimatorV2(mode=device)
    told = estimator.run([(whole, observables, angles)], precision=0.05).result()[0].data
    assert (abs(told.evs - [[1, -1, -1], [1, -1, 1]]) < 0.3).all()
    circuit.measure_all()
    job = SamplerV2(mode=device).run([(passes.run(circuit), angles)], shots=200)
    bits = job.result()[0].data.meas
    assert [max(counts, key=counts.get) for counts in map(bits.get_counts, range(3))] == [
        "00",
        "11",
        "01",
    ]


def case_where_a_job_is_in_the_queue(door: Door) -> None:
    running = program(door, "sample-program", "slow_local", iterations=100)
    eventually(lambda: running.status() is JobStatus.RUNNING)
    waiting = [program(door, "sample-program", "slow_local", iterations=1) for _ in range(2)]
    assert [job.queue_position(refresh=True) for job in waiting] == [1, 2]
    assert waiting[1].queue_info().position == 2
    assert waiting[0].status() is JobStatus.QUEUED
    assert running.queue_position(refresh=True) is None
    for job in (*reversed(waiting), running):
        job.cancel()
        assert job.status() is JobStatus.CANCELLED
    with raises(RuntimeInvalidStateError, "409"):
        service(door).job(running.job_id()).cancel()


def case_facts_of_a_job(door: Door) -> None:
    tags = [fresh_tag(), "old"]
    job = program(door, "sample-program", iterations=1, options={"job_tags": tags})
    job.wait_for_final_state()
    assert job.status() is JobStatus.DONE
    assert job.in_final_state()
    assert sorted(job.tags) == sorted(tags)
    assert job.primitive_id == "sample-program"
    assert job.backend().name == "aer_local"
    assert job.inputs == {"iterations": 1}
    assert isinstance(job.creation_date, datetime)
    assert isinstance(job.logs(), str)
    assert job.error_message() is None
    assert job.session_id is None
    assert job.update_tags(["new"]) == ["new"]


def case_jobs_are_filtered(door: Door) -> None:
    tag = fresh_tag()
    jobs = [
        program(door, name, iterations=1, options={"job_tags": [tag]})
        for name in ("sample-program", "hello-world", "sample-program")
    ]
    for job in jobs:
        job.wait_for_final_state()

    def found(**filters: object) -> list[str]:
        return [job.job_id() for job in service(door).jobs(job_tags=[tag], **filters)]

    newest_first = [job.job_id() for job in reversed(jobs)]
    assert found() == newest_first
    assert found(program_id="hello-world") == [newest_first[1]]
    assert found(limit=1, skip=1) == [newest_first[1]]
    assert found(limit=None, descending=False) == newest_first[::-1]
    assert found(pending=True) == []
    assert found(pending=False, backend_name="aer_local") == newest_first
    assert found(created_after=jobs[1].creation_date) == newest_first[:2]
    service(door).delete_job(newest_first[0])
    assert found() == newest_first[1:]
    with raises(RuntimeJobNotFound):
        service(door).job(newest_first[0])


def case_a_failure_and_a_limit(door: Door) -> None:
    refused = program(door, "sampler", "bowtie_local", pubs=[[bell(), None, 10]])
    with raises(RuntimeJobFailureError, "Instruction h"):
        refused.result()
    assert "Instruction h" in refused.error_message()
    options = {"max_execution_time": 3}
    late = program(door, "sample-program", "slow_local", iterations=100, options=options)
    late.wait_for_final_state()
    assert late.errored()
    with raises(RuntimeJobMaxTimeoutError, "maximum execution time"):
        late.result()


def case_a_backend_runs_circuits(door: Door) -> None:
    device = service(door).backend("noisy_local")
    passes = generate_preset_pass_manager(optimization_level=1, backend=device)
    counts = device.run(passes.run(bell()), shots=500).result().get_counts()
    assert counts["00"] + counts["11"] > 400
    dynamic = QuantumCircuit(2, 2)
    dynamic.h(0)
    dynamic.measure(0, 0)
    with dynamic.if_test((dynamic.clbits[0], 1)):
        dynamic.x(1)
    dynamic.measure(1, 1)
    for name in ("noisy_local", "aer_local"):
        job = service(door).backend(name).run(dynamic, shots=500)
        assert job.primitive_id == "qasm3-runner"
        counts = job.result().get_counts()
        assert counts["00"] + counts["11"] > 400


def case_a_backend_opens_a_session(door: Door) -> None:
    """It sends no mode, and was refused for that."""
    device = service(door).backend("bowtie_local")
    circuit = generate_preset_pass_manager(optimization_level=1, backend=device).run(bell())
    device.open_session(max_time=600)
    job = device.run(circuit, shots=10)
    assert sum(job.result().get_counts().values()) == 10
    assert job.session_id == device.session.session_id
    session = Session.from_id(job.session_id, service(door))
    assert session.details()["max_time"] == 600
    device.close_session()
    eventually(lambda: session.status() == "Closed")


def case_a_session_of_that_time(door: Door) -> None:
    device = service(door).backend("bowtie_local")
    circuit = generate_preset_pass_manager(optimization_level=1, backend=device).run(bell())
    with Session(backend=device) as session:
        job = SamplerV2(mode=session).run([circuit], shots=10)
        assert job.result()[0].data.meas.num_shots == 10
        assert job.session_id == session.session_id
    eventually(lambda: session.status() == "Closed")
