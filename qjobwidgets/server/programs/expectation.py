"""Expectation values of operators in the states of one ansatz, point after point.

Without shots they are computed. With shots they are estimated as the ``estimator`` program does
it, or, with mitigation of readout errors, from counts in as few bases as qubit-wise commuting terms
need, corrected term by term.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Clbit
from qiskit.quantum_info import SparsePauliOp
from qiskit.result import Result
from qiskit_aer import AerSimulator

from qjobwidgets.server.programs.context import Context, ProgramInputError
from qjobwidgets.server.programs.estimator import exact_estimator, precision_of, shots_estimator
from qjobwidgets.server.programs.mitigation import (
    ReadoutCalibration,
    bits_of,
    calibrate,
    measured_qubits,
)
from qjobwidgets.server.programs.spsa import Point

__all__ = ["Estimate", "Measuring", "last_counts"]

Estimate = Callable[[Point], tuple[float, float]]


@dataclass(slots=True)
class Measuring:
    """How states of an ansatz are looked at.

    Attributes:
        context: The device.
        ansatz: Prepares the states.
        shots: For each term or basis; ``None``: values are computed.
        mitigated: Whether readout errors are mitigated.
        rng: Source of seeds.
        options: Of the transpiler.
    """

    context: Context
    ansatz: QuantumCircuit
    shots: int | None
    mitigated: bool
    rng: np.random.Generator
    options: dict[str, Any]
    _calibration: ReadoutCalibration = field(init=False, default=ReadoutCalibration({}))

    def __post_init__(self) -> None:
        if self.mitigated and self.shots is None:
            raise ProgramInputError(
                "Without shots there is no readout that could be mitigated.", fix="Ask for shots."
            )

    def seed(self) -> int:
        """Return a new seed: with one for all, random errors would be the same everywhere."""
        return int(self.rng.integers(2**31))

    def estimate(self, operator: SparsePauliOp) -> Estimate:
        """Return a function from a point to the value of an operator there, and its error."""
        return self._mitigated(operator) if self.mitigated else self._plain(operator)

    def _plain(self, operator: SparsePauliOp) -> Estimate:
        compiled = self.context.device.compile(self.ansatz, **self.options)
        placed = operator.apply_layout(compiled.layout, compiled.num_qubits)
        simulator = self.context.device.simulator()
        exact = exact_estimator(simulator, compiled) if self.shots is None else None
        precision = 0.0 if self.shots is None else precision_of(self.shots)

        def estimate(point: Point) -> tuple[float, float]:
            self.context.device.pause_executions(1)
            estimator = exact or shots_estimator(simulator, self.seed())
            data = estimator.run([(compiled, placed, point)], precision=precision).result()[0].data
            self.context.note_executions(1)
            return float(data.evs), float(data.stds)

        return estimate

    def _mitigated(self, operator: SparsePauliOp) -> Estimate:
        simulator = self.context.device.simulator()
        groups = operator.simplify().group_commuting(qubit_wise=True)
        bases = [self._basis(group) for group in groups]
        self._calibrate(simulator, {qubit for basis in bases for qubit in basis.qubits})

        def estimate(point: Point) -> tuple[float, float]:
            self.context.device.pause_executions(len(bases))
            bound = [basis.circuit.assign_parameters(point) for basis in bases]
            job = simulator.run(bound, shots=self.shots, seed_simulator=self.seed())
            result = job.result()
            self.context.note_executions(len(bases))
            value = variance = 0.0
            for index, basis in enumerate(bases):
                counts = last_counts(result, index, self.ansatz.num_clbits)
                mean, spread = basis.read(counts, self._calibration)
                value, variance = value + mean, variance + spread
            return value, float(np.sqrt(variance))

        return estimate

    def _basis(self, group: SparsePauliOp) -> _Basis:
        """Return how to measure terms that need at most one Pauli operator on each qubit."""
        x, z = group.paulis.x.any(axis=0), group.paulis.z.any(axis=0)
        # Something has to be measured, also where all there is is a constant.
        active = np.flatnonzero(x | z).tolist() or [0]
        circuit = self.ansatz.copy()
        # After those that the ansatz may have, and without a name that it may have taken.
        bits = [Clbit() for _ in active]
        circuit.add_bits(bits)
        for place, qubit in enumerate(active):
            if x[qubit]:
                if z[qubit]:
                    circuit.sdg(qubit)
                circuit.h(qubit)
            circuit.measure(qubit, bits[place])
        compiled = self.context.device.compile(circuit, **self.options)
        read_from = measured_qubits(compiled)
        first = self.ansatz.num_clbits
        terms = [
            (float(coefficient.real), np.flatnonzero((pauli.x | pauli.z)[active]).tolist())
            for pauli, coefficient in zip(group.paulis, group.coeffs, strict=True)
        ]
        return _Basis(compiled, [read_from[first + place] for place in range(len(bits))], terms)

    def _calibrate(self, simulator: AerSimulator, qubits: set[int]) -> None:
        """Measure the readout of qubits as far as it is not known yet."""
        new = sorted(qubits - self._calibration.matrices.keys())
        if new:
            assert self.shots is not None
            found = calibrate(simulator, new, shots=self.shots, seed=self.seed())
            known = {**self._calibration.matrices, **found.matrices}
            self._calibration = ReadoutCalibration(known)


def last_counts(result: Result, index: int, first: int) -> dict[int, int]:
    """Return how often each outcome was seen of the bits from the one numbered ``first`` on.

    Args:
        result: Of a run.
        index: Of the circuit in it.
        first: How many bits are left out: what an ansatz measures itself is not asked for.

    Raises:
        ProgramInputError: The simulator could not run it.
    """
    if not result.success:
        raise ProgramInputError(f"The simulator refused: {result.status}.")
    counts: dict[int, int] = {}
    for outcome, count in result.data(index)["counts"].items():
        last = int(outcome, 16) >> first
        counts[last] = counts.get(last, 0) + count
    return counts


@dataclass(frozen=True, slots=True)
class _Basis:
    """Terms that are measured together.

    Attributes:
        circuit: The ansatz, turned into the basis, compiled.
        qubits: The qubit that each of the bits is read from which the basis adds to the ansatz.
        terms: Coefficients, and the bits whose parity is the term's.
    """

    circuit: QuantumCircuit
    qubits: list[int]
    terms: list[tuple[float, list[int]]]

    def read(
        self, counts: Mapping[int, int], calibration: ReadoutCalibration
    ) -> tuple[float, float]:
        """Return the value of the terms together, and the variance of this estimate."""
        bits = bits_of(counts, len(self.qubits))
        signs = [calibration.signs(qubit)[bits[:, k]] for k, qubit in enumerate(self.qubits)]
        values = np.zeros(len(bits))
        for coefficient, places in self.terms:
            values += coefficient * np.prod([signs[k] for k in places], axis=0)
        seen = np.array(list(counts.values()), dtype=float)
        mean = float(values @ seen / seen.sum())
        spread = float((values - mean) ** 2 @ seen / seen.sum())
        return mean, spread / float(seen.sum())
