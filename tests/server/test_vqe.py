"""``vqe``: its optimizers, what it publishes, and what it calls the optimum."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit.circuit.library import efficient_su2
from qiskit.quantum_info import SparsePauliOp, Statevector

from qjobwidgets.codec import dumps, loads
from qjobwidgets.server.programs.optimizers import OPTIMIZERS, minimizer
from qjobwidgets.server.programs.spsa import Spsa
from tests.circuits import bell
from tests.server.conftest import Service
from tests.server.running import failed, refused, result_of

HYDROGEN = SparsePauliOp.from_list(
    [("II", -1.0524), ("IZ", 0.3979), ("ZI", -0.3979), ("ZZ", -0.0113), ("XX", 0.1809)]
)
GROUND = float(np.linalg.eigvalsh(HYDROGEN.to_matrix())[0])
ANSATZ = efficient_su2(2, reps=1)
START = np.full(8, 0.1)
# Looks at the start and on both sides of it.
ONCE = {"name": "NFT", "maxfev": 1}


def run(service: Service, backend: str = "aer_local", **params: Any) -> dict[str, Any]:
    params = {"ansatz": ANSATZ, "operator": HYDROGEN, "initial_parameters": START} | params
    result: dict[str, Any] = result_of(service, "vqe", backend, **params)
    return result


def rotation() -> QuantumCircuit:
    circuit = QuantumCircuit(1)
    circuit.rx(Parameter("a"), 0)
    return circuit


@pytest.mark.parametrize(
    ("optimizer", "error"),
    [
        (None, 1e-3),
        ("SLSQP", 1e-3),
        ({"name": "COBYLA", "maxiter": 100}, 8e-2),
        ({"name": "L_BFGS_B", "maxiter": 50}, 1e-4),
        ({"name": "NFT", "maxiter": 48}, 1e-2),
        # Their directions differ from job to job: how good they are is tested below.
        ({"name": "SPSA", "maxiter": 60}, 0.75),
        ({"name": "QN-SPSA", "maxiter": 60}, 0.75),
    ],
)
def test_the_ground_energy_is_found_and_each_evaluation_published(
    service: Service, optimizer: Any, error: float
):
    params = {
        "ansatz": ANSATZ,
        "operator": HYDROGEN,
        "optimizer": optimizer,
        "initial_parameters": START,
    }
    job = service.submit("vqe", "aer_local", params)
    assert service.wait(job)["state"]["status"] == "Completed"
    result = loads(service.get(f"/jobs/{job}/results").text)
    assert GROUND - 1e-9 <= result["optimal_value"] < GROUND + error
    assert result["eigenvalue"] == complex(result["optimal_value"])
    assert result["optimal_point"].shape == (8,)
    assert list(result["optimal_parameters"].values()) == result["optimal_point"].tolist()

    messages = loads(service.get(f"/jobs/{job}/interim_results").text)
    history = result["optimizer_history"]
    assert [message[0] for message in messages] == history["nfevs"]
    assert history["nfevs"] == list(range(1, result["cost_function_evals"] + 1))
    assert [message[2] for message in messages] == history["energy"]
    assert [message[3] for message in messages] == history["std"]
    assert all(message[1].shape == (8,) and message[3] == 0.0 for message in messages)
    assert result["optimal_value"] == min(history["energy"])


def test_the_result_has_all_that_clients_read(service: Service):
    result = run(service, optimizer={"name": "SLSQP", "maxiter": 2})
    assert set(result) == {
        "aux_operator_eigenvalues",
        "cost_function_evals",
        "eigenstate",
        "eigenvalue",
        "optimal_parameters",
        "optimal_point",
        "optimal_value",
        "optimizer_evals",
        "optimizer_history",
        "optimizer_time",
    }
    state = Statevector(ANSATZ.assign_parameters(result["optimal_point"]))
    assert np.allclose(result["eigenstate"], state.data)
    assert 0 < result["optimizer_evals"] <= result["cost_function_evals"]
    assert result["aux_operator_eigenvalues"] is None


@pytest.mark.parametrize("backend", ["aer_local", "noisy_local"])
def test_with_shots_values_have_errors_and_the_optimum_is_evaluated_anew(
    service: Service, backend: str
):
    """The lowest of many noisy values was called optimal: it is lower than any energy can be."""
    result = run(service, backend, shots=1000, optimizer={"name": "COBYLA", "maxiter": 12})
    history = result["optimizer_history"]
    assert all(0 < std < 0.2 for std in history["std"])
    assert result["optimal_value"] == history["energy"][-1]
    assert result["cost_function_evals"] == result["optimizer_evals"] + 1
    assert np.array_equal(result["optimal_point"], history["params"][-1])
    assert sum(value**2 for value in result["eigenstate"].values()) == pytest.approx(1)
    assert {len(bits) for bits in result["eigenstate"]} == {2}


def test_the_optimum_with_shots_is_not_biased(service: Service):
    flat = {"ansatz": rotation(), "operator": SparsePauliOp("X"), "initial_parameters": [0.3]}
    values = [
        run(service, **flat, shots=400, optimizer={"name": "COBYLA", "maxiter": 8})
        for _ in range(6)
    ]
    # The energy is 0 everywhere: the mean of 6 single estimates, each with a deviation of 0.05.
    assert abs(np.mean([result["optimal_value"] for result in values])) < 0.1
    assert np.mean([min(result["optimizer_history"]["energy"]) for result in values]) < -0.03


def test_mitigation_brings_the_energy_closer_to_the_true_one(service: Service):
    errors = {}
    for mitigated in (False, True):
        result = run(
            service,
            "noisy_local",
            operator=SparsePauliOp.from_list([("ZZ", 1.0), ("XX", 0.2), ("II", 3.0)]),
            initial_parameters=np.zeros(8),
            initial_layout=[5, 6],
            shots=40_000,
            optimizer=ONCE,
            measurement_error_mitigation=mitigated,
        )
        errors[mitigated] = abs(result["optimizer_history"]["energy"][0] - 4.0)
        assert result["optimizer_history"]["std"][0] < 0.01
    assert errors[True] < 0.6 * errors[False]


def test_mitigation_does_not_change_what_is_read_without_errors(service: Service):
    operator = SparsePauliOp.from_list([("XX", 0.5), ("ZI", 0.3), ("YY", -0.2), ("II", 1.0)])
    point = np.linspace(0.1, 0.8, 8)
    exact = float(Statevector(ANSATZ.assign_parameters(point)).expectation_value(operator).real)
    result = run(
        service,
        operator=operator,
        initial_parameters=point,
        shots=50_000,
        optimizer=ONCE,
        measurement_error_mitigation=True,
    )
    value, std = (result["optimizer_history"][name][0] for name in ("energy", "std"))
    assert abs(value - exact) < 5 * std < 0.05


@pytest.mark.parametrize("mitigated", [False, True])
@pytest.mark.parametrize("measured", [False, True])
def test_bits_that_the_ansatz_has_are_none_of_the_answer(
    service: Service, *, mitigated: bool, measured: bool
):
    """With mitigation the energy was read from the first bits, which were those of the ansatz.

    So it was that of all zeros, +2 instead of -2, and the keys of the eigenstate were longer than
    the state. A register of the ansatz could also have the name of the one that was added.
    """
    ansatz = QuantumCircuit(QuantumRegister(2, "q"), ClassicalRegister(2, "c0"))
    ansatz.rx(Parameter("a"), 0)
    if measured:
        ansatz.measure(0, 1)
    ansatz.x(1)
    result = run(
        service,
        ansatz=ansatz,
        operator=SparsePauliOp.from_list([("IZ", 1.0), ("ZI", 1.0)]),
        initial_parameters=[np.pi],
        shots=1000,
        optimizer={"name": "NFT", "maxiter": 1},
        measurement_error_mitigation=mitigated,
    )
    assert result["optimizer_history"]["energy"][0] == pytest.approx(-2.0)
    assert {len(bits) for bits in result["eigenstate"]} == {2}
    assert sum(value**2 for value in result["eigenstate"].values()) == pytest.approx(1.0)


def test_auxiliary_operators_are_evaluated_at_the_optimum(service: Service):
    options = {"optimizer": {"name": "SLSQP", "maxiter": 3}}
    parity = SparsePauliOp("ZZ")
    by_name = run(service, aux_operators={"parity": parity, "nothing": None}, **options)
    state = Statevector(ANSATZ.assign_parameters(by_name["optimal_point"]))
    values = by_name["aux_operator_eigenvalues"]
    assert values["parity"] == [pytest.approx(state.expectation_value(parity).real), 0.0]
    assert values["nothing"] is None
    in_order = run(service, aux_operators=[parity], **options)
    assert in_order["aux_operator_eigenvalues"] == [values["parity"]]


def test_older_clients_are_understood(service: Service):
    """They send the initial point by another name, and an optimizer and a sum of Paulis whole."""
    settings = {"maxiter": 15, "blocking": False, "callback": None, "lse_solver": None}
    typed = {"__type__": "settings", "__class__": "SPSA", "__value__": settings}
    inputs = {
        "ansatz": ANSATZ,
        "operator": {
            "__type__": "settings",
            "__module__": "qiskit.opflow.primitive_ops.pauli_sum_op",
            "__class__": "PauliSumOp",
            "__value__": {"primitive": HYDROGEN, "coeff": 1.0},
        },
        "optimizer": {**typed, "__module__": "qiskit.algorithms.optimizers.spsa"},
        "initial_point": START,
        "shots": 500,
        "aux_operators": {},
        "store_intermediate": True,
        "measurement_error_mitigation": True,
    }
    result = result_of(service, "vqe", **inputs)
    # 25 directions of calibration and 15 steps, two evaluations each, and that of the optimum.
    assert result["cost_function_evals"] == 2 * (25 + 15) + 1


def test_random_errors_differ_between_evaluations(service: Service):
    """All evaluations had one seed: where points were close, their errors were the same."""
    energies = run(
        service,
        ansatz=rotation(),
        operator=SparsePauliOp("Z"),
        optimizer={"name": "SLSQP", "maxiter": 1},
        initial_parameters=[1.5],
        shots=500,
    )["optimizer_history"]["energy"]
    assert energies[0] != energies[1]


def test_an_initial_layout_is_obeyed(service: Service):
    options = {"optimizer": ONCE, "shots": 4000}
    values = {
        layout: run(service, "noisy_local", initial_layout=list(layout), **options)
        for layout in ((0, 1), (5, 6))
    }
    energies = [result["optimizer_history"]["energy"][0] for result in values.values()]
    assert energies[0] != energies[1]
    state = failed(
        service,
        "vqe",
        "noisy_local",
        ansatz=ANSATZ,
        operator=HYDROGEN,
        initial_layout=[0, 99],
    )
    assert state["reason"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"optimizer": "ADAM"}, "There is no optimizer 'ADAM'."),
        ({"optimizer": {"name": "SPSA", "rhobeg": 1}}, "The optimizer SPSA has no setting"),
        ({"optimizer": {"name": "COBYLA", "maxiter": 0}}, "The setting 'maxiter' of COBYLA"),
        ({"optimizer": {"name": "SLSQP", "tol": "low"}}, "The setting 'tol' of SLSQP"),
        ({"operator": SparsePauliOp("XXX")}, "The operator acts on 3 qubits, the ansatz on 2."),
        ({"operator": 1j * HYDROGEN}, "The operator is not Hermitian"),
        ({"aux_operators": [SparsePauliOp("X")]}, "An auxiliary operator acts on 1 qubits"),
        ({"initial_parameters": np.full(8, np.nan)}, "The initial parameters are not all finite."),
        ({"initial_parameters": [0.1]}, "The ansatz has 8 parameters"),
        ({"initial_parameters": "zeros"}, "The initial parameters are not numbers."),
        ({"ansatz": bell()}, "The ansatz must be a circuit with parameters."),
        ({"measurement_error_mitigation": True}, "Without shots there is no readout"),
    ],
)
def test_what_is_wrong_with_the_inputs_is_said(
    service: Service, change: dict[str, Any], reason: str
):
    optimizer = {"name": "COBYLA", "maxiter": 1}
    params = {"ansatz": ANSATZ, "operator": HYDROGEN, "optimizer": optimizer, **change}
    state = failed(service, "vqe", **params)
    assert state["reason"].startswith(reason)
    assert state["reason_code"] == 1210


def test_inputs_of_the_wrong_shape_are_refused(service: Service):
    params = {"ansatz": ANSATZ, "operator": HYDROGEN}
    assert "operator" in refused(service, "vqe", ansatz=ANSATZ)
    assert "shots" in refused(service, "vqe", **params, shots=0)
    assert "optimiser" in refused(service, "vqe", **params, optimiser="SPSA")


# The optimizers by themselves, on functions whose minima are known


def bowl(point: Any) -> float:
    return float(np.sum((np.asarray(point) - 0.5) ** 2))


def ripple(point: Any) -> float:
    return float(-np.prod(np.cos(np.asarray(point) - 0.7)))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer_keeps_to_its_limit(name: str):
    """The limit for TNC had a name that scipy ignores."""
    asked = []

    def cost(point: Any) -> float:
        asked.append(point)
        return bowl(point)

    # COBYLA needs more evaluations than it has parameters.
    limit = {"name": name, "maxiter": 10 if name == "COBYLA" else 1}
    minimizer(limit, np.random.default_rng(1), lambda *_: 1.0)(cost, np.zeros(8))
    assert 0 < len(asked) < 120


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer_finds_a_minimum(name: str):
    cost = ripple if name == "NFT" else bowl
    rng = np.random.default_rng(2)

    def fidelity(one: Any, other: Any) -> float:
        return float(np.exp(-np.sum((one - other) ** 2)))

    found = minimizer(name, rng, fidelity)(cost, np.zeros(3))
    assert cost(found) - cost(np.full(3, 0.7 if name == "NFT" else 0.5)) < 1e-2


def test_settings_of_spsa_do_what_they_say():
    def rng() -> np.random.Generator:
        return np.random.default_rng(3)

    start = np.zeros(4)
    fixed = Spsa(rng(), maxiter=30, learning_rate=0.1, perturbation=0.1)
    assert bowl(fixed.minimize(bowl, start)) < 0.1 * bowl(start)
    wild = {"maxiter": 5, "learning_rate": 1000.0, "perturbation": 0.1}
    first = next(Spsa(rng(), **wild, trust_region=True).steps(bowl, start))
    assert np.linalg.norm(first.point) == pytest.approx(1)
    # Each of these steps would lead up: none is taken.
    blocked = Spsa(rng(), **wild, blocking=True, allowed_increase=0.0)
    assert np.array_equal(blocked.minimize(bowl, start), start)
    points = [step.point for step in Spsa(rng(), maxiter=9).steps(bowl, start)]
    assert np.allclose(
        Spsa(rng(), maxiter=9, last_avg=4).minimize(bowl, start), np.mean(points[-4:], axis=0)
    )


def test_the_second_order_copes_with_directions_that_differ():
    def stretched(point: Any) -> float:
        return float(point @ np.diag([1, 1, 1, 60]) @ point)

    settings = {"maxiter": 80, "learning_rate": 0.3, "perturbation": 0.1, "trust_region": True}
    first, second = (
        Spsa(np.random.default_rng(3), **settings, second_order=order, resamplings=2)
        for order in (False, True)
    )
    assert stretched(second.minimize(stretched, np.ones(4))) < 1
    assert stretched(first.minimize(stretched, np.ones(4))) > 1


def test_typed_results_can_be_written_again(service: Service):
    result = run(service, optimizer=ONCE)
    assert json.loads(dumps(result)).keys() == result.keys()
