"""The programs, with real circuits, through the service."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import ClassicalRegister, Parameter, QuantumRegister
from qiskit.circuit.library import QFTGate, efficient_su2
from qiskit.primitives import BackendEstimatorV2
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, depolarizing_error
from qiskit_aer.primitives import SamplerV2

from qjobwidgets.codec import loads
from qjobwidgets.server.programs.optimizers import OPTIMIZERS
from tests.circuits import bell
from tests.server.conftest import Service

COUPLING = [[0, 1], [1, 0], [1, 2], [2, 1], [1, 3], [3, 1], [3, 5], [5, 3], [4, 5], [5, 4], [5, 6]]


def _run(service: Service, program: str, backend: str, **params: Any) -> Any:
    job = service.submit(program, backend, params)
    state = service.wait(job)["state"]
    assert state["status"] == "Completed", state
    return loads(service.get(f"/jobs/{job}/results").text)


def _reason(service: Service, program: str, backend: str, **params: Any) -> dict[str, Any]:
    state: dict[str, Any] = service.wait(service.submit(program, backend, params))["state"]
    assert state["status"] == "Failed", state
    return state


def _hydrogen() -> SparsePauliOp:
    terms = [("II", -1.0524), ("IZ", 0.3979), ("ZI", -0.3979), ("ZZ", -0.0113), ("XX", 0.1809)]
    return SparsePauliOp.from_list(terms)


def test_sampler_counts_of_a_bell_state(service: Service):
    result = _run(
        service, "sampler", "aer_local", pubs=[[bell(), np.zeros(0), 200]], version=2, options={}
    )
    counts = result[0].data.meas.get_counts()
    assert set(counts) == {"00", "11"}
    assert sum(counts.values()) == 200
    (span,) = result.metadata["execution"]["execution_spans"]
    assert span.start <= span.stop
    assert span.data_slices == {0: ((200,), 0, 1, 0, 200)}


def test_sampler_with_a_seed_is_aer_with_that_seed(service: Service):
    options = {"simulator": {"seed_simulator": 7}, "default_shots": 300}
    result = _run(service, "sampler", "aer_local", pubs=[[bell(), None, None]], options=options)
    direct = SamplerV2(seed=7).run([bell()], shots=300).result()
    assert result[0].data.meas == direct[0].data.meas


def test_sampler_broadcasts_parameters_over_registers(service: Service):
    angle, phase = Parameter("a"), Parameter("b")
    first, second = ClassicalRegister(1, "first"), ClassicalRegister(9, "second")
    circuit = QuantumCircuit(QuantumRegister(9), first, second)
    circuit.rx(angle, 0)
    circuit.rz(phase, 0)
    circuit.measure(0, first[0])
    circuit.x(8)
    circuit.measure(range(9), second)
    values = np.zeros((2, 3, 2))
    values[1, :, 0] = np.pi
    result = _run(
        service, "sampler", "aer_local", pubs=[[circuit, values, 10], [circuit, values[1, 0]]]
    )
    data = result[0].data
    assert data.shape == (2, 3)
    assert data.first.get_counts((0, 0)) == {"0": 10}
    assert data.first.get_counts((1, 2)) == {"1": 10}
    assert data.second.get_counts((0, 1)) == {"100000000": 10}
    assert result[1].data.first.get_counts() == {"1": 4096}


def test_sampler_runs_dynamic_nested_and_wide_circuits(service: Service):
    dynamic = QuantumCircuit(2, 2)
    dynamic.x(0)
    dynamic.measure(0, 0)
    with dynamic.if_test((dynamic.clbits[0], 1)):
        dynamic.append(QFTGate(1), [1])
        dynamic.h(1)
        dynamic.x(1)
    dynamic.measure(1, 1)
    wide = QuantumCircuit(50)
    wide.h(0)
    for qubit in range(49):
        wide.cx(qubit, qubit + 1)
    wide.append(QFTGate(1), [0])
    wide.h(0)
    wide.measure_all()
    result = _run(service, "sampler", "aer_local", pubs=[[dynamic], [wide, None, 20]])
    assert result[0].data.c.get_counts() == {"11": 4096}
    assert set(result[1].data.meas.get_counts()) <= {"0" * 50, "1" * 50}


def test_the_device_is_noisy_and_refuses_what_it_has_no_instruction_for(service: Service):
    device = GenericBackendV2(7, coupling_map=COUPLING)
    native = transpile(bell(), device)
    counts = _run(service, "sampler", "noisy_local", pubs=[[native, None, 4000]])[0].data.meas
    assert counts.get_counts()["00"] > 1500
    assert set(counts.get_counts()) == {"00", "01", "10", "11"}

    far = QuantumCircuit(7)
    far.cx(0, 5)
    far.measure_all()
    state = _reason(service, "sampler", "noisy_local", pubs=[[far]])
    assert state["reason"] == "Instruction cx on qubits (0, 5) is not supported by noisy_local."
    assert state["reason_solution"] == (
        "Transpile with `generate_preset_pass_manager(backend=backend)`, then run again."
    )
    assert state["reason_code"] == 1211


def test_the_device_looks_into_the_blocks_of_control_flow(service: Service):
    circuit = QuantumCircuit(7, 1)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.cx(0, 6)
    state = _reason(service, "sampler", "noisy_local", pubs=[[circuit]])
    assert "cx on qubits (0, 6)" in state["reason"]


def test_the_same_job_on_the_noisy_device_with_a_noise_model_of_its_own(service: Service):
    from qiskit_aer.noise import NoiseModel, ReadoutError

    model = NoiseModel()
    model.add_all_qubit_readout_error(ReadoutError([[0, 1], [1, 0]]))
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    options = {"simulator": {"noise_model": model.to_dict(serializable=True)}}
    result = _run(service, "sampler", "aer_local", pubs=[[circuit, None, 100]], options=options)
    assert result[0].data.meas.get_counts() == {"1": 100}


def test_estimator_broadcasts_and_keeps_to_the_precision(service: Service):
    ansatz = efficient_su2(2, reps=1)
    values = np.random.default_rng(1).uniform(size=(3, 8))
    observables = [[{"ZZ": 1.0}], [{"XX": 0.5, "IZ": 2.0}]]
    exact, rough = (
        _run(service, "estimator", "aer_local", pubs=[[ansatz, observables, values, precision]])[0]
        for precision in (0, 0.01)
    )
    assert exact.data.evs.shape == rough.data.evs.shape == (2, 3)
    assert np.all(exact.data.stds == 0)
    assert np.all(np.abs(rough.data.evs - exact.data.evs) < 0.2)
    assert np.all(rough.data.stds > 0)
    assert np.array_equal(rough.data.stds, rough.data.ensemble_standard_error)
    assert rough.metadata["shots"] == 10_000


def test_estimator_takes_the_shots_asked_for(service: Service):
    plus = QuantumCircuit(1)
    plus.h(0)
    for shots in (1000, 3000, 100_000):
        result = _run(
            service,
            "estimator",
            "aer_local",
            pubs=[[plus, {"Z": 1}]],
            options={"default_shots": shots},
        )
        assert result[0].metadata["shots"] == shots


def test_estimator_with_a_seed_is_qiskits_with_that_seed(service: Service):
    """Each PUB was run by itself with the one seed: equal PUBs had equal random errors."""
    plus = QuantumCircuit(1)
    plus.h(0)
    pubs = [[plus, {"Z": 1}, None, 0.05]] * 2 + [[plus, {"X": 1}, None, 0]]
    options = {"simulator": {"seed_simulator": 7}}
    result = _run(service, "estimator", "aer_local", pubs=pubs, options=options)
    direct = BackendEstimatorV2(backend=AerSimulator(), options={"seed_simulator": 7})
    expected = [float(one.data.evs) for one in direct.run([(plus, "Z", None, 0.05)] * 2).result()]
    assert [float(one.data.evs) for one in result] == [*expected, pytest.approx(1)]
    assert expected[0] != expected[1]


def test_estimator_computes_what_noise_and_resets_do_to_many_qubits(service: Service):
    """Above ten qubits Aer averaged over 1024 random runs, which was reported as without error."""
    qubits = 11
    circuit = QuantumCircuit(qubits)
    circuit.h(range(qubits))
    noise = NoiseModel()
    noise.add_all_qubit_quantum_error(depolarizing_error(0.02, 1), ["h"])
    pubs, options = [[circuit, {"X" * qubits: 1}, None, 0]], {"simulator": {"noise_model": noise}}
    noisy = _run(service, "estimator", "aer_local", pubs=pubs, options=options)[0].data
    assert float(noisy.evs) == pytest.approx(0.98**qubits)
    assert float(noisy.stds) == 0

    circuit.cx(0, 1)
    circuit.reset(0)
    observable = {"I" * (qubits - 2) + "ZI": 1}
    wide = QuantumCircuit(20)  # as a pure state, beside the mixed one
    pubs = [[circuit, observable, None, 0], [wide, {"Z" * 20: 1}, None, 0]]
    after = _run(service, "estimator", "aer_local", pubs=pubs)
    assert [float(one.data.evs) for one in after] == [pytest.approx(0), pytest.approx(1)]


def test_what_is_left_to_chance_is_not_called_computed(service: Service):
    """The average over 1024 random runs of such a circuit was reported as without error."""
    measuring = QuantumCircuit(1, 1)
    measuring.h(0)
    measuring.measure(0, 0)
    with measuring.if_test((0, 1)):
        measuring.x(0)
    again = bell().remove_final_measurements(inplace=False)
    again.initialize([1, 0], 1)
    for circuit in (measuring, again):
        observable = {"Z" * circuit.num_qubits: 1}
        pubs = [[circuit, observable, None, 0]]
        state = _reason(service, "estimator", "aer_local", pubs=pubs)
        assert "could be computed" in state["reason"]
        _run(service, "estimator", "aer_local", pubs=[[circuit, observable, None, 0.1]])


def test_default_shots_that_are_none_fail_with_a_reason(service: Service):
    """0 was taken for "not given"; a negative number failed with "math domain error"."""
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    for shots in (0, -5, "many"):
        options = {"default_shots": shots}
        for program, pub in (("sampler", [circuit]), ("estimator", [circuit, {"Z": 1}])):
            state = _reason(service, program, "aer_local", pubs=[pub], options=options)
            assert "default_shots" in state["reason"]


def test_random_errors_of_vqe_differ_between_evaluations(service: Service):
    """All evaluations had one seed: where points were close, their errors were the same."""
    ansatz = QuantumCircuit(1)
    ansatz.rx(Parameter("a"), 0)
    optimizer = {"name": "SLSQP", "maxiter": 1}
    energies = _run(
        service,
        "vqe",
        "aer_local",
        ansatz=ansatz,
        operator=SparsePauliOp("Z"),
        optimizer=optimizer,
        initial_parameters=[1.5],
        shots=500,
    )["optimizer_history"]["energy"]
    assert energies[0] != energies[1]


def test_each_optimizer_keeps_to_its_limit(service: Service):
    """The limit for TNC had a name that scipy ignores."""
    ansatz = efficient_su2(2, reps=1)
    evaluations = {}
    for name in OPTIMIZERS:
        evaluations[name] = _run(
            service,
            "vqe",
            "aer_local",
            ansatz=ansatz,
            operator=_hydrogen(),
            optimizer={"name": name, "maxiter": 1},
            initial_parameters=[0.1] * ansatz.num_parameters,
        )["cost_function_evals"]
    assert max(evaluations.values()) < 120, evaluations


@pytest.mark.parametrize(
    ("optimizer", "error"),
    [
        ("SLSQP", 1e-4),
        ({"name": "COBYLA", "maxiter": 150}, 5e-2),
        ({"name": "L_BFGS_B", "maxiter": 50}, 1e-4),
        ({"name": "SPSA", "maxiter": 80}, 5e-2),
    ],
)
def test_vqe_finds_the_ground_energy_and_publishes_each_evaluation(
    service: Service, optimizer: Any, error: float
):
    exact = float(np.linalg.eigvalsh(_hydrogen().to_matrix())[0])
    params = {
        "ansatz": efficient_su2(2, reps=1),
        "operator": _hydrogen(),
        "optimizer": optimizer,
        "initial_parameters": np.full(8, 0.1),
    }
    job = service.submit("vqe", "aer_local", params)
    assert service.wait(job)["state"]["status"] == "Completed"
    result = loads(service.get(f"/jobs/{job}/results").text)
    assert exact - 1e-9 <= result["optimal_value"] < exact + error
    assert result["eigenvalue"] == complex(result["optimal_value"])
    assert result["optimal_point"].shape == (8,)

    messages = loads(service.get(f"/jobs/{job}/interim_results").text)
    assert [message[0] for message in messages] == list(range(1, len(messages) + 1))
    assert len(messages) == result["cost_function_evals"]
    assert [message[2] for message in messages] == result["optimizer_history"]["energy"]
    assert all(message[1].shape == (8,) and message[3] == 0.0 for message in messages)


@pytest.mark.parametrize("backend", ["aer_local", "noisy_local"])
def test_vqe_from_shots_has_errors_and_transpiles_for_the_device(service: Service, backend: str):
    params = {"ansatz": efficient_su2(2, reps=1), "operator": _hydrogen(), "shots": 1000}
    params["optimizer"] = {"name": "COBYLA", "maxiter": 12}
    result = _run(service, "vqe", backend, **params)
    assert all(0 < std < 0.2 for std in result["optimizer_history"]["std"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"optimizer": "ADAM"}, "There is no optimizer 'ADAM'."),
        ({"operator": SparsePauliOp("XXX")}, "The operator acts on 3 qubits, the ansatz on 2."),
        ({"operator": 1j * _hydrogen()}, "The operator is not Hermitian"),
        ({"initial_parameters": np.full(8, np.nan)}, "The initial parameters are not all finite."),
        ({"initial_parameters": [0.1]}, "The ansatz has 8 parameters"),
        ({"ansatz": bell()}, "The ansatz must be a circuit with parameters."),
    ],
)
def test_vqe_says_what_is_wrong_with_its_inputs(
    service: Service, change: dict[str, Any], reason: str
):
    params = {"ansatz": efficient_su2(2, reps=1), "operator": _hydrogen(), **change}
    state = _reason(service, "vqe", "aer_local", **params)
    assert state["reason"].startswith(reason)
    assert state["reason_code"] == 1210


def test_wrong_parameter_counts_and_things_that_are_no_circuit_fail_with_a_reason(
    service: Service,
):
    circuit = efficient_su2(1, reps=0)
    circuit.measure_all()
    state = _reason(service, "sampler", "aer_local", pubs=[[circuit, [1.0]]])
    assert state["reason"] == "A circuit has 2 parameters, its values have shape (1,)."
    state = _reason(service, "sampler", "aer_local", pubs=[["qubit q;"]])
    assert state["reason"] == "PUB 0 does not begin with a circuit."


def test_a_circuit_too_large_to_simulate_fails_in_the_simulators_words(service: Service):
    circuit = QuantumCircuit(40)
    circuit.h(range(40))
    circuit.t(range(40))
    for qubit in range(39):
        circuit.cx(qubit, qubit + 1)
    circuit.h(range(40))
    circuit.measure_all()
    state = _reason(service, "sampler", "aer_local", pubs=[[circuit, None, 10]])
    assert "memory" in state["reason"]


def test_a_broken_circuit_fails_its_own_job_only(service: Service):
    broken = {"__type__": "QuantumCircuit", "__value__": "bm90IGEgY2lyY3VpdA=="}
    state = _reason(service, "sampler", "aer_local", pubs=[[broken]])
    assert state["reason_code"] == 1210
    _run(service, "sampler", "aer_local", pubs=[[bell(), None, 10]])


def test_programs_come_with_their_schemas(service: Service):
    listed = service.get("/programs").json()
    assert listed["count"] == len(listed["programs"]) == 5
    vqe = service.get("/programs/vqe").json()
    assert vqe["spec"]["parameters"]["required"] == ["ansatz", "operator"]
    assert service.get("/programs/nope").status_code == 404


def test_the_usage_of_the_instance_is_that_of_its_jobs(service: Service):
    before = service.get("/instances/usage").json()["usage_consumed_seconds"]
    _run(service, "sample-program", "aer_local", iterations=1)
    assert service.get("/instances/usage").json()["usage_consumed_seconds"] > before
