"""Mitigation of readout errors.

The model is that of errors which are independent between qubits: each qubit has a matrix of the
probabilities to read i where j was, estimated from two circuits that prepare all zeros and all
ones. With it

- expectation values of products of Z are corrected without bias, by the inverse of each matrix
  (S. Bravyi et al., Phys. Rev. A 103, 042605 (2021));
- counts become quasi-probabilities by solving the linear system in the space of the outcomes that
  were seen (P. D. Nation et al., PRX Quantum 2, 040326 (2021)), so the cost grows with the shots
  and not with two to the number of qubits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import ControlFlowOp
from qiskit_aer import AerSimulator

from qjobwidgets.server.programs.context import ProgramInputError

__all__ = ["ReadoutCalibration", "bits_of", "calibrate", "measured_qubits"]

_OUTCOMES = 4096  # the system is dense: 134 MB
_LEAST_SHOTS = 8192


@dataclass(frozen=True, slots=True)
class ReadoutCalibration:
    """The readout of qubits, as it was measured.

    Attributes:
        matrices: By qubit, the probability of reading the row's bit where the column's bit was.
    """

    matrices: Mapping[int, NDArray[np.float64]]

    def quasi_probabilities(
        self, counts: Mapping[int, int], qubits: Sequence[int]
    ) -> dict[int, float]:
        """Return the quasi-probabilities of outcomes; they sum up to 1.

        Args:
            counts: How often each outcome was seen; bit k of an outcome is that of ``qubits[k]``.
            qubits: The qubits that were read.

        Raises:
            ProgramInputError: There are too many different outcomes.
        """
        if len(counts) > _OUTCOMES:
            raise ProgramInputError(
                f"Mitigation handles {_OUTCOMES} different outcomes, here are {len(counts)}.",
                fix="Measure fewer qubits, or ask for fewer shots.",
            )
        bits = bits_of(counts, len(qubits))
        seen = np.array(list(counts.values()), dtype=float)
        assignment = np.ones((len(seen), len(seen)))
        for place, qubit in enumerate(qubits):
            column = bits[:, place]
            assignment *= self.matrices[qubit][np.ix_(column, column)]
        # What was there and read as an outcome never seen is spread over those seen.
        assignment /= assignment.sum(axis=0)
        solution = np.linalg.solve(assignment, seen / seen.sum())
        return {outcome: float(value) for outcome, value in zip(counts, solution, strict=True)}

    def signs(self, qubit: int) -> NDArray[np.float64]:
        """Return what a 0 and a 1 count in a mean of Z, instead of 1 and -1.

        The mean of these numbers, or of their products, is not biased by the readout.
        """
        return np.asarray(np.array([1.0, -1.0]) @ np.linalg.inv(self.matrices[qubit]))


def calibrate(
    simulator: AerSimulator, qubits: Sequence[int], *, shots: int, seed: int
) -> ReadoutCalibration:
    """Measure the readout of qubits of a device.

    Raises:
        ProgramInputError: A qubit reads the same whatever it was.
    """
    qubits = sorted(set(qubits))
    circuits = [_prepared(qubits, ones=ones) for ones in (False, True)]
    shots = max(shots, _LEAST_SHOTS)
    result = simulator.run(circuits, shots=shots, seed_simulator=seed).result()
    columns = []
    for index in range(2):
        counts = result.get_counts(index).int_outcomes()
        ones = np.array(list(counts.values())) @ bits_of(counts, len(qubits)) / shots
        columns.append(np.stack([1 - ones, ones], axis=-1))
    matrices = dict(zip(qubits, np.stack(columns, axis=-1), strict=True))
    for qubit, matrix in matrices.items():
        if abs(np.linalg.det(matrix)) < 0.05:
            raise ProgramInputError(f"The readout of qubit {qubit} tells too little to mitigate.")
    return ReadoutCalibration(matrices)


def measured_qubits(circuit: QuantumCircuit) -> dict[int, int]:
    """Return the qubit whose readout each classical bit holds in the end.

    Raises:
        ProgramInputError: It depends on the outcomes themselves.
    """
    places: dict[int, int] = {}
    for item in circuit.data:
        if isinstance(item.operation, ControlFlowOp):
            if not set(item.clbits).isdisjoint(_written(item.operation, item.clbits)):
                raise ProgramInputError(
                    "What is measured under a condition can't be mitigated.",
                    fix="Measure outside of control flow, or ask for no mitigation.",
                )
        elif item.operation.name == "measure":
            qubit, clbit = item.qubits[0], item.clbits[0]
            places[circuit.find_bit(clbit).index] = circuit.find_bit(qubit).index
    return dict(sorted(places.items()))


def _written(operation: ControlFlowOp, clbits: Sequence[object]) -> set[object]:
    """Return the bits outside that a block of control flow measures into."""
    written: set[object] = set()
    for block in operation.blocks:
        outside = dict(zip(block.clbits, clbits, strict=True))
        for item in block.data:
            inner = [outside[bit] for bit in item.clbits]
            if isinstance(item.operation, ControlFlowOp):
                written |= _written(item.operation, inner)
            elif item.operation.name == "measure":
                written.update(inner)
    return written


def _prepared(qubits: Sequence[int], *, ones: bool) -> QuantumCircuit:
    circuit = QuantumCircuit(max(qubits) + 1, len(qubits))
    if ones:
        circuit.x(qubits)
    circuit.measure(qubits, range(len(qubits)))
    return circuit


def bits_of(outcomes: Mapping[int, int], count: int) -> NDArray[np.int64]:
    """Return the bits of outcomes, one row for each, the lowest bit first."""
    # Python's own integers: an outcome may have more than 64 bits.
    rows = [[outcome >> place & 1 for place in range(count)] for outcome in outcomes]
    return np.array(rows, dtype=np.int64).reshape(len(rows), count)
