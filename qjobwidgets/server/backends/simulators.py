"""The simulator of a chip: Aer, with noise made of the chip's figures for what circuits use.

The noise model of Aer's own maker takes seconds for a chip of 127 qubits, and Aer some tenths of a
second more for each run with it. What a circuit does not use disturbs nothing, so the model is made
of the instructions and qubits that the circuits of a run have, and kept for the next run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Self

from qiskit import QuantumCircuit
from qiskit.circuit import (
    BreakLoopOp,
    ContinueLoopOp,
    ControlFlowOp,
    Delay,
    ForLoopOp,
    IfElseOp,
    Measure,
    Operation,
    Parameter,
    Reset,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.providers import BackendV2, Options, QubitProperties
from qiskit.transpiler import InstructionProperties, Target
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel

from qjobwidgets.server.backends.chips import DT, Chip, Figures, Places

__all__ = ["ChipBackend", "DeviceSimulator", "steps"]

_KEPT = 16  # noise models of one simulator
_CONTROL_FLOW = {
    "if_else": IfElseOp,
    "for_loop": ForLoopOp,
    "while_loop": WhileLoopOp,
    "switch_case": SwitchCaseOp,
    "break_loop": BreakLoopOp,
    "continue_loop": ContinueLoopOp,
}


def steps(circuit: QuantumCircuit) -> Iterator[tuple[Operation, Places]]:
    """Yield the operations of a circuit and of all its blocks, each with its places.

    A place is the index of a qubit in the whole circuit.
    """
    return _steps(circuit, {bit: index for index, bit in enumerate(circuit.qubits)})


def _steps(
    circuit: QuantumCircuit, places: Mapping[Any, int]
) -> Iterator[tuple[Operation, Places]]:
    for item in circuit.data:
        qubits = tuple(places[bit] for bit in item.qubits)
        if isinstance(item.operation, ControlFlowOp):
            for block in item.operation.blocks:
                yield from _steps(block, dict(zip(block.qubits, qubits, strict=True)))
        else:
            yield item.operation, qubits


class ChipBackend(BackendV2):  # type: ignore[misc]  # Qiskit is untyped
    """A chip as Qiskit knows devices; it is simulated elsewhere.

    Args:
        chip: Its figures.
        only: Instructions and places to have; all when not given.
    """

    def __init__(self, chip: Chip, only: Mapping[str, set[Places]] | None = None) -> None:
        super().__init__(name="chip")
        self.chip = chip
        self._only = only

    @cached_property
    def target(self) -> Target:
        """The instructions and their figures, by places."""
        target = Target(
            num_qubits=len(self.chip.qubits),
            dt=DT,
            qubit_properties=[
                QubitProperties(t1=qubit.t1, t2=qubit.t2, frequency=qubit.frequency)
                for qubit in self.chip.qubits
            ],
        )
        known = get_standard_gate_name_mapping()
        for name, places in self.chip.gates.items():
            self._add(target, known[name], places)
        readout: dict[Places, Figures] = {
            (index,): Figures(qubit.readout_length, qubit.readout_error)
            for index, qubit in enumerate(self.chip.qubits)
        }
        self._add(target, Measure(), readout)
        self._add(target, Reset(), self.chip.reset)
        if self._only is None:
            anywhere = dict.fromkeys((index,) for index in range(target.num_qubits))
            target.add_instruction(Delay(Parameter("t")), anywhere)
            for name, kind in _CONTROL_FLOW.items():
                target.add_instruction(kind, name=name)
        return target

    def _add(self, target: Target, operation: Any, places: Mapping[Places, Figures]) -> None:
        used = places if self._only is None else self._only.get(operation.name, set())
        properties = {
            place: InstructionProperties(duration=places[place].length, error=places[place].error)
            for place in places
            if place in used
        }
        if properties:
            target.add_instruction(operation, properties)

    @property
    def max_circuits(self) -> None:
        """As many circuits as anybody wants at once."""
        return

    @classmethod
    def _default_options(cls) -> Options:
        return Options()

    def run(self, *_: Any, **__: Any) -> Any:
        """Refuse: the simulator runs what the chip is asked to."""
        raise NotImplementedError


class DeviceSimulator(AerSimulator):  # type: ignore[misc]  # Aer is untyped
    """Aer as a device runs on it; ideal without a chip, unless a noise model was set."""

    _noise: _ChipNoise | None = None

    @classmethod
    def of_chip(cls, backend: ChipBackend) -> Self:
        """Return the simulator of a chip."""
        simulator: Self = cls.from_backend(backend, noise_model=None)
        simulator._noise = _ChipNoise(backend.chip)
        return simulator

    @property
    def noisy(self) -> bool:
        """Whether what it runs is disturbed."""
        return self._noise is not None or self.options.noise_model is not None

    def run(
        self,
        circuits: QuantumCircuit | Sequence[QuantumCircuit],
        parameter_binds: Any = None,
        **run_options: Any,
    ) -> Any:
        """Run circuits; arguments and answer are those of Aer."""
        circuits = [circuits] if isinstance(circuits, QuantumCircuit) else circuits
        replaced = "noise_model" in run_options or self.options.noise_model is not None
        if self._noise is not None and not replaced:
            run_options["noise_model"] = self._noise.of(circuits)
        return super().run(circuits, parameter_binds, **run_options)


class _ChipNoise:
    """The noise models of a chip, by what circuits use of it."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        # Programs come back to few sets of instructions, and a model may take megabytes.
        self._model = lru_cache(maxsize=_KEPT)(self._make)

    def of(self, circuits: Sequence[QuantumCircuit]) -> NoiseModel:
        """Return what disturbs these circuits."""
        return self._model(
            frozenset(
                (operation.name, places)
                for circuit in circuits
                for operation, places in steps(circuit)
            )
        )

    def _make(self, used: frozenset[tuple[str, Places]]) -> NoiseModel:
        only = defaultdict(set)
        for name, places in used:
            only[name].add(places)
        return NoiseModel.from_backend(ChipBackend(self._chip, only))
