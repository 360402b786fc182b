"""The ``estimator`` program: values that are exactly Qiskit's with a seed, and right without."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from ibm_quantum_schemas.estimator import version_0_1
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import efficient_su2
from qiskit.primitives import BackendEstimatorV2
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, depolarizing_error

from tests.circuits import bell
from tests.server.conftest import Service
from tests.server.running import failed, refused, result_of

SEED = 7


def plus() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.h(0)
    return circuit


def measuring() -> QuantumCircuit:
    circuit = QuantumCircuit(2, 1)
    circuit.h(0)
    circuit.measure(0, 0)
    with circuit.if_test((0, 1)):
        circuit.x(1)
    return circuit


def swept() -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.ry(Parameter("a"), 0)
    circuit.cx(0, 1)
    return circuit


def noisy() -> NoiseModel:
    noise = NoiseModel()
    noise.add_all_qubit_quantum_error(depolarizing_error(0.02, 1), ["h", "ry"])
    return noise


ANGLES = np.linspace(0, 3, 4).reshape(4, 1)
MANY = [[{"ZZ": 1.0, "XX": -0.5}], [{"IZ": 2.0}]]


@pytest.mark.parametrize("noise", [None, noisy()], ids=["ideal", "noisy"])
def test_values_with_a_seed_are_those_of_qiskit_on_aer(service: Service, noise: NoiseModel | None):
    """Each PUB was run by itself with the one seed: equal PUBs had equal random errors."""
    pubs: list[Any] = [
        [plus(), {"Z": 1}, None, 0.05],
        [plus(), {"Z": 1}, None, 0.05],
        [swept(), MANY, ANGLES, 0.02],
        [measuring(), [{"ZZ": 1}, {"XI": 1}], None, 0.05],
    ]
    simulator = {"seed_simulator": SEED} | ({"noise_model": noise} if noise else {})
    result = result_of(service, "estimator", pubs=pubs, options={"simulator": simulator})
    backend = AerSimulator(noise_model=noise)
    direct = BackendEstimatorV2(backend=backend, options={"seed_simulator": SEED})
    for mine, theirs in zip(result, direct.run([tuple(p) for p in pubs]).result(), strict=True):
        assert np.array_equal(mine.data.evs, theirs.data.evs)
        assert np.array_equal(mine.data.stds, theirs.data.stds)
        assert np.array_equal(mine.data.ensemble_standard_error, theirs.data.stds)
        assert mine.metadata["shots"] == theirs.metadata["shots"]
    assert result[0].data.evs != result[1].data.evs


def test_which_seed_counts(service: Service):
    def value(**options: Any) -> Any:
        pubs = [[plus(), {"Z": 1}, None, 0.05]]
        return result_of(service, "estimator", pubs=pubs, options=options)

    of_simulator = value(simulator={"seed_simulator": SEED})
    of_estimator = value(seed_estimator=SEED)
    both = value(simulator={"seed_simulator": SEED}, seed_estimator=1)
    assert of_simulator[0].data.evs == of_estimator[0].data.evs == both[0].data.evs
    assert "options_not_applied" not in of_estimator.metadata
    assert both.metadata["options_not_applied"] == ["seed_estimator"]


def test_values_without_a_seed_are_within_their_errors(service: Service):
    pubs = [[swept(), MANY, ANGLES, precision] for precision in (0, 0.01)]
    exact, rough = (one.data for one in result_of(service, "estimator", pubs=pubs))
    assert exact.evs.shape == rough.evs.shape == (2, 4)
    cos = np.cos(ANGLES.ravel())
    assert np.allclose(exact.evs, [1 - 0.5 * np.sin(ANGLES.ravel()), 2 * cos])
    assert np.all(exact.stds == 0)
    assert np.all(np.abs(rough.evs - exact.evs) <= 6 * rough.stds + 1e-9)
    # One term alone: its error is that of so many coins.
    assert np.allclose(rough.stds[1], 2 * np.sqrt(1 - cos**2) / 100, atol=2e-3)


def test_broadcasting_of_an_ansatz(service: Service):
    ansatz = efficient_su2(2, reps=1)
    values = np.random.default_rng(1).uniform(size=(3, 8))
    observables = [[{"ZZ": 1.0}], [{"XX": 0.5, "IZ": 2.0}]]
    result = result_of(service, "estimator", pubs=[[ansatz, observables, values, 0.01]])[0]
    assert result.data.evs.shape == (2, 3)
    assert result.metadata["shots"] == 10_000


def test_all_forms_of_observables(service: Service):
    operator = SparsePauliOp.from_list([("ZZ", 1.0), ("XX", 1.0)])
    circuit = bell().remove_final_measurements(inplace=False)
    forms = [{"ZZ": 1}, "ZZ", ["ZZ", "XX"], [["ZZ"], [{"XX": 1}]], operator, [operator, "ZI"]]
    pubs = [[circuit, form, None, 0] for form in forms]
    result = result_of(service, "estimator", pubs=pubs)
    values = [one.data.evs.tolist() for one in result]
    assert values == [
        pytest.approx(1),
        pytest.approx(1),
        pytest.approx([1, 1]),
        [pytest.approx([1]), pytest.approx([1])],
        pytest.approx(2),
        pytest.approx([2, 0]),
    ]


def test_estimator_takes_the_shots_asked_for(service: Service):
    for shots in (1000, 3000, 100_000):
        result = result_of(
            service,
            "estimator",
            pubs=[[plus(), {"Z": 1}], [plus(), {"Z": 1}, None, 0.1]],
            options={"default_shots": shots, "default_precision": 0.5},
            precision=0.2,
        )
        assert [one.metadata["shots"] for one in result] == [shots, 100]


def test_which_precision_counts(service: Service):
    pubs = [[plus(), {"Z": 1}]]
    for params, shots in (
        ({}, 4096),
        ({"options": {"default_precision": 0.1}}, 100),
        ({"options": {"default_precision": 0.1}, "precision": 0.2}, 25),
    ):
        result = result_of(service, "estimator", pubs=pubs, **params)[0]
        assert result.metadata["shots"] == shots
        assert result.metadata["target_precision"] == pytest.approx(1 / math.sqrt(shots))


def test_what_noise_and_resets_do_to_many_qubits_is_computed(service: Service):
    """Above ten qubits Aer averaged over 1024 random runs, which was reported as without error."""
    qubits = 11
    circuit = QuantumCircuit(qubits)
    circuit.h(range(qubits))
    pubs, options = [[circuit, {"X" * qubits: 1}, None, 0]], {"simulator": {"noise_model": noisy()}}
    data = result_of(service, "estimator", pubs=pubs, options=options)[0].data
    assert float(data.evs) == pytest.approx(0.98**qubits)
    assert float(data.stds) == 0

    circuit.cx(0, 1)
    circuit.reset(0)
    observable = {"I" * (qubits - 2) + "ZI": 1}
    wide = QuantumCircuit(20)  # as a pure state, beside the mixed one
    pubs = [[circuit, observable, None, 0], [wide, {"Z" * 20: 1}, None, 0]]
    after = result_of(service, "estimator", pubs=pubs)
    assert [float(one.data.evs) for one in after] == [pytest.approx(0), pytest.approx(1)]


def test_what_is_left_to_chance_is_not_called_computed(service: Service):
    """The average over 1024 random runs of such a circuit was reported as without error."""
    again = bell().remove_final_measurements(inplace=False)
    again.initialize([1, 0], 1)
    for circuit in (measuring(), again):
        pubs = [[circuit, {"ZZ": 1}, None, 0]]
        state = failed(service, "estimator", pubs=pubs)
        assert "could be computed" in state["reason"]
        result_of(service, "estimator", pubs=[[circuit, {"ZZ": 1}, None, 0.1]])


def test_the_result_keeps_to_the_published_schema(service: Service):
    circuit = plus()
    circuit.metadata = {"name": "mine"}
    params = {"pubs": [[circuit, [{"Z": 1}, {"X": 1}], None, 0.1], [circuit, {"X": 1}, None, 0]]}
    job = service.submit("estimator", "aer_local", params)
    service.wait(job)
    text = service.get(f"/jobs/{job}/results").text
    model = version_0_1.PrimitiveResultWrapperModel.model_validate_json(text).value_
    assert not model.metadata.resilience.measure_mitigation
    assert not model.metadata.twirling.enable_measure
    first, second = (one.value_ for one in model.pub_results)
    assert first.data.value_.field_names == ["evs", "stds", "ensemble_standard_error"]
    assert first.data.value_.field_types == ["ndarray"] * 3
    assert first.data.value_.shape == (2,)
    assert first.metadata.shots == 100
    assert first.metadata.circuit_metadata == {"name": "mine"}
    assert second.metadata.shots is None
    assert second.metadata.target_precision == 0


def test_a_result_without_types_for_clients_without_qiskit(service: Service):
    pubs = [[plus(), [{"X": 1}, {"Z": 1}], None, 0], [plus(), {"X": 1}, None, 0.1]]
    params = {"pubs": pubs, "support_qiskit": False}
    job = service.submit("estimator", "aer_local", params)
    assert service.wait(job)["state"]["status"] == "Completed"
    first, second = json.loads(service.get(f"/jobs/{job}/results").text)["results"]
    assert first["data"]["evs"] == pytest.approx([1, 0])
    assert first["data"]["stds"] == [0, 0]
    assert second["data"]["evs"] == pytest.approx(1)
    assert second["metadata"]["shots"] == 100


def test_what_does_not_fit_together_is_said(service: Service):
    for pub, reason in (
        ([plus(), {"ZZ": 1}], "PUB 0 does not fit together"),
        ([plus(), {"A": 1}], "PUB 0 does not fit together"),
        ([plus(), {"0": 1}], "The observables of PUB 0 have the letters 0."),
        ([swept(), MANY, np.zeros((3, 2))], "A circuit has 1 parameters"),
        ([swept(), ["ZZ", "XX"], np.zeros((3, 1))], "PUB 0 does not fit together"),
        ([swept(), ["ZZ"], np.zeros((0, 1))], "PUB 0 has nothing to estimate"),
        ([7, "Z"], "PUB 0 does not begin with a circuit."),
    ):
        state = failed(service, "estimator", pubs=[pub])
        assert state["reason"].startswith(reason), state
        assert state["reason_code"] == 1210


def test_precisions_and_forms_that_can_not_be(service: Service):
    for precision in (-1, 1e-9, "high", True):
        assert "precision" in refused(service, "estimator", pubs=[["q", "Z", None, precision]])
        assert "precision" in refused(service, "estimator", pubs=[["q", "Z"]], precision=precision)
    assert refused(service, "estimator", pubs=[["q", "Z", None, 1e-9]]) == (
        "params.pubs.0: precision: a precision is a number from 0.00032, or 0 for exact values."
    )
    assert "2 to 4 items" in refused(service, "estimator", pubs=[["q"]])
    assert "is a list of" in refused(service, "estimator", pubs=["q"])
    assert "resilience_level" in refused(
        service, "estimator", pubs=[["q", "Z"]], resilience_level=3
    )
