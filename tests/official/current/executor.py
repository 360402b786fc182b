"""The newer primitives of today's client, which post quantum programs to ``executor``."""

import numpy as np
from door import Door
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import SparsePauliOp
from qiskit_ibm_runtime import Executor, QuantumProgram
from qiskit_ibm_runtime.executor_estimator import Estimator
from qiskit_ibm_runtime.executor_sampler import Sampler
from samplomatic import Twirl, build
from world import backend, ghz, isa, result, service


def case_the_sampler_gives_bits_by_register(door: Door) -> None:
    sampler = Sampler(mode=backend(door, "aer_local"))
    job = sampler.run([ghz(3)], shots=200)
    (told,) = result(job)
    assert {*told.data.meas.get_counts()} == {"000", "111"}
    assert told.data.meas.num_shots == 200
    found = service(door).job(job.job_id())
    assert found.primitive_id == "executor"
    assert found.result()[0].data.meas.get_counts() == told.data.meas.get_counts()


def case_the_sampler_sweeps_parameters(door: Door) -> None:
    angle = Parameter("angle")
    circuit = QuantumCircuit(1)
    circuit.rx(angle, 0)
    circuit.measure_all()
    sampler = Sampler(mode=backend(door, "aer_local"))
    values = np.array([[0.0], [np.pi / 2], [np.pi]])
    (told,) = result(sampler.run([(circuit, values)], shots=1000))
    ones = [told.data.meas[place].get_counts().get("1", 0) for place in range(3)]
    assert ones[0] == 0
    assert 400 < ones[1] < 600
    assert ones[2] == 1000


def case_the_sampler_twirls(door: Door) -> None:
    device = backend(door, "noisy_local")
    sampler = Sampler(mode=device)
    sampler.options.twirling.enable_gates = True
    sampler.options.twirling.enable_measure = True
    (told,) = result(sampler.run([isa(ghz(3), device)], shots=2000))
    counts = told.data.meas.get_counts()
    assert sum(counts.values()) >= 2000
    assert (counts["000"] + counts["111"]) / sum(counts.values()) > 0.85


def case_the_estimator_with_and_without_mitigation(door: Door) -> None:
    device = backend(door, "noisy_local")
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit = isa(circuit, device)
    observable = SparsePauliOp(["ZZ", "XX"]).apply_layout(circuit.layout)
    for level in (0, 1):
        estimator = Estimator(mode=device)
        estimator.options.resilience_level = level
        (told,) = result(estimator.run([(circuit, observable)], precision=0.03))
        assert abs(told.data.evs - 2) < 0.3
        assert told.data.stds > 0


def case_a_bare_program_of_circuits_and_samplexes(door: Door) -> None:
    angle = Parameter("angle")
    plain = QuantumCircuit(1)
    plain.rx(angle, 0)
    plain.measure_all()
    boxed = QuantumCircuit(2, 2)
    with boxed.box([Twirl()]):
        boxed.cx(0, 1)
    with boxed.box([Twirl()]):
        boxed.measure([0, 1], [0, 1])
    template, samplex = build(boxed)
    program = QuantumProgram(shots=64)
    program.append_circuit_item(plain, circuit_arguments=np.array([[0.0], [np.pi]]))
    program.append_samplex_item(template, samplex=samplex, shape=(5,))
    first, second = result(Executor(backend(door, "aer_local")).run(program))
    assert first["meas"].shape == (2, 64, 1)
    assert not first["meas"][0].any()
    assert first["meas"][1].all()
    assert second["c"].shape == (5, 64, 2)
    assert not (second["c"] ^ second["measurement_flips.c"]).any()
