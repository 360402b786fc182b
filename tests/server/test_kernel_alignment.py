"""``quantum-kernel-alignment``: on data that can be separated, against kernels of exact states."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter, ParameterVector
from qiskit.circuit.library import zz_feature_map
from qiskit.quantum_info import Statevector
from sklearn.svm import SVC

from qjobwidgets.codec import loads
from tests.server.conftest import Service
from tests.server.running import failed, refused, result_of

PROGRAM = "quantum-kernel-alignment"


def original_map(features: int) -> QuantumCircuit:
    """Return the map of the original program, as it is published."""
    qubits = features // 2
    x, free = ParameterVector("x", features), ParameterVector("w", qubits)
    circuit = QuantumCircuit(qubits)
    for qubit in range(qubits):
        circuit.ry(-free[qubit], qubit)
    for qubit in range(qubits - 1):
        circuit.cz(qubit, qubit + 1)
    for qubit in range(qubits):
        circuit.rz(-2 * x[2 * qubit + 1], qubit)
        circuit.rx(-2 * x[2 * qubit], qubit)
    return circuit


def states(points: Any, free: Any) -> Any:
    """Return the states of samples, as columns."""
    circuit = original_map(4)
    vectors = []
    for point in points:
        values = {
            parameter: (point if parameter.vector.name == "x" else free)[parameter.index]
            for parameter in circuit.parameters
        }
        vectors.append(Statevector(circuit.assign_parameters(values)).data)
    return np.array(vectors).T


def kernel(points: Any, free: Any) -> Any:
    vectors = states(points, free)
    return np.abs(vectors.conj().T @ vectors) ** 2


def data(count: int) -> tuple[Any, Any]:
    """Return samples around two centres, and their labels; the two kinds take turns."""
    labels = np.resize([-1.0, 1.0], count)
    centres = np.where(labels[:, None] > 0, 0.0, [1.2, 0.0, 1.2, 0.0])
    return centres + np.random.default_rng(8).normal(0, 0.25, (count, 4)), labels


def bound(matrix: Any, labels: Any) -> float:
    """Return the maximum of the dual objective for a kernel."""
    machine = SVC(kernel="precomputed", C=1).fit(matrix, labels)
    weights = machine.dual_coef_[0]
    support = matrix[np.ix_(machine.support_, machine.support_)]
    return float(np.abs(weights).sum() - weights @ support @ weights / 2)


def test_the_cost_falls_and_the_aligned_kernel_classifies(service: Service):
    points, labels = data(24)
    train, test = slice(0, 16), slice(16, 24)
    start = np.array([3.0, 3.0])
    inputs = {
        "feature_map": original_map(4),
        "data": points[train],
        "labels": labels[train],
        "initial_kernel_parameters": start,
        "maxiters": 25,
        "C": 1,
        "shots": None,
    }
    job = service.submit(PROGRAM, "aer_local", inputs)
    state = service.wait(job)["state"]
    assert state["status"] == "Completed", state
    result = loads(service.get(f"/jobs/{job}/results").text)
    messages = loads(service.get(f"/jobs/{job}/interim_results").text)
    assert [set(message) for message in messages] == [{"cost", "kernel_parameters"}] * 25
    assert all(message["kernel_parameters"].shape == (2,) for message in messages)

    aligned, matrix = result["aligned_kernel_parameters"], result["aligned_kernel_matrix"]
    assert np.allclose(matrix, kernel(points[train], aligned), atol=1e-9)
    costs = [message["cost"] for message in messages]
    before, after = bound(kernel(points[train], start), labels[train]), bound(matrix, labels[train])
    assert after < before
    assert np.mean(costs[-5:]) < np.mean(costs[:3])

    machine = SVC(kernel="precomputed", C=1).fit(matrix, labels[train])
    across = kernel(points, aligned)[test, train]
    assert machine.score(across, labels[test]) >= 0.75


def test_with_shots_the_kernel_is_that_of_the_states_within_noise(service: Service):
    points, labels = data(6)
    inputs = {
        "data": points,
        "labels": labels,
        "initial_kernel_parameters": [0.9, -0.7],
        "maxiters": 1,
    }
    result = result_of(service, PROGRAM, feature_map=original_map(4), **inputs)
    exact = kernel(points, result["aligned_kernel_parameters"])
    assert np.all(np.abs(result["aligned_kernel_matrix"] - exact) < 5 * 0.5 / np.sqrt(8192) + 1e-9)
    assert np.array_equal(np.diag(result["aligned_kernel_matrix"]), np.ones(6))


def test_the_json_of_the_original_program_is_its_feature_map(service: Service):
    points, labels = data(4)
    inputs = {
        "data": points,
        "labels": labels,
        "initial_kernel_parameters": [0.3],
        "shots": None,
    }
    text = json.dumps({"feature_dimension": 4, "entangler_map": [[0, 1]]})
    for given in (text, {"__type__": "to_json", "__value__": text}, json.loads(text)):
        result = result_of(service, PROGRAM, feature_map=given, **inputs)
        (free,) = result["aligned_kernel_parameters"]  # one for all qubits
        exact = kernel(points, [free, free])
        assert np.allclose(result["aligned_kernel_matrix"], exact)


def test_it_runs_on_a_device_with_the_layout_asked_for(service: Service):
    points, labels = data(4)
    inputs = {"data": points, "labels": labels, "initial_layout": [5, 6], "shots": 200}
    result = result_of(service, PROGRAM, "noisy_local", feature_map=original_map(4), **inputs)
    assert result["aligned_kernel_matrix"].shape == (4, 4)
    assert result["aligned_kernel_parameters"].shape == (2,)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"data": [[1, 2, 3]] * 4}, "The feature map takes 4 features, the data have 3."),
        ({"data": [1, 2, 3, 4]}, "The data must be an array of samples"),
        ({"data": [["a"] * 4] * 4}, "The data are not numbers."),
        ({"data": np.full((4, 4), np.inf)}, "The data are not all finite."),
        ({"labels": [1, 1, 1, 1]}, "The labels must be of two kinds, they are of 1."),
        ({"labels": [1, -1]}, "There are 4 samples and 2 labels."),
        ({"initial_kernel_parameters": [1, 2, 3]}, "The kernel has 2 parameters"),
        ({"feature_map": zz_feature_map(4)}, "The feature map has no parameters"),
        ({"feature_map": "a map"}, "The feature map is neither a circuit nor JSON"),
        ({"feature_map": '{"feature_dimension": 3}'}, "The feature_dimension must be"),
        (
            {"feature_map": {"feature_dimension": 4, "entangler_map": [[0, 5]]}},
            "The entangler_map is no list of pairs",
        ),
        ({"data": np.zeros((500, 4)), "labels": [1, -1] * 250}, "There are 500 samples"),
    ],
)
def test_what_is_wrong_with_the_inputs_is_said(
    service: Service, change: dict[str, Any], reason: str
):
    points, labels = data(4)
    inputs = {"feature_map": original_map(4), "data": points, "labels": labels} | change
    state = failed(service, PROGRAM, **inputs)
    assert state["reason"].startswith(reason)
    assert state["reason_code"] == 1210


def test_a_map_that_measures_can_not_be_taken_back(service: Service):
    circuit = QuantumCircuit(1, 1)
    circuit.rx(ParameterVector("x", 1)[0], 0)
    circuit.ry(Parameter("w"), 0)
    circuit.measure(0, 0)
    inputs = {"data": [[0.1], [0.2]], "labels": [0, 1]}
    assert "inverted" in failed(service, PROGRAM, feature_map=circuit, **inputs)["reason"]


def test_inputs_of_the_wrong_shape_are_refused(service: Service):
    points, labels = data(4)
    inputs = {"feature_map": original_map(4), "data": points, "labels": labels}
    for name, value in (("maxiters", 0), ("C", 0), ("C", -1), ("shots", 0), ("penalty", 1)):
        assert name in refused(service, PROGRAM, **inputs, **{name: value})
