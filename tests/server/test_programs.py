"""The programs, with real circuits, through the service."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import efficient_su2
from qiskit.quantum_info import SparsePauliOp

from qjobwidgets.codec import loads
from qjobwidgets.server.programs.optimizers import OPTIMIZERS
from tests.circuits import bell
from tests.server.conftest import Service


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
