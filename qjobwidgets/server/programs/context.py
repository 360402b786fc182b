"""What a program is given besides its inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qiskit import QuantumCircuit

from qjobwidgets.errors import QJobError
from qjobwidgets.server.backends.devices import Device

__all__ = ["Context", "ProgramInputError"]


class ProgramInputError(QJobError):
    """An input of the program is not what it takes."""


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of a running program.

    Attributes:
        device: What circuits run on.
        seed: Seed for everything random that the inputs don't seed; the same in each attempt at
            the job, so that an attempt made again gives the same counts.
        publish: Sends an interim result.
        figures: Facts for the job's metrics.
    """

    device: Device
    seed: int
    publish: Callable[[Any], None]
    figures: dict[str, Any]

    def note_circuits(self, circuits: list[QuantumCircuit]) -> None:
        """Note the circuits of the job for its metrics."""
        self.figures["num_circuits"] = len(circuits)
        self.figures["num_qubits"] = [circuit.num_qubits for circuit in circuits]
        self.figures["circuit_depths"] = [circuit.depth() for circuit in circuits]

    def note_executions(self, count: int) -> None:
        """Add executions of circuits to the job's metrics."""
        self.figures["executions"] = self.figures.get("executions", 0) + count
