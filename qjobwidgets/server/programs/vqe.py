"""``vqe``: the lowest eigenvalue of an operator, by a variational loop.

Each evaluation of the energy is published as ``[nfev, parameters, value, std]``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.primitives.base import BaseEstimatorV2
from qiskit.quantum_info import Pauli, SparsePauliOp

from qjobwidgets.server.programs.context import Context, ProgramInputError
from qjobwidgets.server.programs.estimator import exact_estimator, precision_of, shots_estimator
from qjobwidgets.server.programs.optimizers import minimizer

__all__ = ["run"]

Point = NDArray[np.float64]


@dataclass(slots=True)
class _Energy:
    """The cost function: estimates, publishes, and remembers every evaluation."""

    context: Context
    estimator: Callable[[], BaseEstimatorV2]
    precision: float
    ansatz: QuantumCircuit
    operator: SparsePauliOp
    points: list[Point] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    stds: list[float] = field(default_factory=list)

    def __call__(self, point: Point) -> float:
        point = np.array(point, dtype=float)
        self.context.device.pause_executions(1)
        job = self.estimator().run([(self.ansatz, self.operator, point)], precision=self.precision)
        data = job.result()[0].data
        value, std = float(data.evs), float(data.stds)
        self.points.append(point)
        self.values.append(value)
        self.stds.append(std)
        self.context.note_executions(1)
        self.context.publish([len(self.values), point, value, std])
        return value


def run(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Minimise the expectation value of ``operator`` over the parameters of ``ansatz``.

    Takes ``ansatz``, ``operator``, ``optimizer`` (``"SLSQP"``), ``initial_parameters`` (random)
    and ``shots`` (none: expectation values are computed, not sampled).
    """
    ansatz, operator = _inputs(params)
    rng = np.random.default_rng(context.seed)
    start = _start(params.get("initial_parameters"), ansatz, rng)
    minimize = minimizer(params.get("optimizer") or "SLSQP", rng)
    context.note_circuits([ansatz])
    energy = _energy(context, ansatz, operator, params.get("shots"), rng)
    began = time.monotonic()
    minimize(energy, start)
    return _result(energy, ansatz, time.monotonic() - began)


def _inputs(params: dict[str, Any]) -> tuple[QuantumCircuit, SparsePauliOp]:
    ansatz, operator = params["ansatz"], params["operator"]
    if not isinstance(ansatz, QuantumCircuit) or not ansatz.parameters:
        raise ProgramInputError("The ansatz must be a circuit with parameters.")
    if not isinstance(operator, SparsePauliOp | Pauli):
        raise ProgramInputError("The operator must be a SparsePauliOp.")
    operator = SparsePauliOp(operator)
    if operator.num_qubits != ansatz.num_qubits:
        raise ProgramInputError(
            f"The operator acts on {operator.num_qubits} qubits, the ansatz on {ansatz.num_qubits}."
        )
    if np.any(np.abs(operator.coeffs.imag) > 1e-12):
        raise ProgramInputError("The operator is not Hermitian: it has complex coefficients.")
    return ansatz, operator


def _start(given: Any, ansatz: QuantumCircuit, rng: np.random.Generator) -> Point:
    count = ansatz.num_parameters
    if given is None or (isinstance(given, str) and given == "random"):
        return np.asarray(rng.uniform(-np.pi, np.pi, count))
    try:
        start = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise ProgramInputError("The initial parameters are not numbers.") from None
    if not np.all(np.isfinite(start)):
        raise ProgramInputError("The initial parameters are not all finite.")
    if start.shape != (count,):
        raise ProgramInputError(
            f"The ansatz has {count} parameters, the initial parameters have shape {start.shape}."
        )
    return start


def _energy(
    context: Context,
    ansatz: QuantumCircuit,
    operator: SparsePauliOp,
    shots: int | None,
    rng: np.random.Generator,
) -> _Energy:
    compiled = context.device.compile(ansatz)
    placed = operator.apply_layout(compiled.layout, compiled.num_qubits)
    simulator = context.device.simulator()
    if shots is None:
        exact = exact_estimator(simulator, compiled)
        return _Energy(context, lambda: exact, 0.0, compiled, placed)

    def sampling() -> BaseEstimatorV2:
        # A seed for each evaluation: with one for all, their random errors would be the same.
        return shots_estimator(simulator, int(rng.integers(2**31)))

    return _Energy(context, sampling, precision_of(shots), compiled, placed)


def _result(energy: _Energy, ansatz: QuantumCircuit, seconds: float) -> dict[str, Any]:
    best = int(np.argmin(energy.values))
    evaluations = len(energy.values)
    return {
        "optimizer_evals": evaluations,
        "optimizer_time": seconds,
        "optimal_value": energy.values[best],
        "optimal_point": energy.points[best],
        "optimal_parameters": {
            parameter.name: float(value)
            for parameter, value in zip(ansatz.parameters, energy.points[best], strict=True)
        },
        "cost_function_evals": evaluations,
        "eigenstate": None,
        "eigenvalue": complex(energy.values[best]),
        "aux_operator_eigenvalues": None,
        "optimizer_history": {
            "nfevs": list(range(1, evaluations + 1)),
            "params": energy.points,
            "energy": energy.values,
            "std": energy.stds,
        },
    }
