"""The devices behind the backends: Aer simulators, with what makes each of them special."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

from qiskit import QuantumCircuit
from qiskit.transpiler import Target, generate_preset_pass_manager
from qiskit_aer.noise import NoiseModel

from qjobwidgets.errors import QJobError
from qjobwidgets.server.backends.catalogue import BACKENDS
from qjobwidgets.server.backends.simulators import ChipBackend, DeviceSimulator, steps

__all__ = ["Device", "UnsupportedCircuitError", "simulator_target"]

_SEED = 20260  # a circuit is compiled the same way each time


class UnsupportedCircuitError(QJobError):
    """A circuit uses what the backend does not have."""


@cache
def simulator_target() -> Target:
    """Return the target of the ideal backends, which takes longer to make than a small job."""
    return DeviceSimulator().target


class Device:
    """A backend as programs use it.

    Args:
        name: One of the known backends.
        memory: Bytes a simulation may take; Aer refuses kindly what would need more.
    """

    def __init__(self, name: str, memory: int) -> None:
        self.spec = BACKENDS[name]
        self._max_memory_mb = memory >> 20
        self._chip = ChipBackend(self.spec.chip) if self.spec.chip is not None else None

    @property
    def target(self) -> Target:
        """The instructions of the device and where they act."""
        return simulator_target() if self._chip is None else self._chip.target

    def simulator(
        self,
        noise_model: NoiseModel | None = None,
        *,
        kind: type[DeviceSimulator] = DeviceSimulator,
    ) -> DeviceSimulator:
        """Return the simulator of the device.

        Args:
            noise_model: Replaces the noise of the device.
            kind: Class of the simulator.
        """
        simulator = kind() if self._chip is None else kind.of_chip(self._chip)
        simulator.set_options(noise_model=noise_model, max_memory_mb=self._max_memory_mb)
        return simulator

    def compile(self, circuit: QuantumCircuit, **options: Any) -> QuantumCircuit:
        """Return the circuit in the instructions of the device.

        Args:
            circuit: Any circuit.
            options: Of Qiskit's preset pass managers. Without any, a circuit that a simulator
                takes as it is stays as it is.
        """
        if not self.spec.simulator:
            defaults = {"optimization_level": 1, "target": self.target, "seed_transpiler": _SEED}
        elif not options and _consists_of(circuit, set(self.target.operation_names)):
            return circuit
        else:
            # Only definitions have to be unrolled.
            defaults = {"optimization_level": 0, "target": self._anything(circuit.num_qubits)}
            if not options.keys().isdisjoint({"basis_gates", "coupling_map"}):
                del defaults["target"]
        return generate_preset_pass_manager(**(defaults | options)).run(circuit)

    def _anything(self, qubits: int) -> Target:
        """Return the target of a simulator of so many qubits.

        Aer states its size by the memory of a dense simulation, which other methods exceed by far.
        """
        anything = Target(num_qubits=qubits)
        for name in self.target.operation_names:
            anything.add_instruction(self.target.operation_from_name(name), name=name)
        return anything

    def prepare(self, circuit: QuantumCircuit) -> QuantumCircuit:
        """Return a circuit a user submitted, ready to run.

        Raises:
            UnsupportedCircuitError: The device is no simulator and the circuit is not in its
                instruction set.
        """
        if self.spec.simulator:
            return self.compile(circuit)
        if circuit.num_qubits > self.spec.qubits:
            raise self._unsupported(f"A circuit of {circuit.num_qubits} qubits is")
        for operation, qubits in steps(circuit):
            known = operation.name == "barrier" or self.target.instruction_supported(
                operation.name, qubits
            )
            if not known:
                raise self._unsupported(f"Instruction {operation.name} on qubits {qubits} is")
        return circuit

    def _unsupported(self, what: str) -> UnsupportedCircuitError:
        return UnsupportedCircuitError(
            f"{what} not supported by {self.spec.name}.",
            fix="Transpile with `generate_preset_pass_manager(backend=backend)`, then run again.",
        )

    def counts(self, circuit: QuantumCircuit, *, shots: int, seed: int) -> dict[str, int]:
        """Run a compiled circuit and return its counts by bit string."""
        job = self.simulator().run(circuit, shots=shots, seed_simulator=seed)
        counts: dict[str, int] = job.result().get_counts()
        return counts

    def warm_up(self) -> None:
        """Wait as long as the device takes before a job."""
        time.sleep(self.spec.startup)

    def pause_executions(self, count: int) -> None:
        """Wait as long as the device takes for so many executions."""
        time.sleep(count * self.spec.per_execution)

    def pause_iteration(self) -> None:
        """Wait as long as the device takes for an iteration of ``sample-program``."""
        time.sleep(self.spec.per_iteration)


def _consists_of(circuit: QuantumCircuit, names: set[str]) -> bool:
    return all(
        (item.operation.name in names or item.operation.name == "barrier")
        and all(_consists_of(block, names) for block in getattr(item.operation, "blocks", ()))
        for item in circuit.data
    )
