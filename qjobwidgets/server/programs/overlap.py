"""Overlaps of states that one circuit prepares from different parameters.

The state of one point is prepared, that of the other is taken back, and the probability of all
zeros is their fidelity. It is what the kernel of a feature map consists of, and what the metric of
an ansatz is made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector

from qjobwidgets.server.programs.context import Context, ProgramInputError

__all__ = ["Overlap"]

_MOST_CIRCUITS = 100_000


class Overlap:
    """The fidelity of the states of two points.

    Args:
        context: The device it is measured on.
        circuit: Prepares the states, from all zeros.
        shots: For each overlap; ``None``: computed without shots.
        rng: Source of seeds.
        options: Of the transpiler.
    """

    def __init__(
        self,
        context: Context,
        circuit: QuantumCircuit,
        *,
        shots: int | None,
        rng: np.random.Generator,
        options: dict[str, Any],
    ) -> None:
        try:
            inverse = circuit.inverse()
        except Exception as error:  # noqa: BLE001 - each instruction has an error of its own
            raise ProgramInputError(f"The circuit can't be inverted: {error}.") from None
        one = ParameterVector("one", circuit.num_parameters)
        other = ParameterVector("other", circuit.num_parameters)
        there = circuit.assign_parameters(one)
        whole = there.compose(inverse.assign_parameters(other))
        simulator = context.device.simulator()
        if shots is None:
            method = "density_matrix" if simulator.noisy else "statevector"
            simulator.set_options(method=method)
            whole.save_probabilities()
        else:
            whole.measure_all()
        self.circuit = context.device.compile(whole, **options)
        """What is run, for the metrics of the job."""
        self._context = context
        self._simulator = simulator
        self._shots = shots
        self._rng = rng
        self._parameters = [*one, *other]

    def __call__(self, pairs: Sequence[tuple[Any, Any]]) -> NDArray[np.float64]:
        """Return the overlaps of pairs of points."""
        if not pairs:
            return np.zeros(0)
        if len(pairs) > _MOST_CIRCUITS:
            raise ProgramInputError(f"More than {_MOST_CIRCUITS} overlaps at once are too many.")
        values = np.array([[*one, *other] for one, other in pairs], dtype=float)
        binding = {
            parameter: list(column)
            for parameter, column in zip(self._parameters, values.T, strict=True)
            if parameter in self.circuit.parameters
        }
        self._context.device.pause_executions(len(pairs))
        options: dict[str, Any] = {"seed_simulator": int(self._rng.integers(2**31))}
        if self._shots is not None:
            options["shots"] = self._shots
        result = self._simulator.run(self.circuit, parameter_binds=[binding], **options).result()
        self._context.note_executions(len(pairs))
        return self._read(result, len(pairs))

    def _read(self, result: Any, count: int) -> NDArray[np.float64]:
        if not result.success:
            raise ProgramInputError(f"The simulator refused: {result.status}.")
        if self._shots is None:
            return np.array([result.data(index)["probabilities"][0] for index in range(count)])
        zeros = [
            result.get_counts(index).int_outcomes().get(0, 0) / self._shots
            for index in range(count)
        ]
        return np.array(zeros)
