"""Circuits that many tests run."""

from __future__ import annotations

from qiskit import QuantumCircuit

__all__ = ["bell"]


def bell() -> QuantumCircuit:
    """Return a Bell pair, measured."""
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return circuit
