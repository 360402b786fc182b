"""``vqe``: the lowest eigenvalue of an operator, by a variational loop.

Each evaluation of the energy is published as ``[nfev, parameters, value, std]``.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.quantum_info import Pauli, SparsePauliOp

from qjobwidgets.server.programs.context import Context, ProgramInputError
from qjobwidgets.server.programs.expectation import Estimate, Measuring, last_counts
from qjobwidgets.server.programs.optimizers import minimizer
from qjobwidgets.server.programs.overlap import Overlap
from qjobwidgets.server.programs.spsa import Fidelity, Point

__all__ = ["run"]

_STATE_QUBITS = 16  # the vector of a larger state is no result to send
_STATE_SHOTS = 4096


@dataclass(slots=True)
class _Energy:
    """The cost function: estimates, publishes, and remembers every evaluation."""

    context: Context
    estimate: Estimate
    points: list[Point] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    stds: list[float] = field(default_factory=list)

    def __call__(self, point: Point) -> float:
        point = np.array(point, dtype=float)
        value, std = self.estimate(point)
        self.points.append(point)
        self.values.append(value)
        self.stds.append(std)
        self.context.publish([len(self.values), point, value, std])
        return value


def run(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Minimise the expectation value of ``operator`` over the parameters of ``ansatz``.

    What is called optimal:

    - without shots, the lowest value of all evaluations: each is exact;
    - with shots, the point where the optimizer ended, evaluated once more. The lowest of many noisy
      values is lower than the energy really is there, often lower than any energy can be.

    ``eigenstate`` is the state at the optimum: its vector when nothing is left to chance (up to 16
    qubits), otherwise the square roots of the frequencies of its bit strings.
    """
    ansatz, operator = _inputs(params)
    rng = np.random.default_rng(context.seed)
    given = params.get("initial_parameters", params.get("initial_point"))
    start = _start(given, ansatz, rng)
    shots = params.get("shots")
    layout = params.get("initial_layout")
    options = {} if layout is None else {"initial_layout": layout}
    mitigated = bool(params.get("measurement_error_mitigation"))
    measuring = Measuring(context, ansatz, shots, mitigated, rng, options)
    optimizer = params.get("optimizer") or ("SLSQP" if shots is None else "SPSA")
    minimize = minimizer(optimizer, rng, _fidelity(measuring))
    context.note_circuits([ansatz])
    energy = _Energy(context, measuring.estimate(operator))
    began = time.monotonic()
    end = minimize(energy, start)
    seconds = time.monotonic() - began
    asked = len(energy.values)
    best = _best(energy, end, sampled=shots is not None)
    return {
        "optimizer_evals": asked,
        "optimizer_time": seconds,
        "optimal_value": energy.values[best],
        "optimal_point": energy.points[best],
        "optimal_parameters": {
            parameter.name: float(value)
            for parameter, value in zip(ansatz.parameters, energy.points[best], strict=True)
        },
        "cost_function_evals": len(energy.values),
        "eigenstate": _state(measuring, energy.points[best]),
        "eigenvalue": complex(energy.values[best]),
        "aux_operator_eigenvalues": _aux_values(measuring, params, energy.points[best]),
        "optimizer_history": {
            "nfevs": list(range(1, len(energy.values) + 1)),
            "params": energy.points,
            "energy": energy.values,
            "std": energy.stds,
        },
    }


def _inputs(params: dict[str, Any]) -> tuple[QuantumCircuit, SparsePauliOp]:
    ansatz = params["ansatz"]
    if not isinstance(ansatz, QuantumCircuit) or not ansatz.parameters:
        raise ProgramInputError("The ansatz must be a circuit with parameters.")
    return ansatz, _operator(params["operator"], ansatz, "The operator")


def _operator(operator: Any, ansatz: QuantumCircuit, name: str) -> SparsePauliOp:
    if not isinstance(operator, SparsePauliOp | Pauli):
        raise ProgramInputError(f"{name} must be a SparsePauliOp.")
    operator = SparsePauliOp(operator)
    if operator.num_qubits != ansatz.num_qubits:
        raise ProgramInputError(
            f"{name} acts on {operator.num_qubits} qubits, the ansatz on {ansatz.num_qubits}."
        )
    if np.any(np.abs(operator.coeffs.imag) > 1e-12):
        raise ProgramInputError(f"{name} is not Hermitian: it has complex coefficients.")
    return operator


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


def _fidelity(measuring: Measuring) -> Fidelity:
    """Return the fidelity of the states of two points; few optimizers ask for it."""

    @cache
    def overlap() -> Overlap:
        return Overlap(
            measuring.context,
            measuring.ansatz,
            shots=measuring.shots,
            rng=measuring.rng,
            options=measuring.options,
        )

    return lambda one, other: float(overlap()([(one, other)])[0])


def _best(energy: _Energy, end: Point, *, sampled: bool) -> int:
    """Return the number of the evaluation that is the optimum, made if need be."""
    if sampled or not any(np.array_equal(point, end) for point in energy.points):
        energy(end)
    return len(energy.values) - 1 if sampled else int(np.argmin(energy.values))


def _state(measuring: Measuring, point: Point) -> Any:
    """Return the state of a point, as far as it can be known."""
    device = measuring.context.device
    circuit = measuring.ansatz.assign_parameters(point)
    simulator = device.simulator()
    if measuring.shots is None and not simulator.noisy:
        if circuit.num_qubits > _STATE_QUBITS:
            return None
        circuit.save_statevector()
        simulator.set_options(method="statevector")
        return np.asarray(simulator.run(device.compile(circuit)).result().get_statevector())
    circuit.measure_all()
    compiled = device.compile(circuit, **measuring.options)
    shots = measuring.shots or _STATE_SHOTS
    result = simulator.run(compiled, shots=shots, seed_simulator=measuring.seed()).result()
    measuring.context.note_executions(1)
    width = circuit.num_qubits
    counts = last_counts(result, 0, measuring.ansatz.num_clbits)
    return {f"{bits:0{width}b}": float(np.sqrt(count / shots)) for bits, count in counts.items()}


def _aux_values(measuring: Measuring, params: dict[str, Any], point: Point) -> Any:
    """Return value and error of each further operator, by name or in order."""
    given = params.get("aux_operators")
    if not given:
        return None

    def values(operator: Any) -> list[float] | None:
        if operator is None:
            return None
        checked = _operator(operator, measuring.ansatz, "An auxiliary operator")
        return list(measuring.estimate(checked)(point))

    if isinstance(given, Mapping):
        return {name: values(operator) for name, operator in given.items()}
    return [values(operator) for operator in given]
