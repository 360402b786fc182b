"""Telling how large a circuit is without unrolling it."""

from __future__ import annotations

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Gate, Instruction
from qiskit.circuit.library import QFTGate

from qjobwidgets.errors import QJobError
from qjobwidgets.server.programs.sizes import check_size, names_in


def nested(levels: int) -> QuantumCircuit:
    """Return a circuit of one gate, each level of which is the one below, twice."""
    inner: Instruction | None = None
    for level in range(levels):
        definition = QuantumCircuit(1, name=f"g{level}")
        for _ in range(2):
            if inner is None:
                definition.h(0)
            else:
                definition.append(inner, [0], copy=False)
        inner = Gate(f"g{level}", 1, [])
        inner.definition = definition
    circuit = QuantumCircuit(1)
    circuit.append(inner, [0], copy=False)
    return circuit


def looped(*turns: int) -> QuantumCircuit:
    """Return a circuit of loops in loops."""
    body = QuantumCircuit(1)
    body.h(0)
    for count in turns:
        outer = QuantumCircuit(1)
        outer.for_loop(range(count), None, body, [0], [])
        body = outer
    return body


@pytest.mark.parametrize("circuit", [nested(40), looped(10**9), looped(1000, 1000, 100)])
def test_what_grows_beyond_measure_is_refused(circuit: QuantumCircuit):
    with pytest.raises(QJobError, match="once its definitions and loops are unrolled"):
        check_size(circuit)


@pytest.mark.parametrize("circuit", [nested(20), looped(1000, 1000), looped(0), QuantumCircuit()])
def test_what_stays_small_is_not(circuit: QuantumCircuit):
    circuit.measure_all()
    check_size(circuit)


def test_gates_of_the_library_count_as_one():
    circuit = QuantumCircuit(30)
    circuit.append(QFTGate(30), range(30))
    check_size(circuit)


def test_names_are_also_those_within_blocks():
    circuit = QuantumCircuit(1, 1)
    with circuit.if_test((0, 1)), circuit.for_loop(range(2)):
        circuit.measure(0, 0)
    assert names_in(circuit) == {"if_else", "for_loop", "measure"}
