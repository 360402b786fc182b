"""Circuits without boxes: those group instructions, and a simulator has none of them."""

from __future__ import annotations

from qiskit import QuantumCircuit
from qiskit.circuit import BoxOp, ControlFlowOp

from qjobwidgets.server.programs.sizes import names_in

__all__ = ["open_boxes"]


def open_boxes(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return a circuit with what its boxes hold in their place, also in blocks of control flow.

    Annotations of boxes are left out. There must be no classical variables: what a box declares
    has no place outside.
    """
    if "box" not in names_in(circuit):
        return circuit
    opened = circuit.copy_empty_like()
    for item in circuit.data:
        match item.operation:
            case BoxOp(body=body):
                opened.compose(open_boxes(body), item.qubits, item.clbits, inplace=True)
            case ControlFlowOp() as operation:
                blocks = [open_boxes(block) for block in operation.blocks]
                opened.append(operation.replace_blocks(blocks), item.qubits, item.clbits)
            case _:
                opened.append(item)
    return opened
