"""Sampler and estimator of today's client, compared with Aer itself."""

import numpy as np
from door import Door
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit.primitives import BackendEstimatorV2
from qiskit.quantum_info import SparsePauliOp, Statevector
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, ReadoutError
from qiskit_aer.primitives import SamplerV2 as AerSampler
from qiskit_ibm_runtime import EstimatorV2
from world import backend, ghz, isa, result, sampler

SEED = 11


def seeded(door: Door, name: str = "aer_local") -> object:
    primitive = sampler(backend(door, name))
    primitive.options.simulator.seed_simulator = SEED
    return primitive


def rotated() -> QuantumCircuit:
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(2)
    circuit.ry(a, 0)
    circuit.cx(0, 1)
    circuit.rz(b, 1)
    circuit.h(1)
    return circuit


def case_a_seed_gives_the_counts_of_aer(door: Door) -> None:
    circuit = ghz(3)
    ours = result(seeded(door).run([circuit], shots=500))[0].data.meas.get_counts()
    direct = AerSimulator().run(circuit, shots=500, seed_simulator=SEED).result().get_counts()
    assert ours == direct


def case_several_pubs_with_parameters_are_those_of_aer(door: Door) -> None:
    circuit = rotated()
    circuit.measure_all()
    values = np.linspace(0, 3, 12).reshape(3, 2, 2)
    pubs = [(circuit, values), (ghz(2),), (circuit, [0.1, 0.2], 70)]
    ours = result(seeded(door).run(pubs, shots=200))
    direct = AerSampler(seed=SEED).run(pubs, shots=200).result()
    for one, other in zip(ours, direct, strict=True):
        assert one.data.meas.shape == other.data.meas.shape
        assert np.array_equal(one.data.meas.array, other.data.meas.array)
    assert ours[0].data.meas.shape == (3, 2)
    assert ours[2].data.meas.num_shots == 70


def case_each_register_has_its_own_bits(door: Door) -> None:
    low, high = ClassicalRegister(9, "low"), ClassicalRegister(2, "high")
    circuit = QuantumCircuit(QuantumRegister(11), low, high)
    circuit.x([0, 8, 10])
    circuit.measure(range(9), low)
    circuit.measure([9, 10], high)
    data = result(sampler(backend(door, "aer_local")).run([circuit], shots=5))[0].data
    assert data.low.get_counts() == {"100000001": 5}
    assert data.high.get_counts() == {"10": 5}
    assert data.low.num_bits == 9


def case_a_dynamic_circuit(door: Door) -> None:
    for name in ("aer_local", "noisy_local"):
        device = backend(door, name)
        circuit = QuantumCircuit(2, 2)
        circuit.h(0)
        circuit.measure(0, 0)
        with circuit.if_test((0, 1)):
            circuit.x(1)
        circuit.measure(1, 1)
        circuit = isa(circuit, device)
        counts = result(sampler(device).run([circuit], shots=1000))[0].data.c.get_counts()
        assert counts["00"] + counts["11"] > 850
        assert min(counts["00"], counts["11"]) > 300


def case_without_a_seed_shots_are_distributed_as_they_should(door: Door) -> None:
    circuit = rotated().assign_parameters([0.7, 0.3])
    expected = Statevector(circuit).probabilities_dict()
    circuit.measure_all()
    counts = result(sampler(backend(door, "aer_local")).run([circuit], shots=10_000))[0]
    for key, probability in expected.items():
        seen = counts.data.meas.get_counts().get(key, 0)
        spread = (10_000 * probability * (1 - probability)) ** 0.5
        assert abs(seen - 10_000 * probability) < 5 * spread + 1


def case_a_noise_model_of_ones_own(door: Door) -> None:
    noise = NoiseModel()
    noise.add_all_qubit_readout_error(ReadoutError([[0.0, 1.0], [0.0, 1.0]]))
    primitive = sampler(backend(door, "aer_local"))
    primitive.options.simulator.noise_model = noise
    assert result(primitive.run([ghz(2)], shots=50))[0].data.meas.get_counts() == {"11": 50}


def case_default_shots_hold_for_pubs_without(door: Door) -> None:
    primitive = sampler(backend(door, "aer_local"))
    assert result(primitive.run([ghz(1)]))[0].data.meas.num_shots == 4096
    primitive.options.default_shots = 123
    assert result(primitive.run([ghz(1)]))[0].data.meas.num_shots == 123


def case_results_tell_when_they_were_made(door: Door) -> None:
    job = sampler(backend(door, "aer_local")).run([ghz(2)], shots=30)
    (span,) = result(job).metadata["execution"]["execution_spans"]
    assert span.start <= span.stop
    assert span.size == 30
    assert result(job)[0].metadata["circuit_metadata"] == {}


def case_options_without_meaning_on_a_simulator_do_no_harm(door: Door) -> None:
    primitive = sampler(backend(door, "aer_local"))
    primitive.options.dynamical_decoupling.enable = True
    primitive.options.execution.init_qubits = True
    primitive.options.experimental = {"surprise": 1}
    assert result(primitive.run([ghz(2)], shots=20))[0].data.meas.num_shots == 20


def case_expectation_values_have_the_shape_that_broadcasting_gives(door: Door) -> None:
    circuit, observables = rotated(), [[SparsePauliOp("ZZ")], [SparsePauliOp(["XX", "IY"], [1, 2])]]
    values = np.random.default_rng(1).uniform(0, 3, (5, 2))
    estimator = EstimatorV2(mode=backend(door, "aer_local"))
    data = result(estimator.run([(circuit, observables, values)], precision=0.02))[0].data
    assert data.evs.shape == data.stds.shape == (2, 5)
    for row, (observable,) in enumerate(observables):
        for column, point in enumerate(values):
            exact = Statevector(circuit.assign_parameters(point)).expectation_value(observable)
            assert abs(data.evs[row, column] - exact.real) < 5 * data.stds[row, column] + 0.02


def case_a_precision_is_kept(door: Door) -> None:
    circuit, observable = rotated().assign_parameters([0.7, 0.3]), SparsePauliOp("ZX")
    exact = Statevector(circuit).expectation_value(observable).real
    estimator = EstimatorV2(mode=backend(door, "aer_local"))
    estimator.options.default_precision = 0.02
    told = result(estimator.run([(circuit, observable)]))[0]
    assert 0 < told.data.stds <= 0.021
    assert abs(told.data.evs - exact) < 5 * 0.02
    assert told.metadata["target_precision"] == 0.02
    estimator.options.default_shots = 10_000
    assert result(estimator.run([(circuit, observable)]))[0].data.stds < 0.011


def case_a_seeded_estimate_is_that_of_qiskit_on_aer(door: Door) -> None:
    circuit, observable = rotated().assign_parameters([0.7, 0.3]), SparsePauliOp(["ZX", "XZ"])
    estimator = EstimatorV2(mode=backend(door, "aer_local"))
    estimator.options.simulator.seed_simulator = SEED
    told = result(estimator.run([(circuit, observable)], precision=0.05))[0].data
    direct = BackendEstimatorV2(backend=AerSimulator(), options={"seed_simulator": SEED})
    here = direct.run([(circuit, observable)], precision=0.05).result()[0].data
    assert told.evs == here.evs
    assert told.stds == here.stds


def case_a_device_disturbs_expectation_values(door: Door) -> None:
    device = backend(door, "noisy_local")
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit = isa(circuit, device)
    observable = SparsePauliOp("XXX").apply_layout(circuit.layout)
    estimator = EstimatorV2(mode=device)
    estimator.options.resilience_level = 0
    told = result(estimator.run([(circuit, observable)], precision=0.01))[0].data
    assert 0.7 < told.evs < 0.99
