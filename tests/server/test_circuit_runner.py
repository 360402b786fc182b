"""``circuit-runner``: circuits through the service, against Aer itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import ClassicalRegister, Parameter, QuantumRegister
from qiskit.result import Result
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, ReadoutError, depolarizing_error

from tests.circuits import bell
from tests.server.conftest import Service
from tests.server.running import failed, refused, result_of


def run(service: Service, circuits: Any, backend: str = "aer_local", **params: Any) -> Result:
    """Return the result as the clients of the program make it from the dictionary."""
    return Result.from_dict(
        result_of(service, "circuit-runner", backend, circuits=circuits, **params)
    )


def quasi(result: Result, index: int = 0) -> dict[str, float]:
    """Return quasi-probabilities as the clients of the program read them."""
    experiment = result.results[index]
    bits = len(experiment.header["final_measurement_mapping"])
    return {
        f"{int(key, 16):0{bits}b}": value
        for key, value in experiment.data.quasiprobabilities.items()
    }


def ghz(qubits: int) -> QuantumCircuit:
    circuit = QuantumCircuit(qubits)
    circuit.h(0)
    for qubit in range(qubits - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    return circuit


def rough_readout() -> NoiseModel:
    """Noise by which zeros and ones are read wrongly, differently for each of three qubits."""
    model = NoiseModel()
    for qubit, (zero, one) in enumerate(((0.02, 0.10), (0.05, 0.15), (0.08, 0.03))):
        model.add_readout_error(ReadoutError([[1 - zero, zero], [one, 1 - one]]), [qubit])
    return model


def test_with_a_seed_the_result_is_that_of_aer(service: Service):
    registers = QuantumCircuit(QuantumRegister(2), ClassicalRegister(1, "a"), ClassicalRegister(1))
    registers.h([0, 1])
    registers.measure([0, 1], [0, 1])
    registers.metadata = {"kept": True}
    noise = NoiseModel()
    noise.add_all_qubit_quantum_error(depolarizing_error(0.1, 2), ["cx"])
    for more in ({}, {"memory": True}, {"noise_model": noise}):
        circuits = [bell(), registers, ghz(5)]
        ours = run(service, circuits, shots=500, seed_simulator=11, **more)
        aer = AerSimulator(noise_model=more.get("noise_model"))
        direct = aer.run(circuits, shots=500, seed_simulator=11, memory="memory" in more).result()
        assert ours.get_counts() == direct.get_counts()
        if "memory" in more:
            assert ours.get_memory(0) == direct.get_memory(0)
    assert ours.results[1].header["metadata"] == {"kept": True}
    assert ours.success
    assert sum(run(service, bell()).get_counts().values()) == 1024


def test_circuits_are_transpiled_for_the_device_as_asked(service: Service):
    far = QuantumCircuit(2)
    far.h(0)
    far.cx(0, 1)
    far.measure_all()
    options = {"initial_layout": [0, 6], "optimization_level": 3, "seed_transpiler": 1}
    result = run(service, far, "noisy_local", shots=2000, seed_simulator=1, **options)
    assert set(result.get_counts()) == {"00", "01", "10", "11"}
    again = run(
        service,
        far,
        "noisy_local",
        shots=2000,
        seed_simulator=1,
        transpiler_options=options,
    )
    assert again.get_counts() == result.get_counts()
    state = failed(service, "circuit-runner", "noisy_local", circuits=far, skip_transpilation=True)
    assert state["reason_code"] == 1211
    state = failed(
        service,
        "circuit-runner",
        "noisy_local",
        circuits=far,
        transpiler_options={"coupling_map": [[0, 1]]},
    )
    assert state["reason"] == "The transpiler has no option 'coupling_map' on noisy_local."


def test_a_simulator_is_restricted_as_asked(service: Service):
    circuit = QuantumCircuit(3)
    circuit.x(0)
    circuit.cx(0, 2)
    circuit.measure_all()
    line = {"basis_gates": ["cz", "sx", "rz"], "coupling_map": [[0, 1], [1, 2]]}
    result = run(service, circuit, transpiler_options=line, seed_transpiler=3)
    assert set(result.get_counts()) == {"101"}


def test_openqasm_is_read_as_a_circuit(service: Service):
    text = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; x q[1]; measure q -> c;'
    assert run(service, [text], shots=10).get_counts() == {"10": 10}


@pytest.mark.parametrize("backend", ["aer_local", "noisy_local"])
def test_mitigation_undoes_the_errors_of_the_readout(service: Service, backend: str):
    circuit = ghz(3)
    noise = {"noise_model": rough_readout()} if backend == "aer_local" else {}
    result = run(
        service,
        [circuit, bell()],
        backend,
        shots=20_000,
        measurement_error_mitigation=True,
        **noise,
    )
    ideal = {"000": 0.5, "111": 0.5}
    raw = {key: count / 20_000 for key, count in result.get_counts(0).items()}
    mitigated = quasi(result)
    assert sum(mitigated.values()) == pytest.approx(1)

    def distance(one: dict[str, float]) -> float:
        return sum(abs(one.get(key, 0) - ideal.get(key, 0)) for key in one.keys() | ideal.keys())

    assert distance(mitigated) < (0.03 if noise else 0.6 * distance(raw))
    assert len(result.results[0].header["final_measurement_mapping"]) == 3
    assert set(quasi(result, 1)) <= {"00", "01", "10", "11"}


def test_only_measured_bits_have_quasi_probabilities(service: Service):
    circuit = QuantumCircuit(2, 5)
    circuit.x(0)
    circuit.measure(0, 4)
    circuit.measure(1, 1)
    result = run(service, circuit, measurement_error_mitigation=True, seed_simulator=3)
    assert result.get_counts() == {"10000": 1024}
    assert quasi(result) == {"10": pytest.approx(1)}
    assert result.results[0].header["final_measurement_mapping"] == {"1": 1, "4": 0}


def test_mitigation_that_is_not_possible_is_not_pretended(service: Service):
    conditional = QuantumCircuit(2, 2)
    conditional.measure(0, 0)
    with conditional.if_test((0, 0)):
        conditional.measure(1, 1)
    none = QuantumCircuit(1, 1)
    none.h(0)
    wide = QuantumCircuit(14)
    wide.h(range(14))
    wide.measure_all()
    for circuit, words, shots in (
        (conditional, "under a condition", 10),
        (none, "Nothing is measured", 10),
        (wide, "4096 different outcomes", 20_000),
    ):
        params = {"circuits": circuit, "shots": shots, "measurement_error_mitigation": True}
        assert words in failed(service, "circuit-runner", **params)["reason"]


def test_what_no_simulator_obeys_is_named_in_the_result(service: Service):
    params = {"rep_delay": 0.001, "init_qubits": True, "unheard_of": 1, "meas_map": None}
    result = result_of(service, "circuit-runner", circuits=bell(), header={"mine": 7}, **params)
    assert result["metadata"]["options_not_applied"] == ["init_qubits", "rep_delay", "unheard_of"]
    assert result["results"][0]["header"]["mine"] == 7
    assert (
        "options_not_applied"
        not in result_of(service, "circuit-runner", circuits=bell())["metadata"]
    )


def test_circuits_with_control_flow_begin_as_they_are_told(service: Service):
    """A backend of the client that streams posts them to ``qasm3-runner``, which was unknown."""
    circuit = QuantumCircuit(2, 2)
    circuit.measure(0, 0)
    with circuit.if_test((0, 1)):
        circuit.x(1)
    circuit.measure(1, 1)
    first = QuantumCircuit(1)
    first.x(0)
    for program in ("qasm3-runner", "circuit-runner"):
        for more, counts in (({}, {"00": 10}), ({"init_circuit": first}, {"11": 10})):
            result = result_of(service, program, circuits=[circuit], shots=10, **more)
            assert Result.from_dict(result).get_counts() == counts
    wide, measuring = QuantumCircuit(3), QuantumCircuit(1, 1)
    for wrong in (wide, measuring, "circuit"):
        state = failed(service, "qasm3-runner", circuits=circuit, init_circuit=wrong)
        assert state["reason"].startswith("init_circuit ")


def test_inputs_that_can_not_be_run_are_refused(service: Service):
    unbound = QuantumCircuit(1)
    unbound.rx(Parameter("a"), 0)
    for circuits, words in (
        (unbound, "parameters without values"),
        ([bell(), 5], "Item 1 of circuits is no circuit."),
        ([], "There are no circuits."),
        (ghz(40).compose(random_rotations(40), front=True), "memory"),
    ):
        assert words in failed(service, "circuit-runner", circuits=circuits)["reason"]
    assert "shots" in refused(service, "circuit-runner", circuits=bell(), shots=0)
    assert "meas_level" in refused(service, "circuit-runner", circuits=bell(), meas_level=1)


def random_rotations(qubits: int) -> QuantumCircuit:
    """Return rotations that leave no way around a dense simulation of what follows."""
    circuit = QuantumCircuit(qubits, qubits)
    rng = np.random.default_rng(5)
    for _ in range(3):
        for qubit in range(qubits):
            circuit.u(*rng.uniform(0, 3, 3), qubit)
        for qubit in range(qubits - 1):
            circuit.cx(qubit, (qubit * 7 + 3) % qubits if (qubit * 7 + 3) % qubits != qubit else 0)
    return transpile(circuit, optimization_level=0)
