"""The devices behind the backends: Aer simulators, with what makes each of them special."""

from __future__ import annotations

import time
from functools import cached_property
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import ControlFlowOp
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.transpiler import Target, generate_preset_pass_manager
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel

from qjobwidgets.errors import QJobError
from qjobwidgets.server.run.backends import BACKENDS, BackendSpec

__all__ = ["Device", "UnsupportedCircuitError", "generic_device"]

_SEED = 20260  # the noisy device is the same one on every machine
_COUPLING = [[0, 1], [1, 2], [1, 3], [3, 5], [4, 5], [5, 6]]  # the "H" of early 7-qubit devices


class UnsupportedCircuitError(QJobError):
    """A circuit uses what the backend does not have."""


def generic_device(spec: BackendSpec) -> GenericBackendV2:
    """Return the device whose noise, couplings and properties the noisy backend has."""
    both_ways = _COUPLING + [pair[::-1] for pair in _COUPLING]
    return GenericBackendV2(
        spec.qubits, coupling_map=both_ways, control_flow=True, seed=_SEED, noise_info=True
    )


class Device:
    """A backend as programs use it.

    Args:
        name: One of the known backends.
        memory: Bytes a simulation may take; Aer refuses kindly what would need more.
    """

    def __init__(self, name: str, memory: int) -> None:
        self.spec = BACKENDS[name]
        self._max_memory_mb = memory >> 20

    @cached_property
    def target(self) -> Target:
        """The instructions of the device and where they act."""
        if self.spec.simulator:
            return AerSimulator().target
        return generic_device(self.spec).target

    def simulator(
        self, noise_model: NoiseModel | None = None, *, kind: type[AerSimulator] = AerSimulator
    ) -> AerSimulator:
        """Return the simulator of the device.

        Args:
            noise_model: Replaces the noise of the device.
            kind: Class of the simulator.
        """
        if self.spec.simulator:
            simulator = kind(noise_model=noise_model)
        else:
            simulator = kind.from_backend(generic_device(self.spec))
            if noise_model is not None:
                simulator.set_options(noise_model=noise_model)
        simulator.set_options(max_memory_mb=self._max_memory_mb)
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
        self._check(circuit, {bit: index for index, bit in enumerate(circuit.qubits)})
        return circuit

    def _check(self, circuit: QuantumCircuit, places: dict[Any, int]) -> None:
        for instruction in circuit.data:
            operation = instruction.operation
            qubits = tuple(places[bit] for bit in instruction.qubits)
            if isinstance(operation, ControlFlowOp):
                for block in operation.blocks:
                    inner = {
                        bit: places[o]
                        for bit, o in zip(block.qubits, instruction.qubits, strict=True)
                    }
                    self._check(block, inner)
            elif operation.name != "barrier" and not self.target.instruction_supported(
                operation.name, qubits
            ):
                raise self._unsupported(f"Instruction {operation.name} on qubits {qubits} is")

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
