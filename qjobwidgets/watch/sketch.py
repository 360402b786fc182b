"""A circuit's first layers as plain facts, from which a page draws it without knowing Qiskit.

Only what is drawn is looked at closely: a circuit of a million gates is cut to its beginning, and
a device of a hundred qubits to those that are used. Wires are drawn in the order of their numbers,
and no two gates of a layer cross.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

__all__ = ["CircuitSketch", "Gate", "is_circuit", "sketch"]

MOST_GATES: Final = 300
MOST_LAYERS: Final = 40
MOST_WIRES: Final = 24
_SCANNED: Final = 20_000
"""Instructions looked at to find the qubits in use."""
_DEEP: Final = 200_000
"""Instructions from which on the depth is not computed."""
_LABEL: Final = 16
_DENOMINATORS: Final = (1, 2, 3, 4, 6, 8, 16)


@dataclass(frozen=True, slots=True)
class Gate:
    """One instruction as it is drawn.

    Attributes:
        layer: Its column, from 0.
        name: Its name, such as ``"cx"``.
        wires: Places of its qubits among the wires drawn, controls first.
        controls: How many of these control it.
        parameters: Its parameters as text; empty for none.
        partial: Whether it reaches qubits that are not drawn.
    """

    layer: int
    name: str
    wires: tuple[int, ...]
    controls: int = 0
    parameters: str = ""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class CircuitSketch:
    """A circuit, and the drawing of its beginning.

    Attributes:
        name: Its name.
        num_qubits, size, num_parameters: As Qiskit counts them; ``size`` without barriers.
        depth: Its depth; ``None`` if it is too long for that.
        wires: Numbers of the qubits drawn.
        layers: How many columns are drawn.
        gates: What is drawn.
        left_out: How many instructions are not drawn.
        idle: How many qubits are not drawn.
    """

    name: str
    num_qubits: int
    size: int
    num_parameters: int
    depth: int | None
    wires: tuple[int, ...]
    layers: int
    gates: tuple[Gate, ...]
    left_out: int
    idle: int


def is_circuit(value: object) -> bool:
    """Whether a value is a circuit of Qiskit, without loading it."""
    return all(hasattr(value, name) for name in ("data", "find_bit", "num_qubits", "qregs"))


def sketch(circuit: Any) -> CircuitSketch:
    """Return what is drawn of a ``QuantumCircuit``."""
    used: set[int] = set()
    for instruction in islice(circuit.data, _SCANNED):
        used.update(_numbers(circuit, instruction))
    wires = sorted(used)[:MOST_WIRES]
    gates = tuple(_placed(circuit, wires))
    return CircuitSketch(
        name=str(circuit.name)[:80],
        num_qubits=int(circuit.num_qubits),
        size=int(circuit.size()),
        num_parameters=int(circuit.num_parameters),
        depth=int(circuit.depth()) if len(circuit.data) < _DEEP else None,
        wires=tuple(wires),
        layers=1 + max((gate.layer for gate in gates), default=-1),
        gates=gates,
        left_out=len(circuit.data) - len(gates),
        idle=int(circuit.num_qubits) - len(wires),
    )


def _numbers(circuit: Any, instruction: Any) -> list[int]:
    return [circuit.find_bit(qubit).index for qubit in instruction.qubits]


def _placed(circuit: Any, wires: Sequence[int]) -> Iterator[Gate]:
    """Yield the first gates, each as far left as it fits; a gate keeps free what it crosses."""
    row = {number: place for place, number in enumerate(wires)}
    free = [0] * len(wires)
    for instruction in islice(circuit.data, MOST_GATES):
        numbers = _numbers(circuit, instruction)
        places = tuple(row[number] for number in numbers if number in row)
        if not places:
            continue
        crossed = range(min(places), max(places) + 1)
        layer = max(free[place] for place in crossed)
        if layer >= MOST_LAYERS:
            break
        for place in crossed:
            free[place] = layer + 1
        operation = instruction.operation
        partial = len(places) < len(numbers) and operation.name != "barrier"
        yield Gate(
            layer=layer,
            name=str(operation.name)[:_LABEL],
            wires=places,
            controls=0 if partial else _controls(operation),
            parameters=_parameters(operation),
            partial=partial,
        )


def _controls(operation: Any) -> int:
    """Return how many qubits control it; one controlled by a zero has that in its name instead."""
    controls = getattr(operation, "num_ctrl_qubits", 0)
    plain = getattr(operation, "ctrl_state", 0) == 2**controls - 1
    return int(controls) if plain else 0


def _parameters(operation: Any) -> str:
    """Return the parameters in a few characters; those that are no numbers go without saying."""
    texts = [_parameter(value) for value in islice(getattr(operation, "params", ()), 4)]
    text = ", ".join(text for text in texts if text)
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1]}…"


def _parameter(value: Any) -> str:
    if isinstance(value, int | float):
        return _angle(float(value))
    # an expression of parameters; blocks of a loop and arrays of amplitudes are not written out
    return str(value) if hasattr(value, "parameters") else ""


def _angle(value: float) -> str:
    """Return an angle as a fraction of pi where it is one: ``"π/2"``, ``"−3π/4"``, ``"0.71"``."""
    if not math.isfinite(value):
        return str(value)
    for part in _DENOMINATORS:
        times = value / math.pi * part
        if 0 < abs(round(times)) <= 16 and abs(times - round(times)) < 1e-9:
            sign, whole = "−" if times < 0 else "", abs(round(times))
            over = f"/{part}" if part > 1 else ""
            return f"{sign}{whole if whole > 1 else ''}π{over}"
    return f"{value:.3g}".replace("-", "−")
