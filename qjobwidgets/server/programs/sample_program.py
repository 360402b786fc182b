"""``sample-program`` (or ``hello-world``): random circuits, one interim result for each."""

from __future__ import annotations

from typing import Any

import numpy as np
from qiskit.circuit.random import random_circuit

from qjobwidgets.server.programs.context import Context

__all__ = ["run"]

_QUBITS = 5
_DEPTH = 5
_SHOTS = 1024


def run(context: Context, params: dict[str, Any]) -> str:
    """Run ``iterations`` random circuits of 5 qubits and publish the counts of each."""
    iterations = params.get("iterations", 5)
    rng = np.random.default_rng(context.seed)
    for iteration in range(iterations):
        circuit = random_circuit(_QUBITS, _DEPTH, max_operands=2, measure=True, seed=rng)
        compiled = context.device.compile(circuit)
        context.device.pause_iteration()
        seed = int(rng.integers(2**31))
        counts = context.device.counts(compiled, shots=_SHOTS, seed=seed)
        context.note_executions(1)
        context.publish({"iteration": iteration, "counts": counts})
    return "Hello, World!"
