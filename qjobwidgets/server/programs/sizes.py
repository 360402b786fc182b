"""How large a circuit is once it is unrolled, told without unrolling it.

Forty definitions that each use the one before twice make a trillion gates of a kilobyte, and a loop
runs as often as its range is long: such circuits are refused before anybody takes them apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from qiskit import QuantumCircuit
from qiskit.circuit import ControlFlowOp, ControlledGate, ForLoopOp, Gate, Instruction, Operation
from qiskit.circuit.controlflow import CONTROL_FLOW_OP_NAMES
from qiskit.circuit.library import get_standard_gate_name_mapping

from qjobwidgets.server.programs.context import ProgramInputError

__all__ = ["check_size", "names_in", "scopes_of"]

_MOST = 10_000_000
_PLAIN = frozenset(get_standard_gate_name_mapping()) | {"barrier"}
# Instructions of these very types have no definition but the one they came with.
_DEFINED = (Gate, Instruction, ControlledGate)
_Known = dict[tuple[str, int, int], int]


def check_size(circuit: QuantumCircuit) -> None:
    """Refuse a circuit that is too large.

    Raises:
        ProgramInputError: It is.
    """
    operations = _operations(circuit, {})
    if operations > _MOST:
        raise ProgramInputError(
            f"A circuit has {operations:.3g} operations once its definitions and loops are "
            f"unrolled, {_MOST} are allowed."
        )


def names_in(circuit: QuantumCircuit) -> set[str]:
    """Return the names of all operations in a circuit and in the blocks of its control flow."""
    return {name for scope in scopes_of(circuit) for name in scope.count_ops()}


def scopes_of(circuit: QuantumCircuit) -> Iterator[QuantumCircuit]:
    """Yield a circuit and all blocks of its control flow."""
    yield circuit
    if not CONTROL_FLOW_OP_NAMES.isdisjoint(circuit.count_ops()):
        for item in circuit.data:
            for block in getattr(item.operation, "blocks", ()):
                yield from scopes_of(block)


def _operations(circuit: QuantumCircuit, known: _Known) -> int:
    if _PLAIN.issuperset(circuit.count_ops()):
        return len(circuit.data)
    return sum(_size(item.operation, known) for item in circuit.data)


def _size(operation: Operation, known: _Known) -> int:
    if isinstance(operation, ControlFlowOp):
        turns = len(operation.params[0]) if isinstance(operation, ForLoopOp) else 1
        return max(turns * sum(_operations(block, known) for block in operation.blocks), 1)
    if type(operation) not in _DEFINED or operation.definition is None:
        return 1
    key = operation.name, operation.num_qubits, operation.num_clbits
    if key not in known:
        known[key] = max(_operations(operation.definition, known), 1)
    return known[key]
