"""Algorithms that others wrote run over our primitives as they are, on the real runtime."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit.library import efficient_su2
from qiskit.quantum_info import PauliList, SparsePauliOp, Statevector
from qiskit_addon_cutting import (
    generate_cutting_experiments,
    partition_problem,
    reconstruct_expectation_values,
)
from qiskit_algorithms import QAOA, VQE, AmplificationProblem, Grover
from qiskit_algorithms.optimizers import COBYLA, SPSA
from qiskit_algorithms.utils import algorithm_globals

from qjobwidgets import Estimator, RuntimeService, Sampler
from tests.conftest import Server

pytestmark = [
    # the packages themselves use what Qiskit has deprecated
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]
SEEDED = {"simulator": {"seed_simulator": 7}}
HYDROGEN = SparsePauliOp(
    ["II", "IZ", "ZI", "ZZ", "XX"], [-1.0523732, 0.3979374, -0.3979374, -0.0112801, 0.1809312]
)


@pytest.fixture
def local(server: Server) -> Iterator[RuntimeService]:
    service = RuntimeService("local", token=server.token, url=server.url)
    yield service
    service.close()


def test_vqe_finds_the_ground_state_of_hydrogen(local):
    algorithm_globals.random_seed = 3
    estimator = Estimator("aer_local", {**SEEDED, "default_precision": 0.01}, service=local)
    ansatz = efficient_su2(2, reps=1)
    evaluations: list[float] = []
    vqe = VQE(
        estimator,
        ansatz,
        COBYLA(maxiter=45, rhobeg=0.5),
        initial_point=np.full(ansatz.num_parameters, 0.3),
        callback=lambda _count, _point, value, _about: evaluations.append(value),
    )
    found = vqe.compute_minimum_eigenvalue(HYDROGEN)
    exact = np.linalg.eigvalsh(HYDROGEN.to_matrix())[0]
    assert found.eigenvalue == pytest.approx(exact, abs=0.05)
    assert found.cost_function_evals == len(evaluations)


def test_qaoa_finds_the_largest_cut_of_a_ring(local):
    algorithm_globals.random_seed = 3
    edges = ["IIZZ", "IZZI", "ZZII", "ZIIZ"]
    qaoa = QAOA(
        Sampler("aer_local", {**SEEDED, "default_shots": 500}, service=local),
        SPSA(maxiter=4, learning_rate=0.2, perturbation=0.2),
        reps=1,
        initial_point=[0.6, -0.4],
    )
    found = qaoa.compute_minimum_eigenvalue(SparsePauliOp(edges, [1.0] * 4))
    assert found.best_measurement["bitstring"] in {"0101", "1010"}
    assert found.best_measurement["value"] == pytest.approx(-4)


def test_grover_finds_the_marked_state(local):
    oracle = QuantumCircuit(3)
    oracle.h(2)
    oracle.ccx(0, 1, 2)
    oracle.h(2)
    problem = AmplificationProblem(oracle, is_good_state=["111"])
    grover = Grover(iterations=2, sampler=Sampler("aer_local", SEEDED, service=local))
    found = grover.amplify(problem)
    assert found.top_measurement == "111"
    assert found.oracle_evaluation


def test_a_circuit_is_cut_and_its_expectation_values_put_together_again(local):
    circuit = QuantumCircuit(4)
    for qubit in range(4):
        circuit.ry(0.4 + 0.3 * qubit, qubit)
    for qubit in range(3):
        circuit.cz(qubit, qubit + 1)
    observables = PauliList(["ZZII", "IZZI", "IXXI"])
    problem = partition_problem(circuit, partition_labels="AABB", observables=observables)
    experiments, weights = generate_cutting_experiments(
        problem.subcircuits, problem.subobservables, num_samples=np.inf
    )
    sampler = Sampler("aer_local", {**SEEDED, "default_shots": 20_000}, service=local)
    jobs = {label: sampler.run(circuits) for label, circuits in experiments.items()}
    results = {label: job.result(60) for label, job in jobs.items()}
    found = reconstruct_expectation_values(results, weights, problem.subobservables)
    exact = [Statevector(circuit).expectation_value(pauli).real for pauli in observables]
    assert found == pytest.approx(exact, abs=0.06)
